import assert from "node:assert/strict";
import { test } from "node:test";
import type { JournalEntry } from "../../model/run.ts";
import type { Step } from "../../model/plan.ts";
import { withWorld, type World } from "../../../test/world.ts";
import { DATA, KIM, LEE, MAYA, mutationNamed, NEW } from "../../../test/world/mutations.ts";
import { draftOf, makeStep, personOf } from "../../../test/world/steps.ts";

const suspend = mutationNamed("PUT /users/{id} (activeFlag)").step;
const handOver = mutationNamed("PUT /people/{id} (ownerId)").step;
const erase = mutationNamed("DELETE /users/{id}").step;
const deactivate = mutationNamed("DELETE /teammates/{id}").step;
const invite = mutationNamed("POST /teammates").step;

/** Applies the one step and gives what the journal says of it. */
async function applied(world: World, step: Step): Promise<JournalEntry> {
  return world.entry(await world.run(step), step);
}

/** Requests that could change something. */
function writes(world: World): readonly string[] {
  return (["followupboss", "front"] as const).flatMap((app) =>
    world
      .emulator(app)
      .journal()
      .filter((entry) => entry.method !== "GET")
      .map((entry) => `${entry.method} ${entry.path}`),
  );
}

function planted(body: (world: World) => Promise<void>): () => Promise<void> {
  return () => withWorld({ data: DATA }, body);
}

test(
  "[F1] a field that changed after the plan makes the step stale, and nothing is sent",
  planted(async (world) => {
    world.emulator("followupboss").mutate({ op: "update", kind: "user", id: "7", data: { phone: "+1 1" } });
    const step = mutationNamed("PUT /users/{id} (fields)").step;
    const entry = await applied(world, step);
    assert.equal(entry.state, "stale");
    assert.match(entry.reason ?? "", /phone.*plan again/);
    assert.deepEqual(writes(world), []);
  }),
);

test(
  "a field that changed but does not concern the step does not hold it up",
  planted(async (world) => {
    world.emulator("followupboss").mutate({ op: "update", kind: "user", id: "7", data: { timezone: "Europe/Paris" } });
    assert.equal((await applied(world, suspend)).state, "ok");
  }),
);

test(
  "[B12] another account under the same address is never taken for the one of the plan",
  planted(async (world) => {
    const fub = world.emulator("followupboss");
    fub.mutate({ op: "delete", kind: "user", id: "7" });
    fub.mutate({ op: "create", kind: "user", data: { id: 20, name: "Maya", email: MAYA } });
    const entry = await applied(world, suspend);
    assert.equal(entry.state, "stale");
    assert.deepEqual(writes(world), []);
    assert.equal(world.rows("followupboss", "users").find((user) => user["id"] === 20)?.["activeFlag"], true);
  }),
);

test(
  "[B12] an id under which somebody else stands now is not touched",
  planted(async (world) => {
    world
      .emulator("followupboss")
      .mutate({ op: "update", kind: "user", id: "9", data: { email: "other.person@example.com" } });
    const entry = await applied(world, erase);
    assert.equal(entry.state, "stale");
    assert.match(entry.reason ?? "", /email/);
    assert.deepEqual(writes(world), []);
  }),
);

test(
  "[B12] an account that was made anew since then is another account",
  planted(async (world) => {
    const step = makeStep({
      app: "followupboss",
      target: { id: "9", email: LEE },
      action: { verb: "remove" },
      precondition: { fields: { createdAt: "2023-05-05T00:00:00Z" } },
      after: { exists: false },
    });
    const entry = await applied(world, step);
    assert.equal(entry.state, "stale");
    assert.match(entry.reason ?? "", /createdAt/);
    assert.deepEqual(writes(world), []);
  }),
);

test(
  "[B12] a hand-over from an account that is somebody else's now moves nothing",
  planted(async (world) => {
    world.emulator("followupboss").mutate({ op: "update", kind: "user", id: "7", data: { email: "x@example.com" } });
    assert.equal((await applied(world, handOver)).state, "stale");
    assert.deepEqual(writes(world), []);
  }),
);

const FACT = { accessEndsAt: "2026-11-20T08:00:00.000Z" };
const person = personOf(MAYA, { status: "terminated", accessEndsAt: FACT.accessEndsAt });
const rested = (step: Step): Step => ({
  ...step,
  person: person.id,
  precondition: { ...step.precondition, person: FACT },
});
const byHand = makeStep({
  app: "front",
  target: { id: "tea_7", email: MAYA },
  action: { verb: "manual", instructions: "Block her.", proof: { kind: "state", state: "removed" } },
  precondition: { expect: "none" },
  after: { state: "removed" },
});

for (const [what, step] of Object.entries({ suspend, handOver, deactivate, byHand })) {
  test(
    `[A16] ${what}: an end of access that was moved after the plan stops the step`,
    planted(async (world) => {
      await world.addPeople([person]);
      const plan = await world.addPlan([rested(step)]);
      await world.addPeople([{ ...person, status: "active", accessEndsAt: "2027-01-31T08:00:00.000Z" }]);
      const result = await world.apply(plan);
      const entry = await world.entry(result, step);
      assert.equal(entry.state, "stale");
      assert.match(entry.reason ?? "", /roster changed.*accessEndsAt/);
      assert.deepEqual(writes(world), []);
    }),
  );
}

