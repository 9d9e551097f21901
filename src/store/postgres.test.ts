import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { virtualClock } from "../kernel/clock.ts";
import { Secret } from "../kernel/secret.ts";
import { createTestDatabase, isPostgresLeftOut } from "../../test/postgres.ts";
import type { Db } from "./database.ts";
import { openServerStore, type OpenStore } from "./open.ts";
import { aPerson } from "./suites/fixtures.ts";
import { withCode } from "./suites/harness.ts";

const clock = virtualClock(1_795_165_200_000);

async function withStore(run: (store: OpenStore, url: Secret) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  const store = await openServerStore({ url: database.url, clock });
  try {
    await run(store, database.url);
  } finally {
    await store.close();
    await database.drop();
  }
}

/** Ends the connection that runs this, as a restart of the server does. */
async function terminateOwn(db: Db): Promise<void> {
  await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db);
}

if (isPostgresLeftOut()) {
  test("PostgreSQL's own ways: left out", { skip: "--without-postgres" }, () => undefined);
} else {
  test("[F83] a connection that breaks in a transaction undoes it, and the next one works", async () => {
    await withStore(async (store) => {
      await assert.rejects(
        async () =>
          store.database.write(async (db) => {
            await db.insertInto("counters").values({ name: "x", value: 1 }).execute();
            await terminateOwn(db);
          }),
        withCode("storage", /cannot be reached: nothing was written/),
      );
      assert.deepEqual(await store.database.read((db) => db.selectFrom("counters").selectAll().execute()), []);
      assert.equal(await store.people.upsert([aPerson(1)]), 1);
    });
  });

  test("a deadlock is broken by the server, and both go through", async () => {
    await withStore(async (store) => {
      const lock = (db: Db, key: number) => sql`select pg_advisory_xact_lock(${key})`.execute(db);
      let waiting = 0;
      let open = (): void => undefined;
      const both = new Promise<void>((resolve) => (open = resolve));
      const cross = (first: number, second: number) =>
        store.database.write(async (db) => {
          await lock(db, first);
          waiting += 1;
          if (waiting === 2) open();
          await both;
          await lock(db, second);
          return first;
        });
      assert.deepEqual(await Promise.all([cross(1, 2), cross(2, 1)]), [1, 2]);
      assert.ok(waiting > 2, "one of them was run again");
    });
  });

  test("[F15] data of a newer Tenure is left alone", async () => {
    await withStore(async (store, url) => {
      await store.database.write(async (db) => {
        await db.insertInto("tenure_migrations").values({ number: 999, name: "later", applied_at: "later" }).execute();
      });
      await assert.rejects(
        async () => openServerStore({ url, clock }),
        withCode("storage", /newer Tenure \(schema 999/),
      );
    });
  });

  test("many processes may open an empty database at once", async () => {
    const database = await createTestDatabase();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openServerStore({ url: database.url, clock })));
    assert.equal(await stores[3]?.people.upsert([aPerson(1)]), 1);
    assert.deepEqual(await stores[0]?.people.all(), [aPerson(1)]);
    for (const store of stores) await store.close();
    await database.drop();
  });

  test("a server that is not there, and one that refuses us, are told with the way out and without the password", async () => {
    const unreachable = new Secret("postgresql://tenure:hunter2@127.0.0.1:1/tenure");
    await assert.rejects(
      async () => openServerStore({ url: unreachable, clock }),
      (error) => withCode("storage", /cannot be reached.*DATABASE_URL/)(error) && !String(error).includes("hunter2"),
    );
    const database = await createTestDatabase();
    const unknown = new URL(database.url.expose());
    unknown.pathname = "/there_is_no_such_database";
    await assert.rejects(
      async () => openServerStore({ url: new Secret(unknown.toString()), clock }),
      withCode("storage", /refused the login.*DATABASE_URL/),
    );
    await database.drop();
  });

  test("[I9] a server that can only be read refuses whole changes and is not tried again", async () => {
    await withStore(async (store) => {
      const readOnly = (): Promise<void> =>
        store.database.write(async (db) => {
          await sql`set transaction read only`.execute(db);
          await db.insertInto("counters").values({ name: "x", value: 1 }).execute();
        });
      await assert.rejects(readOnly, withCode("storage", /cannot write/));
      await assert.rejects(
        async () => store.people.upsert([aPerson(1)]),
        withCode("storage", /nothing is written since/),
      );
      assert.deepEqual(await store.people.all(), []);
    });
  });
}
