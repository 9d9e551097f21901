import type { Cursor } from "../kernel/cursor.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { AccountDraft, AccountRecord, Observation } from "../model/account.ts";
import type { CallContext } from "../transport/contract.ts";

/** One page of one kind. */
export interface ListRequest {
  readonly kind: string;
  /** Vendor id of the team or account to list inside; null for kinds that are listed as a whole. */
  readonly parent: string | null;
  /** Null for the first page. */
  readonly cursor: Cursor | null;
  readonly pageSize: number;
}

export interface Page {
  readonly items: readonly Observation[];
  /** Null at the end, and only there. */
  readonly next: Cursor | null;
  /** What the vendor says the whole listing counts; an alarm, never a proof (safety C2). Null when it does not say. */
  readonly total: number | null;
  /** Skipped or odd items, one sentence each; any makes the snapshot partial. */
  readonly warnings: readonly string[];
}

/** What is wrong with a connection, told apart so that the operator knows what to do. */
export type HealthState = "ok" | "wrong-key" | "missing-scope" | "wrong-base-url" | "not-allowed" | "unreachable";

export interface HealthCheck {
  /** "REST API", "SCIM". */
  readonly what: string;
  readonly state: HealthState;
  /** What was seen and what to do next. */
  readonly text: string;
}

export interface Health {
  readonly ok: boolean;
  readonly checks: readonly HealthCheck[];
  /** Id of the account that owns the credential, when the app tells; null otherwise. */
  readonly keyOwner: string | null;
  /** Which profile the live app seems to speak, by reads alone; null: it cannot be told. */
  readonly profile: "guide" | "vendor" | null;
}

/** Outcomes are words: twice is once, and the second time says so. */
export type WriteOutcome =
  | "created"
  | "invited"
  | "existed"
  | "updated"
  | "unchanged"
  | "suspended"
  | "reactivated"
  | "removed"
  | "was-absent"
  | "converted"
  | "joined"
  | "was-member"
  | "left"
  | "was-no-member"
  | "transferred"
  | "was-owner"
  | "revoked";

/** The answer to one write. The receipt, not the proof: the proof is a later read. */
export interface WriteAnswer {
  readonly outcome: WriteOutcome;
  /** Vendor id of the account concerned, when the answer tells. */
  readonly id: string | null;
  /** The account as the answer showed it; null when the answer had no body. */
  readonly record: AccountRecord | null;
}

/** The handle of an account inside one connection. */
export interface AccountKey {
  readonly kind: string;
  readonly id: string;
}

/** Two places of one account change together: what the caller saw before, for read-modify-write (safety D15). */
export type Changes = Readonly<Record<string, JsonValue>>;

/**
 * One app, spoken to with one credential. Each method makes one request, or the few that one change needs, and never
 * loops, retries or decides: the workflows drive. The optional methods are the capabilities: a connector that lacks
 * one lacks the method (the shared suite checks it against the manifest).
 *
 * All methods throw AppError with the vendor-side codes (see `Transport`). A write whose answer was lost throws
 * `outcome_unknown` and nothing else.
 */
export interface Connector {
  /** Reads only. Tells wrong key, wrong scope, wrong base URL and the owner of the key apart. Never throws for those. */
  readonly check: (context: CallContext) => Promise<Health>;
  /** One request, one page. */
  readonly list: (request: ListRequest, context: CallContext) => Promise<Page>;
  /** By vendor id; null only when the vendor itself says "not there" (never for 401, 403 or a wrong base URL). */
  readonly get: (key: AccountKey, context: CallContext) => Promise<AccountRecord | null>;
  /** By address, where the app can filter; each row is checked again. Absent: callers walk the list. */
  readonly find?: (email: string, context: CallContext) => Promise<readonly AccountRecord[]>;
  /**
   * All of one account's holdings of a kind: one page a call, rows of other owners already dropped and counted
   * in `warnings`.
   */
  readonly holdings?: (request: HoldingsRequest, context: CallContext) => Promise<Page>;
  readonly create?: (draft: AccountDraft, context: CallContext) => Promise<WriteAnswer>;
  readonly update?: (key: AccountKey, changes: Changes, context: CallContext) => Promise<WriteAnswer>;
  readonly suspend?: (key: AccountKey, context: CallContext) => Promise<WriteAnswer>;
  readonly reactivate?: (key: AccountKey, context: CallContext) => Promise<WriteAnswer>;
  readonly remove?: (key: AccountKey, context: CallContext) => Promise<WriteAnswer>;
  readonly convert?: (key: AccountKey, to: string, context: CallContext) => Promise<WriteAnswer>;
  readonly join?: (key: AccountKey, team: string, context: CallContext) => Promise<WriteAnswer>;
  readonly leave?: (key: AccountKey, team: string, context: CallContext) => Promise<WriteAnswer>;
  readonly assignRole?: (key: AccountKey, role: string, context: CallContext) => Promise<WriteAnswer>;
  /** Gives one holding to another account. Refuses (`conflict`) when its owner is neither `from` nor `to` (table 2.1). */
  readonly transfer?: (request: TransferRequest, context: CallContext) => Promise<WriteAnswer>;
  readonly revokeInvitation?: (id: string, context: CallContext) => Promise<WriteAnswer>;
}

export interface HoldingsRequest {
  readonly holding: string;
  readonly owner: AccountKey;
  readonly cursor: Cursor | null;
  readonly pageSize: number;
}

export interface TransferRequest {
  readonly holding: string;
  readonly id: string;
  /** Owner as the caller has just read it from the record itself. */
  readonly owner: string;
  readonly from: AccountKey;
  readonly to: AccountKey;
}
