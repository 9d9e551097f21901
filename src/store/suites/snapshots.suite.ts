import assert from "node:assert/strict";
import type { Observation } from "../../model/account.ts";
import type { Listing } from "../../model/snapshot.ts";
import type { OpenStore } from "../open.ts";
import { aListing, aMembership, anAccount, aSnapshot } from "./fixtures.ts";
import { storeTests, withCode, type OpenHarness } from "./harness.ts";

const NO_PROOF = { proof: null, warnings: ["a page failed"] };

async function commit(
  store: OpenStore,
  id: string,
  items: readonly Observation[],
  listing: Partial<Listing> = {},
): Promise<number> {
  const { written } = await store.snapshots.commit(aSnapshot(id), [{ listing: aListing("user", listing), items }]);
  return written;
}

async function currentIds(store: OpenStore, kind?: string): Promise<readonly string[]> {
  return (await store.snapshots.current("crm", kind)).map((row) => row.observation.id);
}

/** Snapshots and the rows that live through them. */
export function snapshotSuite(name: string, open: OpenHarness): void {
  spans(name, open);
  absence(name, open);
  singleRows(name, open);
}

function spans(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest("a row keeps the snapshot that first showed it, and is not written again", async ({ store }) => {
    assert.equal(await commit(store, "snp_1", [anAccount("1"), anAccount("2")]), 2);
    assert.equal(await commit(store, "snp_2", [anAccount("1"), anAccount("2", { state: "suspended" })]), 1);
    assert.equal(await commit(store, "snp_3", [anAccount("1"), anAccount("2", { state: "suspended" })]), 0);
    assert.deepEqual(await store.snapshots.current("crm"), [
      { observation: anAccount("1"), parent: null, since: "snp_1", goneIn: null, unseenIn: null },
      {
        observation: anAccount("2", { state: "suspended" }),
        parent: null,
        since: "snp_2",
        goneIn: null,
        unseenIn: null,
      },
    ]);
  });

  storeTest("the order of a vendor's fields is no change", async ({ store }) => {
    await commit(store, "snp_1", [anAccount("1", { raw: { id: "1", name: "A", role: "B" } })]);
    assert.equal(await commit(store, "snp_2", [anAccount("1", { raw: { role: "B", name: "A", id: "1" } })]), 0);
    assert.equal(await commit(store, "snp_3", [anAccount("1", { raw: { role: "A", name: "B", id: "1" } })]), 1);
  });

  storeTest("the latest snapshot is the one that was stored last, each connection for itself", async ({ store }) => {
    assert.equal(await store.snapshots.latest("crm"), null);
    await store.snapshots.commit(aSnapshot("snp_9"), []);
    await store.snapshots.commit(aSnapshot("snp_1"), []);
    await store.snapshots.commit(aSnapshot("snp_5", { connection: "inbox" }), []);
    assert.deepEqual(await store.snapshots.latest("crm"), aSnapshot("snp_1"));
    assert.deepEqual(await store.snapshots.get("snp_9"), aSnapshot("snp_9"));
    assert.equal(await store.snapshots.get("snp_404"), null);
  });

  storeTest("kinds, parents and connections are apart", async ({ store }) => {
    await store.snapshots.commit(aSnapshot("snp_1"), [
      { listing: aListing("user"), items: [anAccount("1")] },
      { listing: aListing("member", { parent: "t1" }), items: [aMembership("t1", "1")] },
      { listing: aListing("member", { parent: "t2" }), items: [aMembership("t2", "1")] },
    ]);
    await store.snapshots.commit(aSnapshot("snp_2", { connection: "inbox" }), [
      { listing: aListing("user"), items: [] },
    ]);
    await store.snapshots.commit(aSnapshot("snp_3"), [{ listing: aListing("member", { parent: "t2" }), items: [] }]);
    assert.deepEqual(
      (await store.snapshots.current("crm", "member")).map((row) => row.parent),
      ["t1"],
    );
    assert.deepEqual(await currentIds(store, "user"), ["1"]);
  });

  storeTest("a listing comes once in a snapshot", async ({ store }) => {
    const items = [{ listing: aListing("user"), items: [] }];
    await assert.rejects(
      async () => store.snapshots.commit(aSnapshot("snp_1"), [...items, ...items]),
      withCode("internal"),
    );
    assert.equal(await store.snapshots.latest("crm"), null);
  });
}