test(
  "[A16] a fact that still stands lets the step through",
  planted(async (world) => {
    await world.addPeople([person]);
    const step = rested(suspend);
    assert.equal((await applied(world, step)).state, "ok");
  }),
);

test(
  "what is so already is not sent",
  planted(async (world) => {
    world.emulator("followupboss").mutate({ op: "update", kind: "user", id: "7", data: { activeFlag: false } });
    const entry = await applied(world, suspend);
    assert.equal(entry.state, "skipped");
    assert.equal(entry.receipt?.readBack, "verified");
    assert.deepEqual(writes(world), []);
  }),
);

test(
  "[D7] a removal of what is gone already is done, and sends nothing",
  planted(async (world) => {
    world.emulator("followupboss").mutate({ op: "delete", kind: "user", id: "9" });
    assert.equal((await applied(world, erase)).state, "skipped");
    assert.deepEqual(writes(world), []);
  }),
);

test(
  "[D7] an account that goes between the check and the removal: 404 is the wish fulfilled",
  planted(async (world) => {
    await world.fault("followupboss", { fault: "F63", method: "DELETE", op: "delete", kind: "user", id: "9" });
    assert.equal((await applied(world, erase)).state, "ok");
    world.assertFired("followupboss");
    assert.equal(world.requests("followupboss", "DELETE", /users\/9/)[0]?.status, 404);
  }),
);

test(
  "a create where the address is taken is not sent: nothing would refuse the second one",
  planted(async (world) => {
    world.emulator("front").mutate({ op: "create", kind: "teammate", data: { email: NEW.toUpperCase() } });
    const entry = await applied(world, invite);
    assert.equal(entry.state, "stale");
    assert.deepEqual(writes(world), []);
    assert.deepEqual(world.emulator("front").outbox(), []);
  }),
);

test(
  "[G16] the owner of the vendor account is never taken out",
  planted(async (world) => {
    await world.fault("followupboss", {
      fault: "F31",
      variant: "value",
      key: "isOwner",
      value: true,
      path: "/users/9$",
    });
    const entry = await applied(world, erase);
    assert.equal(entry.state, "parked");
    assert.match(entry.reason ?? "", /owns/);
    assert.deepEqual(writes(world), []);
  }),
);

test(
  "[D6] a yes without effect is a failure, not a success: update",
  planted(async (world) => {
    const { step, request } = mutationNamed("PATCH /teammates/{id} (fields)");
    await world.fault("front", { fault: "F54", ...request });
    const started = world.clock.now();
    const entry = await applied(world, step);
    assert.equal(entry.state, "failed");
    assert.equal(entry.receipt?.readBack, "mismatch");
    assert.match(entry.reason ?? "", /said yes.*familyName/);
    assert.equal(writes(world).length, 1);
    assert.ok(world.clock.now() - started >= 60_000, "a read may lag for the settling time");
  }),
);

test(
  "[D6] a yes without effect is a failure, not a success: removal",
  planted(async (world) => {
    await world.fault("followupboss", { fault: "F54", method: "DELETE" });
    const entry = await applied(world, erase);
    assert.equal(entry.state, "failed");
    assert.equal(entry.receipt?.readBack, "mismatch");
    assert.equal(writes(world).length, 1);
  }),
);

test(
  "[D6] a write that took some fields only names the others",
  planted(async (world) => {
    const step = makeStep({
      app: "front",
      target: { id: "tea_7", email: MAYA },
      action: { verb: "update", changes: { givenName: "May", familyName: "Ito" } },
      after: { givenName: "May", familyName: "Ito" },
    });
    await world.fault("front", { fault: "F55", fields: ["last_name"], method: "PATCH" });
    const entry = await applied(world, step);
    assert.equal(entry.state, "failed");
    assert.match(entry.reason ?? "", /\(familyName\)/);
    assert.equal(entry.receipt?.readBack, "mismatch");
  }),
);

test(
  "[D2] reads that lag behind are waited for",
  planted(async (world) => {
    world.emulator("front").set("consistencyDelayMs", 20_000);
    await world.clock.advance(60_000);
    const entry = await applied(world, mutationNamed("PATCH /teammates/{id} (fields)").step);
    assert.equal(entry.state, "ok");
    assert.equal(writes(world).length, 1);
  }),
);

test(
  "[D2] a new account that shows late is not made twice",
  planted(async (world) => {
    world.emulator("front").set("consistencyDelayMs", 20_000);
    await world.clock.advance(60_000);
    await world.fault("front", { fault: "F05", method: "POST", path: "^/teammates$", times: 1 });
    const entry = await applied(world, invite);
    assert.equal(entry.state, "adopted");
    assert.equal(writes(world).length, 1);
    assert.equal(world.emulator("front").outbox().length, 1);
  }),
);

