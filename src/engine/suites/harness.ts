import assert from "node:assert/strict";
import { test } from "node:test";
import { yieldTurn, type VirtualClock } from "../../kernel/clock.ts";
import { AppError, type ErrorCode } from "../../kernel/errors.ts";
import type { JsonValue } from "../../kernel/json.ts";
import type { Engine, EngineRun, Workflow } from "../port.ts";

/** One process with an engine. */
export interface EngineProcess {
  readonly engine: Engine;
  /** The process dies: nothing that is in flight is kept. */
  die(): void;
}

/** What an implementation brings to the suite: empty durable state, and processes on it. */
export interface EngineHarness {
  readonly clock: VirtualClock;
  /** A process on the same durable state, as after a start or beside another. */
  open(): EngineProcess;
  /** Lets the leases of dead processes run out, where there are such. */
  expireLeases(): Promise<void>;
  readonly close: () => Promise<void>;
}

export type OpenHarness = () => Promise<EngineHarness>;
export type EngineTest = (title: string, run: (harness: EngineHarness) => Promise<void>) => void;

export function engineTests(name: string, open: OpenHarness): EngineTest {
  return (title, run) => {
    void test(`${name}: ${title}`, async () => {
      const harness = await open();
      try {
        await run(harness);
      } finally {
        await harness.close();
      }
    });
  };
}

/** How long a test waits for something at most. */
const PATIENCE_MS = 20_000;

/** Waits, without a timer, until the rest of the process has come so far. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (await isSo()) return;
    await yieldTurn();
  }
  assert.fail(`it never came to this: ${what}`);
}

/** Waits until the run has that status. */
export async function reaches(engine: Engine, id: string, status: EngineRun["status"]): Promise<EngineRun> {
  let run: EngineRun | null = null;
  await until(`${id} is ${status}`, async () => {
    run = await engine.get(id);
    return run?.status === status;
  });
  assert.ok(run !== null);
  return run;
}

export async function startRun(engine: Engine, workflow: string, id: string, input: JsonValue = null): Promise<void> {
  await engine.start({ workflow, id, input, at: null });
}

/** A process that has registered these and works. */
export async function working(
  harness: EngineHarness,
  workflows: readonly Workflow[],
  concurrency = 4,
): Promise<EngineProcess> {
  const process = harness.open();
  for (const workflow of workflows) process.engine.register(workflow);
  await process.engine.work({ concurrency });
  return process;
}

/** Something that a test opens when it wants: what waits there goes on then. */
export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

/** For `assert.rejects`: an AppError of that code. */
export function withCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof AppError && error.code === code;
}
