import { hashJson } from "../kernel/hash.ts";
import type { AuditRecord } from "./port.ts";

/** What the first record has as its previous hash. */
export const AUDIT_START = "0".repeat(64);

/** SHA-256 over the canonical JSON of a record without its own hash; the hash before is part of that. */
export function auditHash(record: Omit<AuditRecord, "hash">): string {
  const { sequence, at, actor, action, object, outcome, details, previous } = record;
  return hashJson({ version: 1, sequence, at, actor, action, object, outcome, details, previous });
}

export type ChainCheck =
  | { readonly ok: true; readonly last: { readonly sequence: number; readonly hash: string } }
  | { readonly ok: false; readonly sequence: number; readonly reason: string };

/**
 * Checks a part of the chain that goes on after `from` (the start of the log: sequence 0 with `AUDIT_START`). It shows
 * any change, insertion and omission inside; a cut tail shows only against a `last` that was kept elsewhere (safety I3).
 */
export function checkAuditChain(
  records: readonly AuditRecord[],
  from: { readonly sequence: number; readonly hash: string },
): ChainCheck {
  let last = from;
  for (const record of records) {
    const sequence = last.sequence + 1;
    if (record.sequence !== sequence) {
      return {
        ok: false,
        sequence,
        reason: `record ${sequence} is missing: ${record.sequence} follows ${last.sequence}`,
      };
    }
    if (record.previous !== last.hash) {
      return { ok: false, sequence, reason: `record ${sequence} does not follow record ${last.sequence} as it is now` };
    }
    if (record.hash !== auditHash(record)) {
      return { ok: false, sequence, reason: `record ${sequence} was changed after it was written` };
    }
    last = { sequence: record.sequence, hash: record.hash };
  }
  return { ok: true, last };
}
