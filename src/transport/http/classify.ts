import { AppError, type ErrorCode, type ErrorDetails } from "../../kernel/errors.ts";
import type { Method } from "../contract.ts";
import type { Broken } from "./exchange.ts";
import type { Mask } from "./mask.ts";

/** What is said of a request in its errors. */
export interface Named {
  readonly method: Method;
  /** For people: method and URL without its query. */
  readonly what: string;
  readonly mask: Mask;
}

/** A failed call: its error, and whether a read may be tried again at once. */
export interface Failure {
  readonly error: AppError;
  readonly retry: boolean;
}

export function isWrite(method: Method): boolean {
  return method !== "GET";
}

/**
 * What lay underneath, fit to be kept: its name, code and words without secrets. The original may carry the request with
 * its headers (safety I1).
 */
function cleanCause(error: unknown, mask: Mask): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  return new Error(mask(`${error.name}${code}: ${error.message}`));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO/;

/** Why there was no connection, what to do, and whether it may pass by itself. */
function noConnection(code: string): readonly [string, boolean] {
  if (CERTIFICATE.test(code)) return [`its certificate or TLS is not acceptable (${code}): check the base URL`, false];
  if (code === "ENOTFOUND") return ["its host name is unknown: check the base URL and the name server", false];
  if (code === "ECONNREFUSED") return ["it refuses connections: check the base URL, or try later", true];
  return [`no connection could be made${code === "" ? "" : ` (${code})`}: check the network, or try later`, true];
}

const LOST: Readonly<Record<"timeout" | "lost" | "cut" | "canceled" | "too-large", string>> = {
  timeout: "no whole answer came in time",
  lost: "the connection was lost before an answer came",
  cut: "the answer was cut off",
  canceled: "it was canceled while under way",
  "too-large": "the answer is larger than any that is read",
};

const MAY_BE_DONE = "it may have been carried out: read it back before anything is sent again";

/** The error of a request that got no whole answer. */
export function brokenError(named: Named, broken: Broken, sent: boolean): Failure {
  const cause = cleanCause(broken.error, named.mask);
  const fail = (code: ErrorCode, words: string, retry: boolean): Failure => ({
    error: new AppError(code, `${named.what}: ${words}`, { cause, details: { sent } }),
    retry,
  });
  if (!sent) {
    if (broken.error instanceof AppError) return { error: broken.error, retry: false };
    if (broken.by === "fenced") return fail("fenced", "the check before sending refused: nothing was sent", false);
    if (broken.by === "canceled") return fail("canceled", "canceled: nothing was sent", false);
    if (broken.by === "timeout")
      return fail("unavailable", "no connection in time: nothing was sent, try later", false);
    const [words, retry] = noConnection(codeOf(broken.error));
    return fail("unavailable", `nothing was sent, ${words}`, retry);
  }
  const by = broken.by === "fenced" || broken.by === "unsent" ? "lost" : broken.by;
  if (isWrite(named.method)) return fail("outcome_unknown", `${LOST[by]}; ${MAY_BE_DONE}`, false);
  switch (by) {
    case "canceled":
      return broken.error instanceof AppError
        ? { error: broken.error, retry: false }
        : fail("canceled", "canceled", false);
    case "timeout":
      return fail("timeout", `${LOST[by]}: try later`, false);
    case "lost":
      return fail("unavailable", `${LOST[by]}: try later`, true);
    case "cut":
      return fail("bad_response", `${LOST[by]}: try again`, true);
    case "too-large":
      return fail("bad_response", `${LOST[by]}: check the base URL`, false);
  }
}

/** Statuses after which nobody knows whether a write was carried out: 5xx, and those of 4xx that a proxy may give. */
function isOpen(status: number): boolean {
  return (status >= 500 && status !== 501) || status === 408 || status === 423;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly advice: string;
}

function meaning(status: number): Meaning {
  switch (status) {
    case 401:
      return { code: "auth", advice: "the credential was refused; check it" };
    case 403:
      return {
        code: "forbidden",
        advice: "the credential may not do this; check its permissions and any IP allow list",
      };
    case 404:
    case 410:
      return { code: "not_found", advice: "it is not there, or the base URL is wrong" };
    case 405:
    case 501:
      return { code: "unsupported", advice: "the app has no such call" };
    case 409:
      return { code: "conflict", advice: "it does not fit what is there" };
    default:
      return { code: "invalid", advice: "the app does not accept it" };
  }
}

/** What else an error status came with. */
export interface StatusContext {
  /** The vendor's own words, or null. */
  readonly words: string | null;
  /** Wait that the answer asks for, or null. */
  readonly retryAfterMs: number | null;
  /** Where a redirect leads: its origin, or null. */
  readonly leadsTo: string | null;
}

function redirectError(named: Named, status: number, context: StatusContext, details: ErrorDetails): Failure {
  const where = context.leadsTo === null ? "" : ` to ${named.mask(context.leadsTo)}`;
  const words = `${named.what}: answered ${status}, a redirect${where}, which is never followed: the base URL is wrong`;
  // 302 and 303 are also what servers give after they have carried out a write.
  const unknown = isWrite(named.method) && (status === 302 || status === 303);
  const code = unknown ? "outcome_unknown" : "bad_response";
  return { error: new AppError(code, unknown ? `${words}; ${MAY_BE_DONE}` : words, { details }), retry: false };
}

/** The error of an answer whose status was not expected. 429 is not among them. */
export function statusError(named: Named, status: number, context: StatusContext): Failure {
  const details: ErrorDetails = {
    status,
    sent: true,
    ...(context.retryAfterMs === null ? {} : { retryAfterMs: context.retryAfterMs }),
  };
  if (status >= 300 && status < 400) return redirectError(named, status, context, details);
  const words = context.words === null ? "" : ` (${named.mask(context.words)})`;
  const said = `${named.what}: answered ${status}${words}`;
  const write = isWrite(named.method);
  if (isOpen(status)) {
    if (write) return { error: new AppError("outcome_unknown", `${said}; ${MAY_BE_DONE}`, { details }), retry: false };
    if (status !== 423) return { error: new AppError("unavailable", `${said}: try later`, { details }), retry: true };
  }
  if (status < 300) {
    const code = write ? "outcome_unknown" : "bad_response";
    const advice = write ? MAY_BE_DONE : "that is no answer to this call";
    return { error: new AppError(code, `${said}; ${advice}`, { details }), retry: false };
  }
  const { code, advice } = meaning(status);
  return { error: new AppError(code, `${said}: ${advice}`, { details }), retry: false };
}

/** The error of an expected answer that cannot be read. */
export function unreadableError(named: Named, status: number, reason: string, cause?: unknown): AppError {
  const said = `${named.what}: answered ${status}, but the answer cannot be used: ${named.mask(reason)}`;
  const code = isWrite(named.method) ? "outcome_unknown" : "bad_response";
  const advice = isWrite(named.method) ? `; ${MAY_BE_DONE}` : ". Check the base URL";
  const clean = cause instanceof AppError ? undefined : cleanCause(cause, named.mask);
  return new AppError(code, `${said}${advice}`, { cause: clean, details: { status, sent: true } });
}
