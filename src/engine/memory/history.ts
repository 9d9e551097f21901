import type { JsonValue } from "../../kernel/json.ts";
import type { EngineStatus, StartRequest } from "../port.ts";

export interface StoredStep {
  /** JSON text of its `StepResult`; null: not there yet. */
  result: string | null;
  /** Epoch milliseconds: end of a sleep or of a wait. */
  readonly untilMs: number;
  readonly signal: string | null;
  failures: number;
}

export interface StoredRun {
  readonly id: string;
  readonly workflow: string;
  readonly input: string;
  /** In which order runs were started. */
  readonly order: number;
  status: EngineStatus;
  output: string | null;
  error: string | null;
  /** Epoch milliseconds: not before. */
  dueMs: number;
  /** In the order in which the workflow asks for them. */
  readonly steps: Map<string, StoredStep>;
  attempts: number;
}

/** The durable part of the engine: texts and numbers only, so that nothing in it is shared with what made it. */
export interface MemoryHistory {
  readonly runs: Map<string, StoredRun>;
}

export function newRun(request: StartRequest, order: number, nowMs: number): StoredRun {
  return {
    id: request.id,
    workflow: request.workflow,
    input: JSON.stringify(request.input),
    order,
    status: "waiting",
    output: null,
    error: null,
    dueMs: request.at ?? nowMs,
    steps: new Map(),
    attempts: 0,
  };
}

export function isOpen(run: StoredRun): boolean {
  return run.status === "waiting" || run.status === "running";
}

export function parseText(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}
