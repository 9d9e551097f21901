import { yieldTurn } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Observation } from "../../model/account.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { Access } from "../access/access.ts";
import type { Db } from "../database.ts";
import type { ListedItems, SnapshotTable, StoredObservation } from "../port.ts";
import { keyText, readBody, writeBody } from "./body.ts";
import { commitListing, observeRow } from "./observations.ts";
import { CHUNK_ROWS, chunks } from "./unchanged.ts";

export function snapshotTable(access: Access): SnapshotTable {
  return {
    commit: (snapshot, items) => access.write((db) => commit(access, db, snapshot, items)),
    latest: (connection) =>
      access.read(async (db) => {
        const query = db.selectFrom("snapshots").select(["v", "body"]).where("connection", "=", connection);
        const row = await query.orderBy("position", "desc").limit(1).executeTakeFirst();
        return row === undefined ? null : readBody<Snapshot>("snapshots", row);
      }),
    get: (id) =>
      access.read(async (db) => {
        const row = await db.selectFrom("snapshots").select(["v", "body"]).where("id", "=", id).executeTakeFirst();
        return row === undefined ? null : readBody<Snapshot>("snapshots", row);
      }),
    current: (connection, kind) => access.read((db) => readCurrent(db, connection, kind)),
    gone: (connection, limit) =>
      access.read(async (db) => {
        const rows = await db
          .selectFrom("observations")
          .select(["v", "body", "parent", "since", "gone_in", "unseen_in"])
          .where("connection", "=", connection)
          .where("gone_in", "is not", null)
          .orderBy("gone_in", "desc")
          .orderBy("kind")
          .orderBy("parent")
          .orderBy("id")
          .limit(limit)
          .execute();
        return rows.map(toStored);
      }),
    observe: (row) => access.write((db) => observeRow(access, db, row)),
  };
}

async function commit(
  access: Access,
  db: Db,
  snapshot: Snapshot,
  items: readonly ListedItems[],
): Promise<{ readonly written: number }> {
  const listings = new Set<string>();
  let written = 0;
  for (const { listing, items: listed } of items) {
    const name = JSON.stringify([listing.kind, listing.parent]);
    if (listings.has(name)) {
      throw new AppError("internal", `assertion failed: ${listing.kind} is listed twice in snapshot ${snapshot.id}`);
    }
    listings.add(name);
    written += await commitListing(access, db, snapshot, listing, listed);
  }
  await db
    .insertInto("snapshots")
    .values({ id: keyText(snapshot.id), connection: keyText(snapshot.connection), ...writeBody(snapshot) })
    .execute();
  return { written };
}

async function readCurrent(
  db: Db,
  connection: string,
  kind: string | undefined,
): Promise<readonly StoredObservation[]> {
  let query = db
    .selectFrom("observations")
    .select(["v", "body", "parent", "since", "gone_in", "unseen_in"])
    .where("connection", "=", connection)
    .where("gone_in", "is", null);
  if (kind !== undefined) query = query.where("kind", "=", kind);
  const rows = await query.orderBy("kind").orderBy("parent").orderBy("id").execute();
  const stored: StoredObservation[] = [];
  for (const chunk of chunks(rows, CHUNK_ROWS)) {
    for (const row of chunk) stored.push(toStored(row));
    if (stored.length < rows.length) await yieldTurn();
  }
  return stored;
}

interface SpanRow {
  readonly v: number;
  readonly body: string;
  readonly parent: string;
  readonly since: string;
  readonly gone_in: string | null;
  readonly unseen_in: string | null;
}

function toStored(row: SpanRow): StoredObservation {
  return {
    observation: readBody<Observation>("observations", row),
    parent: row.parent === "" ? null : row.parent,
    since: row.since,
    goneIn: row.gone_in,
    unseenIn: row.unseen_in,
  };
}
