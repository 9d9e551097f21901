import { AsyncLocalStorage } from "node:async_hooks";
import type { Kysely } from "kysely";
import { AppError } from "../../kernel/errors.ts";
import type { Database, Db } from "../database.ts";
import { refuseInside, type TransactionMark } from "../access/scope.ts";
import type { Schema } from "../tables/schema.ts";
import { SqliteConnection } from "./connection.ts";
import { sqliteQueries } from "./dialect.ts";
import { sqliteProfile } from "./profile.ts";
import { Writer } from "./writer.ts";

export interface SqliteOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  readonly maxBytes: number | null;
}

export interface SqliteDatabase extends Database {
  close(): Promise<void>;
}

/** One connection that writes, and one beside it that reads what is committed; in memory the reader waits for the writer. */
export function openSqlite(options: SqliteOptions): SqliteDatabase {
  const inMemory = options.path === ":memory:";
  const writing = new SqliteConnection({ ...options, readOnly: false });
  const writer = new Writer(writing);
  const writeQueries = sqliteQueries(writing);
  const scope = new AsyncLocalStorage<TransactionMark>();
  let reading: SqliteConnection | null = null;
  let readQueries: Kysely<Schema> | null = null;
  let closed = false;
  /** Opened at the first read: only then is the file there with its tables. */
  const reader = (): Kysely<Schema> => {
    if (closed) throw new AppError("storage", "the store is closed: open it again");
    reading ??= new SqliteConnection({ path: options.path, readOnly: true, maxBytes: null });
    readQueries ??= sqliteQueries(reading);
    return readQueries;
  };
  const inTransaction = async <T>(work: (db: Db) => Promise<T>): Promise<T> => {
    const mark: TransactionMark = { open: true };
    try {
      return await scope.run(mark, () => work(writeQueries));
    } finally {
      mark.open = false;
    }
  };
  return {
    kind: "embedded",
    profile: sqliteProfile,
    async read(work) {
      refuseInside(scope);
      if (inMemory) return writer.submit(() => inTransaction(work));
      return work(reader());
    },
    async write(work) {
      refuseInside(scope);
      return writer.submit(() => inTransaction(work));
    },
    async close() {
      await writer.close();
      closed = true;
      reading?.close();
      writing.close();
    },
  };
}
