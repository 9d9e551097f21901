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
 * The only door out. Each call passes the rate budget first. Reads are tried three times when they fail in a way that may
 * pass; a write is sent at most once for each call, unless it was surely not carried out (connection refused, 429).
 *
 * Errors: `auth` 401, `forbidden` 403, `not_found` 404 and 410, `conflict` 409, `unsupported` 405 and 501, `invalid` other
 * 4xx, `rate_limited` with `details.retryAfterMs` (a wait of more than 30 s, by the app's word or for want of quota: sleep
 * durably and send again; nothing was done), `unavailable` (5xx and 408 on reads, no connection, or the breaker is open:
 * surely not sent), `timeout` (reads), `bad_response` (not JSON, too large, cut off, wrong shape, a redirect),
 * `outcome_unknown` (a write that may have been carried out: lost, cut off, late or unreadable answers, 5xx, 408, 423, an
 * unexpected 2xx, 302 and 303), `fenced`, `canceled`, `config` (the host is not on the public Internet), `busy`, and what
 * `parse` throws other than `bad_response`. A write that is canceled under way is `outcome_unknown`.
 * `details` have `status`, `sent` (whether the request was handed to a socket), and never a body.
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

/**
 * Answer of the ledger: a grant, or the time before which there is none. `occupied` counts the key's slots that are taken
 * or still within their window, this grant included, over all processes: a vendor that counts more shares its quota with
 * someone else.
 */
export type GrantAnswer =
  | { readonly granted: Grant; readonly occupied: number }
  | { readonly granted: null; readonly notBeforeMs: number };

/**
 * How long a grant may stay unsettled. Its process is dead by then (a slot is used within 10 s and a request ends within
 * 30 s), so the ledger takes the slots for used at the end of this time and forgets the grant one window later.
 */
export const GRANT_TTL_MS = 120_000;

/** How soon to ask again when slots are in other hands and may come back at any time. */
export const GRANT_RECHECK_MS = 250;

/** The longest hold that is believed (safety E1). */
export const LONGEST_HOLD_MS = 24 * 3_600_000;

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
 * Where budgets are kept: one row set for each key, shared by all processes. Implemented by `store/`; `memory-ledger.ts`
 * is the same in memory. What it must do is `budget-ledger.suite.ts`.
 * A sliding log is kept for every scheme: a slot taken is free again one window after its answer, so that no window
 * of the vendor, wherever it begins, sees more than the allowance. Times are those of the ledger's own clock.
 */
export interface BudgetLedger {
  /**
   * Takes up to `want` slots for `lane`, or says when to ask again. Never more than the allowance in any window, and for
   * lanes other than urgent never more than the allowance less the reserve.
   */
  take(spec: BudgetSpec, lane: Lane, want: number): Promise<GrantAnswer>;
  /**
   * Gives back what was not sent and dates what was: `used` slots are occupied up to and including `lastAnswerMs` + window
   * (the millisecond more is for clocks that cut off fractions). A grant that is no longer known changes nothing.
   */
  settle(spec: BudgetSpec, grant: Grant, used: number, lastAnswerMs: number): Promise<void>;
  /**
   * No grants for any lane before that time (429, or the vendor's own count is at its end); never shortens a hold and never
   * lasts beyond `LONGEST_HOLD_MS`. After it one probe: a grant of one slot, and none else until it is settled. A used probe
   * lets all go, unless there was another hold meanwhile; an unused one is given to the next who asks.
   */
  hold(spec: BudgetSpec, untilMs: number): Promise<void>;
}