function absence(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest(
    "[S7] a row that a whole listing lacks is gone; one that a listing without proof lacks is only unseen",
    async ({ store }) => {
      await commit(store, "snp_1", [anAccount("1"), anAccount("2"), anAccount("3")]);
      assert.equal(await commit(store, "snp_2", [anAccount("1")], NO_PROOF), 2);
      assert.deepEqual(
        (await store.snapshots.current("crm")).map((row) => row.unseenIn),
        [null, "snp_2", "snp_2"],
      );
      assert.equal(await commit(store, "snp_3", [anAccount("1")], NO_PROOF), 0);
      assert.equal(await commit(store, "snp_4", [anAccount("1"), anAccount("2")]), 2);
      assert.deepEqual(
        (await store.snapshots.current("crm")).map((row) => [row.observation.id, row.unseenIn]),
        [
          ["1", null],
          ["2", null],
        ],
      );
      assert.deepEqual(await store.snapshots.gone("crm", 10), [
        { observation: anAccount("3"), parent: null, since: "snp_1", goneIn: "snp_4", unseenIn: "snp_2" },
      ]);
    },
  );

  storeTest("what comes back is there since then, and no longer among what has gone", async ({ store }) => {
    await commit(store, "snp_1", [anAccount("1")]);
    await commit(store, "snp_2", []);
    assert.deepEqual(await currentIds(store), []);
    assert.equal(await commit(store, "snp_3", [anAccount("1")]), 1);
    assert.deepEqual(
      (await store.snapshots.current("crm")).map((row) => row.since),
      ["snp_3"],
    );
    assert.deepEqual(await store.snapshots.gone("crm", 10), []);
  });

  storeTest("what has gone comes newest first, and bounded", async ({ store }) => {
    await commit(store, "snp_1", [anAccount("1"), anAccount("2"), anAccount("3")]);
    await commit(store, "snp_2", [anAccount("1"), anAccount("3")]);
    await commit(store, "snp_3", [anAccount("3")]);
    assert.deepEqual(
      (await store.snapshots.gone("crm", 10)).map((row) => row.observation.id),
      ["1", "2"],
    );
    assert.equal((await store.snapshots.gone("crm", 1)).length, 1);
  });
}

function singleRows(name: string, open: OpenHarness): void {
  storeTests(name, open)("a single read changes one row, or proves that it has gone", async ({ store }) => {
    await commit(store, "snp_1", [anAccount("1"), anAccount("2")]);
    const row = { connection: "crm", snapshot: "snp_2", kind: "user", parent: null };
    await store.snapshots.observe({ ...row, id: "1", observation: anAccount("1", { state: "suspended" }) });
    await store.snapshots.observe({ ...row, id: "2", observation: null });
    await store.snapshots.observe({ ...row, id: "3", observation: anAccount("3") });
    await store.snapshots.observe({ ...row, id: "4", observation: null });
    assert.deepEqual(
      (await store.snapshots.current("crm")).map((one) => [one.observation.id, one.since]),
      [
        ["1", "snp_2"],
        ["3", "snp_2"],
      ],
    );
    await store.snapshots.observe({ ...row, snapshot: "snp_3", id: "3", observation: anAccount("3") });
    await store.snapshots.observe({ ...row, snapshot: "snp_3", id: "2", observation: null });
    assert.deepEqual(
      (await store.snapshots.gone("crm", 10)).map((one) => [one.observation.id, one.goneIn]),
      [["2", "snp_2"]],
    );
    assert.equal((await store.snapshots.current("crm"))[1]?.since, "snp_2");
  });
}
