import type { Clock } from "../../kernel/clock.ts";
import type { BudgetLedger } from "../../transport/contract.ts";
import type { Access } from "../access/access.ts";
import type { Db } from "../database.ts";
import { keyText, readBody, writeBody } from "./body.ts";
import { holdSlots, settleSlots, takeSlots, UNUSED, type BudgetState } from "./budget-state.ts";

/** Rate budgets for all processes on the database: each operation is one short transaction under the lock of its key's row. */
export function budgetTable(access: Access, clock: Clock): BudgetLedger {
  return {
    take: (spec, lane, want) =>
      access.write(async (db) => {
        const before = await lock(access, db, spec.key);
        const { state, answer } = takeSlots(before, spec, lane, want, clock.now());
        // A refusal may have found what a clock that was set back had left behind: then that is mended for good.
        if (answer.granted !== null || JSON.stringify(state) !== JSON.stringify(before))
          await save(db, spec.key, state);
        return answer;
      }),
    settle: (spec, grant, used, lastAnswerMs) =>
      access.write(async (db) => {
        const state = settleSlots(await lock(access, db, spec.key), spec, grant.id, used, lastAnswerMs);
        if (state !== null) await save(db, spec.key, state);
      }),
    hold: (spec, untilMs) =>
      access.write(async (db) => {
        await save(db, spec.key, holdSlots(await lock(access, db, spec.key), untilMs, clock.now()));
      }),
  };
}

/** The state of a key, locked to the end of the transaction. A key that is new gets its row first, so that there is one to lock. */
async function lock(access: Access, db: Db, key: string): Promise<BudgetState> {
  const query = db.selectFrom("budgets").select(["v", "body"]).where("key", "=", key);
  const locking = access.profile.rowLocks ? query.forUpdate() : query;
  const known = await locking.executeTakeFirst();
  if (known !== undefined) return readBody<BudgetState>("budgets", known);
  await db
    .insertInto("budgets")
    .values({ key: keyText(key), ...writeBody(UNUSED) })
    .onConflict((conflict) => conflict.column("key").doNothing())
    .execute();
  const made = await locking.executeTakeFirstOrThrow();
  return readBody<BudgetState>("budgets", made);
}

async function save(db: Db, key: string, state: BudgetState): Promise<void> {
  await db.updateTable("budgets").set(writeBody(state)).where("key", "=", key).execute();
}
