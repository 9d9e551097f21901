import type { Kysely } from "kysely";
import type { ColumnTypes } from "./migrations/migration.ts";
import type { Schema } from "./tables/schema.ts";

/** Where queries are run: the database itself, or one transaction of it. */
export type Db = Kysely<Schema>;

/** A cell as both databases take it. */
export type Cell = string | number | null;

/** A bulk write: which columns, of what type, and which of them are the key. */
export interface BulkSpec {
  readonly table: keyof Schema;
  readonly columns: readonly { readonly name: string; readonly type: "text" | "integer" }[];
  readonly key: readonly string[];
}

/** What differs between the databases, as data and as the few operations that each does its own way. */
export interface Profile {
  readonly name: "sqlite" | "postgres";
  /** Rows can be locked by a select; where they cannot, the writer is alone anyway. */
  readonly rowLocks: boolean;
  readonly types: ColumnTypes;
  /** Inserts rows, or overwrites those with the same key. A key must not come twice in one call. */
  insertMany(db: Db, spec: BulkSpec, rows: readonly (readonly Cell[])[]): Promise<void>;
  /** Overwrites the other columns of the rows with these keys; keys that are not there are passed over. */
  updateMany(db: Db, spec: BulkSpec, rows: readonly (readonly Cell[])[]): Promise<void>;
  /** One migration at a time, also between processes. Held to the end of the transaction. */
  lockSchema(db: Db): Promise<void>;
}

/**
 * The database behind a store, for what keeps own tables in it (the engine). `write` is one transaction: all of it is
 * durable when it resolves, or nothing was written. Neither may be called inside the other or inside
 * `Store.transaction`: that is an `internal` error instead of a deadlock.
 */
export interface Database {
  readonly kind: "embedded" | "server";
  readonly profile: Profile;
  read<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** `work` may be run again after a deadlock on the server: it must only touch the database. */
  write<T>(work: (db: Db) => Promise<T>): Promise<T>;
}
