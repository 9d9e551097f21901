import type { StepState } from "../model/run.ts";

/** What a read of an app tells while it works. */
export type SyncEvent =
  | {
      readonly type: "sync.page";
      readonly app: string;
      readonly kind: string;
      readonly page: number;
      readonly seen: number;
    }
  | { readonly type: "sync.done"; readonly app: string; readonly complete: boolean; readonly seconds: number }
  | { readonly type: "sync.failed"; readonly app: string; readonly error: string };

interface AboutStep {
  readonly step: string;
  readonly number: number;
  readonly app: string;
  readonly title: string;
}

/** What a run tells while it works; the journal, not these, is the record. */
export type RunEvent =
  | { readonly type: "run.started"; readonly run: string; readonly label: string; readonly steps: number }
  | ({ readonly type: "step.started" } & AboutStep)
  | ({ readonly type: "step.progress"; readonly done: number; readonly total: number } & AboutStep)
  | ({ readonly type: "step.retry"; readonly reason: string; readonly waitMs: number } & AboutStep)
  | ({
      readonly type: "step.done";
      readonly state: StepState;
      readonly reason: string | null;
      readonly seconds: number;
      readonly verified: boolean;
    } & AboutStep);
