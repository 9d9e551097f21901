import assert from "node:assert/strict";
import { test } from "node:test";
import type { Step } from "../../model/plan.ts";
import { withWorld, type AppId, type World, type WorldOptions } from "../../../test/world.ts";
import { DATA, KIM, MAYA, mutationNamed, NEW } from "../../../test/world/mutations.ts";
import { draftOf, makeStep, numbered } from "../../../test/world/steps.ts";

const hire = mutationNamed("POST /users").step;
const invite = mutationNamed("POST /teammates").step;
const change = mutationNamed("PATCH /teammates/{id} (fields)").step;

function planted(body: (world: World) => Promise<void>, options: WorldOptions = {}): () => Promise<void> {
  return () => withWorld({ data: DATA, ...options }, body);
}

function newcomer(app: AppId, number: number): Step {
  const email = `new.hire${number}@example.com`;
  return makeStep({
    app,
    target: { email },
    action: { verb: "create", draft: draftOf(email) },
    after: { exists: true, email },
  });
}

for (const status of [401, 403]) {
  test(
    `[E11] ${status} on a write parks the step with what to mend, and the resumed run does it`,
    planted(async (world) => {
      await world.fault("front", { fault: "F23", status, method: "PATCH" });
      const result = await world.run(change);
      const parked = await world.entry(result, change);
      assert.equal(parked.state, "parked");
      assert.match(parked.reason ?? "", /refused the credential.*tenure apps test front, then resume/);
      assert.equal(result.exit, 8);
      await world.fault("front");
      const resumed = await world.resume(result.run.id);
      assert.equal(resumed.exit, 0);
      assert.equal(world.requests("front", "PATCH", /tea_7/).length, 2);
      assert.equal(world.effects("front").length, 1);
    }),
  );
}

test(
  "a verb that the app does not have is switched off, and no other step tries it",
  planted(async (world) => {
    const second = makeStep({
      app: "front",
      target: { id: "tea_8", email: KIM },
      action: { verb: "update", changes: { familyName: "Ito-Okafor" } },
      after: { familyName: "Ito-Okafor" },
      dependsOn: [],
    });
    await world.fault("front", { fault: "F20", phase: "before", status: 405, method: "PATCH" });
    const first = await world.run(change);
    assert.equal((await world.entry(first, change)).state, "parked");
    const known = await world.drive(world.store.connections.get("front"));
    assert.match(known?.off["update"] ?? "", /405/);
    const other = await world.run(second);
    const entry = await world.entry(other, second);
    assert.equal(entry.state, "parked");
    assert.match(entry.reason ?? "", /does not offer this by API/);
    assert.equal(world.requests("front", "PATCH", /./).length, 1);
    // Done by hand in the admin page: the read shows it, and the run goes on.
    world.emulator("front").mutate({ op: "update", kind: "teammate", id: "tea_8", data: { last_name: "Ito-Okafor" } });
    const resumed = await world.resume(other.run.id);
    assert.equal((await world.entry(resumed, second)).state, "skipped");
  }),
);

test(
  "an address that is taken shows in the list: the create is stale, not failed",
  planted(async (world) => {
    world.emulator("followupboss").mutate({ op: "create", kind: "user", data: { name: "Ana", email: NEW } });
    const entry = await world.entry(await world.run(hire), hire);
    assert.equal(entry.state, "stale");
    assert.match(entry.reason ?? "", /already has an account with this address \(10\)/);
    assert.equal(world.requests("followupboss", "POST", /users/)[0]?.status, 422);
  }),
);

test(
  "an address that somebody hidden holds parks the create with where to look",
  planted(async (world) => {
    world
      .emulator("followupboss")
      .mutate({ op: "create", kind: "user", data: { name: "Ana", email: NEW, activeFlag: false } });
    const entry = await world.entry(await world.run(hire), hire);
    assert.equal(entry.state, "parked");
    assert.match(entry.reason ?? "", /deactivated account that its list hides may hold the address/);
  }),
);

test(
  "[D2] refused as a duplicate after a lost answer: the account of the first sending is adopted",
  planted(async (world) => {
    // What was made cannot be read for longer than the settling time: the second sending is refused.
    await world.fault(
      "followupboss",
      { fault: "F05", method: "POST", path: "^/v1/users$", nth: 1 },
      { fault: "F50", ms: 65_000, path: "^/v1/users" },
    );
    const started = world.clock.now();
    const plan = await world.addPlan([hire]);
    const running = world.apply(plan);
    const result = await running;
    const entry = await world.entry(result, hire);
    const posts = world.requests("followupboss", "POST", /^\/v1\/users$/);
    assert.deepEqual(
      posts.map((one) => one.status),
      [null, 422],
    );
    assert.ok(["adopted", "unknown"].includes(entry.state), entry.state);
    await world.clock.advance(60_000);
    const resumed = await world.resume(result.run.id);
    assert.equal((await world.entry(resumed, hire)).state, "adopted");
    assert.equal(world.requests("followupboss", "POST", /^\/v1\/users$/).length, 2);
    assert.ok(world.clock.now() - started >= 60_000);
  }),
);

