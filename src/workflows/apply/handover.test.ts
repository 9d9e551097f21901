import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import type { Step } from "../../model/plan.ts";
import { withWorld, type World, type WorldOptions } from "../../../test/world.ts";
import { DATA, KIM, MAYA } from "../../../test/world/mutations.ts";
import { makeStep, numbered } from "../../../test/world/steps.ts";

const target = { id: "7", email: MAYA, label: "Maya Okafor" };
const kim = { kind: "user", id: "8", madeBy: null, email: KIM, label: "Kim Ito" };
const app = "followupboss";

const suspend = makeStep({
  app,
  target,
  action: { verb: "suspend" },
  precondition: { fields: { state: "active" } },
  after: { state: "suspended" },
});
const transfer = makeStep({
  app,
  target,
  action: { verb: "transfer", holding: "lead", to: kim, count: 5 },
  precondition: { fields: { state: "suspended" } },
  after: { holdings: 0 },
  dependsOn: [suspend.id],
});
const verify = makeStep({
  app,
  target,
  action: { verb: "verifyNone", holding: "lead" },
  precondition: { fields: { state: "suspended" } },
  after: { holdings: 0 },
  dependsOn: [suspend.id, transfer.id],
});
const erase = makeStep({
  app,
  target,
  action: { verb: "remove" },
  precondition: { fields: { state: "suspended" }, noHoldings: ["lead"] },
  after: { exists: false },
  undo: "never",
  dependsOn: [suspend.id, transfer.id, verify.id],
});
const LEAVER = numbered(suspend, transfer, verify, erase);

function planted(body: (world: World) => Promise<void>, options: WorldOptions = {}): () => Promise<void> {
  return () => withWorld({ data: DATA, ...options }, body);
}

function owners(world: World): readonly JsonValue[] {
  return world.rows(app, "people").map((lead) => lead["ownerId"] ?? null);
}

function nameOf(lead: JsonObject): string {
  return typeof lead["name"] === "string" ? lead["name"] : "";
}

function isThere(world: World, id: number): boolean {
  return world.rows(app, "users").some((user) => user["id"] === id);
}

function addLead(world: World): void {
  world.emulator(app).create("person", { name: "Late Lead", ownerId: 7 });
}

/** Does something once, when the step comes to this point. */
function at(world: World, step: Step, point: string, what: () => void): void {
  let done = false;
  world.onPoint = (here, about) => {
    if (done || here !== point || about.id !== step.id) return;
    done = true;
    what();
  };
}

/** How many leads were ever left to nobody. */
function orphans(world: World): number {
  return owners(world).filter((owner) => owner === null).length;
}

test(
  "[S8] leads go to the successor first, then the account goes",
  planted(async (world) => {
    const result = await world.apply(await world.addPlan(LEAVER));
    assert.equal(result.exit, 0);
    assert.deepEqual(owners(world), [8, 8, 8, 8, 8]);
    assert.equal(isThere(world, 7), false);
    const writes = world.effects(app).map((entry) => `${entry.method} ${entry.path.replace(/\d+$/, "")}`);
    assert.deepEqual(writes, ["PUT /v1/users/", ...Array(5).fill("PUT /v1/people/"), "DELETE /v1/users/"]);
    assert.equal((await world.entry(result, transfer)).receipt?.note, "5 handed over");
  }),
);

test(
  "[D13] a lead that arrives between the hand-over and its check is handed over too",
  planted(async (world) => {
    at(world, transfer, "after-end", () => addLead(world));
    const result = await world.apply(await world.addPlan(LEAVER));
    assert.equal(result.exit, 0);
    assert.deepEqual(owners(world), [8, 8, 8, 8, 8, 8]);
  }),
);

test(
  "[D13] a lead that arrives after the check is found before the removal and handed over",
  planted(async (world) => {
    at(world, verify, "after-end", () => addLead(world));
    const result = await world.apply(await world.addPlan(LEAVER));
    assert.equal(result.exit, 0);
    assert.deepEqual(owners(world), [8, 8, 8, 8, 8, 8]);
    assert.equal(isThere(world, 7), false);
    const order = world.effects(app).map((entry) => entry.method);
    assert.equal(order.at(-1), "DELETE");
  }),
);

test(
  "[D13] a removal that the app refuses for a lead of the last moment hands it over and goes on",
  planted(async (world) => {
    world.emulator(app).set("deleteWithLeads", "reject");
    at(world, erase, "after-intent", () => addLead(world));
    const result = await world.apply(await world.addPlan(LEAVER));
    assert.equal(result.exit, 0);
    assert.deepEqual(owners(world), [8, 8, 8, 8, 8, 8]);
    assert.deepEqual(
      world.requests(app, "DELETE", /users/).map((entry) => entry.status),
      [409, 204],
    );
  }),
);

test(
  "[F64] leads that keep arriving park the step in the end, and the account stays",
  planted(async (world) => {
    await world.fault(app, { fault: "F64", method: "PUT", path: "^/v1/people/", phase: "before" });
    const result = await world.apply(await world.addPlan(LEAVER));
    const entry = await world.entry(result, transfer);
    assert.equal(entry.state, "parked");
    assert.match(entry.reason ?? "", /keep coming: stop that, then resume/);
    assert.equal(isThere(world, 7), true);
    assert.equal(orphans(world), 0);
    assert.ok(world.requests(app, "PUT", /people/).length < 500);
    await world.fault(app);
    const resumed = await world.resume(result.run.id);
    assert.equal(resumed.exit, 0);
    assert.ok(owners(world).every((owner) => owner === 8));
  }),
);

