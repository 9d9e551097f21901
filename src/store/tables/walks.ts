import type { Access } from "../access/access.ts";
import type { StagedPage, WalkTable } from "../port.ts";
import { keyText, readBody, writeBody } from "./body.ts";

export function walkTable(access: Access): WalkTable {
  return {
    put: (page) =>
      access.write(async (db) => {
        const row = {
          walk: keyText(page.walk),
          kind: keyText(page.kind),
          parent: keyText(page.parent ?? ""),
          page: page.page,
          ...writeBody(page),
        };
        await db
          .insertInto("staged_pages")
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(["walk", "kind", "parent", "page"]).doUpdateSet({ v: row.v, body: row.body }),
          )
          .execute();
      }),
    pages: (walk, kind, parent) =>
      access.read(async (db) => {
        const rows = await db
          .selectFrom("staged_pages")
          .select(["v", "body"])
          .where("walk", "=", walk)
          .where("kind", "=", kind)
          .where("parent", "=", parent ?? "")
          .orderBy("page")
          .execute();
        return rows.map((row) => readBody<StagedPage>("staged_pages", row));
      }),
    clear: (walk) =>
      access.write(async (db) => {
        await db.deleteFrom("staged_pages").where("walk", "=", walk).execute();
      }),
  };
}
