import type { JsonValue } from "../kernel/json.ts";

/**
 * What a workflow may do besides computing. Workflow code is deterministic: no clock, chance, I/O or store outside
 * `step`; the same names in the same order at each replay, one after the other (what goes on side by side are runs of
 * their own). A name that comes again is told apart by its place. A run has at most 1,000 attempts of steps, sleeps and
 * waits together: bulk work loops inside a step.
 */
export interface WorkflowContext {
  /** The id that `start` was given. */
  readonly runId: string;
  /**
   * Runs `work` and keeps its result as JSON; a replay gets the result without running it. A step that throws is tried
   * again, ten times in all with pauses of 1 s, 2 s, 4 s … at most 100 s; the last error is then thrown in the workflow,
   * at each replay the same (code and message), and fails the run unless it is caught. `canceled` is what a step throws
   * when its worker stops: that counts as no try, and the step is taken up again. A worker that dies leaves its step to
   * be run again: what the step does outside must bear that (journal).
   */
  step<T extends JsonValue>(name: string, work: () => Promise<T>): Promise<T>;
  /** Waits durably, for milliseconds or for months. */
  sleep(name: string, ms: number): Promise<void>;
  /**
   * Waits for `signal`; null after `timeoutMs`. Signals only wake up: one that nobody waits for yet may be lost, so a
   * waiter reads its row before and after (engine notes).
   */
  waitFor(name: string, signal: string, timeoutMs: number): Promise<JsonValue | null>;
}

export interface Workflow {
  readonly name: string;
  readonly run: (context: WorkflowContext, input: JsonValue) => Promise<JsonValue>;
}

export type EngineStatus = "waiting" | "running" | "done" | "failed" | "canceled";

export interface EngineRun {
  readonly id: string;
  readonly workflow: string;
  readonly status: EngineStatus;
  readonly output: JsonValue;
  readonly error: string | null;
}

export interface StartRequest {
  readonly workflow: string;
  /** Chosen by the caller: starting twice with one id is one run, for ever. */
  readonly id: string;
  readonly input: JsonValue;
  /** Epoch milliseconds on the engine's clock; null: now. */
  readonly at: number | null;
}

export interface Worker {
  /** Takes no more work and waits for what is running, at most the lease. */
  stop(): Promise<void>;
}

/** Durable execution. `engine.suite.ts` says what any engine must do. */
export interface Engine {
  /** Before `work`. Runs of workflows that no worker has registered wait. */
  register(workflow: Workflow): void;
  start(request: StartRequest): Promise<void>;
  signal(signal: string, payload: JsonValue): Promise<void>;
  /** Stops a run at its next step; what is in flight ends, and its result is not kept. `missing` for an unknown id. */
  cancel(id: string): Promise<void>;
  get(id: string): Promise<EngineRun | null>;
  work(options: { readonly concurrency: number }): Promise<Worker>;
  close(): Promise<void>;
}
