import { yieldTurn } from "../../kernel/clock.ts";
import type { Observation } from "../../model/account.ts";
import type { Listing, Snapshot } from "../../model/snapshot.ts";
import type { Access } from "../access/access.ts";
import type { BulkSpec, Cell, Db } from "../database.ts";
import type { ObservedRow } from "../port.ts";
import { BODY_VERSION, keyText } from "./body.ts";
import { CHUNK_ROWS, chunks, isSameContent, mayBeReordered, prepare, type Prepared } from "./unchanged.ts";

const KEY = ["connection", "kind", "parent", "id"] as const;
const KEY_COLUMNS = KEY.map((name) => ({ name, type: "text" as const }));

const ROWS: BulkSpec = {
  table: "observations",
  columns: [
    ...KEY_COLUMNS,
    { name: "fingerprint", type: "text" },
    { name: "since", type: "text" },
    { name: "gone_in", type: "text" },
    { name: "unseen_in", type: "text" },
    { name: "v", type: "integer" },
    { name: "body", type: "text" },
  ],
  key: KEY,
};
const GONE: BulkSpec = {
  table: "observations",
  columns: [...KEY_COLUMNS, { name: "gone_in", type: "text" }],
  key: KEY,
};
const UNSEEN: BulkSpec = {
  table: "observations",
  columns: [...KEY_COLUMNS, { name: "unseen_in", type: "text" }],
  key: KEY,
};
/** How many stored texts are read back at a time. */
const READ_BACK_ROWS = 500;

/** The part of the table that one listing speaks of. */
interface Place {
  readonly connection: string;
  readonly kind: string;
  readonly parent: string;
}

interface Known {
  readonly fingerprint: string;
  readonly unseen_in: string | null;
}

/** Stores one listing; gives how many rows were written. */
export async function commitListing(
  access: Access,
  db: Db,
  snapshot: Snapshot,
  listing: Listing,
  items: readonly Observation[],
): Promise<number> {
  const place = {
    connection: keyText(snapshot.connection),
    kind: keyText(listing.kind),
    parent: keyText(listing.parent ?? ""),
  };
  const known = await readKnown(db, place);
  const unique = [...new Map(items.map((item) => [item.id, item])).values()];
  let written = 0;
  for (const chunk of chunks(unique, CHUNK_ROWS)) {
    written += await writeChunk(access, db, place, snapshot.id, chunk, known);
    if (unique.length > CHUNK_ROWS) await yieldTurn();
  }
  const listed = new Set(unique.map((item) => item.id));
  const missing = [...known].filter(([id]) => !listed.has(id));
  return written + (await writeMissing(access, db, place, snapshot.id, listing.proof !== null, missing));
}

/** A row that is only not shown any more is not removed: without a proof it is marked, once. */
async function writeMissing(
  access: Access,
  db: Db,
  place: Place,
  snapshot: string,
  proven: boolean,
  missing: readonly (readonly [string, Known])[],
): Promise<number> {
  const rows = missing
    .filter(([, row]) => proven || row.unseen_in === null)
    .map(([id]) => keyCells(place, id, snapshot));
  await access.profile.updateMany(db, proven ? GONE : UNSEEN, rows);
  return rows.length;
}

async function writeChunk(
  access: Access,
  db: Db,
  place: Place,
  snapshot: string,
  items: readonly Observation[],
  known: ReadonlyMap<string, Known>,
): Promise<number> {
  const prepared = items.map(prepare);
  const different = prepared.filter((one) => known.get(one.value.id)?.fingerprint !== one.print);
  const same = await readReordered(db, place, different, known);
  const changed = different.filter((one) => !same.has(one.value.id));
  const changedIds = new Set(changed.map((one) => one.value.id));
  const seenAgain = prepared.filter(
    (one) => !changedIds.has(one.value.id) && (known.get(one.value.id)?.unseen_in ?? null) !== null,
  );
  await access.profile.insertMany(
    db,
    ROWS,
    changed.map((one) => toCells(place, one, snapshot)),
  );
  await access.profile.updateMany(
    db,
    UNSEEN,
    seenAgain.map((one) => keyCells(place, one.value.id, null)),
  );
  return changed.length + seenAgain.length;
}

/** Ids whose stored text differs only in the order of keys. */
async function readReordered(
  db: Db,
  place: Place,
  different: readonly Prepared<Observation>[],
  known: ReadonlyMap<string, Known>,
): Promise<ReadonlySet<string>> {
  const doubtful = different.filter((one) => mayBeReordered(one.print, known.get(one.value.id)?.fingerprint ?? ""));
  const same = new Set<string>();
  for (const chunk of chunks(doubtful, READ_BACK_ROWS)) {
    const ids = chunk.map((one) => one.value.id);
    const stored = await inPlace(db, place).select(["id", "body"]).where("id", "in", ids).execute();
    const bodies = new Map(stored.map((row) => [row.id, row.body]));
    for (const one of chunk) if (isSameContent(one.body, bodies.get(one.value.id) ?? "null")) same.add(one.value.id);
  }
  return same;
}

function inPlace(db: Db, place: Place) {
  return db
    .selectFrom("observations")
    .where("connection", "=", place.connection)
    .where("kind", "=", place.kind)
    .where("parent", "=", place.parent)
    .where("gone_in", "is", null);
}

async function readKnown(db: Db, place: Place): Promise<ReadonlyMap<string, Known>> {
  const rows = await inPlace(db, place).select(["id", "fingerprint", "unseen_in"]).execute();
  return new Map(rows.map((row) => [row.id, row]));
}

function keyCells(place: Place, id: string, value: string | null): readonly Cell[] {
  return [place.connection, place.kind, place.parent, id, value];
}

function toCells(place: Place, one: Prepared<Observation>, snapshot: string): readonly Cell[] {
  const { connection, kind, parent } = place;
  return [connection, kind, parent, keyText(one.value.id), one.print, snapshot, null, null, BODY_VERSION, one.body];
}

/** One row after a read by id. */
export async function observeRow(access: Access, db: Db, row: ObservedRow): Promise<void> {
  const place = { connection: keyText(row.connection), kind: keyText(row.kind), parent: keyText(row.parent ?? "") };
  if (row.observation === null) {
    await access.profile.updateMany(
      db,
      GONE,
      (await isCurrent(db, place, row.id)) ? [keyCells(place, row.id, row.snapshot)] : [],
    );
    return;
  }
  const rows = await inPlace(db, place).select(["id", "fingerprint", "unseen_in"]).where("id", "=", row.id).execute();
  const known = new Map(rows.map((one) => [one.id, one]));
  await writeChunk(access, db, place, row.snapshot, [row.observation], known);
}

async function isCurrent(db: Db, place: Place, id: string): Promise<boolean> {
  return (await inPlace(db, place).select("id").where("id", "=", id).execute()).length > 0;
}
