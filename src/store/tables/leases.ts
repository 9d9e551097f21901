import type { Access } from "../access/access.ts";
import type { Db } from "../database.ts";
import type { LeaseHandle, LeaseTable } from "../port.ts";
import { keyText } from "./body.ts";

/** Rows that expire instead of locks of a session, which a stopped process would hold for ever (safety F9). */
export function leaseTable(access: Access): LeaseTable {
  return {
    take: (key, holder, ttlMs, nowMs) => access.write((db) => take(db, key, holder, ttlMs, nowMs)),
    renew: (lease, ttlMs, nowMs) =>
      access.write(async (db) => {
        const expiresAtMs = nowMs + ttlMs;
        const result = await held(db, lease).set({ expires_at: expiresAtMs }).executeTakeFirst();
        return result.numUpdatedRows === 0n ? null : { ...lease, expiresAtMs };
      }),
    release: (lease) =>
      access.write(async (db) => {
        await held(db, lease).set({ holder: null, expires_at: 0 }).execute();
      }),
  };
}

function held(db: Db, lease: LeaseHandle) {
  return db
    .updateTable("leases")
    .where("key", "=", lease.key)
    .where("holder", "=", lease.holder)
    .where("epoch", "=", lease.epoch);
}

/** One statement, so that of two takers the second sees what the first has written. */
async function take(db: Db, key: string, holder: string, ttlMs: number, nowMs: number): Promise<LeaseHandle | null> {
  const expiresAtMs = nowMs + ttlMs;
  const row = await db
    .insertInto("leases")
    .values({ key: keyText(key), holder, epoch: 1, expires_at: expiresAtMs })
    .onConflict((conflict) =>
      conflict
        .column("key")
        .doUpdateSet((update) => ({
          holder,
          expires_at: expiresAtMs,
          epoch: update("leases.epoch", "+", 1),
        }))
        .where((where) =>
          where.or([
            where("leases.holder", "is", null),
            where("leases.holder", "=", holder),
            where("leases.expires_at", "<=", nowMs),
          ]),
        ),
    )
    .returning("epoch")
    .executeTakeFirst();
  return row === undefined ? null : { key, holder, epoch: row.epoch, expiresAtMs };
}
