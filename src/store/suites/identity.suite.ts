import assert from "node:assert/strict";
import { aFinding, aLink } from "./fixtures.ts";
import { storeTests, withCode, type OpenHarness } from "./harness.ts";

/** Links, findings and what is known of connections. */
export function identitySuite(name: string, open: OpenHarness): void {
  links(name, open);
  findings(name, open);
  connections(name, open);
}

function links(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest("links are found by id, person, account and connection", async ({ store }) => {
    const mine = aLink("lnk_1", "per_1", "7");
    const elsewhere = aLink("lnk_2", "per_1", "7", { account: { connection: "inbox", kind: "user", id: "7" } });
    await store.links.put(mine);
    await store.links.put(elsewhere);
    assert.deepEqual(await store.links.all(), [mine, elsewhere]);
    assert.deepEqual(await store.links.all("inbox"), [elsewhere]);
    assert.deepEqual(await store.links.get("lnk_1"), mine);
    assert.deepEqual(await store.links.byPerson("per_1"), [mine, elsewhere]);
    assert.deepEqual(await store.links.confirmed(mine.account), mine);
    assert.equal(await store.links.confirmed({ ...mine.account, kind: "bot" }), null);
  });

  storeTest("[B5] an account has one confirmed link, whatever else is proposed", async ({ store }) => {
    await store.links.put(aLink("lnk_1", "per_1", "7"));
    await store.links.put(aLink("lnk_2", "per_2", "7", { state: "candidate" }));
    await assert.rejects(async () => store.links.put(aLink("lnk_3", "per_3", "7")), withCode("conflict", /per_1/));
    await assert.rejects(
      async () => store.links.decide("lnk_2", "confirmed", "ana", "2026-11-20T10:00:00.000Z"),
      withCode("conflict"),
    );
    await store.links.decide("lnk_1", "rejected", "ana", "2026-11-20T10:00:00.000Z");
    await store.links.decide("lnk_2", "confirmed", "ana", "2026-11-20T10:01:00.000Z");
    const link = await store.links.confirmed({ connection: "crm", kind: "user", id: "7" });
    assert.deepEqual([link?.person, link?.decidedBy, link?.decidedAt], ["per_2", "ana", "2026-11-20T10:01:00.000Z"]);
    assert.equal((await store.links.get("lnk_1"))?.state, "rejected");
  });

  storeTest("of two who link an account at the same time one is refused", async ({ store, other }) => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? store : other).links.put(aLink(`lnk_${index}`, `per_${index}`, "7")),
      ),
    );
    assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
    for (const result of results) {
      if (result.status === "rejected") assert.ok(withCode("conflict")(result.reason));
    }
    assert.equal((await store.links.all("crm")).length, 1);
  });

  storeTest("a link that is not there cannot be decided", async ({ store }) => {
    await assert.rejects(async () => store.links.decide("lnk_404", "confirmed", "ana", ""), withCode("missing"));
  });
}

function findings(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  const [nine, ten, eleven] = ["2026-11-20T09:00:00.000Z", "2026-11-20T10:00:00.000Z", "2026-11-20T11:00:00.000Z"];

  storeTest("a finding keeps its first time while it stays, and closes when it no longer shows", async ({ store }) => {
    await store.findings.replace([aFinding("fnd_1"), aFinding("fnd_2")], ["crm"], nine);
    await store.findings.replace([aFinding("fnd_1", { title: "Still nobody" })], ["crm"], ten);
    assert.deepEqual(await store.findings.open(), [
      { ...aFinding("fnd_1", { title: "Still nobody" }), firstSeenAt: nine, lastSeenAt: ten, closedAt: null },
    ]);
    assert.deepEqual(await store.findings.get("fnd_2"), {
      ...aFinding("fnd_2"),
      firstSeenAt: nine,
      lastSeenAt: nine,
      closedAt: ten,
    });
    assert.equal(await store.findings.get("fnd_3"), null);
  });

  storeTest("a finding that comes back begins anew", async ({ store }) => {
    await store.findings.replace([aFinding("fnd_1")], ["crm"], nine);
    await store.findings.replace([], ["crm"], ten);
    assert.deepEqual(await store.findings.open(), []);
    await store.findings.replace([aFinding("fnd_1")], ["crm"], eleven);
    assert.equal((await store.findings.get("fnd_1"))?.firstSeenAt, eleven);
    assert.equal((await store.findings.get("fnd_1"))?.closedAt, null);
  });

  storeTest("connections that were not checked keep their findings", async ({ store }) => {
    const inbox = aFinding("fnd_2", { connection: "inbox" });
    await store.findings.replace([aFinding("fnd_1"), inbox], ["crm", "inbox"], nine);
    await store.findings.replace([], ["crm"], ten);
    assert.deepEqual(await store.findings.open(), [{ ...inbox, firstSeenAt: nine, lastSeenAt: nine, closedAt: null }]);
    await assert.rejects(async () => store.findings.replace([inbox], ["crm"], ten), withCode("internal", /inbox/));
  });
}

function connections(name: string, open: OpenHarness): void {
  storeTests(name, open)("what is known of a connection is kept as it was put last", async ({ store }) => {
    const state = { connection: "crm", off: { remove: "405" }, keyOwner: "7", health: { ok: true }, updatedAt: "now" };
    assert.equal(await store.connections.get("crm"), null);
    await store.connections.put({ ...state, off: {} });
    await store.connections.put(state);
    assert.deepEqual(await store.connections.get("crm"), state);
  });
}
