import assert from "node:assert/strict";
import type { StepState } from "../../model/run.ts";
import type { LeaseHandle } from "../port.ts";
import { anEntry, aPlan, aRun } from "./fixtures.ts";
import { storeTests, withCode, type OpenHarness, type StoreHarness } from "./harness.ts";

/** Plans, runs, the journal and who may write it. */
export function workSuite(name: string, open: OpenHarness): void {
  numbers(name, open);
  runs(name, open);
  journal(name, open);
  fencing(name, open);
  leases(name, open);
}

function numbers(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest("a plan is found by id, number and label", async ({ store }) => {
    const first = await store.plans.add(aPlan("pln_b"));
    const second = await store.plans.add(aPlan("pln_a"));
    assert.deepEqual([first.number, second.number], [1, 2]);
    assert.deepEqual(second, { ...aPlan("pln_a"), number: 2 });
    for (const reference of ["pln_a", "2", "PL-2", "pl-2", " PL-2 "]) {
      assert.deepEqual(await store.plans.find(reference), second);
    }
    for (const reference of ["pln_c", "3", "RN-2", "PL-", "PL-2x", ""]) {
      assert.equal(await store.plans.find(reference), null);
    }
    assert.deepEqual(await store.plans.recent(10), [second, first]);
    assert.deepEqual(await store.plans.recent(1), [second]);
  });

  storeTest("numbers have no gap and none comes twice, whoever adds and whatever fails", async ({ store, other }) => {
    const failing = async (index: number): Promise<void> => {
      await store.transaction(async (tables) => {
        await tables.plans.add(aPlan(`pln_failing_${index}`));
        throw new Error("given up");
      });
    };
    const work = Array.from({ length: 24 }, (_, index) =>
      index % 3 === 2 ? failing(index) : (index % 3 === 0 ? store : other).plans.add(aPlan(`pln_${index}`)),
    );
    const results = await Promise.allSettled(work);
    assert.equal(results.filter((result) => result.status === "rejected").length, 8);
    const given = (await store.plans.recent(100)).map((plan) => plan.number).sort((a, b) => a - b);
    assert.deepEqual(
      given,
      Array.from({ length: 16 }, (_, index) => index + 1),
    );
  });
}

function runs(name: string, open: OpenHarness): void {
  storeTests(name, open)("a run is found by id, number, label and plan, with its last status", async ({ store }) => {
    const first = await store.runs.add(aRun("run_1"));
    const second = await store.runs.add(aRun("run_2", { plan: "pln_2" }));
    await store.runs.setStatus("run_1", "done", "2026-11-20T10:00:00.000Z");
    await store.runs.setApprovers("run_1", ["ana", "ben"]);
    const ended = {
      ...first,
      status: "done" as const,
      endedAt: "2026-11-20T10:00:00.000Z",
      approvedAs: ["ana", "ben"],
    };
    for (const reference of ["run_1", "1", "RN-1"]) assert.deepEqual(await store.runs.find(reference), ended);
    assert.equal(await store.runs.find("PL-1"), null);
    assert.deepEqual(await store.runs.recent(10), [second, ended]);
    assert.deepEqual(await store.runs.byPlan("pln_1"), [ended]);
    await assert.rejects(async () => store.runs.setStatus("run_404", "done", null), withCode("missing"));
    await assert.rejects(async () => store.runs.setApprovers("run_404", []), withCode("missing"));
  });
}

function journal(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest("an entry is there once, as it was put last", async ({ store }) => {
    await store.journal.put(anEntry("stp_2"), null);
    await store.journal.put(anEntry("stp_1", { state: "waiting", reason: "for stp_2" }), null);
    await store.journal.put(anEntry("stp_2", { state: "ok", accountId: "7" }), null);
    assert.equal(await store.journal.get("run_1", "stp_3"), null);
    assert.deepEqual(await store.journal.get("run_1", "stp_2"), anEntry("stp_2", { state: "ok", accountId: "7" }));
    assert.deepEqual(
      (await store.journal.all("run_1")).map((entry) => entry.step),
      ["stp_1", "stp_2"],
    );
    assert.deepEqual(await store.journal.all("run_2"), []);
  });

  storeTest("a settled step never changes its state again; what was parked or unknown may", async ({ store }) => {
    const settled: readonly StepState[] = ["ok", "adopted", "skipped", "failed", "stale"];
    for (const state of settled) {
      await store.journal.put(anEntry(state, { state }), null);
      for (const next of ["running", "waiting", "parked", state === "ok" ? "failed" : "ok"] as const) {
        await assert.rejects(
          async () => store.journal.put(anEntry(state, { state: next }), null),
          withCode("conflict"),
        );
      }
      await store.journal.put(anEntry(state, { state, reason: "a note" }), null);
      assert.deepEqual(await store.journal.get("run_1", state), anEntry(state, { state, reason: "a note" }));
    }
    for (const state of ["unknown", "parked"] as const) {
      await store.journal.put(anEntry(state, { state }), null);
      await store.journal.put(anEntry(state, { state: "running" }), null);
      await store.journal.put(anEntry(state, { state: "ok" }), null);
    }
  });

  storeTest("entries are found by state, oldest first, and by the time they ended", async ({ store }) => {
    const at = (hour: number): string => `2026-11-20T${String(hour).padStart(2, "0")}:00:00.000Z`;
    await store.journal.put(anEntry("stp_1", { state: "unknown", updatedAt: at(11) }), null);
    await store.journal.put(anEntry("stp_2", { state: "unknown", updatedAt: at(9) }), null);
    await store.journal.put(anEntry("stp_3", { state: "ok", updatedAt: at(10) }), null);
    await store.journal.put(anEntry("stp_4", { state: "running", updatedAt: at(12) }), null);
    const steps = async (entries: Promise<readonly { readonly step: string }[]>): Promise<readonly string[]> =>
      (await entries).map((entry) => entry.step);
    assert.deepEqual(await steps(store.journal.byState("unknown", 10)), ["stp_2", "stp_1"]);
    assert.deepEqual(await steps(store.journal.byState("unknown", 1)), ["stp_2"]);
    assert.deepEqual(await steps(store.journal.finishedSince(at(10))), ["stp_3", "stp_1"]);
  });

  storeTest("[S21] an entry of a newer Tenure is refused, not guessed at", async ({ store }) => {
    await store.journal.put(anEntry("stp_1"), null);
    await store.database.write(async (db) => {
      await db.updateTable("journal").set({ v: 2 }).execute();
    });
    await assert.rejects(async () => store.journal.get("run_1", "stp_1"), withCode("storage", /newer Tenure/));
    await assert.rejects(async () => store.journal.all("run_1"), withCode("storage", /newer Tenure/));
  });
}

