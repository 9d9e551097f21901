import type { Person } from "../../model/person.ts";
import { yieldTurn } from "../../kernel/clock.ts";
import type { Access } from "../access/access.ts";
import type { BulkSpec, Cell, Db } from "../database.ts";
import type { PeopleTable } from "../port.ts";
import { BODY_VERSION, keyText, readBody } from "./body.ts";
import { CHUNK_ROWS, chunks, isSameContent, mayBeReordered, prepare, type Prepared } from "./unchanged.ts";

/** Up to here the rows are looked up one by one; above, all of their sources' fingerprints are read at once. */
const FEW = 500;

const SPEC: BulkSpec = {
  table: "people",
  columns: [
    { name: "id", type: "text" },
    { name: "source", type: "text" },
    { name: "key", type: "text" },
    { name: "email_key", type: "text" },
    { name: "fingerprint", type: "text" },
    { name: "v", type: "integer" },
    { name: "body", type: "text" },
  ],
  key: ["id"],
};

export function peopleTable(access: Access): PeopleTable {
  return {
    upsert: (people) => (people.length === 0 ? Promise.resolve(0) : access.write((db) => upsert(access, db, people))),
    all: () =>
      access.read(async (db) => readAll(await db.selectFrom("people").select(["v", "body"]).orderBy("id").execute())),
    bySource: (source) =>
      access.read(async (db) => {
        const query = db.selectFrom("people").select(["v", "body"]).where("source", "=", source).orderBy("key");
        return new Map((await readAll(await query.execute())).map((person) => [person.key, person]));
      }),
    get: (id) =>
      access.read(async (db) => {
        const row = await db.selectFrom("people").select(["v", "body"]).where("id", "=", id).executeTakeFirst();
        return row === undefined ? null : readBody<Person>("people", row);
      }),
    byEmail: (key) =>
      access.read(async (db) => {
        const query = db.selectFrom("people").select(["v", "body"]).where("email_key", "=", key).orderBy("id");
        return readAll(await query.execute());
      }),
  };
}

async function readAll(rows: readonly { readonly v: number; readonly body: string }[]): Promise<Person[]> {
  const people: Person[] = [];
  for (const chunk of chunks(rows, CHUNK_ROWS)) {
    for (const row of chunk) people.push(readBody<Person>("people", row));
    if (people.length < rows.length) await yieldTurn();
  }
  return people;
}

async function upsert(access: Access, db: Db, people: readonly Person[]): Promise<number> {
  const unique = [...new Map(people.map((person) => [person.id, person])).values()];
  const known = await readFingerprints(db, unique);
  let written = 0;
  for (const chunk of chunks(unique, CHUNK_ROWS)) {
    const rows = (await changed(db, chunk, known)).map(toCells);
    await access.profile.insertMany(db, SPEC, rows);
    written += rows.length;
    if (unique.length > CHUNK_ROWS) await yieldTurn();
  }
  return written;
}

async function readFingerprints(db: Db, people: readonly Person[]): Promise<ReadonlyMap<string, string>> {
  const query = db.selectFrom("people").select(["id", "fingerprint"]);
  const rows =
    people.length <= FEW
      ? await query
          .where(
            "id",
            "in",
            people.map((person) => person.id),
          )
          .execute()
      : await query.where("source", "in", [...new Set(people.map((person) => person.source))]).execute();
  return new Map(rows.map((row) => [row.id, row.fingerprint]));
}

async function changed(
  db: Db,
  people: readonly Person[],
  known: ReadonlyMap<string, string>,
): Promise<readonly Prepared<Person>[]> {
  const different = people.map(prepare).filter((one) => known.get(one.value.id) !== one.print);
  const doubtful = different.filter((one) => mayBeReordered(one.print, known.get(one.value.id) ?? ""));
  const same = new Set<string>();
  for (const chunk of chunks(doubtful, FEW)) {
    const ids = chunk.map((one) => one.value.id);
    const stored = await db.selectFrom("people").select(["id", "body"]).where("id", "in", ids).execute();
    const bodies = new Map(stored.map((row) => [row.id, row.body]));
    for (const one of chunk) if (isSameContent(one.body, bodies.get(one.value.id) ?? "null")) same.add(one.value.id);
  }
  return different.filter((one) => !same.has(one.value.id));
}

function toCells({ value, print, body }: Prepared<Person>): readonly Cell[] {
  const { id, source, key, emailKey } = value;
  return [keyText(id), keyText(source), keyText(key), keyText(emailKey), print, BODY_VERSION, body];
}
