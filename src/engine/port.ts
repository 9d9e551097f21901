import type { JsonValue } from "../kernel/json.ts";

/**
 * What a workflow may do besides computing. Workflow code is deterministic: no clock, chance, I/O or store outside
 * `step`; the same names in the same order at each replay.
 */
export interface WorkflowContext {
  /** The id that `start` was given. */
  readonly runId: string;
  /** Runs `work` and keeps its result; a replay gets the result without running it. A step that throws is tried again. */
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
  /** Before `work`. */
  register(workflow: Workflow): void;
  start(request: StartRequest): Promise<void>;
  signal(signal: string, payload: JsonValue): Promise<void>;
  /** Stops a run at its next step; what is in flight ends. */
  cancel(id: string): Promise<void>;
  get(id: string): Promise<EngineRun | null>;
  work(options: { readonly concurrency: number }): Promise<Worker>;
  close(): Promise<void>;
}
