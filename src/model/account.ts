import type { JsonObject, JsonValue } from "../kernel/json.ts";

/** Which account: for ever (connection, kind, vendor id), never the address, which changes. */
export interface AccountRef {
  readonly connection: string;
  readonly kind: string;
  /** The vendor's id as text. */
  readonly id: string;
}

/** One text for a reference, for maps and ids. */
export function refKey(ref: AccountRef): string {
  return `${ref.connection}/${ref.kind}/${ref.id}`;
}

/**
 * `invited`: exists, but nobody has accepted yet. `suspended`: cannot sign in, can be let in again.
 * `removed`: the vendor keeps the record of a deactivated account.
 */
export type AccountState = "active" | "invited" | "suspended" | "removed";

/** What a connection said of one account at one time. */
export interface AccountRecord {
  readonly noun: "account";
  readonly kind: string;
  readonly id: string;
  /** As the vendor wrote it; compare only by `canonicalEmail`. Null where an account has none. */
  readonly email: string | null;
  /** Further addresses: hints for matching, never keys. */
  readonly aliases: readonly string[];
  readonly displayName: string;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly phone: string | null;
  readonly state: AccountState;
  /** Administers the app. */
  readonly privileged: boolean;
  /** Owner of the vendor account: never demoted, never removed. */
  readonly owner: boolean;
  /** False for bots, visitors and other records that are no person's (no seat, no orphan). */
  readonly human: boolean;
  readonly takesSeat: boolean;
  /** The app's role names. */
  readonly roles: readonly string[];
  /** Vendor ids of its teams; null when this listing does not tell. */
  readonly teams: readonly string[] | null;
  /** ISO 8601; null when the vendor does not tell. */
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly invitedAt: string | null;
  /** Further attributes the app has and Tenure can read or write, by name. */
  readonly attributes: Readonly<Record<string, JsonValue>>;
  /** Contradictions inside the record, in words (role against admin flag). */
  readonly oddities: readonly string[];
  /** The vendor's record without secrets: kept, never required. */
  readonly raw: JsonObject;
}

export interface InvitationRecord {
  readonly noun: "invitation";
  readonly kind: string;
  readonly id: string;
  readonly email: string;
  readonly state: "pending" | "accepted" | "revoked" | "expired";
  readonly roles: readonly string[];
  readonly invitedAt: string | null;
}

export interface TeamRecord {
  readonly noun: "team";
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly memberCount: number | null;
}

export interface RoleRecord {
  readonly noun: "role";
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly privileged: boolean;
}

export interface MembershipRecord {
  readonly noun: "membership";
  readonly kind: string;
  /** The member's account id. */
  readonly id: string;
  readonly team: string;
}

/** A business object that an account owns (a lead, a phone number). */
export interface HoldingRecord {
  readonly noun: "holding";
  readonly kind: string;
  readonly id: string;
  /** Account id of the owner as the record itself says; null when the record does not say (then it is never written, X-03). */
  readonly owner: string | null;
  readonly label: string;
}

export type Observation = AccountRecord | InvitationRecord | TeamRecord | RoleRecord | MembershipRecord | HoldingRecord;

/** What a new account shall be. */
export interface AccountDraft {
  readonly email: string;
  readonly displayName: string;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly phone: string | null;
  readonly role: string | null;
  /** Vendor ids of teams that the create itself can carry (`CreateTraits.teams`). */
  readonly teams: readonly string[];
  readonly attributes: Readonly<Record<string, JsonValue>>;
}
