import { test } from "node:test";
import { sql } from "kysely";
import { virtualClock } from "../kernel/clock.ts";
import { beforeServerEnds, createTestDatabase, isPostgresLeftOut, type TestDatabase } from "../../test/postgres.ts";
import { budgetLedgerSuite } from "../transport/budget-ledger.suite.ts";
import { openServerStore, type OpenStore } from "./open.ts";
import { storeSuite } from "./store.suite.ts";
import type { StoreHarness } from "./suites/harness.ts";

const clock = virtualClock(1_795_165_200_000);

interface Opened {
  readonly database: TestDatabase;
  readonly store: OpenStore;
  readonly other: OpenStore;
}

/** Kept open from test to test: making tables takes a hundred times longer than emptying them. */
const kept: { opened: Opened | null } = { opened: null };

async function closeKept(): Promise<void> {
  const { opened } = kept;
  kept.opened = null;
  if (opened === null) return;
  await opened.store.close();
  await opened.other.close();
  await opened.database.drop();
}

beforeServerEnds(closeKept);

/** Two stores on one database, as two processes have them. */
async function openOnServer(): Promise<StoreHarness> {
  if (kept.opened === null) {
    const database = await createTestDatabase();
    const [store, other] = [
      await openServerStore({ url: database.url, clock }),
      await openServerStore({ url: database.url, clock }),
    ];
    kept.opened = { database, store, other };
  }
  const { store, other } = kept.opened;
  return { store, other, clock, close: () => empty(store).catch(closeKept) };
}

async function empty(store: OpenStore): Promise<void> {
  await store.database.write(async (db) => {
    const tables = await db.introspection.getTables();
    const names = tables.map((table) => table.name).filter((name) => name !== "tenure_migrations");
    for (const name of names) await sql`delete from ${sql.table(name)}`.execute(db);
  });
}

if (isPostgresLeftOut()) {
  test("server store: left out", { skip: "--without-postgres" }, () => undefined);
} else {
  storeSuite("server store", openOnServer);
  budgetLedgerSuite("server store's budgets", async () => {
    const { store, other, close } = await openOnServer();
    return { ledger: store.budgets, other: other.budgets, clock, close };
  });
}
