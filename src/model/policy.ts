import type { JsonValue } from "../kernel/json.ts";
import type { Undo } from "./traits.ts";

/** `when` of a rule: every field named must equal (or be one of) the person's. */
export type Condition = Readonly<Record<string, JsonValue>>;

/** What a rule gives in one connection. `team` and `role` may hold `{field}` of the person: "{office} Team". */
export interface Gift {
  readonly role: string | null;
  readonly teams: readonly string[];
  readonly attributes: Readonly<Record<string, JsonValue>>;
}

export interface Rule {
  readonly name: string;
  /** Place in the configuration, for reasons: "tenure.yaml:41". */
  readonly place: string;
  readonly when: Condition;
  /** Connection → what a matching person shall have there. */
  readonly give: Readonly<Record<string, Gift>>;
}

/** What happens to a leaver's account in one connection. */
export interface LeaverPolicy {
  /** Kind of holding → who gets them: `manager`, `park`, or an address; null: ask. */
  readonly handOver: Readonly<Record<string, string | null>>;
  /** The last word: take the account away, or leave it suspended. */
  readonly final: "delete" | "suspend";
  /** Days between containment and the final verb. */
  readonly graceDays: number;
}

export interface GuardPolicy {
  readonly removals: { readonly percent: number; readonly floor: number };
  readonly creates: { readonly percent: number; readonly floor: number };
  /** Percent by which a roster may shrink between imports. */
  readonly rosterShrinkPercent: number;
  /** Milliseconds a snapshot may be old when a plan is made or applied. */
  readonly snapshotAgeMs: number;
}

export interface ApprovalRule {
  readonly undo: Undo | null;
  readonly app: string | null;
  readonly need: number;
}

/** One connection as the planner sees it. */
export interface ConnectionPolicy {
  readonly name: string;
  /** Display name of the app. */
  readonly appName: string;
  readonly share: number;
  /** Seats bought; null: unknown, then no seat guard. */
  readonly seats: number | null;
  /** Canonical addresses that no plan may remove or demote. */
  readonly protected: readonly string[];
  /** Vendor id of the account that owns the credential; null: unknown. */
  readonly keyOwner: string | null;
  readonly leaver: LeaverPolicy;
}

/** Everything the configuration says that decides what a plan does. */
export interface Policy {
  readonly rules: readonly Rule[];
  readonly connections: readonly ConnectionPolicy[];
  readonly guards: GuardPolicy;
  readonly approvals: readonly ApprovalRule[];
  /** Groups of domains that are one organisation's. */
  readonly domains: readonly (readonly string[])[];
  /** `exact`: exact addresses link by themselves. `never`: every link waits for a human. */
  readonly autoLink: "exact" | "never";
  /** Days after which an open invitation is a finding. */
  readonly invitationAgeDays: number;
  /** Hash of the configuration, for the plan's base. */
  readonly hash: string;
}

export const DEFAULT_GUARDS: GuardPolicy = {
  removals: { percent: 5, floor: 3 },
  creates: { percent: 20, floor: 20 },
  rosterShrinkPercent: 5,
  snapshotAgeMs: 30 * 60_000,
};

export const DEFAULT_APPROVALS: readonly ApprovalRule[] = [
  { undo: "never", app: null, need: 2 },
  { undo: "by-hand", app: null, need: 1 },
];