test(
  "[D2] refused after a lost answer and never seen: unknown, with where to look, and never sent again",
  planted(async (world) => {
    await world.fault(
      "followupboss",
      { fault: "F04", method: "POST", path: "^/v1/users$", nth: 1 },
      { fault: "F61", hidden: true, method: "POST", path: "^/v1/users$", nth: 1 },
    );
    const result = await world.run(hire);
    const entry = await world.entry(result, hire);
    assert.equal(entry.state, "unknown");
    assert.match(entry.reason ?? "", /may be held by one that is hidden/);
    const resumed = await world.resume(result.run.id);
    assert.equal((await world.entry(resumed, hire)).state, "unknown");
    assert.equal(world.requests("followupboss", "POST", /^\/v1\/users$/).length, 2);
  }),
);

for (const status of [422, 402, 403]) {
  test(
    `[S22] a seat refused with ${status}: no further create of this app, others go on`,
    planted(
      async (world) => {
        const fub = world.emulator("followupboss");
        fub.set("seatLimit", 5);
        fub.set("seatStatus", status);
        const steps = [1, 2, 3, 4].map((number) => newcomer("followupboss", number));
        const elsewhere = newcomer("front", 9);
        const plan = await world.addPlan(numbered(...steps, elsewhere));
        const result = await world.apply(plan);
        const states = await Promise.all(steps.map(async (step) => (await world.entry(result, step)).state));
        assert.deepEqual(states.toSorted(), ["failed", "failed", "failed", "ok"]);
        assert.equal((await world.entry(result, elsewhere)).state, "ok");
        const reasons = await Promise.all(steps.map(async (step) => (await world.entry(result, step)).reason ?? ""));
        assert.equal(reasons.filter((reason) => reason.includes("has no seat left. Buy a seat")).length, 1);
        assert.equal(reasons.filter((reason) => reason.includes("not tried")).length, 2);
        assert.equal(world.requests("followupboss", "POST", /users/).length, 2);
      },
      { concurrency: 1 },
    ),
  );
}

test(
  "[S22] creates side by side: after the first refusal nothing more is sent",
  planted(async (world) => {
    world.emulator("followupboss").set("seatLimit", 4);
    const steps = Array.from({ length: 12 }, (_, index) => newcomer("followupboss", index));
    const result = await world.apply(await world.addPlan(numbered(...steps)));
    const journal = world.emulator("followupboss").journal();
    const posts = journal.filter((entry) => entry.method === "POST");
    const firstLook = journal.findIndex((entry) => entry.method === "GET" && entry.path === "/v1/users");
    // The look that tells why stands behind the first refusal: no create is sent after it has begun.
    assert.ok(journal.slice(firstLook).every((entry) => entry.method !== "POST"));
    assert.ok(posts.length <= 8, `${posts.length} creates were under way at once`);
    assert.equal(result.counts.failed, 12);
  }),
);

test(
  "[G6] seats that are known to be left: the refusal is about this one account, and the next is made",
  planted(
    async (world) => {
      await world.fault("front", { fault: "F20", phase: "before", status: 400, method: "POST", nth: 1 });
      const steps = [newcomer("front", 1), newcomer("front", 2)];
      const result = await world.apply(await world.addPlan(numbered(...steps)));
      const states = await Promise.all(steps.map(async (step) => (await world.entry(result, step)).state));
      assert.deepEqual(states, ["failed", "ok"]);
    },
    { connections: { front: { seats: 10 } }, concurrency: 1 },
  ),
);

test(
  "[G6] seats counted in the listing are taken: whatever the words, no seat is left",
  planted(
    async (world) => {
      await world.fault("front", { fault: "F20", phase: "before", status: 400, message: "no", method: "POST" });
      const steps = [newcomer("front", 1), newcomer("front", 2)];
      const result = await world.apply(await world.addPlan(numbered(...steps)));
      const reasons = await Promise.all(steps.map(async (step) => (await world.entry(result, step)).reason ?? ""));
      assert.match(reasons[0] ?? "", /no seat left/);
      assert.match(reasons[1] ?? "", /not tried/);
      assert.equal(world.requests("front", "POST", /^\/teammates$/).length, 1);
    },
    { connections: { front: { seats: 3 } }, concurrency: 1 },
  ),
);

test(
  "[S22] what a run has met of seats outlives its process",
  planted(async (world) => {
    world.emulator("followupboss").set("seatLimit", 4);
    const [first, second] = [newcomer("followupboss", 1), newcomer("followupboss", 2)];
    const waiting: Step = { ...second, approvals: 3 };
    const plan = await world.addPlan(numbered(first, waiting));
    const result = await world.apply(plan);
    assert.match((await world.entry(result, first)).reason ?? "", /no seat left/);
    await world.restart();
    const resumed = await world.apply(plan, ["ann", "bob", "cleo"]);
    assert.match((await world.entry(resumed, waiting)).reason ?? "", /not tried/);
    assert.equal(world.requests("followupboss", "POST", /users/).length, 1);
  }),
);

