import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { beforeServerEnds, createTestDatabase, isPostgresLeftOut, type TestDatabase } from "../../test/postgres.ts";
import { virtualClock, type Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { openMemoryStore, openServerStore, type OpenStore } from "../store/open.ts";
import type { Database } from "../store/database.ts";
import { engineSuite } from "./engine.suite.ts";
import { openworkflowEngine } from "./openworkflow.ts";
import type { Engine, EngineRun, Workflow } from "./port.ts";
import { gate, reaches, startRun, until, working, type EngineHarness, type EngineProcess } from "./suites/harness.ts";

const LEASE_MS = 30_000;
const CHILD = join(import.meta.dirname, "suites", "child.ts");

/** A database as a process has it that can die: from then on nothing it does reaches the tables. */
function mortal(database: Database): { readonly database: Database; readonly die: () => void } {
  let dead = false;
  const check = (): void => {
    if (dead) throw new AppError("storage", "this process is dead");
  };
  return {
    die: () => (dead = true),
    database: {
      kind: database.kind,
      profile: database.profile,
      async read(work) {
        check();
        return database.read(work);
      },
      async write(work) {
        check();
        return database.write(async (db) => {
          const value = await work(db);
          check();
          return value;
        });
      },
    },
  };
}

/** Processes on one store, each with its own engine. */
function harnessOn(store: OpenStore, close: () => Promise<void>, leaseClock = virtualClock(0)): EngineHarness {
  // 2026-11-20 09:00 UTC.
  const clock = virtualClock(1_795_165_200_000);
  const engines: Engine[] = [];
  return {
    clock,
    open() {
      const { database, die } = mortal(store.database);
      const engine = openworkflowEngine({ database, clock, leaseClock });
      engines.push(engine);
      return { engine, die };
    },
    expireLeases: () => leaseClock.advance(LEASE_MS),
    async close() {
      const closing = Promise.all(engines.map((engine) => engine.close()));
      // Dead ones never let go of what they had begun: a stop waits for a lease at most.
      await leaseClock.advance(LEASE_MS);
      await closing;
      await close();
    },
  };
}

async function openEmbedded(): Promise<EngineHarness> {
  const store = await openMemoryStore(virtualClock(0));
  return harnessOn(store, () => store.close());
}

engineSuite("openworkflow, embedded", openEmbedded, { manySteps: true });

const kept: { database: TestDatabase | null; store: OpenStore | null } = { database: null, store: null };

beforeServerEnds(async () => {
  await kept.store?.close();
  await kept.database?.drop();
});

async function onServer(): Promise<OpenStore> {
  kept.database ??= await createTestDatabase();
  kept.store ??= await openServerStore({ url: kept.database.url, clock: virtualClock(0) });
  return kept.store;
}

test("openworkflow: a database that fails for a while delays a run and does not fail it", async () => {
  const store = await openMemoryStore(virtualClock(0));
  const [clock, leaseClock] = [virtualClock(1_795_165_200_000), virtualClock(0)];
  let failing = 0;
  const flaky: Database = {
    ...store.database,
    async write(work) {
      if (failing > 0) {
        failing -= 1;
        throw new AppError("storage", "the server is away");
      }
      return store.database.write(work);
    },
  };
  const engine = openworkflowEngine({ database: flaky, clock, leaseClock });
  const ran: string[] = [];
  engine.register({
    name: "steady",
    async run(context) {
      for (const step of ["one", "two", "three"]) {
        await context.step(step, async () => {
          ran.push(step);
          // The step's result, its failure and the end of the pass all find the database away.
          if (step === "two" && ran.length === 2) failing = 3;
          return step;
        });
      }
      return "done";
    },
  });
  await engine.work({ concurrency: 1 });
  await startRun(engine, "steady", "run-1");
  await until("the run is done", async () => {
    await leaseClock.advance(5_000);
    await clock.advance(1_000);
    return (await engine.get("run-1"))?.status === "done";
  });
  assert.deepEqual(ran, ["one", "two", "two", "three"]);
  await engine.close();
  await store.close();
});

test("openworkflow: a clock that jumps is noticed within a second, though nothing rang", async () => {
  const store = await openMemoryStore(virtualClock(0));
  const [still, leaseClock] = [virtualClock(0), virtualClock(0)];
  let nowMs = 1_795_165_200_000;
  const clock: Clock = { now: () => nowMs, sleep: (ms, signal) => still.sleep(ms, signal) };
  const engine = openworkflowEngine({ database: store.database, clock, leaseClock });
  engine.register({
    name: "grace",
    async run(context) {
      await context.sleep("grace", 30 * 86_400_000);
      return "over";
    },
  });
  await engine.work({ concurrency: 1 });
  await startRun(engine, "grace", "run-1");
  await until("it sleeps", () => still.sleeping > 0);
  await leaseClock.advance(2_000);
  assert.equal((await engine.get("run-1"))?.status, "waiting");
  nowMs += 30 * 86_400_000;
  await leaseClock.advance(1_000);
  await reaches(engine, "run-1", "done");
  await engine.close();
  await store.close();
});

/** Runs the child until it dies or ends; gives what it said. */
async function runChild(
  parameters: readonly string[],
): Promise<{ readonly said: string; readonly signal: string | null }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", CHILD, ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const signal = await new Promise<string | null>((resolve) => child.once("close", (_code, name) => resolve(name)));
  return { said, signal };
}

