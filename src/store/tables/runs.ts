import { AppError } from "../../kernel/errors.ts";
import type { Run, RunStatus } from "../../model/run.ts";
import type { Access } from "../access/access.ts";
import type { Db } from "../database.ts";
import type { RunTable } from "../port.ts";
import { keyText, readBody, writeBody } from "./body.ts";
import { nextNumber, readNumber } from "./counters.ts";

export function runTable(access: Access): RunTable {
  return {
    add: (run) =>
      access.write(async (db) => {
        const numbered: Run = { ...run, number: await nextNumber(db, "runs") };
        await db
          .insertInto("runs")
          .values({
            id: keyText(run.id),
            number: numbered.number,
            plan: keyText(run.plan),
            status: run.status,
            ended_at: run.endedAt,
            ...writeBody(numbered),
          })
          .execute();
        return numbered;
      }),
    find: (reference) =>
      access.read(async (db) => {
        const number = readNumber(reference, "RN");
        const query = select(db);
        const rows = await (
          number === null ? query.where("id", "=", reference) : query.where("number", "=", number)
        ).execute();
        return rows[0] === undefined ? null : toRun(rows[0]);
      }),
    recent: (limit) =>
      access.read(async (db) => (await select(db).orderBy("number", "desc").limit(limit).execute()).map(toRun)),
    byPlan: (plan) =>
      access.read(async (db) => (await select(db).where("plan", "=", plan).orderBy("number").execute()).map(toRun)),
    setStatus: (id, status, endedAt) =>
      access.write(async (db) => {
        const query = db.updateTable("runs").set({ status, ended_at: endedAt }).where("id", "=", id);
        if ((await query.executeTakeFirst()).numUpdatedRows === 0n) throw unknownRun(id);
      }),
    setApprovers: (id, names) =>
      access.write(async (db) => {
        const query = select(db).where("id", "=", id);
        const row = await (access.profile.rowLocks ? query.forUpdate() : query).executeTakeFirst();
        if (row === undefined) throw unknownRun(id);
        const run: Run = { ...toRun(row), approvedAs: names };
        await db.updateTable("runs").set(writeBody(run)).where("id", "=", id).execute();
      }),
  };
}

function unknownRun(id: string): AppError {
  return new AppError("missing", `there is no run ${id}: see tenure runs list`);
}

function select(db: Db) {
  return db.selectFrom("runs").select(["v", "body", "status", "ended_at"]);
}

interface StoredRun {
  readonly v: number;
  readonly body: string;
  readonly status: string;
  readonly ended_at: string | null;
}

/** Status and end live in columns, where queries see them. */
function toRun(row: StoredRun): Run {
  return { ...readBody<Run>("runs", row), status: row.status as RunStatus, endedAt: row.ended_at };
}
