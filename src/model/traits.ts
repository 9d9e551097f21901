/**
 * What shared code may know of an app: data from its manifest, never its name.
 * The planner, the graph and the apply workflow branch on these and on nothing else.
 */

/** What a listed thing is for us; the app's own word for it is its `kind`. */
export type Noun = "account" | "invitation" | "team" | "role" | "membership" | "holding";

/** How a change can be taken back: by a call, only by a person in the vendor's admin page, or not at all. */
export type Undo = "api" | "by-hand" | "never";

/** What can be done to an app. A connector has a verb when it has the method of that name. */
export type Verb =
  | "create"
  | "update"
  | "suspend"
  | "reactivate"
  | "remove"
  | "convert"
  | "join"
  | "leave"
  | "assignRole"
  | "transfer"
  | "revokeInvitation";

export const VERBS: readonly Verb[] = [
  "create",
  "update",
  "suspend",
  "reactivate",
  "remove",
  "convert",
  "join",
  "leave",
  "assignRole",
  "transfer",
  "revokeInvitation",
];

/**
 * What to do when the answer to this write was lost (table 2.1 of the safety notes).
 * `safe`: the same call again does no harm. `once`: after the probe has proved absence for the settling time, once.
 * `never`: park it for a human.
 */
export type Resend = "safe" | "once" | "never";

export interface VerbTraits {
  readonly undo: Undo;
  readonly resend: Resend;
  /** Requests of the write itself, without guard reads and proof. */
  readonly requests: number;
  /** Seats after minus seats before. */
  readonly seat: -1 | 0 | 1;
  /** What else happens, in words for the plan: "sends an invitation e-mail". */
  readonly sideEffects: readonly string[];
}

/** How a whole listing of a kind is shown to be complete. */
export type ListProof =
  /** Cursor paging that ends by itself: the end is the proof. */
  | "cursor-end"
  /** Offset paging: one page is atomic, more pages need a second identical walk (safety C1, C2). */
  | "two-walks";

export interface KindTraits {
  readonly noun: Noun;
  /** The app's words for one and for many, in plain text: "lead", "leads". */
  readonly one: string;
  readonly many: string;
  /** Listed inside one team or one account (its vendor id is then the `parent` of the list request), or null. */
  readonly per: "team" | "account" | null;
  readonly proof: ListProof;
  /** The listing may leave out suspended or removed accounts (then absence is never proof of deletion). */
  readonly hidesInactive: boolean;
  /** Largest page the app gives. */
  readonly maxPageSize: number;
}

export interface CreateTraits {
  /** The kind that a create makes. */
  readonly kind: string;
  /** What the account is right after a create. */
  readonly outcome: "active" | "invited";
  /** Kinds among which an address is unique. */
  readonly emailUniqueAcross: readonly string[];
  /** Whether the document promises that a second create with the address is refused. */
  readonly refusesDuplicates: boolean;
  /** How many teams a create can carry. */
  readonly teams: number;
  /** Whether a role can be given with the create. */
  readonly role: boolean;
  /** Person attributes that must be there, as field names of `AccountDraft`. */
  readonly requires: readonly string[];
}

export interface RemoveTraits {
  readonly effect: "erase" | "deactivate" | "detach";
  /** The address stays taken after a removal, so that a rehire is a reactivation. */
  readonly reservesEmail: boolean;
  /** Kinds of holdings that must have another owner first. */
  readonly handOverFirst: readonly string[];
  /** Teams are left before the removal. */
  readonly leaveTeamsFirst: boolean;
}

export interface TeamTraits {
  /** `one`: joining a team leaves the one before. */
  readonly perAccount: "none" | "one" | "many";
  /** Whether an account's own record tells its teams, or only the team's member list does. */
  readonly toldBy: "account" | "members";
  /** Plain text for the graph: what a team of this app is ("inbox team"). Never an org unit (FRONT-37). */
  readonly meaning: string;
}

export interface RoleTraits {
  /** Roles that can be given, by the app's names. */
  readonly values: readonly string[];
  /** Those among them that administer the app. */
  readonly privileged: readonly string[];
  /** The role of a new account when no rule says otherwise; null: the app decides. */
  readonly standard: string | null;
}

/** Quota of a connection as the vendor declares it; what a connection may use of it is its `share`. */
export interface QuotaTraits {
  readonly scheme: QuotaScheme;
  readonly limit: number;
  readonly windowMs: number;
  /** Who owns the quota: one credential, or the whole vendor account. */
  readonly owner: "credential" | "account";
}

/**
 * `fixed-window`: the count starts again at each window's turn. `sliding-log`: any window of that length.
 * `strict`: sliding, and refused calls count too.
 */
export type QuotaScheme = "fixed-window" | "sliding-log" | "strict";

/** What a manifest says of an app in one profile, and so what a connection can do. Plain data. */
export interface Traits {
  readonly kinds: Readonly<Record<string, KindTraits>>;
  readonly verbs: Readonly<Partial<Record<Verb, VerbTraits>>>;
  readonly create: CreateTraits | null;
  readonly remove: RemoveTraits | null;
  /** How an account comes back: by call, by a person in the admin page, or not at all. */
  readonly reactivate: Undo;
  /** Words for a person who must reactivate by hand. */
  readonly reactivateByHand: string | null;
  /** What a leaver loses at once and can be undone by API: which verb, or null (table of settled decisions). */
  readonly contain: "suspend" | "remove" | "revokeInvitation" | null;
  readonly teams: TeamTraits;
  readonly roles: RoleTraits;
  /** Attributes that `update` can write, as field names of `AccountDraft` or `AccountRecord.attributes`. */
  readonly writable: readonly string[];
  /** The app has one name field instead of given and family name. */
  readonly singleName: boolean;
  /** A write's answer does not carry the record: it must be read (FRONT-31). */
  readonly confirmByRead: boolean;
  /** How long after a write a read may still show the old state, in ms, before absence counts (default 60 s). */
  readonly settleMs: number;
  readonly quota: QuotaTraits;
  /** Native SCIM of the vendor, as metadata. */
  readonly scim: { readonly available: boolean; readonly note: string };
  /** Events about users that the vendor sends; empty: polling is the only way. */
  readonly userEvents: readonly string[];
}
