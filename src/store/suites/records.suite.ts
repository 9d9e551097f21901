import assert from "node:assert/strict";
import { AUDIT_START, auditHash, checkAuditChain } from "../audit-chain.ts";
import type { AuditEntry } from "../port.ts";
import { storeTests, type OpenHarness } from "./harness.ts";

const AT = "2026-11-20T09:00:00.000Z";

function anAudit(object: string): AuditEntry {
  return {
    actor: "cli",
    action: "plan.make",
    object,
    outcome: "made",
    details: { steps: 3, zebra: null, "a b": ["x"] },
  };
}

/** The audit chain and the outbox. */
export function recordSuite(name: string, open: OpenHarness): void {
  audit(name, open);
  outbox(name, open);
}

function audit(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  const start = { sequence: 0, hash: AUDIT_START };

  storeTest("[S16] each record has the hash of the one before", async ({ store }) => {
    const first = await store.audit.append(anAudit("pln_1"), AT);
    const second = await store.audit.append(anAudit("pln_2"), AT);
    assert.equal(first.previous, AUDIT_START);
    assert.equal(second.previous, first.hash);
    assert.deepEqual([first.sequence, second.sequence], [1, 2]);
    assert.equal(second.hash, auditHash(second));
    assert.deepEqual(await store.audit.list({ after: 0, limit: 10 }), [first, second]);
    assert.deepEqual(await store.audit.list({ after: 1, limit: 10 }), [second]);
    assert.deepEqual(await store.audit.list({ after: 0, limit: 1 }), [first]);
    assert.deepEqual(await store.audit.byObject("pln_2", 10), [second]);
  });

  storeTest("[S16] the chain has no gap and no fork when many write, and some give up", async ({ store, other }) => {
    await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) =>
        (index % 2 === 0 ? store : other).transaction(async (tables) => {
          await tables.audit.append(anAudit(`pln_${index}`), AT);
          if (index % 5 === 4) throw new Error("given up");
        }),
      ),
    );
    const records = await store.audit.list({ after: 0, limit: 100 });
    assert.equal(records.length, 24);
    const check = checkAuditChain(records, start);
    assert.deepEqual(check, { ok: true, last: { sequence: 24, hash: records[23]?.hash } });
  });

  storeTest("[I3] a change, an omission or another order anywhere breaks the chain", async ({ store }) => {
    for (let index = 0; index < 6; index += 1) await store.audit.append(anAudit(`pln_${index}`), AT);
    const records = await store.audit.list({ after: 0, limit: 100 });
    for (const [index, record] of records.entries()) {
      const changed = records.with(index, { ...record, outcome: "refused" });
      assert.deepEqual(checkAuditChain(changed, start).ok, false);
      const forged = { ...record, details: {} };
      const rehashed = records.with(index, { ...forged, hash: auditHash(forged) });
      assert.equal(checkAuditChain(rehashed, start).ok, index === records.length - 1);
    }
    assert.equal(checkAuditChain(records.toSpliced(2, 1), start).ok, false);
    assert.equal(checkAuditChain(records.toReversed(), start).ok, false);
    assert.equal(checkAuditChain(records.slice(0, 4), start).ok, true);
  });
}

function outbox(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest("work waits in the order of its decisions until it is done, each id once for ever", async ({ store }) => {
    const item = (id: string, topic: string) => ({ id, topic, payload: { run: id }, at: AT });
    for (const id of ["b", "a", "c"]) await store.outbox.add(item(id, "apply"));
    await store.outbox.add(item("d", "mail"));
    await store.outbox.add({ ...item("a", "apply"), payload: "again" });
    assert.deepEqual(await store.outbox.pending("apply", 2), [item("b", "apply"), item("a", "apply")]);
    await store.outbox.done("b");
    await store.outbox.add(item("b", "apply"));
    assert.deepEqual(await store.outbox.pending("apply", 10), [item("a", "apply"), item("c", "apply")]);
    assert.deepEqual(await store.outbox.pending("mail", 10), [item("d", "mail")]);
  });

  storeTest("decision, record and work to start are there together, or none of them", async ({ store, other }) => {
    await assert.rejects(async () =>
      store.transaction(async (tables) => {
        await tables.audit.append(anAudit("pln_1"), AT);
        await tables.outbox.add({ id: "a", topic: "apply", payload: null, at: AT });
        throw new Error("given up");
      }),
    );
    assert.deepEqual(await other.audit.list({ after: 0, limit: 1 }), []);
    assert.deepEqual(await other.outbox.pending("apply", 1), []);
  });
}
