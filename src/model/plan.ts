import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { AccountDraft, AccountState } from "./account.ts";
import type { Undo } from "./traits.ts";

/** What a step does. `verifyNone` reads until nothing is left; `manual` is done by a person and proven by a read. */
export type Action =
  | { readonly verb: "create"; readonly draft: AccountDraft }
  | { readonly verb: "update"; readonly changes: Readonly<Record<string, JsonValue>> }
  | { readonly verb: "suspend" }
  | { readonly verb: "reactivate" }
  | { readonly verb: "remove" }
  | { readonly verb: "convert"; readonly to: string }
  | { readonly verb: "join"; readonly team: TeamRef }
  | { readonly verb: "leave"; readonly team: TeamRef }
  | { readonly verb: "assignRole"; readonly role: string }
  | { readonly verb: "transfer"; readonly holding: string; readonly to: Target; readonly count: number }
  | { readonly verb: "verifyNone"; readonly holding: string }
  | { readonly verb: "revokeInvitation" }
  | { readonly verb: "manual"; readonly instructions: string; readonly proof: ManualProof };

export interface TeamRef {
  readonly id: string;
  readonly name: string;
}

/**
 * The read that closes a manual step. `state`: the account is in this state. `exists`, `absent`: by the target's id, or by
 * its address while it has no id. `gone`: it is not there, or nobody can sign in with it. `after`: the read shows
 * `Step.after`.
 */
export type ManualProof =
  | { readonly kind: "state"; readonly state: AccountState }
  | { readonly kind: "exists" }
  | { readonly kind: "absent" }
  | { readonly kind: "gone" }
  | { readonly kind: "after" };

/** The account a step is about: its vendor id, or the step that will make it. */
export interface Target {
  readonly kind: string;
  /** Null until the step `madeBy` has run ("known after apply"). */
  readonly id: string | null;
  readonly madeBy: string | null;
  readonly email: string | null;
  readonly label: string;
}

/** What must be true in a read just before the step; anything else makes the step stale. */
export interface Precondition {
  /** `absent`: no account with the target's address. `exists`: the account with this id, as described. `none`: nothing to check. */
  readonly expect: "absent" | "exists" | "none";
  /** Before-image: fields, as `accountImage` (image.ts) names them, that must still have these values. */
  readonly fields: JsonObject;
  /** Kinds of holdings of which nothing may be left. */
  readonly noHoldings: readonly string[];
  /**
   * Fields of the step's person (`Person`) that must still have these values in the store: the fact that caused the step,
   * such as status and end of access, read again just before it (safety A16). Empty: the step rests on no such fact.
   */
  readonly person: JsonObject;
}

/** Why a step is in the plan. */
export interface Reason {
  readonly kind: "roster" | "rule" | "finding" | "command";
  readonly text: string;
  /** Row, rule name, finding id or command. */
  readonly ref: string;
}

/** What would be lost, counted and sampled before anyone says yes. */
export interface LossPreview {
  readonly holding: string;
  readonly count: number;
  readonly sample: readonly string[];
  /** Who gets them; null: nobody yet. */
  readonly to: string | null;
}

export interface Cost {
  /** Requests of the write, its guard reads and its proof. */
  readonly requests: number;
  /** Seconds under the connection's budget, when nothing else uses it. */
  readonly seconds: number;
}

export interface Step {
  /** Derived from the content: the same change has the same id. */
  readonly id: string;
  /** 1, 2, 3 … in the order of the plan. */
  readonly number: number;
  /** Connection name. */
  readonly app: string;
  /** The app's name for people. */
  readonly appName: string;
  readonly person: string | null;
  readonly personLabel: string | null;
  readonly target: Target;
  readonly action: Action;
  readonly title: string;
  readonly reason: Reason;
  readonly precondition: Precondition;
  /**
   * Fields after the step, as `accountImage` (image.ts) names them and as the read-back must show them: `{state: "suspended"}`,
   * `{exists: false}` after an erasing removal, `{teams: [...]}` where the account tells its teams; `{member: teamId}` or
   * `{notMember: teamId}` where only the team's member list tells; `{holdings: 0}` for verifyNone and transfer.
   */
  readonly after: JsonObject;
  readonly dependsOn: readonly string[];
  readonly undo: Undo;
  readonly cost: Cost;
  readonly seat: -1 | 0 | 1;
  readonly loss: LossPreview | null;
  readonly sideEffects: readonly string[];
  /** How many people must say yes before this step, by the policy at planning time. */
  readonly approvals: number;
  /** Takes access away or lowers it (counted by the brakes). */
  readonly destructive: boolean;
  /** ISO 8601: not before this time. */
  readonly notBefore: string | null;
}

