import type { JsonValue } from "../kernel/json.ts";
import type { Secret } from "../kernel/secret.ts";
import type { QuotaTraits } from "../model/traits.ts";

/** Who goes first when the budget is short: an urgent leaver, a joiner, bulk work, polling. */
export type Lane = "urgent" | "normal" | "bulk" | "poll";

/** How a request shows who we are. The secrets never leave this folder. */
export type Auth =
  | { readonly scheme: "basic"; readonly user: Secret; readonly password: Secret | null }
  | { readonly scheme: "bearer"; readonly token: Secret };

/** Where requests may go and under whose quota. One endpoint = one origin; nothing is ever sent elsewhere. */
export interface Endpoint {
  /** https, or http on loopback only. Its path and query are kept on each request (FRONT-D8). */
  readonly baseUrl: string;
  readonly auth: Auth;
  /** Sent with each request; never secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly quota: QuotaTraits;
  /** Part of the quota that this connection may use, 0 to 1. */
  readonly share: number;
  /** Names the quota's owner where it is not the credential: the vendor account. */
  readonly quotaOwner: string | null;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a caller brings along to each call. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly lane: Lane;
  /**
   * Called in the same tick in which the request is handed to the socket, for writes. Throws `fenced` when the caller has
   * lost its lease: then nothing was sent (safety S14).
   */
  readonly beforeSend: (() => void) | null;
}

export interface TransportRequest<T> {
  readonly method: Method;
  /** Appended to the path of the base URL; segments must be made by `path` so that an id can never climb (safety D18). */
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | boolean | null>>;
  /** JSON body; also with DELETE (FRONT-41). Null: none. */
  readonly body: JsonValue;
  /** Statuses that are answers; any other becomes an AppError by `readError`. */
  readonly expect: readonly number[];
  /** Parses the body; gets null when there is none. Throws `bad_response`. */
  readonly parse: (body: JsonValue, status: number) => T;
  /** Words of the vendor's error body, shortened and without secrets; null when it has none. */
  readonly readError: (body: JsonValue, status: number) => string | null;
}

export interface TransportAnswer<T> {
  readonly status: number;
  readonly value: T;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The only door out. Each call passes the rate budget first. Reads are retried within bounds; a write is sent at most once
 * for each call, unless it was surely not carried out (connection refused, 429).
 *
 * Errors: `auth` 401, `forbidden` 403, `not_found` 404, `conflict` 409, `invalid` other 4xx, `rate_limited` with
 * `details.retryAfterMs`, `unavailable` (5xx or no connection, for reads and for writes that were surely not sent),
 * `timeout` (reads), `bad_response` (reads: not JSON, too large, wrong shape, redirect), `unsupported` 404/405/501 on a
 * route's verb, `outcome_unknown` (a write that may have been carried out), `fenced`, `canceled`.
 * `details` have `status`, and never a body.
 */
export interface Transport {
  /** For people: scheme, host and base path. */
  readonly origin: string;
  send<T>(request: TransportRequest<T>, context: CallContext): Promise<TransportAnswer<T>>;
}

/** What a process may send before it asks again. */
export interface Grant {
  readonly id: string;
  readonly count: number;
}

/** Answer of the ledger: a grant, or the time before which there is none. */
export type GrantAnswer = { readonly granted: Grant } | { readonly granted: null; readonly notBeforeMs: number };

/** A quota as this connection may use it. */
export interface BudgetSpec {
  /** The quota's owner, hashed: two connections with one key share it, also across processes. */
  readonly key: string;
  readonly quota: QuotaTraits;
  /** limit × share, at least 1. */
  readonly allowance: number;
  /** Calls in a window that only the urgent lane may take. */
  readonly urgentReserve: number;
}

/**
 * Where budgets are kept: one row set for each key, shared by all processes. Implemented by `store/`.
 * A sliding log is kept for every scheme: a slot taken is free again one window after its answer, so that no window
 * of the vendor, wherever it begins, sees more than the allowance.
 */
export interface BudgetLedger {
  /** Takes up to `want` slots for `lane`, or says when to ask again. Never more than the allowance in any window. */
  take(spec: BudgetSpec, lane: Lane, want: number): Promise<GrantAnswer>;
  /** Gives back what was not sent and dates what was: `used` slots are occupied until `lastAnswerMs` + window. */
  settle(spec: BudgetSpec, grant: Grant, used: number, lastAnswerMs: number): Promise<void>;
  /** No grants before that time (429, or the vendor's own count is at its end); after it one probe, then all. */
  hold(spec: BudgetSpec, untilMs: number): Promise<void>;
}
