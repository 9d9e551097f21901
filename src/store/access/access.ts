import type { Database, Db } from "../database.ts";

/** How a table reaches the database: each call by itself, or all of them inside one transaction. */
export type Access = Pick<Database, "profile" | "read" | "write">;

/** Inside a transaction, reads see its writes and nothing commits by itself. */
export function withinTransaction(access: Access, db: Db): Access {
  return { profile: access.profile, read: (work) => work(db), write: (work) => work(db) };
}
