import { test } from "node:test";
import { sql } from "kysely";
import { beforeServerEnds, createTestDatabase, isPostgresLeftOut, type TestDatabase } from "../../test/postgres.ts";
import { virtualClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { openMemoryStore, openServerStore, type OpenStore } from "../store/open.ts";
import type { Database } from "../store/database.ts";
import { engineSuite } from "./engine.suite.ts";
import { openworkflowEngine } from "./openworkflow.ts";
import type { Engine } from "./port.ts";
import type { EngineHarness } from "./suites/harness.ts";

const LEASE_MS = 30_000;

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
function harnessOn(store: OpenStore, close: () => Promise<void>): EngineHarness {
  // 2026-11-20 09:00 UTC.
  const clock = virtualClock(1_795_165_200_000);
  const leaseClock = virtualClock(0);
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

engineSuite("openworkflow, embedded", async () => {
  const store = await openMemoryStore(virtualClock(0));
  return harnessOn(store, () => store.close());
});

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

if (isPostgresLeftOut()) {
  test("openworkflow on PostgreSQL: left out", { skip: "--without-postgres" }, () => undefined);
} else {
  engineSuite("openworkflow, server", async () => {
    const store = await onServer();
    return harnessOn(store, () =>
      store.database.write(async (db) => {
        await sql`delete from engine_runs`.execute(db);
        await sql`delete from engine_steps`.execute(db);
      }),
    );
  });
}
