import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld, type World } from "../../test/world.ts";
import { DATA, mutationNamed } from "../../test/world/mutations.ts";
import type { SyncResult } from "../app/contract.ts";
import type { Snapshot } from "../model/snapshot.ts";

const PEOPLE = 1_150;

/** An account list of a dozen pages. */
const MANY = {
  ...DATA,
  followupboss: {
    teams: [],
    people: [],
    users: Array.from({ length: PEOPLE }, (_, index) => ({
      id: index + 1,
      name: `Person ${index + 1}`,
      email: `person${index + 1}@example.com`,
      role: "Agent",
      created: "2024-01-02T00:00:00Z",
    })),
  },
};

async function read(world: World, app: "followupboss" | "front"): Promise<Snapshot> {
  const result: SyncResult = await world.call("sync", { apps: [app] });
  assert.deepEqual(result.failed, []);
  const [snapshot] = result.snapshots;
  assert.ok(snapshot !== undefined);
  return snapshot;
}

test("a read stores one snapshot with a proof for each listing; the same again writes no row anew", async () => {
  await withWorld({ data: DATA }, async (world) => {
    const first = await read(world, "front");
    assert.equal(first.complete, true);
    assert.deepEqual([...new Set(first.listings.map((listing) => listing.kind))], ["team", "teammate", "membership"]);
    const before = await world.drive(world.store.snapshots.current("front"));
    await read(world, "front");
    const after = await world.drive(world.store.snapshots.current("front"));
    assert.ok(after.length > 0);
    assert.ok(after.every((row) => row.since === first.id && row.goneIn === null));
    assert.equal(after.length, before.length);
  });
});

test("members of a team that is no longer there are gone with it, by the proof of the list of teams", async () => {
  await withWorld({ data: DATA }, async (world) => {
    await read(world, "front");
    const members = await world.drive(world.store.snapshots.current("front", "membership"));
    const team = members[0]?.parent ?? "";
    assert.notEqual(team, "");
    world.emulator("front").drop("team", team);
    const snapshot = await read(world, "front");
    const left = await world.drive(world.store.snapshots.current("front", "membership"));
    assert.equal(left.filter((row) => row.parent === team).length, 0);
    const gone = await world.drive(world.store.snapshots.gone("front", 100));
    assert.ok(gone.some((row) => row.parent === team && row.goneIn === snapshot.id));
  });
});

test("[A2] an app that cannot be read leaves no snapshot: the one before stays, and the error says what to do", async () => {
  await withWorld({ data: DATA }, async (world) => {
    const before = await read(world, "front");
    await world.fault("front", { fault: "F23", status: 401, path: "/teammates" });
    const result = await world.call("sync", { apps: ["front", "followupboss"] });
    world.assertFired("front");
    assert.deepEqual(
      result.failed.map(({ app, next }) => [app, next]),
      [["front", "tenure apps test front"]],
    );
    assert.deepEqual(
      result.snapshots.map((snapshot) => snapshot.connection),
      ["followupboss"],
    );
    assert.equal((await world.drive(world.store.snapshots.latest("front")))?.id, before.id);
  });
});

test("[A6] a walk that a crash cut off goes on from its last page, and proves nothing; the next one is whole", async () => {
  await withWorld({ data: MANY }, async (world) => {
    const pages = (): number => world.requests("followupboss", "GET", /\/users$/).length;
    const reading = world.begin("sync", { apps: ["followupboss"] });
    await world.until(() => pages() >= 11);
    world.crash();
    void reading;
    await world.restart();
    const asked = pages();
    const resumed = await read(world, "followupboss");
    const users = resumed.listings.find((listing) => listing.kind === "user");
    assert.equal(users?.count, PEOPLE);
    assert.equal(users?.proof, null);
    assert.match(users?.warnings.join(" ") ?? "", /interrupted/);
    assert.ok(pages() - asked < 12, "pages that were kept are not read again");
    const whole = await read(world, "followupboss");
    assert.equal(whole.complete, true);
    assert.equal(whole.listings.find((listing) => listing.kind === "user")?.proof?.method, "two-walks");
  });
});

test("[C13] a credential that opens another account stores nothing, until a human says that it is meant", async () => {
  await withWorld({ data: MANY }, async (world) => {
    const before = await read(world, "followupboss");
    const others = Array.from({ length: 20 }, (_, index) => ({
      id: index + 1,
      name: `Stranger ${index + 1}`,
      email: `stranger${index + 1}@other.example`,
      role: "Agent",
      created: "2024-01-02T00:00:00Z",
    }));
    await world.emulator("followupboss").reset({ data: { users: others } });
    const refused = await world.call("sync", { apps: ["followupboss"] });
    assert.match(refused.failed[0]?.error ?? "", /1150 of the 1150 accounts known .* same Follow Up Boss account\?/);
    assert.equal((await world.drive(world.store.snapshots.latest("followupboss")))?.id, before.id);
    const accepted = await world.call("sync", { apps: ["followupboss"], acceptLoss: true });
    assert.deepEqual(accepted.failed, []);
    assert.notEqual((await world.drive(world.store.snapshots.latest("followupboss")))?.id, before.id);
  });
});

test("a plan is refused before the first call when the credential opens another account than it was made from", async () => {
  await withWorld({ data: DATA }, async (world) => {
    await read(world, "followupboss");
    const plan = await world.addPlan([mutationNamed("POST /users").step]);
    const others = [1, 7, 8, 9].map((id) => ({
      id,
      name: `Stranger ${id}`,
      email: `s${id}@other.example`,
      role: "Agent",
    }));
    await world.emulator("followupboss").reset({ data: { users: others } });
    await assert.rejects(world.apply(plan), /seems to open another account\. Nothing was done/);
    assert.equal(world.effects("followupboss").length, 0);
  });
});
