import assert from "node:assert/strict";
import type { JsonValue } from "../../kernel/json.ts";
import type { Workflow } from "../port.ts";
import { engineTests, gate, reaches, startRun, until, withCode, working, type OpenHarness } from "./harness.ts";

const DAY_MS = 86_400_000;

/** Sleeps, signals, cancelling and places. */
export function waitSuite(name: string, open: OpenHarness): void {
  sleeps(name, open);
  signals(name, open);
  cancels(name, open);
  places(name, open);
}

function sleeps(name: string, open: OpenHarness): void {
  const engineTest = engineTests(name, open);
  engineTest("a sleep of months ends at its time, with other processes in between", async (harness) => {
    const workflow: Workflow = {
      name: "grace",
      async run(context) {
        await context.sleep("grace", 90 * DAY_MS);
        return "over";
      },
    };
    const { clock } = harness;
    let process = await working(harness, [workflow]);
    await startRun(process.engine, "grace", "run-1");
    for (let month = 0; month < 3; month += 1) {
      await until(
        "it sleeps",
        async () => clock.sleeping > 0 && (await process.engine.get("run-1"))?.status === "waiting",
      );
      await clock.advance(30 * DAY_MS - 1_000);
      assert.equal((await process.engine.get("run-1"))?.status, "waiting");
      await process.engine.close();
      process = await working(harness, [workflow]);
    }
    await until("it sleeps", () => clock.sleeping > 0);
    await clock.advance(2_999);
    assert.equal((await process.engine.get("run-1"))?.status, "waiting");
    await clock.advance(1);
    assert.equal((await reaches(process.engine, "run-1", "done")).output, "over");
  });

  engineTest("a sleep of no length is none", async (harness) => {
    const workflow: Workflow = {
      name: "short",
      async run(context) {
        await context.sleep("none", 0);
        await context.sleep("a bit", 0.2);
        return "over";
      },
    };
    const { engine } = await working(harness, [workflow]);
    await startRun(engine, "short", "run-1");
    const ended = async (): Promise<boolean> => (await engine.get("run-1"))?.status === "done";
    await until("it waits or is over", async () => harness.clock.sleeping > 0 || (await ended()));
    await harness.clock.advance(1);
    await reaches(engine, "run-1", "done");
  });
}

function signals(name: string, open: OpenHarness): void {
  const engineTest = engineTests(name, open);
  const waiting = (timeoutMs: number): Workflow => ({
    name: "waiting",
    async run(context, input) {
      const signal = typeof input === "string" ? input : "go";
      const answer = await context.waitFor("wait", signal, timeoutMs);
      await context.sleep("after", 1_000);
      return { answer };
    },
  });

  engineTest("a signal wakes all who wait for it, with what it brings, and nobody else", async (harness) => {
    const { clock } = harness;
    const { engine } = await working(harness, [waiting(40 * DAY_MS)]);
    const brought: JsonValue = { by: "ana", list: [1, null] };
    for (const id of ["run-1", "run-2"]) await startRun(engine, "waiting", id, "approved");
    await startRun(engine, "waiting", "run-3", "something else");
    for (const id of ["run-1", "run-2", "run-3"]) await reachesWaiting(engine, id);
    await engine.signal("approved", brought);
    await until("both sleep on", () => clock.sleeping > 0);
    await advanceUntilDone(harness, engine, ["run-1", "run-2"]);
    for (const id of ["run-1", "run-2"]) {
      assert.deepEqual((await engine.get(id))?.output, { answer: brought });
    }
    assert.equal((await engine.get("run-3"))?.status, "waiting");
  });

  engineTest("a wait ends without an answer at its time, also in 40 days", async (harness) => {
    const { engine } = await working(harness, [waiting(40 * DAY_MS)]);
    await startRun(engine, "waiting", "run-1");
    await reachesWaiting(engine, "run-1");
    await until("it sleeps", () => harness.clock.sleeping > 0);
    await harness.clock.advance(40 * DAY_MS - 1_000);
    assert.equal((await engine.get("run-1"))?.status, "waiting");
    await advanceUntilDone(harness, engine, ["run-1"]);
    assert.deepEqual((await engine.get("run-1"))?.output, { answer: null });
  });

  engineTest("a signal that nobody waits for is lost: whoever waits later reads its row", async (harness) => {
    const { engine } = await working(harness, [waiting(60_000)]);
    await engine.signal("go", "too early");
    await startRun(engine, "waiting", "run-1");
    await reachesWaiting(engine, "run-1");
    await until("it sleeps", () => harness.clock.sleeping > 0);
    await harness.clock.advance(60_000);
    await advanceUntilDone(harness, engine, ["run-1"]);
    assert.deepEqual((await engine.get("run-1"))?.output, { answer: null });
  });

  engineTest("a signal reaches a run whose process died, at its next one", async (harness) => {
    const first = await working(harness, [waiting(40 * DAY_MS)]);
    await startRun(first.engine, "waiting", "run-1");
    await reachesWaiting(first.engine, "run-1");
    first.die();
    const caller = harness.open();
    await caller.engine.signal("go", "while nobody worked");
    caller.die();
    await harness.expireLeases();
    const second = await working(harness, [waiting(40 * DAY_MS)]);
    await until("it sleeps", () => harness.clock.sleeping > 0);
    await advanceUntilDone(harness, second.engine, ["run-1"]);
    assert.deepEqual((await second.engine.get("run-1"))?.output, { answer: "while nobody worked" });
  });
}

