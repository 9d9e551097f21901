import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { toJson, type JsonValue } from "../../kernel/json.ts";
import type { Workflow, WorkflowContext } from "../port.ts";
import {
  gaveUp,
  INTERRUPTED_PAUSE_MS,
  judge,
  messageOf,
  MOST_STEPS,
  pauseAfter,
  succeeded,
  unpack,
} from "../steps/attempts.ts";
import { stepNames } from "../steps/names.ts";
import { isOpen, parseText, type StoredRun, type StoredStep } from "./history.ts";

export interface Pass {
  readonly clock: Clock;
  readonly run: StoredRun;
  readonly workflow: Workflow;
  /** Whether the process has died: then nothing is kept any more. */
  readonly isDead: () => boolean;
}

/** How a pass ended: the workflow itself is over, or it goes on later. */
type Ending =
  | { readonly kind: "output"; readonly output: JsonValue }
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "pause"; readonly untilMs: number };

/** Runs a workflow from the start, over what its steps have left, until it ends or has to wait. Never rejects. */
export async function runPass(pass: Pass): Promise<void> {
  const { run, workflow, isDead } = pass;
  run.status = "running";
  // A workflow that has to wait never hears of it: its promise stays open, and the pass ends beside it.
  let end: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  const whole = (async (): Promise<Ending> => {
    try {
      const output = await workflow.run(contextOf(pass, end), parseText(run.input));
      return { kind: "output", output: toJson(output) };
    } catch (error) {
      return { kind: "error", error };
    }
  })();
  const ending = await Promise.race([whole, ended]);
  if (isDead() || !isOpen(run)) return;
  switch (ending.kind) {
    case "output":
      run.status = "done";
      run.output = JSON.stringify(ending.output);
      break;
    case "error":
      run.status = "failed";
      run.error = messageOf(ending.error);
      break;
    case "pause":
      run.status = "waiting";
      // A signal that came meanwhile has made it due at once.
      run.dueMs = hasDelivery(run) ? pass.clock.now() : ending.untilMs;
  }
}

function hasDelivery(run: StoredRun): boolean {
  const last = [...run.steps.values()].at(-1);
  return last !== undefined && last.signal !== null && last.result !== null;
}

function contextOf(pass: Pass, end: (ending: Ending) => void): WorkflowContext {
  const { clock, run } = pass;
  const forget = new Promise<never>(() => undefined);
  const unique = stepNames();
  const recorded = [...run.steps.keys()];
  let asked = 0;
  /** What is known of the step, or its beginning. */
  const begin = (name: string, first: { readonly untilMs: number; readonly signal: string | null }): StoredStep => {
    const own = unique(name);
    const before = recorded[asked];
    asked += 1;
    if (before !== undefined && before !== own) {
      throw new AppError(
        "internal",
        `workflow ${run.workflow} is not deterministic: it asked for ${own} instead of ${before}`,
      );
    }
    const step = run.steps.get(own) ?? { ...first, result: null, failures: 0 };
    if (!run.steps.has(own)) countAttempt(run);
    run.steps.set(own, step);
    return step;
  };
  const pause = (untilMs: number): Promise<never> => {
    end({ kind: "pause", untilMs });
    return forget;
  };
  return {
    runId: run.id,
    async step<T extends JsonValue>(name: string, work: () => Promise<T>): Promise<T> {
      const step = begin(name, { untilMs: 0, signal: null });
      if (step.result === null) {
        const outcome = await tryStep(step, work);
        // What ends after the process died or the run was canceled is not kept.
        if (pass.isDead() || !isOpen(run)) return pause(0);
        if ("pauseMs" in outcome) {
          if (outcome.failed) {
            step.failures += 1;
            countAttempt(run);
          }
          return pause(clock.now() + outcome.pauseMs);
        }
        step.result = outcome.result;
      }
      return unpack(parseText(step.result)) as T;
    },
    async sleep(name, ms) {
      const step = begin(name, { untilMs: clock.now() + Math.ceil(ms), signal: null });
      if (step.untilMs > clock.now()) await pause(step.untilMs);
    },
    async waitFor(name, signal, timeoutMs) {
      const step = begin(name, { untilMs: clock.now() + Math.ceil(timeoutMs), signal });
      if (step.result !== null) return unpack(parseText(step.result));
      if (step.untilMs > clock.now()) return pause(step.untilMs);
      step.result = JSON.stringify(succeeded(null));
      return null;
    },
  };
}

function countAttempt(run: StoredRun): void {
  run.attempts += 1;
  if (run.attempts > MOST_STEPS) {
    throw new AppError(
      "internal",
      `Exceeded the step limit of ${MOST_STEPS} attempts (current count: ${run.attempts - 1})`,
    );
  }
}

type Tried = { readonly result: string } | { readonly pauseMs: number; readonly failed: boolean };

async function tryStep(step: StoredStep, work: () => Promise<JsonValue>): Promise<Tried> {
  try {
    return { result: JSON.stringify(succeeded(await work())) };
  } catch (error) {
    switch (judge(error, step.failures)) {
      case "again":
        return { pauseMs: pauseAfter(step.failures + 1), failed: true };
      case "interrupted":
        return { pauseMs: INTERRUPTED_PAUSE_MS, failed: false };
      case "give-up":
        return { result: JSON.stringify(gaveUp(error)) };
    }
  }
}
