import type { Plan } from "../../model/plan.ts";
import type { Access } from "../access/access.ts";
import type { PlanTable } from "../port.ts";
import { keyText, readBody, writeBody } from "./body.ts";
import { nextNumber, readNumber } from "./counters.ts";

export function planTable(access: Access): PlanTable {
  return {
    add: (plan) =>
      access.write(async (db) => {
        const numbered: Plan = { ...plan, number: await nextNumber(db, "plans") };
        await db
          .insertInto("plans")
          .values({ id: keyText(plan.id), number: numbered.number, hash: plan.hash, ...writeBody(numbered) })
          .execute();
        return numbered;
      }),
    find: (reference) =>
      access.read(async (db) => {
        const number = readNumber(reference, "PL");
        const query = db.selectFrom("plans").select(["v", "body"]);
        const row = await (
          number === null ? query.where("id", "=", reference) : query.where("number", "=", number)
        ).executeTakeFirst();
        return row === undefined ? null : readBody<Plan>("plans", row);
      }),
    recent: (limit) =>
      access.read(async (db) => {
        const rows = await db
          .selectFrom("plans")
          .select(["v", "body"])
          .orderBy("number", "desc")
          .limit(limit)
          .execute();
        return rows.map((row) => readBody<Plan>("plans", row));
      }),
  };
}
