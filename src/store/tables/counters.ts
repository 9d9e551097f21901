import type { Db } from "../database.ts";

/**
 * The next number of a series: 1, 2, 3 … Its row stays locked to the end of the transaction and goes back with it, so
 * that the series has no gap whatever fails or runs beside it.
 */
export async function nextNumber(db: Db, name: string): Promise<number> {
  const row = await db
    .insertInto("counters")
    .values({ name, value: 1 })
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet((update) => ({ value: update("counters.value", "+", 1) })),
    )
    .returning("value")
    .executeTakeFirstOrThrow();
  return row.value;
}

/** The number behind `PL-42` or `42`; null for anything else. */
export function readNumber(reference: string, label: string): number | null {
  const match = new RegExp(`^(?:${label}-)?([0-9]{1,15})$`, "i").exec(reference.trim());
  return match === null ? null : Number(match[1]);
}