test(
  "[X-03] a filter that the app ignores: nobody else's lead is touched",
  planted(async (world) => {
    const fub = world.emulator(app);
    fub.set("ignoreUnknownFilters", true);
    for (let number = 0; number < 230; number += 1) {
      fub.create("person", { name: `Foreign ${number}`, ownerId: number % 2 === 0 ? 1 : 9 });
    }
    const foreign = (): readonly JsonValue[] =>
      world.rows(app, "people").filter((lead) => nameOf(lead).startsWith("Foreign"));
    const before = foreign();
    const result = await world.apply(await world.addPlan(LEAVER));
    assert.equal(result.exit, 0);
    assert.deepEqual(foreign(), before);
    const ours = world.rows(app, "people").filter((lead) => nameOf(lead).startsWith("Lead"));
    assert.deepEqual(
      ours.map((lead) => lead["ownerId"]),
      [8, 8, 8, 8, 8],
    );
    assert.equal(world.requests(app, "PUT", /people/).length, 5);
  }),
);

test(
  "[D12] hand-overs that the app does not carry out keep the account",
  planted(async (world) => {
    await world.fault(app, { fault: "F54", method: "PUT", path: "^/v1/people/10[34]$" });
    const result = await world.apply(await world.addPlan(LEAVER));
    const entry = await world.entry(result, transfer);
    assert.equal(entry.state, "failed");
    assert.equal(entry.receipt?.readBack, "mismatch");
    assert.match(entry.reason ?? "", /said yes, but 2 leads are still listed with Maya Okafor/);
    const last = await world.entry(result, erase);
    assert.equal(last.state, "waiting");
    assert.match(last.reason ?? "", /waits for step 2, which ended failed/);
    assert.equal(isThere(world, 7), true);
    assert.equal(world.requests(app, "DELETE", /users/).length, 0);
  }),
);

test(
  "[D12] one lead that is refused keeps the account, whatever was moved before",
  planted(async (world) => {
    await world.fault(app, { fault: "F20", status: 422, phase: "before", method: "PUT", path: "^/v1/people/103$" });
    const result = await world.apply(await world.addPlan(LEAVER));
    assert.equal((await world.entry(result, transfer)).state, "failed");
    assert.equal(isThere(world, 7), true);
    assert.equal(world.requests(app, "DELETE", /users/).length, 0);
  }),
);

test(
  "a lead that somebody else took meanwhile stays with them",
  planted(async (world) => {
    at(world, transfer, "after-intent", () => {
      world.emulator(app).mutate({ op: "update", kind: "person", id: "104", data: { ownerId: 9 } });
    });
    // The listing showed it with the leaver; the one call for it is not conditional, so that it must not be sent twice.
    const result = await world.apply(await world.addPlan(LEAVER));
    assert.equal(result.exit, 0);
    assert.equal(world.requests(app, "PUT", /people\/104$/).length, 1);
    assert.equal(orphans(world), 0);
  }),
);

test(
  "[FUB-62] 250 leads go over in journal batches, with progress on the way",
  planted(async (world) => {
    for (let number = 0; number < 245; number += 1) world.emulator(app).create("person", { ownerId: 7 });
    const result = await world.apply(await world.addPlan(LEAVER));
    assert.equal(result.exit, 0);
    assert.ok(owners(world).every((owner) => owner === 8));
    const entry = await world.entry(result, transfer);
    assert.deepEqual(entry.progress, { done: 250, total: 250 });
    assert.equal(entry.attempts.length, 3);
    const told = world.process.events.flatMap((event) => (event.type === "step.progress" ? [event.done] : []));
    assert.deepEqual(told, [100, 200, 250]);
  }),
);

test(
  "nothing to hand over: the step is skipped, and the account goes",
  planted(async (world) => {
    const step = makeStep({
      app,
      target: { id: "9", email: "lee.empty@example.com" },
      action: { verb: "transfer", holding: "lead", to: kim, count: 3 },
      after: { holdings: 0 },
    });
    const result = await world.run(step);
    const entry = await world.entry(result, step);
    assert.equal(entry.state, "skipped");
    assert.equal(entry.reason, "nothing was left to hand over");
  }),
);

test(
  "the successor's account may be one that the same run makes",
  planted(async (world) => {
    const email = "new.agent@example.com";
    const make = makeStep({
      app,
      target: { email },
      action: {
        verb: "create",
        draft: {
          email,
          displayName: "New Agent",
          givenName: "New",
          familyName: "Agent",
          phone: null,
          role: "Agent",
          teams: [],
          attributes: {},
        },
      },
      after: { exists: true, email },
    });
    const to = { kind: "user", id: null, madeBy: make.id, email, label: "New Agent" };
    const give = makeStep({
      app,
      target,
      action: { verb: "transfer", holding: "lead", to, count: 5 },
      after: { holdings: 0 },
      dependsOn: [make.id],
    });
    const last = makeStep({
      app,
      target,
      action: { verb: "remove" },
      precondition: { noHoldings: ["lead"] },
      after: { exists: false },
      dependsOn: [give.id],
    });
    at(world, give, "after-end", () => addLead(world));
    const result = await world.apply(await world.addPlan(numbered(make, give, last)));
    assert.equal(result.exit, 0);
    const id = world.rows(app, "users").find((user) => user["email"] === email)?.["id"];
    assert.deepEqual(owners(world), Array(6).fill(id));
  }),
);
