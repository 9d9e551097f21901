import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import type { Connection } from "../../connector-kit/connection.ts";
import type { Plan, Step } from "../../model/plan.ts";
import type { JournalEntry, Run } from "../../model/run.ts";
import type { Store } from "../../store/port.ts";
import type { Lane } from "../../transport/contract.ts";
import type { RunEvent } from "../progress.ts";
import type { SeatWatch } from "./seats.ts";

/** Where a process may die between two effects; crash tests die at each of them. */
export type CrashPoint =
  | "before-intent"
  | "after-intent"
  | "after-answer"
  | "before-record"
  | "after-record"
  | "before-end"
  | "after-end";

/** What the apply workflow works with; `main` joins it, tests put in a clock and a crash hook. */
export interface ApplyDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly connections: ReadonlyMap<string, Connection>;
  /** Names this process in leases; no two processes share one. */
  readonly holder: string;
  /** Aborts when the process stops: no new sends. */
  readonly signal: AbortSignal;
  readonly onEvent: (run: string, event: RunEvent) => void;
  /** Nothing in production. */
  readonly onPoint: (point: CrashPoint, step: Step) => void | Promise<void>;
}

/** What the steps of one process share besides the store; nothing in it is needed after a crash. */
export interface ApplyWorker extends ApplyDeps {
  readonly seats: SeatWatch;
}

/** One step of one run, with what it needs at hand. */
export interface StepContext {
  readonly deps: ApplyWorker;
  readonly run: Run;
  readonly plan: Plan;
  readonly step: Step;
  readonly connection: Connection;
  /** Throws `fenced` in the tick of the send when the lease is gone. */
  readonly fence: () => void;
  readonly lane: Lane;
  /** Vendor id of the target; null for a create and for a look by address. */
  readonly targetId: string | null;
}

/** What became of one try at a step. */
export type Verdict =
  /** A final state was recorded. */
  | { readonly kind: "final"; readonly entry: JournalEntry }
  /** Go on with the same step after this time; 0: at once, in a new engine step. */
  | { readonly kind: "again"; readonly afterMs: number }
  /** Nothing can be done now: it waits for an approval or for a step that did not succeed. */
  | { readonly kind: "blocked" };

export const LEASE_MS = 30_000;

/** The longest a step is tried again while an app is away, before a human is asked. */
export const GIVE_UP_MS = 6 * 3_600_000;

/** The read that serves as precondition of a step that creates or takes away is at most so old when it is sent (S5). */
export const FRESH_READ_MS = 30_000;

/** Cutting access off goes first, bulk hand-overs go last. */
export function laneOf(step: Step): Lane {
  if (step.action.verb === "transfer" || step.action.verb === "verifyNone") return "bulk";
  return step.destructive ? "urgent" : "normal";
}
