import { AppError } from "../../kernel/errors.ts";
import type { AccountRef } from "../../model/account.ts";
import type { Link, LinkState } from "../../model/link.ts";
import type { Access } from "../access/access.ts";
import type { Db } from "../database.ts";
import type { LinkTable } from "../port.ts";
import { keyText, readBody, writeBody } from "./body.ts";

export function linkTable(access: Access): LinkTable {
  return {
    put: (link) => access.write((db) => put(db, link)),
    all: (connection) =>
      access.read(async (db) => {
        const query = db.selectFrom("links").select(["v", "body"]).orderBy("id");
        return readLinks(connection === undefined ? query : query.where("connection", "=", connection));
      }),
    get: (id) => access.read((db) => get(db, id)),
    confirmed: (account) => access.read((db) => confirmed(db, account)),
    byPerson: (person) =>
      access.read((db) =>
        readLinks(db.selectFrom("links").select(["v", "body"]).where("person", "=", person).orderBy("id")),
      ),
    decide: (id, state, by, at) => access.write((db) => decide(db, id, state, by, at)),
  };
}

interface LinkQuery {
  execute(): Promise<readonly { readonly v: number; readonly body: string }[]>;
}

async function readLinks(query: LinkQuery): Promise<readonly Link[]> {
  return (await query.execute()).map((row) => readBody<Link>("links", row));
}

async function get(db: Db, id: string): Promise<Link | null> {
  const row = await db.selectFrom("links").select(["v", "body"]).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : readBody<Link>("links", row);
}

async function confirmed(db: Db, account: AccountRef): Promise<Link | null> {
  const row = await db
    .selectFrom("links")
    .select(["v", "body"])
    .where("connection", "=", account.connection)
    .where("kind", "=", account.kind)
    .where("account", "=", account.id)
    .where("state", "=", "confirmed")
    .executeTakeFirst();
  return row === undefined ? null : readBody<Link>("links", row);
}

/** The unique index has the last word where two processes write at once: that is a `conflict` too. */
async function put(db: Db, link: Link): Promise<void> {
  if (link.state === "confirmed") {
    const other = await confirmed(db, link.account);
    if (other !== null && other.id !== link.id) {
      throw new AppError(
        "conflict",
        `account ${link.account.id} of ${link.account.connection} already belongs to person ${other.person}: split that link first`,
        { details: { link: other.id, person: other.person } },
      );
    }
  }
  const row = {
    id: keyText(link.id),
    person: keyText(link.person),
    connection: keyText(link.account.connection),
    kind: keyText(link.account.kind),
    account: keyText(link.account.id),
    state: link.state,
    ...writeBody(link),
  };
  await db
    .insertInto("links")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
    .execute();
}

async function decide(db: Db, id: string, state: LinkState, by: string, at: string): Promise<void> {
  const link = await get(db, id);
  if (link === null) throw new AppError("missing", `there is no link ${id}: see tenure match list`);
  await put(db, { ...link, state, decidedBy: by, decidedAt: at });
}
