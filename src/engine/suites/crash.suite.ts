import assert from "node:assert/strict";
import type { Workflow } from "../port.ts";
import { engineTests, gate, reaches, startRun, until, working, type Gate, type OpenHarness } from "./harness.ts";

const STEPS = 4;

/** Processes that die or stop. */
export function crashSuite(name: string, open: OpenHarness): void {
  crashes(name, open);
  stops(name, open);
}

/** Steps that tell when they begin, and one that waits at its gate. */
function stepping(ran: string[], stuck: string | null, at: { readonly begun: Gate; readonly go: Gate }): Workflow {
  return {
    name: "stepping",
    async run(context) {
      for (let number = 1; number <= STEPS; number += 1) {
        const step = `step ${number}`;
        await context.step(step, async () => {
          ran.push(step);
          if (step === stuck) {
            at.begun.open();
            await at.go.passed;
          }
          return step;
        });
      }
      return ran.length;
    },
  };
}

function crashes(name: string, open: OpenHarness): void {
  const engineTest = engineTests(name, open);
  for (let number = 1; number <= STEPS; number += 1) {
    engineTest(`[F81] killed in step ${number}, only that step is run again`, async (harness) => {
      const ran: string[] = [];
      const at = { begun: gate(), go: gate() };
      const first = await working(harness, [stepping(ran, `step ${number}`, at)]);
      await startRun(first.engine, "stepping", "run-1");
      await at.begun.passed;
      first.die();
      await harness.expireLeases();
      const second = await working(harness, [stepping(ran, null, at)]);
      await reaches(second.engine, "run-1", "done");
      const expected = Array.from({ length: STEPS }, (_, index) => `step ${index + 1}`);
      assert.deepEqual(ran, expected.toSpliced(number - 1, 0, `step ${number}`));
      // What the dead process still finishes is nobody's any more.
      at.go.open();
      await harness.clock.advance(1_000);
      assert.equal((await second.engine.get("run-1"))?.output, STEPS + 1);
    });
  }

  engineTest("a run that was started as its process died is there for the next one", async (harness) => {
    const ran: string[] = [];
    const at = { begun: gate(), go: gate() };
    const first = harness.open();
    await startRun(first.engine, "stepping", "run-1");
    first.die();
    const second = await working(harness, [stepping(ran, null, at)]);
    await reaches(second.engine, "run-1", "done");
    assert.equal(ran.length, STEPS);
  });
}

function stops(name: string, open: OpenHarness): void {
  const engineTest = engineTests(name, open);
  engineTest("a worker that stops ends what it has begun and takes nothing new", async (harness) => {
    const ran: string[] = [];
    const at = { begun: gate(), go: gate() };
    const process = harness.open();
    process.engine.register(stepping(ran, "step 2", at));
    const worker = await process.engine.work({ concurrency: 1 });
    await startRun(process.engine, "stepping", "run-1");
    await at.begun.passed;
    await startRun(process.engine, "stepping", "run-2");
    let stopped = false;
    const stopping = worker.stop().then(() => (stopped = true));
    await until("some time has passed", async () => (await process.engine.get("run-1"))?.status === "running");
    assert.equal(stopped, false);
    at.go.open();
    await stopping;
    assert.equal((await process.engine.get("run-1"))?.status, "done");
    assert.equal((await process.engine.get("run-2"))?.status, "waiting");
    await worker.stop();
  });
}
