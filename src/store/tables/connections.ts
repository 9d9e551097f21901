import type { Access } from "../access/access.ts";
import type { ConnectionState, ConnectionTable } from "../port.ts";
import { keyText, readBody, writeBody } from "./body.ts";

export function connectionTable(access: Access): ConnectionTable {
  return {
    get: (connection) =>
      access.read(async (db) => {
        const query = db.selectFrom("connections").select(["v", "body"]).where("connection", "=", connection);
        const row = await query.executeTakeFirst();
        return row === undefined ? null : readBody<ConnectionState>("connections", row);
      }),
    put: (state) =>
      access.write(async (db) => {
        const body = writeBody(state);
        await db
          .insertInto("connections")
          .values({ connection: keyText(state.connection), ...body })
          .onConflict((conflict) => conflict.column("connection").doUpdateSet(body))
          .execute();
      }),
  };
}
