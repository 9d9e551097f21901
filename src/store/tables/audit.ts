import type { JsonObject } from "../../kernel/json.ts";
import type { Access } from "../access/access.ts";
import { AUDIT_START, auditHash } from "../audit-chain.ts";
import type { Db } from "../database.ts";
import type { AuditEntry, AuditRecord, AuditTable } from "../port.ts";
import { keyText } from "./body.ts";
import { nextNumber } from "./counters.ts";
import type { AuditRow } from "./schema.ts";

export function auditTable(access: Access): AuditTable {
  return {
    append: (entry, at) => access.write((db) => append(db, entry, at)),
    list: ({ after, limit }) =>
      access.read(async (db) => {
        const query = db.selectFrom("audit").selectAll().where("sequence", ">", after);
        return (await query.orderBy("sequence").limit(limit).execute()).map(toRecord);
      }),
    byObject: (object, limit) =>
      access.read(async (db) => {
        const query = db.selectFrom("audit").selectAll().where("object", "=", object);
        return (await query.orderBy("sequence", "desc").limit(limit).execute()).map(toRecord);
      }),
  };
}

/** The counter's row orders the writers: the record before is committed, or ours, when its number is known. */
async function append(db: Db, entry: AuditEntry, at: string): Promise<AuditRecord> {
  const sequence = await nextNumber(db, "audit");
  const before = await db
    .selectFrom("audit")
    .select("hash")
    .where("sequence", "=", sequence - 1)
    .executeTakeFirst();
  const unsigned = { ...entry, sequence, at, previous: before?.hash ?? AUDIT_START };
  const record: AuditRecord = { ...unsigned, hash: auditHash(unsigned) };
  await db
    .insertInto("audit")
    .values({
      sequence,
      at,
      actor: keyText(record.actor),
      action: keyText(record.action),
      object: keyText(record.object),
      outcome: keyText(record.outcome),
      details: JSON.stringify(record.details),
      previous: record.previous,
      hash: record.hash,
    })
    .execute();
  return record;
}

function toRecord(row: AuditRow): AuditRecord {
  return { ...row, details: JSON.parse(row.details) as JsonObject };
}
