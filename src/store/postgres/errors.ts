import { AbortedTransactionError } from "kysely";
import pg from "pg";
import { AppError, isAppError } from "../../kernel/errors.ts";

/** What the transaction was doing when the error came. */
export type Phase = "work" | "commit";

const CONNECTION_LOST = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
  "57P01",
  "57P02",
  "57P03",
]);

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

function isConnectionLost(error: Error): boolean {
  const code = codeOf(error);
  return (
    CONNECTION_LOST.has(code) ||
    code.startsWith("08") ||
    /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i.test(
      error.message,
    )
  );
}

/** Deadlock or serialization failure: the server rolled back, and the same work may pass now. */
export function isTransient(error: unknown): boolean {
  return error instanceof Error && ["40001", "40P01"].includes(codeOf(error));
}

/** Errors after which nothing more is written until the store is opened again (safety I9). */
export function endsWriting(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  return code === "53100" || code.startsWith("58") || code.startsWith("XX") || code === "25006";
}

/** What an error of PostgreSQL or of the way to it means for us. Other errors are the caller's, and stay what they are. */
export function readPostgresError(error: unknown, phase: Phase): unknown {
  if (isAppError(error) || !(error instanceof Error)) return error;
  if (error instanceof AbortedTransactionError) {
    return new AppError("internal", "a statement of the transaction had failed: nothing was written", { cause: error });
  }
  if (isConnectionLost(error)) {
    const what =
      phase === "commit"
        ? "the connection to PostgreSQL broke during a commit: whether the change was stored shows when it is read again"
        : "PostgreSQL cannot be reached: nothing was written";
    return new AppError("storage", `${what}. Check DATABASE_URL and that the server runs`, {
      cause: error,
      details: { sqlstate: codeOf(error) },
    });
  }
  return error instanceof pg.DatabaseError ? readServerError(error) : error;
}

function readServerError(error: pg.DatabaseError): AppError {
  const code = error.code ?? "";
  const options = { cause: error, details: { sqlstate: code } };
  if (endsWriting(error)) {
    const todo = code === "53100" ? "Free space on its disk" : "Look at the server's log";
    const words = `PostgreSQL cannot write (${error.message}): nothing was written. ${todo}, then start again`;
    return new AppError("storage", words, options);
  }
  if (code === "23505") return new AppError("conflict", `it is stored already (${error.message})`, options);
  if (code === "57014" || code === "55P03" || isTransient(error)) {
    const words = `PostgreSQL was too busy (${error.message}): nothing was written; try again`;
    return new AppError("busy", words, options);
  }
  if (code.startsWith("28") || code === "3D000") {
    return new AppError("storage", `PostgreSQL refused the login (${error.message}): check DATABASE_URL`, options);
  }
  return new AppError("internal", error.message, options);
}
