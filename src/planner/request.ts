import type { Graph } from "../graph/graph.ts";
import type { AccountRef } from "../model/account.ts";
import type { Finding } from "../model/finding.ts";
import type { Policy } from "../model/policy.ts";
import type { Verb } from "../model/traits.ts";

/** What a plan is asked for. `connections`: only these; null: all. */
export type Selection =
  | { readonly kind: "hr"; readonly connections: readonly string[] | null }
  | {
      readonly kind: "findings";
      /** Ids of findings; null: all that are open. */
      readonly findings: readonly string[] | null;
      readonly connections: readonly string[] | null;
    }
  | {
      readonly kind: "person";
      readonly person: string;
      readonly connections: readonly string[] | null;
      /** A human says that this person leaves: the one evidence besides the source's own word (S7). */
      readonly offboard: boolean;
    };

/** What an account owns of one kind, counted just before planning. Not counted: not in the list. */
export interface HoldingCount {
  readonly account: AccountRef;
  readonly holding: string;
  readonly count: number;
  /** A few labels, for the preview of what would be lost. */
  readonly sample: readonly string[];
  /** The listing came with a proof. */
  readonly complete: boolean;
}

/** What an import of a source counted; `ImportRecord` of the store is one. */
export interface ImportCounts {
  readonly id: string;
  readonly source: string;
  readonly importedAt: string;
  /** People by class: `{"all": 84, "workerType:contractor": 6}`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Those of the import before; null: there was none, or the difference was accepted. */
  readonly previous: Readonly<Record<string, number>> | null;
}

/** An account from which access was taken in the last 24 hours: the brakes count a day, not a plan (S9, safety F12). */
export interface RecentRemoval {
  readonly account: AccountRef;
  readonly person: string | null;
}

export interface PlanRequest {
  /** Made from the latest snapshot of each connection of the policy; it also holds the people and the traits. */
  readonly graph: Graph;
  readonly findings: readonly Finding[];
  readonly policy: Policy;
  /** Verbs that a connection has lost, by connection (`ConnectionState.off`). */
  readonly off: Readonly<Record<string, readonly Verb[]>>;
  /** For the accounts that `holdingsToCount` names. */
  readonly holdings: readonly HoldingCount[];
  /** The latest import of each source. */
  readonly imports: readonly ImportCounts[];
  readonly recentRemovals: readonly RecentRemoval[];
  readonly selection: Selection;
  /** Answers to questions of an earlier plan, by question id. */
  readonly answers: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly actor: string;
}