test(
  "what was made under a lost answer but not as planned is not taken for ours",
  planted(async (world) => {
    await world.fault("front", { fault: "F04", method: "POST", path: "^/teammates$" });
    const plan = await world.addPlan([invite]);
    const result = await world.apply(plan);
    assert.equal((await world.entry(result, invite)).state, "unknown");
    await world.fault("front");
    world.emulator("front").mutate({ op: "create", kind: "teammate", data: { email: NEW, first_name: "Someone" } });
    const entry = await world.entry(await world.resume(result.run.id), invite);
    assert.equal(entry.state, "stale");
    assert.match(entry.reason ?? "", /not as planned/);
  }),
);

test(
  "a credential that is refused at the read-back parks the step, and the resumed run only reads",
  planted(async (world) => {
    await world.fault("front", { fault: "F23", status: 401, method: "GET", path: "^/teammates/tea_7$", nth: 2 });
    const step = mutationNamed("PATCH /teammates/{id} (fields)").step;
    const result = await world.run(step);
    const parked = await world.entry(result, step);
    assert.equal(parked.state, "parked");
    assert.match(parked.reason ?? "", /refused the credential/);
    await world.fault("front");
    const entry = await world.entry(await world.resume(result.run.id), step);
    assert.equal(entry.state, "ok");
    assert.equal(entry.receipt?.readBack, "verified");
    assert.equal(writes(world).length, 1);
  }),
);

test(
  "a create whose proof was parked is proven when resumed, and never stale over its own account",
  planted(async (world) => {
    await world.fault("front", { fault: "F23", status: 401, method: "GET", path: "^/teammates/tea_" });
    const result = await world.run(invite);
    assert.equal((await world.entry(result, invite)).state, "parked");
    await world.fault("front");
    const entry = await world.entry(await world.resume(result.run.id), invite);
    assert.equal(entry.state, "ok");
    assert.equal(writes(world).length, 1);
  }),
);

test("a create by SCIM, whose answer names no teammate, is proven by the address", async () => {
  await withWorld({ data: DATA, settings: { front: { provisioning: "scim" } } }, async (world) => {
    const step = makeStep({
      app: "front",
      target: { email: NEW },
      action: { verb: "create", draft: draftOf(NEW) },
      after: { exists: true, email: NEW, givenName: "ana" },
    });
    const entry = await applied(world, step);
    assert.equal(entry.state, "ok");
    const made = world.rows("front", "teammates").find((row) => row["email"] === NEW);
    assert.equal(entry.accountId, made?.["id"]);
    assert.deepEqual(world.emulator("front").outbox(), []);
  });
});

test(
  "a successor who is gone or suspended takes nothing over",
  planted(async (world) => {
    const fub = world.emulator("followupboss");
    fub.mutate({ op: "update", kind: "user", id: "8", data: { activeFlag: false } });
    const suspended = await applied(world, handOver);
    assert.equal(suspended.state, "stale");
    assert.match(suspended.reason ?? "", /is suspended: plan again/);
    assert.deepEqual(writes(world), []);
  }),
);

test(
  "a successor whose account became somebody else's takes nothing over",
  planted(async (world) => {
    world.emulator("followupboss").mutate({ op: "update", kind: "user", id: "8", data: { email: `x.${KIM}` } });
    assert.equal((await applied(world, handOver)).state, "stale");
    assert.deepEqual(writes(world), []);
  }),
);

test(
  "[FUB-37] an app that clears what a write leaves out is noticed by the read-back, field by field",
  planted(async (world) => {
    world.emulator("followupboss").set("putMode", "replace");
    const step = makeStep({
      app: "followupboss",
      target: { id: "7", email: MAYA },
      action: { verb: "update", changes: { displayName: "Maya O. Ito" } },
      after: { displayName: "Maya O. Ito" },
    });
    const entry = await applied(world, step);
    assert.equal(entry.state, "ok");
    assert.match(entry.reason ?? "", /phone \(was \+1 510 555 0101, is nothing\)/);
    assert.match(entry.reason ?? "", /teams \(was \["1"\], is \[\]\)/);
    assert.equal(entry.receipt?.note, entry.reason);
  }),
);

test("[FUB-36] where a PUT is known to replace, every other field is sent along and stays", async () => {
  await withWorld({ data: DATA, settings: { followupboss: { putSemantics: "replace" } } }, async (world) => {
    world.emulator("followupboss").set("putMode", "replace");
    const before = world.rows("followupboss", "users").find((user) => user["id"] === 7);
    const { step } = mutationNamed("PUT /users/{id} (fields)");
    const entry = await applied(world, step);
    assert.equal(entry.state, "ok");
    assert.equal(entry.reason, null);
    const after = world.rows("followupboss", "users").find((user) => user["id"] === 7);
    assert.deepEqual({ ...after, updated: null }, { ...before, phone: "+1 510 555 0199", updated: null });
  });
});
