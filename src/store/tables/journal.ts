import { AppError } from "../../kernel/errors.ts";
import { isFinal, isSettled, type JournalEntry, type StepState } from "../../model/run.ts";
import type { Access } from "../access/access.ts";
import type { Db, Profile } from "../database.ts";
import type { JournalTable, LeaseHandle } from "../port.ts";
import { keyText, readBody, writeBody } from "./body.ts";

const FINAL: readonly StepState[] = (
  ["waiting", "running", "ok", "adopted", "skipped", "failed", "stale", "unknown", "parked"] as const
).filter(isFinal);

export function journalTable(access: Access): JournalTable {
  return {
    get: (run, step) => access.read((db) => get(db, run, step)),
    all: (run) =>
      access.read(async (db) => {
        const rows = await db
          .selectFrom("journal")
          .select(["v", "body"])
          .where("run", "=", run)
          .orderBy("step")
          .execute();
        return rows.map(toEntry);
      }),
    put: (entry, lease) => access.write((db) => put(access.profile, db, entry, lease)),
    byState: (state, limit) =>
      access.read(async (db) => {
        const rows = await db
          .selectFrom("journal")
          .select(["v", "body"])
          .where("state", "=", state)
          .orderBy("updated_at")
          .orderBy("run")
          .orderBy("step")
          .limit(limit)
          .execute();
        return rows.map(toEntry);
      }),
    finishedSince: (at) =>
      access.read(async (db) => {
        const rows = await db
          .selectFrom("journal")
          .select(["v", "body"])
          .where("updated_at", ">=", at)
          .where("state", "in", FINAL)
          .orderBy("updated_at")
          .orderBy("run")
          .orderBy("step")
          .execute();
        return rows.map(toEntry);
      }),
  };
}

/** Refuses what it does not know: an old Tenure must not go on with a newer one's journal (safety S21). */
function toEntry(row: { readonly v: number; readonly body: string }): JournalEntry {
  const entry = readBody<JournalEntry>("journal", row);
  if (entry.version !== 1) {
    throw new AppError("storage", `run ${entry.run} was written by a newer Tenure: use the newer version`);
  }
  return entry;
}

async function get(db: Db, run: string, step: string): Promise<JournalEntry | null> {
  const row = await db
    .selectFrom("journal")
    .select(["v", "body"])
    .where("run", "=", run)
    .where("step", "=", step)
    .executeTakeFirst();
  return row === undefined ? null : toEntry(row);
}

async function put(profile: Profile, db: Db, entry: JournalEntry, lease: LeaseHandle | null): Promise<void> {
  if (lease !== null) await requireEpoch(profile, db, lease);
  const known = db.selectFrom("journal").select("state").where("run", "=", entry.run).where("step", "=", entry.step);
  const before = await (profile.rowLocks ? known.forUpdate() : known).executeTakeFirst();
  const state = before?.state as StepState | undefined;
  if (state !== undefined && isSettled(state) && state !== entry.state) {
    throw new AppError(
      "conflict",
      `step ${entry.step} of run ${entry.run} has ended as ${state}: that is never changed`,
      {
        details: { run: entry.run, step: entry.step, state, wanted: entry.state },
      },
    );
  }
  const row = {
    run: keyText(entry.run),
    step: keyText(entry.step),
    state: entry.state,
    updated_at: entry.updatedAt,
    ...writeBody(entry),
  };
  await db
    .insertInto("journal")
    .values(row)
    .onConflict((conflict) => conflict.columns(["run", "step"]).doUpdateSet(row))
    .execute();
}

/** The lease's row stays locked to the end of the transaction, so that nobody takes it over between check and commit. */
async function requireEpoch(profile: Profile, db: Db, lease: LeaseHandle): Promise<void> {
  const query = db.selectFrom("leases").select(["holder", "epoch"]).where("key", "=", lease.key);
  const row = await (profile.rowLocks ? query.forShare() : query).executeTakeFirst();
  if (row !== undefined && row.holder === lease.holder && row.epoch === lease.epoch) return;
  throw new AppError(
    "fenced",
    `another worker has taken over ${lease.key} (epoch ${row?.epoch ?? 0} after ${lease.epoch}): this one stops`,
    { details: { key: lease.key, epoch: lease.epoch, current: row?.epoch ?? 0 } },
  );
}
