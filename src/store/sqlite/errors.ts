import { AppError, isAppError } from "../../kernel/errors.ts";

/** SQLite's primary result codes that we tell apart. */
const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const IO = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const CONSTRAINT = 19;
const NOT_A_DATABASE = 26;
const UNIQUE = 2067;
const PRIMARY_KEY = 1555;

interface SqliteError {
  readonly errcode: number;
  readonly message: string;
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number";
}

function storage(error: SqliteError, what: string, todo: string): AppError {
  return new AppError("storage", `${what}: nothing of this change was stored. ${todo}`, {
    cause: error,
    details: { sqlite: error.errcode },
  });
}

/** What an error of SQLite means for us. `storage` ends all writing until the store is opened again (safety I9). */
export function readSqliteError(error: unknown): AppError {
  if (isAppError(error)) return error;
  if (!isSqliteError(error)) {
    return new AppError("internal", error instanceof Error ? error.message : String(error), { cause: error });
  }
  switch (error.errcode & 0xff) {
    case FULL:
      return storage(error, "the disk is full", "Free space where the data directory is, then start again");
    case IO:
      return storage(
        error,
        `the disk failed (${error.message})`,
        "Look at the disk of the data directory, then start again",
      );
    case READ_ONLY:
      return storage(error, "the data directory can only be read", "Make it writable, then start again");
    case CORRUPT:
    case NOT_A_DATABASE:
      return storage(
        error,
        `the database file is damaged (${error.message})`,
        "Restore the last backup, then start again",
      );
    case CANNOT_OPEN:
      return storage(
        error,
        "the database file cannot be opened",
        "Check that the data directory exists and is yours, then start again",
      );
    case BUSY:
    case LOCKED:
      return new AppError("busy", "another program holds the database file open: end it, then try again", {
        cause: error,
      });
    case CONSTRAINT:
      if (error.errcode === UNIQUE || error.errcode === PRIMARY_KEY) {
        return new AppError("conflict", `it is stored already (${error.message})`, { cause: error });
      }
      return new AppError("internal", error.message, { cause: error });
    default:
      return new AppError("internal", error.message, { cause: error, details: { sqlite: error.errcode } });
  }
}