test(
  "[S13] a short Retry-After is waited out, and nothing is sent meanwhile",
  planted(async (world) => {
    await world.fault("front", { fault: "F21", retryAfter: 7, method: "PATCH", times: 1 });
    const started = world.clock.now();
    const result = await world.run(change);
    assert.equal(result.exit, 0);
    const times = world.requests("front", "PATCH", /tea_7/).map((entry) => Date.parse(entry.at) - started);
    assert.equal(times.length, 2);
    assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 7_000, `${times.join(" and ")} ms`);
  }),
);

test(
  "[E1] a long Retry-After is slept durably: the caller is let go, nothing is sent before its time",
  planted(async (world) => {
    await world.fault("front", { fault: "F21", retryAfter: 3600, method: "PATCH", times: 1 });
    const started = world.clock.now();
    const result = await world.run(change);
    assert.equal(result.exit, 8);
    assert.ok(world.clock.now() - started < 300_000);
    const waiting = await world.entry(result, change);
    assert.equal(waiting.state, "waiting");
    assert.ok(Date.parse(waiting.nextAt ?? "") - started >= 3_600_000);
    await world.until(() => world.requests("front", "PATCH", /tea_7/).length === 2);
    assert.ok(world.clock.now() - started >= 3_600_000);
    await world.until(() => false);
    assert.equal((await world.entry(result, change)).state, "ok");
  }),
);

test(
  "[E2] 429 without Retry-After: the reset header tells when",
  planted(async (world) => {
    await world.fault("followupboss", { fault: "F22", inSeconds: 20, method: "PUT", times: 1 });
    const { step } = mutationNamed("PUT /users/{id} (fields)");
    const started = world.clock.now();
    const result = await world.run(step);
    assert.equal(result.exit, 0);
    const times = world.requests("followupboss", "PUT", /users/).map((entry) => Date.parse(entry.at) - started);
    assert.ok((times[1] ?? 0) >= 20_000, `${times.join(" and ")} ms`);
  }),
);

test(
  "[E7] an app that stays away is given up after six hours, with the next action in words",
  planted(async (world) => {
    await world.fault("front", { fault: "F02" });
    const started = world.clock.now();
    const result = await world.run(change);
    await world.until(() => false);
    const entry = await world.entry(result, change);
    assert.equal(entry.state, "parked");
    assert.match(entry.reason ?? "", /Tried for 6 hours; when the app is back run: tenure runs resume/);
    const hours = (Date.parse(entry.updatedAt) - started) / 3_600_000;
    assert.ok(hours >= 6 && hours < 6.5, `${hours} hours`);
    await world.fault("front");
    assert.equal((await world.resume(result.run.id)).exit, 0);
  }),
);

test(
  "an app that is away for a while costs time and nothing else",
  planted(async (world) => {
    await world.fault("front", { fault: "F02" });
    const plan = await world.addPlan([change]);
    const running = world.apply(plan);
    const mended = (async () => {
      await world.clock.sleep(40_000);
      await world.fault("front");
    })();
    const result = await running;
    await mended;
    assert.equal(result.exit, 0);
    assert.equal(world.effects("front").length, 1);
  }),
);

test(
  "[L2] one sick app holds up nothing in the other",
  planted(async (world) => {
    await world.fault("followupboss", { fault: "F20", status: 503 });
    const sick = mutationNamed("PUT /users/{id} (fields)").step;
    const plan = await world.addPlan(numbered(sick, change, invite));
    const running = world.process.app.call(
      "apply",
      { plan: plan.id, approveAs: [] },
      { actor: "ops", signal: new AbortController().signal, onEvent: () => undefined },
    );
    running.catch(() => undefined);
    const started = world.clock.now();
    await world.until(() => world.effects("front").length === 2);
    assert.ok(world.clock.now() - started < 1_000, "the healthy app does not wait");
    assert.notEqual(
      (await world.drive(world.store.journal.get((await world.store.runs.recent(1))[0]?.id ?? "", sick.id)))?.state,
      "ok",
    );
  }),
);

test(
  "[T21] what Tenure itself cannot do stops one step and no other",
  planted(async (world) => {
    const impossible = makeStep({
      app: "front",
      target: { id: "tea_8", email: KIM },
      action: { verb: "assignRole", role: "Emperor" },
      after: { roles: ["Emperor"] },
    });
    const result = await world.apply(await world.addPlan(numbered(impossible, change)));
    assert.equal((await world.entry(result, impossible)).state, "failed");
    assert.equal((await world.entry(result, change)).state, "ok");
    assert.equal(result.exit, 5);
  }),
);

test(
  "an account that is asked for under an impossible id fails by itself",
  planted(async (world) => {
    const climbing = makeStep({
      app: "followupboss",
      target: { id: "../teams", email: MAYA },
      action: { verb: "suspend" },
      after: { state: "suspended" },
    });
    const result = await world.run(climbing);
    assert.equal((await world.entry(result, climbing)).state, "failed");
    assert.deepEqual(world.emulator("followupboss").journal(), []);
  }),
);
