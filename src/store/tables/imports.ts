import type { Access } from "../access/access.ts";
import type { ImportRecord, ImportTable } from "../port.ts";
import { keyText, readBody, writeBody } from "./body.ts";

export function importTable(access: Access): ImportTable {
  return {
    add: (record) =>
      access.write(async (db) => {
        await db
          .insertInto("imports")
          .values({ id: keyText(record.id), source: keyText(record.source), ...writeBody(record) })
          .execute();
      }),
    latest: (source) =>
      access.read(async (db) => {
        const query = db.selectFrom("imports").select(["v", "body"]).where("source", "=", source);
        const row = await query.orderBy("position", "desc").limit(1).executeTakeFirst();
        return row === undefined ? null : readBody<ImportRecord>("imports", row);
      }),
    all: () =>
      access.read(async (db) => {
        const rows = await db.selectFrom("imports").select(["v", "body"]).orderBy("position").execute();
        return rows.map((row) => readBody<ImportRecord>("imports", row));
      }),
  };
}
