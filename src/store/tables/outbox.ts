import type { JsonValue } from "../../kernel/json.ts";
import type { Access } from "../access/access.ts";
import type { OutboxTable } from "../port.ts";
import { keyText } from "./body.ts";

/** Ids stay when the work is done, so that the same decision never starts twice; their payload does not. */
export function outboxTable(access: Access): OutboxTable {
  return {
    add: (item) =>
      access.write(async (db) => {
        await db
          .insertInto("outbox")
          .values({
            id: keyText(item.id),
            topic: keyText(item.topic),
            at: item.at,
            payload: JSON.stringify(item.payload),
            done: 0,
          })
          .onConflict((conflict) => conflict.column("id").doNothing())
          .execute();
      }),
    pending: (topic, limit) =>
      access.read(async (db) => {
        const rows = await db
          .selectFrom("outbox")
          .select(["id", "topic", "at", "payload"])
          .where("topic", "=", topic)
          .where("done", "=", 0)
          .orderBy("position")
          .limit(limit)
          .execute();
        return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) as JsonValue }));
      }),
    done: (id) =>
      access.write(async (db) => {
        await db.updateTable("outbox").set({ done: 1, payload: "null" }).where("id", "=", id).execute();
      }),
  };
}