/** Has begun, and waits. */
async function reachesWaiting(engine: Parameters<typeof reaches>[0], id: string): Promise<void> {
  const turns = { begun: false };
  await until(`${id} waits`, async () => {
    const status = (await engine.get(id))?.status;
    turns.begun ||= status === "running";
    return status === "waiting" && (turns.begun || (await settled(engine, id)));
  });
}

/** Still waiting some turns later: it is not just waiting to begin. */
async function settled(engine: Parameters<typeof reaches>[0], id: string): Promise<boolean> {
  for (let turn = 0; turn < 30; turn += 1) {
    if ((await engine.get(id))?.status !== "waiting") return false;
  }
  return true;
}

async function advanceUntilDone(
  { clock }: Parameters<Parameters<ReturnType<typeof engineTests>>[1]>[0],
  engine: Parameters<typeof reaches>[0],
  ids: readonly string[],
): Promise<void> {
  await until(`${ids.join(", ")} done`, async () => {
    await clock.advance(500);
    const runs = await Promise.all(ids.map((id) => engine.get(id)));
    return runs.every((run) => run?.status === "done");
  });
}

function cancels(name: string, open: OpenHarness): void {
  const engineTest = engineTests(name, open);
  engineTest("a canceled run ends where it is: what is in flight ends, nothing new begins", async (harness) => {
    const ran: string[] = [];
    const [begun, go] = [gate(), gate()];
    const workflow: Workflow = {
      name: "long",
      async run(context) {
        await context.step("first", async () => {
          begun.open();
          await go.passed;
          return ran.push("first");
        });
        return context.step("second", async () => ran.push("second"));
      },
    };
    const { engine } = await working(harness, [workflow]);
    await startRun(engine, "long", "run-1");
    await begun.passed;
    await engine.cancel("run-1");
    assert.equal((await engine.get("run-1"))?.status, "canceled");
    go.open();
    await until("the step in flight has ended", () => ran.length > 0);
    await harness.clock.advance(DAY_MS);
    assert.deepEqual(ran, ["first"]);
    assert.equal((await engine.get("run-1"))?.status, "canceled");
  });

  engineTest(
    "a sleeping run is canceled at once; one that is over stays as it is; an unknown one is told",
    async (harness) => {
      const { engine } = await working(harness, [
        {
          name: "sleeping",
          async run(context, input) {
            if (input !== "short") await context.sleep("long", DAY_MS);
            return "over";
          },
        },
      ]);
      await startRun(engine, "sleeping", "run-1");
      await startRun(engine, "sleeping", "run-2", "short");
      await reaches(engine, "run-2", "done");
      await reachesWaiting(engine, "run-1");
      await engine.cancel("run-1");
      await engine.cancel("run-2");
      await harness.clock.advance(2 * DAY_MS);
      assert.equal((await engine.get("run-1"))?.status, "canceled");
      assert.equal((await engine.get("run-2"))?.output, "over");
      await assert.rejects(async () => engine.cancel("run-3"), withCode("missing"));
    },
  );
}

function places(name: string, open: OpenHarness): void {
  const engineTest = engineTests(name, open);
  engineTest("no more runs go on at once than there are places, and all come to their end", async (harness) => {
    let now = 0;
    let most = 0;
    const workflow: Workflow = {
      name: "busy",
      run: (context) =>
        context.step("work", async () => {
          now += 1;
          most = Math.max(most, now);
          for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
          now -= 1;
          return null;
        }),
    };
    const { engine } = await working(harness, [workflow], 3);
    const ids = Array.from({ length: 30 }, (_, index) => `run-${index}`);
    for (const id of ids) await startRun(engine, "busy", id);
    for (const id of ids) await reaches(engine, id, "done");
    assert.ok(most <= 3 && most > 0, `${most} at once`);
  });

  engineTest("a run that sleeps takes no place", async (harness) => {
    const { engine } = await working(
      harness,
      [
        { name: "sleeper", run: async (context) => context.sleep("long", DAY_MS).then(() => null) },
        { name: "quick", run: async () => "quick" },
      ],
      1,
    );
    await startRun(engine, "sleeper", "run-1");
    await reachesWaiting(engine, "run-1");
    await startRun(engine, "quick", "run-2");
    await reaches(engine, "run-2", "done");
  });
}
