import type { Clock } from "../../kernel/clock.ts";
import { isAppError } from "../../kernel/errors.ts";
import { isJsonObject, toJson, type JsonValue } from "../../kernel/json.ts";
import type { Workflow, WorkflowContext } from "../port.ts";
import { gaveUp, judge, pauseAfter, succeeded, unpack, type StepResult } from "../steps/attempts.ts";
import { stepNames } from "../steps/names.ts";
import { Interrupted } from "./interrupted.ts";

/** The part of openworkflow's steps that we use. */
interface StepApi {
  run(
    config: { readonly name: string; readonly retryPolicy: { readonly maximumAttempts: number } },
    work: () => Promise<unknown>,
  ): Promise<unknown>;
  sleep(name: string, duration: `${number}ms`): Promise<void>;
  waitForSignal(options: {
    readonly name: string;
    readonly signal: string;
    readonly timeout: number;
  }): Promise<{ readonly data: unknown } | null>;
}

interface Pass {
  readonly input: unknown;
  readonly step: StepApi;
  readonly run: { readonly id: string };
}

/** openworkflow's own count is not used: it could not tell an interruption from a failure. */
const UNLIMITED = { maximumAttempts: 0 };

/** What the storage tells and is told beside what the library passes on. */
export interface PassStorage {
  /** How often a step of a run has failed. */
  failures(run: string, step: string): Promise<number>;
  expectPause(run: string, untilMs: number): void;
}

/**
 * A workflow of ours as openworkflow runs it. The library ends a pass by throwing through the workflow; here the workflow
 * never sees that: its promise stays open, and the pass ends beside it. So a `try` or `finally` in a workflow cannot
 * swallow a pause or run its cleanup at each one.
 */
export function adaptWorkflow(
  workflow: Workflow,
  storage: PassStorage,
  clock: Clock,
): (pass: Pass) => Promise<JsonValue> {
  return async (pass) => {
    let end: (reason: unknown) => void = () => undefined;
    const ended = new Promise<never>((_resolve, reject) => {
      end = reject;
    });
    const context = contextOf(pass, end, storage, clock);
    const output = await Promise.race([workflow.run(context, toJson(pass.input)), ended]);
    return toJson(output);
  };
}

function contextOf(
  { step, run }: Pass,
  end: (reason: unknown) => void,
  storage: PassStorage,
  clock: Clock,
): WorkflowContext {
  const unique = stepNames();
  /** What the library throws ends the pass. */
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (reason) {
      end(reason);
      return new Promise<never>(() => undefined);
    }
  };
  const attempt = async (name: string, work: () => Promise<JsonValue>): Promise<StepResult> => {
    try {
      return succeeded(await work());
    } catch (error) {
      const failures = await storage.failures(run.id, name);
      switch (judge(error, failures)) {
        case "again":
          storage.expectPause(run.id, clock.now() + pauseAfter(failures + 1));
          throw error;
        case "give-up":
          return gaveUp(error);
        case "interrupted":
          end(new Interrupted(isAppError(error) ? error.message : "interrupted", error));
          return new Promise<never>(() => undefined);
      }
    }
  };
  const pause = (ms: number): number => {
    const wholeMs = Math.max(0, Math.ceil(ms));
    storage.expectPause(run.id, clock.now() + wholeMs);
    return wholeMs;
  };
  return {
    runId: run.id,
    async step<T extends JsonValue>(name: string, work: () => Promise<T>): Promise<T> {
      const own = unique(name);
      const stored = await guard(() => step.run({ name: own, retryPolicy: UNLIMITED }, () => attempt(own, work)));
      // What was stored is what `work` gave, or stands for its error.
      return unpack(toJson(stored)) as T;
    },
    sleep(name, ms) {
      const wholeMs = pause(ms);
      return guard(() => step.sleep(unique(name), `${wholeMs}ms`));
    },
    async waitFor(name, signal, timeoutMs) {
      const options = { name: unique(name), signal, timeout: pause(timeoutMs) };
      const answer = toJson(await guard(() => step.waitForSignal(options)));
      return isJsonObject(answer) ? (answer["data"] ?? null) : null;
    },
  };
}
