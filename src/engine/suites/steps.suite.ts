import assert from "node:assert/strict";
import { AppError } from "../../kernel/errors.ts";
import type { JsonValue } from "../../kernel/json.ts";
import type { Workflow } from "../port.ts";
import { engineTests, reaches, startRun, until, withCode, working, type OpenHarness } from "./harness.ts";

const DAY_MS = 86_400_000;

/** Steps, their replays and their errors. */
export function stepSuite(name: string, open: OpenHarness, options: { readonly manySteps: boolean }): void {
  replays(name, open);
  starts(name, open);
  retries(name, open);
  if (options.manySteps) limits(name, open);
}

function replays(name: string, open: OpenHarness): void {
  const engineTest = engineTests(name, open);
  engineTest("a replay does not run finished steps again, and sees what they gave", async (harness) => {
    const ran: string[] = [];
    const seen: JsonValue[] = [];
    const workflow: Workflow = {
      name: "three",
      async run(context, input) {
        const first = await context.step("first", async () => {
          ran.push("first");
          return { input, list: [1, "zwei", null, { deep: true }] };
        });
        seen.push(first);
        await context.sleep("pause", 5_000);
        const second = await context.step("second", async () => ran.push("second"));
        return { runId: context.runId, second };
      },
    };
    const { engine } = await working(harness, [workflow]);
    await startRun(engine, "three", "run-1", { plan: "pln_1" });
    await reaches(engine, "run-1", "waiting");
    await until("it sleeps", () => harness.clock.sleeping > 0);
    await harness.clock.advance(5_000);
    const run = await reaches(engine, "run-1", "done");
    assert.deepEqual(run, {
      id: "run-1",
      workflow: "three",
      status: "done",
      output: { runId: "run-1", second: 2 },
      error: null,
    });
    assert.deepEqual(ran, ["first", "second"]);
    assert.equal(seen.length, 2);
    assert.deepEqual(seen[0], { input: { plan: "pln_1" }, list: [1, "zwei", null, { deep: true }] });
    assert.deepEqual(seen[1], seen[0]);
  });

  engineTest("a name that comes twice means two steps", async (harness) => {
    const workflow: Workflow = {
      name: "twice",
      async run(context) {
        const a = await context.step("same", async () => "a");
        const b = await context.step("same", async () => "b");
        await context.sleep("pause", 1_000);
        const c = await context.step("same", async () => "c");
        return [a, b, c];
      },
    };
    const { engine } = await working(harness, [workflow]);
    await startRun(engine, "twice", "run-1");
    await until("it sleeps", () => harness.clock.sleeping > 0);
    await harness.clock.advance(1_000);
    assert.deepEqual((await reaches(engine, "run-1", "done")).output, ["a", "b", "c"]);
  });

  engineTest("a pause does not pass through the workflow's own try and finally", async (harness) => {
    const said: string[] = [];
    const workflow: Workflow = {
      name: "careful",
      async run(context) {
        try {
          await context.sleep("pause", 1_000);
          await context.waitFor("wait", "never", 1_000);
          return "whole";
        } catch {
          said.push("caught");
          return "torn";
        } finally {
          said.push("finally");
        }
      },
    };
    const { engine } = await working(harness, [workflow]);
    await startRun(engine, "careful", "run-1");
    for (let pause = 0; pause < 2; pause += 1) {
      await until("it waits", () => harness.clock.sleeping > 0);
      await harness.clock.advance(1_000);
    }
    assert.equal((await reaches(engine, "run-1", "done")).output, "whole");
    assert.deepEqual(said, ["finally"]);
  });
}

function starts(name: string, open: OpenHarness): void {
  const engineTest = engineTests(name, open);
  const counting = (ran: string[]): Workflow => ({
    name: "count",
    run: (context) => context.step("once", async () => ran.push(context.runId)),
  });

  engineTest("starting twice with one id is one run, also at the same time, later and much later", async (harness) => {
    const ran: string[] = [];
    const { engine } = await working(harness, [counting(ran)]);
    await Promise.all(Array.from({ length: 6 }, () => startRun(engine, "count", "run-1")));
    await reaches(engine, "run-1", "done");
    for (const days of [1, 1, 40]) {
      await startRun(engine, "count", "run-1", "other input");
      await harness.clock.advance(days * DAY_MS);
    }
    await startRun(engine, "count", "run-2");
    await reaches(engine, "run-2", "done");
    assert.deepEqual(ran, ["run-1", "run-2"]);
  });

  engineTest("one id is one workflow", async (harness) => {
    const { engine } = harness.open();
    await startRun(engine, "count", "run-1");
    await assert.rejects(async () => startRun(engine, "other", "run-1"), withCode("conflict"));
  });

  engineTest("a run begins at its time, and at once when that is past", async (harness) => {
    const ran: string[] = [];
    const { engine } = await working(harness, [counting(ran)]);
    const at = harness.clock.now() + 3 * DAY_MS;
    await engine.start({ workflow: "count", id: "late", input: null, at });
    await engine.start({ workflow: "count", id: "past", input: null, at: harness.clock.now() - DAY_MS });
    await reaches(engine, "past", "done");
    await until("it waits", () => harness.clock.sleeping > 0);
    await harness.clock.advance(3 * DAY_MS - 1);
    assert.deepEqual(ran, ["past"]);
    assert.equal((await engine.get("late"))?.status, "waiting");
    await harness.clock.advance(1);
    await reaches(engine, "late", "done");
    assert.deepEqual(ran, ["past", "late"]);
  });

  engineTest("a run waits for a worker that knows its workflow", async (harness) => {
    const ran: string[] = [];
    const first = await working(harness, [{ name: "other", run: async () => null }]);
    await startRun(first.engine, "count", "run-1");
    await startRun(first.engine, "other", "run-2");
    await reaches(first.engine, "run-2", "done");
    assert.equal((await first.engine.get("run-1"))?.status, "waiting");
    await first.engine.close();
    const second = await working(harness, [counting(ran)]);
    await reaches(second.engine, "run-1", "done");
    assert.deepEqual(ran, ["run-1"]);
    assert.equal(await second.engine.get("run-3"), null);
  });
}

