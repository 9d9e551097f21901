import assert from "node:assert/strict";
import { aLink, anEntry, aPerson, aRun } from "./fixtures.ts";
import { storeTests, withCode, type OpenHarness } from "./harness.ts";

/** What a transaction promises. */
export function transactionSuite(name: string, open: OpenHarness): void {
  wholeOrNothing(name, open);
  misuse(name, open);
}

function wholeOrNothing(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest("all of a transaction is there when it resolves, for others too", async ({ store, other }) => {
    const result = await store.transaction(async (tables) => {
      await tables.people.upsert([aPerson(1)]);
      await tables.links.put(aLink("lnk_1", aPerson(1).id, "7"));
      assert.deepEqual(await tables.people.all(), [aPerson(1)]);
      return "done";
    });
    assert.equal(result, "done");
    assert.deepEqual(await other.people.all(), [aPerson(1)]);
    assert.equal((await other.links.all()).length, 1);
  });

  storeTest("nothing of a transaction is there when it throws, and the next one works", async ({ store }) => {
    await assert.rejects(
      async () =>
        store.transaction(async (tables) => {
          await tables.people.upsert([aPerson(1)]);
          await tables.runs.add(aRun("run_1"));
          throw new Error("given up");
        }),
      /given up/,
    );
    assert.deepEqual(await store.people.all(), []);
    assert.deepEqual(await store.runs.recent(1), []);
    await store.transaction((tables) => tables.people.upsert([aPerson(2)]));
    assert.deepEqual(await store.people.all(), [aPerson(2)]);
  });

  storeTest("an error that was caught inside still undoes the whole transaction", async ({ store }) => {
    await store.people.upsert([aPerson(1)]);
    await assert.rejects(async () =>
      store.transaction(async (tables) => {
        await tables.people.upsert([aPerson(2)]);
        await tables.people.upsert([aPerson(3, { key: "E1" })]).catch(() => 0);
      }),
    );
    assert.deepEqual(await store.people.all(), [aPerson(1)]);
  });

  storeTest("one that fails takes nothing of the others with it", async ({ store, other }) => {
    await store.journal.put(anEntry("stp_5", { state: "ok" }), null);
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : other).journal.put(anEntry(`stp_${index}`), null),
      ),
    );
    assert.deepEqual(
      results.flatMap((result, index) => (result.status === "rejected" ? [index] : [])),
      [5],
    );
    assert.equal((await store.journal.all("run_1")).length, 20);
  });

  storeTest("writers at the same time lose nothing of each other", async ({ store, other }) => {
    await store.runs.add(aRun("run_1"));
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : other).transaction(async (tables) => {
          const record = { actor: "cli", action: "count", object: "run_1", outcome: "ok", details: { index } };
          await tables.audit.append(record, "2026-11-20T09:00:00.000Z");
          await tables.people.upsert([aPerson(index)]);
        }),
      ),
    );
    assert.equal((await store.audit.byObject("run_1", 100)).length, 20);
    assert.equal((await store.people.all()).length, 20);
  });
}

function misuse(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest("calling the store from inside its own transaction is an error, not a deadlock", async ({ store }) => {
    for (const call of [() => store.people.upsert([aPerson(2)]), () => store.people.all()]) {
      await assert.rejects(
        async () =>
          store.transaction(async (tables) => {
            await tables.people.upsert([aPerson(1)]);
            await call();
          }),
        withCode("internal", /inside one of its transactions/),
      );
    }
    assert.deepEqual(await store.people.all(), []);
  });

  storeTest("what a transaction has started may use the store once it is over", async ({ store }) => {
    let later: Promise<number> | undefined;
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    await store.transaction(async () => {
      later = opened.then(() => store.people.upsert([aPerson(1)]));
    });
    open();
    assert.equal(await later, 1);
  });

  storeTest("a closed store says so", async ({ store }) => {
    await store.close();
    await assert.rejects(async () => store.people.upsert([aPerson(1)]), withCode("storage"));
    await assert.rejects(async () => store.people.all(), withCode("storage"));
  });
}