export type GuardName =
  | "removals"
  | "creates"
  | "seats"
  | "freshness"
  | "roster-shrink"
  | "irreversible"
  | "protected"
  | "last-admin"
  | "key-owner"
  | "completeness"
  | "handover";

export interface Guard {
  readonly name: GuardName;
  readonly state: "pass" | "warn" | "block";
  readonly app: string | null;
  readonly text: string;
  /** Steps this guard speaks of. */
  readonly steps: readonly string[];
}

/** Something a human must answer before the plan can do it: who gets the leads. */
export interface Question {
  readonly id: string;
  readonly app: string;
  readonly person: string | null;
  readonly text: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
}

/** People for whom the plan could do nothing, and why. */
export interface HeldBack {
  readonly app: string | null;
  readonly person: string | null;
  readonly label: string;
  readonly reason: string;
}

/** What the hash is over. Everything that decides what will be done is in here. */
export interface PlanContent {
  readonly schema: "tenure.plan/v1";
  readonly trigger: { readonly kind: "hr" | "findings" | "person"; readonly ref: string; readonly actor: string };
  /** What the plan was made from; apply refuses when these are too old. */
  readonly base: {
    readonly snapshots: readonly { readonly connection: string; readonly snapshot: string; readonly readAt: string }[];
    readonly imports: readonly string[];
    readonly config: string;
  };
  readonly steps: readonly Step[];
  readonly guards: readonly Guard[];
  readonly questions: readonly Question[];
  readonly heldBack: readonly HeldBack[];
  readonly madeAt: string;
  readonly expiresAt: string;
}

export interface Plan {
  readonly id: string;
  /** Shown as PL-42. */
  readonly number: number;
  /** SHA-256 over the canonical JSON of `content`. */
  readonly hash: string;
  readonly content: PlanContent;
}

export interface PlanTotals {
  readonly add: number;
  readonly change: number;
  readonly reassign: number;
  readonly remove: number;
  readonly manual: number;
  readonly requests: number;
  readonly seconds: number;
  readonly irreversible: number;
}

/** The sign of a step in lists: + add, ~ change, > reassign, - remove, ? check, ! by hand. */
export function stepSign(action: Action): "+" | "~" | ">" | "-" | "?" | "!" {
  switch (action.verb) {
    case "create":
    case "join":
      return "+";
    case "update":
    case "reactivate":
    case "convert":
    case "assignRole":
      return "~";
    case "transfer":
      return ">";
    case "suspend":
    case "remove":
    case "leave":
    case "revokeInvitation":
      return "-";
    case "verifyNone":
      return "?";
    case "manual":
      return "!";
  }
}

/** The numbers of a plan, counted in one place so that every surface shows the same. */
export function planTotals(content: PlanContent): PlanTotals {
  const count = (sign: string): number => content.steps.filter((step) => stepSign(step.action) === sign).length;
  const byApp = new Map<string, number>();
  for (const step of content.steps) byApp.set(step.app, (byApp.get(step.app) ?? 0) + step.cost.seconds);
  return {
    add: count("+"),
    change: count("~"),
    reassign: count(">"),
    remove: count("-"),
    manual: count("!"),
    requests: content.steps.reduce((sum, step) => sum + step.cost.requests, 0),
    // Apps are worked on side by side: the slowest decides.
    seconds: Math.max(0, ...byApp.values()),
    irreversible: content.steps.filter((step) => step.undo === "never" && step.destructive).length,
  };
}

export function planLabel(number: number): string {
  return `PL-${number}`;
}
