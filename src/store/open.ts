import { join } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { toIso } from "../kernel/dates.ts";
import { silentLog, type Log } from "../kernel/log.ts";
import type { Secret } from "../kernel/secret.ts";
import { withinTransaction } from "./access/access.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrations/apply.ts";
import { MIGRATIONS } from "./migrations/list.ts";
import type { Store } from "./port.ts";
import { openSqlite } from "./sqlite/database.ts";
import { createPrivate, takeDirectory } from "./sqlite/owner.ts";
import { allTables } from "./tables/all.ts";
import { budgetTable } from "./tables/budgets.ts";

/** A store, and the database behind it for the engine, which keeps its tables in the same one. */
export interface OpenStore extends Store {
  readonly database: Database;
}

export interface EmbeddedOptions {
  /** Made when it is not there. One process owns it at a time. */
  readonly directory: string;
  readonly clock: Clock;
  /** Largest size of the database file in bytes; left out: what the disk has. */
  readonly maxBytes?: number;
}

/**
 * Opens the store in a directory (`tenure.db`), bringing its tables up to date.
 * Errors: `busy` when a living process owns the directory (named, also when it is only stopped), `storage` when it cannot
 * be written or was written by a newer Tenure.
 */
export async function openEmbeddedStore(options: EmbeddedOptions): Promise<OpenStore> {
  const owner = takeDirectory(options.directory, options.clock);
  try {
    const path = join(options.directory, "tenure.db");
    createPrivate(path);
    const database = openSqlite({ path, maxBytes: options.maxBytes ?? null });
    const store = await assemble(database, options.clock, () => owner.release());
    await breakLeases(store);
    return store;
  } catch (error) {
    owner.release();
    throw error;
  }
}

/**
 * The directory is this process's alone, so whoever holds a lease in it is dead: nobody has to wait for its end. Epochs
 * go on from where they are.
 */
async function breakLeases(store: OpenStore): Promise<void> {
  await store.database.write(async (db) => {
    await db.updateTable("leases").set({ holder: null, expires_at: 0 }).where("holder", "is not", null).execute();
  });
}

/** An embedded store without a disk: gone when it is closed. For tests. */
export async function openMemoryStore(clock: Clock): Promise<OpenStore> {
  return assemble(openSqlite({ path: ":memory:", maxBytes: null }), clock, () => undefined);
}

export interface ServerOptions {
  /** `postgresql://…`; PostgreSQL 15 or newer. Tables are made in its default schema. */
  readonly url: Secret;
  readonly clock: Clock;
  readonly log?: Log;
  /** Most connections of this process (10). */
  readonly connections?: number;
}

/** Opens the store on a PostgreSQL server, bringing its tables up to date. Any number of processes may. Errors: `storage`. */
export async function openServerStore(options: ServerOptions): Promise<OpenStore> {
  // Only who uses a server pays for its driver.
  const { openPostgres } = await import("./postgres/database.ts");
  const database = openPostgres({
    url: options.url,
    log: options.log ?? silentLog(),
    connections: options.connections ?? 10,
  });
  return assemble(database, options.clock, () => undefined);
}

interface ClosableDatabase extends Database {
  close(): Promise<void>;
}

async function assemble(database: ClosableDatabase, clock: Clock, afterClose: () => void): Promise<OpenStore> {
  try {
    await migrate({
      profile: database.profile,
      write: (work) => database.write(work),
      migrations: MIGRATIONS,
      at: () => toIso(clock.now()),
    });
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    ...allTables(database),
    kind: database.kind,
    database,
    budgets: budgetTable(database, clock),
    transaction: (work) => database.write((db) => work(allTables(withinTransaction(database, db)))),
    async close() {
      await database.close();
      afterClose();
    },
  };
}