/** Kills a process at each point of a run, one after the other, and gives the effects that all of them had. */
async function effectsOfKilled(kind: "embedded" | "server", place: string, file: string): Promise<readonly string[]> {
  const points = ["before one", "after two", "before three"];
  for (const [index, point] of [...points, "nowhere"].entries()) {
    // On the server the lease of the dead is still running: the next one looks from a minute later.
    const { said, signal } = await runChild([kind, place, file, point, String(index * 60_000)]);
    assert.equal(signal, point === "nowhere" ? null : "SIGKILL", said);
    if (point === "nowhere") assert.equal(said, "done 3\n");
  }
  return readFileSync(file, "utf8").trim().split("\n");
}

async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tenure-engine-"));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("[F81] openworkflow, embedded: killed again and again, a run ends with only the step in flight repeated", async () => {
  await withDirectory(async (directory) => {
    const effects = await effectsOfKilled("embedded", join(directory, "data"), join(directory, "effects"));
    assert.deepEqual(effects, ["one", "two", "two", "three"]);
  });
});

/** Two processes on one server, at a step that only the test ends. */
async function withTwoWorkers(
  run: (two: {
    readonly harness: EngineHarness;
    readonly ran: string[];
    readonly first: EngineProcess;
    readonly second: EngineProcess;
    /** Ends the step of the first. */
    readonly go: () => void;
    /** Lets the second look for work again, as it does each second, until the run is done. */
    readonly takeOver: () => Promise<EngineRun>;
  }) => Promise<void>,
): Promise<void> {
  const store = await onServer();
  const leaseClock = virtualClock(0);
  const harness = harnessOn(store, () => emptyEngine(store), leaseClock);
  const ran: string[] = [];
  const [begun, go] = [gate(), gate()];
  const workflow = (name: string): Workflow => ({
    name: "slow",
    run: (context) =>
      context.step("work", async () => {
        ran.push(name);
        begun.open();
        if (name === "first") await go.passed;
        return name;
      }),
  });
  try {
    const first = await working(harness, [workflow("first")]);
    await startRun(first.engine, "slow", "run-1");
    await begun.passed;
    const second = await working(harness, [workflow("second")]);
    const takeOver = async (): Promise<EngineRun> => {
      await leaseClock.advance(LEASE_MS);
      await until("the run is done", async () => {
        await leaseClock.advance(100);
        return (await second.engine.get("run-1"))?.status === "done";
      });
      return reaches(second.engine, "run-1", "done");
    };
    await run({ harness, ran, first, second, go: () => go.open(), takeOver });
  } finally {
    go.open();
    await harness.close();
  }
}

function emptyEngine(store: OpenStore): Promise<void> {
  return store.database.write(async (db) => {
    await sql`delete from engine_runs`.execute(db);
    await sql`delete from engine_steps`.execute(db);
  });
}

if (isPostgresLeftOut()) {
  test("openworkflow on PostgreSQL: left out", { skip: "--without-postgres" }, () => undefined);
} else {
  const openServer = async (): Promise<EngineHarness> => {
    const store = await onServer();
    return harnessOn(store, () => emptyEngine(store));
  };
  engineSuite("openworkflow, server", openServer, { manySteps: false });

  test("[F81] openworkflow, server: killed again and again, a run ends with only the step in flight repeated", async () => {
    const database = await createTestDatabase();
    await withDirectory(async (directory) => {
      const effects = await effectsOfKilled("server", database.url.expose(), join(directory, "effects"));
      assert.deepEqual(effects, ["one", "two", "two", "three"]);
    });
    await database.drop();
  });

  test("[F8] openworkflow, server: a dead worker's run is taken over when its lease has run out, not before", async () => {
    await withTwoWorkers(async ({ ran, first, second, takeOver }) => {
      first.die();
      await startRun(second.engine, "slow", "run-2");
      await reaches(second.engine, "run-2", "done");
      assert.equal((await second.engine.get("run-1"))?.status, "running");
      assert.deepEqual(ran, ["first", "second"]);
      assert.equal((await takeOver()).output, "second");
      assert.deepEqual(ran, ["first", "second", "second"]);
    });
  });

  test("[F7] openworkflow, server: a stalled worker that wakes up after the takeover leaves no trace", async () => {
    await withTwoWorkers(async ({ harness, ran, second, go, takeOver }) => {
      assert.equal((await takeOver()).output, "second");
      go();
      await harness.clock.advance(5_000);
      assert.equal((await second.engine.get("run-1"))?.output, "second");
      assert.deepEqual(ran, ["first", "second"]);
    });
  });
}