async function takeLease({ store, clock }: StoreHarness, holder: string): Promise<LeaseHandle> {
  const lease = await store.leases.take("account/crm/7", holder, 30_000, clock.now());
  assert.ok(lease !== null);
  return lease;
}

function fencing(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest("[S14] whoever lost the lease writes nothing more", async (harness) => {
    const { store, other, clock } = harness;
    const old = await takeLease(harness, "worker-1");
    await store.journal.put(anEntry("stp_1"), old);
    await clock.advance(30_000);
    const fresh = await takeLease(harness, "worker-2");
    assert.equal(fresh.epoch, old.epoch + 1);
    await assert.rejects(async () => other.journal.put(anEntry("stp_1", { state: "ok" }), old), withCode("fenced"));
    await assert.rejects(
      async () =>
        other.transaction(async (tables) => {
          await tables.journal.put(anEntry("stp_2"), null);
          await tables.journal.put(anEntry("stp_1", { state: "ok" }), old);
        }),
      withCode("fenced"),
    );
    assert.deepEqual(await store.journal.all("run_1"), [anEntry("stp_1")]);
    await store.journal.put(anEntry("stp_1", { state: "ok" }), fresh);
  });

  storeTest(
    "[F9] a stalled holder that wakes up in the middle of a takeover cannot write after it",
    async (harness) => {
      const { store, other, clock } = harness;
      const old = await takeLease(harness, "worker-1");
      await clock.advance(30_000);
      const [put, taken] = await Promise.allSettled([
        store.journal.put(anEntry("stp_1"), old),
        other.leases.take(old.key, "worker-2", 30_000, clock.now()),
      ]);
      assert.equal(taken.status, "fulfilled");
      // Either order is right; after the takeover there is no third.
      assert.ok(put.status === "fulfilled" || withCode("fenced")(put.reason));
      await assert.rejects(async () => store.journal.put(anEntry("stp_1"), old), withCode("fenced"));
    },
  );

  storeTest("a lease that was given back or never taken writes nothing", async (harness) => {
    const { store } = harness;
    const lease = await takeLease(harness, "worker-1");
    await store.leases.release(lease);
    await assert.rejects(async () => store.journal.put(anEntry("stp_1"), lease), withCode("fenced"));
    const foreign = { ...lease, key: "account/crm/8" };
    await assert.rejects(async () => store.journal.put(anEntry("stp_1"), foreign), withCode("fenced"));
  });
}

function leases(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest("a lease is one holder's until it runs out, and its epoch only grows", async (harness) => {
    const { store, other, clock } = harness;
    const first = await takeLease(harness, "worker-1");
    assert.equal(first.expiresAtMs, clock.now() + 30_000);
    assert.equal(await other.leases.take(first.key, "worker-2", 30_000, clock.now()), null);
    await clock.advance(29_999);
    assert.equal(await other.leases.take(first.key, "worker-2", 30_000, clock.now()), null);
    const again = await takeLease(harness, "worker-1");
    assert.equal(again.epoch, first.epoch + 1);
    await clock.advance(30_000);
    const second = await other.leases.take(first.key, "worker-2", 30_000, clock.now());
    assert.equal(second?.epoch, again.epoch + 1);
    assert.equal(await store.leases.renew(again, 30_000, clock.now()), null);
    await store.leases.release(again);
    assert.equal(await store.leases.take(first.key, "worker-3", 30_000, clock.now()), null);
  });

  storeTest("renewing keeps the epoch, giving back lets the next one in at once", async (harness) => {
    const { store, other, clock } = harness;
    const lease = await takeLease(harness, "worker-1");
    await clock.advance(20_000);
    const renewed = await store.leases.renew(lease, 30_000, clock.now());
    assert.deepEqual(renewed, { ...lease, expiresAtMs: clock.now() + 30_000 });
    await clock.advance(20_000);
    assert.equal(await other.leases.take(lease.key, "worker-2", 30_000, clock.now()), null);
    await store.leases.release(lease);
    assert.equal((await other.leases.take(lease.key, "worker-2", 30_000, clock.now()))?.epoch, lease.epoch + 1);
  });

  storeTest("of many takers at the same time one gets it", async ({ store, other, clock }) => {
    const taken = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? store : other).leases.take("key", `worker-${index}`, 30_000, clock.now()),
      ),
    );
    assert.equal(taken.filter((lease) => lease !== null).length, 1);
  });
}
