/** What went wrong, as one of a closed set of words. The table below says what each word means for a caller. */
export type ErrorCode =
  // Vendor side: what an app's answer (or its absence) means.
  | "auth"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "invalid"
  | "seat_limit"
  | "rate_limited"
  | "unavailable"
  | "timeout"
  | "bad_response"
  | "unsupported"
  | "outcome_unknown"
  // Our side.
  | "usage"
  | "config"
  | "bad_input"
  | "missing"
  | "blocked"
  | "denied"
  | "stale"
  | "pending"
  | "busy"
  | "canceled"
  | "fenced"
  | "storage"
  | "internal";

interface ErrorTraits {
  /** Status for the HTTP surfaces. */
  readonly http: number;
  /** `never`: the same call gives the same answer. `later`: it may pass. `after`: it passes after a stated wait. */
  readonly retry: "never" | "later" | "after";
  readonly level: "error" | "warn" | "debug";
  /** Whether the message may be shown to a client of ours as it is. */
  readonly safe: boolean;
  /** Exit code of the command line (`tenure help exit-codes`). */
  readonly exit: number;
}

/** One row a code: HTTP status, whether to retry, log level, safe for users, exit code. */
export const ERROR_TRAITS: Readonly<Record<ErrorCode, ErrorTraits>> = {
  auth: { http: 502, retry: "never", level: "warn", safe: true, exit: 1 },
  forbidden: { http: 502, retry: "never", level: "warn", safe: true, exit: 1 },
  not_found: { http: 404, retry: "never", level: "warn", safe: true, exit: 1 },
  conflict: { http: 409, retry: "never", level: "warn", safe: true, exit: 1 },
  invalid: { http: 422, retry: "never", level: "warn", safe: true, exit: 1 },
  seat_limit: { http: 409, retry: "never", level: "warn", safe: true, exit: 1 },
  rate_limited: { http: 503, retry: "after", level: "warn", safe: true, exit: 1 },
  unavailable: { http: 503, retry: "later", level: "warn", safe: true, exit: 1 },
  timeout: { http: 504, retry: "later", level: "warn", safe: true, exit: 1 },
  bad_response: { http: 502, retry: "never", level: "warn", safe: true, exit: 1 },
  unsupported: { http: 501, retry: "never", level: "warn", safe: true, exit: 1 },
  outcome_unknown: { http: 504, retry: "never", level: "warn", safe: true, exit: 1 },
  usage: { http: 400, retry: "never", level: "debug", safe: true, exit: 64 },
  config: { http: 500, retry: "never", level: "error", safe: true, exit: 1 },
  bad_input: { http: 400, retry: "never", level: "warn", safe: true, exit: 1 },
  missing: { http: 404, retry: "never", level: "debug", safe: true, exit: 1 },
  blocked: { http: 409, retry: "never", level: "warn", safe: true, exit: 3 },
  denied: { http: 403, retry: "never", level: "warn", safe: true, exit: 4 },
  stale: { http: 409, retry: "never", level: "warn", safe: true, exit: 6 },
  pending: { http: 409, retry: "later", level: "debug", safe: true, exit: 8 },
  busy: { http: 503, retry: "later", level: "warn", safe: true, exit: 1 },
  canceled: { http: 499, retry: "never", level: "debug", safe: true, exit: 130 },
  fenced: { http: 409, retry: "never", level: "warn", safe: true, exit: 1 },
  storage: { http: 500, retry: "later", level: "error", safe: true, exit: 1 },
  internal: { http: 500, retry: "never", level: "error", safe: false, exit: 1 },
};

/** Facts beside the message, for machines. Never a secret, never a whole body. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/**
 * The one error class. The message says what failed and what to do next; `details` carries ids, places and waits
 * (`retryAfterMs` in milliseconds where `retry` is `after`); `cause` keeps what lay underneath.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.details = options.details ?? {};
  }
}

export function isAppError(error: unknown, ...codes: readonly ErrorCode[]): error is AppError {
  return error instanceof AppError && (codes.length === 0 || codes.includes(error.code));
}

/** Anything thrown, as an AppError; what is not one already becomes `internal` with the original as its cause. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError("internal", message, { cause: error });
}

/** Puts words in front of an error when it passes upward: which connection, operation, id or page. */
export function withContext(error: unknown, context: string, details: ErrorDetails = {}): AppError {
  const inner = toAppError(error);
  return new AppError(inner.code, `${context}: ${inner.message}`, {
    cause: inner,
    details: { ...inner.details, ...details },
  });
}