function retries(name: string, open: OpenHarness): void {
  const engineTest = engineTests(name, open);
  const failing = (tries: number[], clock: { now(): number }, error: () => Error, times: number): Workflow => ({
    name: "failing",
    run: (context) =>
      context.step("try", async () => {
        tries.push(clock.now());
        if (tries.length <= times) throw error();
        return tries.length;
      }),
  });

  engineTest("a step that throws is tried again after 1, 2, 4 … seconds", async (harness) => {
    const tries: number[] = [];
    const { clock } = harness;
    const startMs = clock.now();
    const { engine } = await working(harness, [failing(tries, clock, () => new Error("not yet"), 3)]);
    await startRun(engine, "failing", "run-1");
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      await until("it pauses", () => clock.sleeping > 0);
      await clock.advance(pauseMs);
    }
    assert.equal((await reaches(engine, "run-1", "done")).output, 4);
    assert.deepEqual(
      tries.map((at) => at - startMs),
      [0, 1_000, 3_000, 7_000],
    );
  });

  engineTest("after ten tries the workflow gets the error, and may catch it", async (harness) => {
    const tries: number[] = [];
    const { clock } = harness;
    const inner = failing(tries, clock, () => new AppError("unavailable", "the app is away"), 100);
    const workflow: Workflow = {
      name: "failing",
      async run(context, input) {
        try {
          return await inner.run(context, input);
        } catch (error) {
          await context.sleep("after", 1_000);
          return error instanceof AppError ? `${error.code}: ${error.message}` : "?";
        }
      },
    };
    const { engine } = await working(harness, [workflow]);
    await startRun(engine, "failing", "run-1");
    await until("it is over", async () => {
      await clock.advance(1_000);
      return (await engine.get("run-1"))?.status === "done";
    });
    assert.equal((await engine.get("run-1"))?.output, "unavailable: the app is away");
    assert.equal(tries.length, 10);
  });

  engineTest("a run whose workflow throws has failed, with the message, and stays so", async (harness) => {
    let runs = 0;
    const workflow: Workflow = {
      name: "broken",
      async run(context) {
        runs += 1;
        await context.step("fine", async () => 1);
        throw new AppError("blocked", "nobody has approved this");
      },
    };
    const { engine } = await working(harness, [workflow]);
    await startRun(engine, "broken", "run-1");
    const run = await reaches(engine, "run-1", "failed");
    assert.equal(run.error, "nobody has approved this");
    await harness.clock.advance(DAY_MS);
    assert.equal(runs, 1);
    assert.equal((await engine.get("run-1"))?.status, "failed");
  });

  engineTest(
    "a step that is interrupted as its worker stops is taken up again, and that is no try",
    async (harness) => {
      const tries: number[] = [];
      const { clock } = harness;
      const { engine } = await working(harness, [
        failing(tries, clock, () => new AppError("canceled", "stopping"), 15),
      ]);
      await startRun(engine, "failing", "run-1");
      for (let pause = 0; pause < 15; pause += 1) {
        await until("it pauses", () => clock.sleeping > 0 && tries.length === pause + 1);
        await clock.advance(1_000);
      }
      assert.equal((await reaches(engine, "run-1", "done")).output, 16);
    },
  );
}

function limits(name: string, open: OpenHarness): void {
  engineTests(name, open)("a run with more than a thousand steps fails with words", async (harness) => {
    let steps = 0;
    const workflow: Workflow = {
      name: "endless",
      async run(context) {
        for (;;) await context.step("again", async () => (steps += 1));
      },
    };
    const { engine } = await working(harness, [workflow]);
    await startRun(engine, "endless", "run-1");
    assert.match((await reaches(engine, "run-1", "failed")).error ?? "", /step limit of 1000 attempts/);
    assert.equal(steps, 1_000);
  });
}
