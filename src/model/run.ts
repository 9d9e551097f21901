import type { JsonObject } from "../kernel/json.ts";

/** Chosen once; never renamed (conventions 7). */
export type RunStatus = "waiting" | "running" | "done" | "failed" | "canceled";
export type StepState =
  | "waiting"
  | "running"
  | "ok"
  | "adopted"
  | "skipped"
  | "failed"
  | "stale"
  | "unknown"
  | "parked";

export function isFinal(state: StepState): boolean {
  return state !== "waiting" && state !== "running";
}

/** States that are never left again. `unknown` and `parked` may be: by a probe, by a human, by resuming the run. */
export function isSettled(state: StepState): boolean {
  return isFinal(state) && state !== "unknown" && state !== "parked";
}

/** Whether what depends on the step may go on. */
export function isGood(state: StepState): boolean {
  return state === "ok" || state === "adopted" || state === "skipped";
}

/** Whether a later read showed the effect. */
export type ReadBack = "verified" | "unverified" | "mismatch";

/** One sending of one step: intent first, then what came back. */
export interface Attempt {
  readonly number: number;
  readonly intentAt: string;
  /** `pending` until the answer is stored: after a crash it means that nobody knows. */
  readonly outcome: "pending" | "answered" | "refused" | "unknown" | "not-sent";
  readonly answeredAt: string | null;
  /** Outcome word of the connector, or error code and message. Never a body. */
  readonly note: string | null;
}

/** What proves a step: the changed fields as read after it. */
export interface Receipt {
  readonly readBack: ReadBack;
  readonly readAt: string | null;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly note: string | null;
}

/** The journal's truth about one step of one run. */
export interface JournalEntry {
  readonly version: 1;
  readonly run: string;
  readonly step: string;
  readonly state: StepState;
  /** Why it waits, failed, or was parked: a sentence with the next human action. */
  readonly reason: string | null;
  readonly attempts: readonly Attempt[];
  /** Vendor id of the account that the step made or touched. */
  readonly accountId: string | null;
  /** Bulk work: how many of how many. */
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly receipt: Receipt | null;
  /** Tries that came to nothing in a row (app away, throttled), and since when; for backing off and giving up. */
  readonly tries: number;
  readonly triesSince: string | null;
  /** When the step goes on by itself; null: nothing is timed. */
  readonly nextAt: string | null;
  /** Lease epoch of the writer that wrote this. */
  readonly epoch: number;
  readonly updatedAt: string;
}

export interface Run {
  readonly id: string;
  /** Shown as RN-42. */
  readonly number: number;
  readonly plan: string;
  readonly planHash: string;
  readonly status: RunStatus;
  readonly actor: string;
  /** Names given with `--approve-as` in the sandbox; empty otherwise. */
  readonly approvedAs: readonly string[];
  readonly startedAt: string;
  readonly endedAt: string | null;
}

export function runLabel(number: number): string {
  return `RN-${number}`;
}
