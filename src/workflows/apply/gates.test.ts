import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "../../kernel/errors.ts";
import { toIso } from "../../kernel/dates.ts";
import type { Step } from "../../model/plan.ts";
import { withWorld, type World, type WorldOptions } from "../../../test/world.ts";
import { DATA, KIM, MAYA, mutationNamed, NEW } from "../../../test/world/mutations.ts";
import { makeStep, numbered } from "../../../test/world/steps.ts";

const change = mutationNamed("PATCH /teammates/{id} (fields)").step;
const deactivate = mutationNamed("DELETE /teammates/{id}").step;
const invite = mutationNamed("POST /teammates").step;
const kim = { id: "tea_8", email: KIM };
const rename = makeStep({
  app: "front",
  target: kim,
  action: { verb: "update", changes: { familyName: "Ito-Lee" } },
  after: { familyName: "Ito-Lee" },
});

function planted(body: (world: World) => Promise<void>, options: WorldOptions = {}): () => Promise<void> {
  return () => withWorld({ data: DATA, ...options }, body);
}

function writes(world: World): number {
  return world
    .emulator("front")
    .journal()
    .filter((entry) => entry.method !== "GET").length;
}

test(
  "[S3] a step waits for as many approvers as it needs; the others go on",
  planted(async (world) => {
    const guarded: Step = { ...deactivate, approvals: 2 };
    const plan = await world.addPlan(numbered(guarded, rename));
    const first = await world.apply(plan, []);
    assert.equal(first.exit, 8);
    assert.equal((await world.entry(first, rename)).state, "ok");
    const waiting = await world.entry(first, guarded);
    assert.equal(waiting.state, "waiting");
    assert.match(waiting.reason ?? "", /needs 2 approvals/);
    assert.match(first.next.join("\n"), /--approve-as/);
    const second = await world.apply(plan, ["ann"]);
    assert.equal((await world.entry(second, guarded)).state, "waiting");
    assert.equal(world.requests("front", "DELETE", /tea_7/).length, 0);
    const third = await world.apply(plan, ["ann", "bob"]);
    assert.equal(third.exit, 0);
    assert.equal(third.run.id, first.run.id);
    assert.equal(world.requests("front", "DELETE", /tea_7/).length, 1);
  }),
);

test(
  "[S3] one name twice is one approver, and who asked for the plan is none",
  planted(async (world) => {
    const plan = await world.addPlan([{ ...deactivate, approvals: 2 }]);
    const twice = await world.apply(plan, ["ann", " ann "]);
    assert.equal(twice.exit, 8);
    await assert.rejects(
      () => world.apply(plan, ["ann", "ops"]),
      (error) => isAppError(error, "denied"),
    );
    assert.equal(writes(world), 0);
  }),
);

test(
  "[D11] what depends on a step that failed is not done, and says so",
  planted(async (world) => {
    const after: Step = { ...rename, dependsOn: [change.id] };
    const free = makeStep({
      app: "front",
      target: kim,
      action: { verb: "join", team: { id: "tim_1", name: "Support" } },
      after: { member: "tim_1" },
    });
    world.emulator("front").mutate({ op: "update", kind: "teammate", id: "tea_7", data: { last_name: "Else" } });
    const result = await world.apply(await world.addPlan(numbered(change, after, free)));
    assert.equal((await world.entry(result, change)).state, "stale");
    const held = await world.entry(result, after);
    assert.equal(held.state, "waiting");
    assert.match(held.reason ?? "", /waits for step 1, which ended stale/);
    assert.equal((await world.entry(result, free)).state, "skipped");
    assert.equal(writes(world), 0);
  }),
);

test(
  "a step with a date waits for it, whatever is done meanwhile",
  planted(async (world) => {
    const at = world.clock.now() + 5 * 3_600_000;
    const dated: Step = { ...deactivate, notBefore: toIso(at) };
    const result = await world.apply(await world.addPlan(numbered(dated, rename)));
    assert.equal(result.exit, 8);
    assert.equal((await world.entry(result, rename)).state, "ok");
    const waiting = await world.entry(result, dated);
    assert.equal(waiting.state, "waiting");
    assert.equal(waiting.nextAt, toIso(at));
    await world.clock.advance(4.9 * 3_600_000);
    assert.equal(world.requests("front", "DELETE", /tea_7/).length, 0);
    await world.until(() => world.requests("front", "DELETE", /tea_7/).length > 0);
    assert.ok(world.clock.now() >= at);
    await world.until(() => false);
    assert.equal((await world.entry(result, dated)).state, "ok");
  }),
);

test(
  "a step with a date is not begun before it by resuming the run",
  planted(async (world) => {
    const dated: Step = { ...deactivate, notBefore: toIso(world.clock.now() + 3_600_000) };
    const result = await world.run(dated);
    await world.resume(result.run.id);
    assert.equal(writes(world), 0);
  }),
);

const unblock = makeStep({
  app: "front",
  target: { id: "tea_7", email: MAYA, label: "Maya Okafor" },
  action: { verb: "manual", instructions: "Unblock Maya Okafor.", proof: { kind: "state", state: "active" } },
  precondition: { expect: "none" },
  after: { state: "active" },
});

test(
  "[FRONT-71] what only a person can do is parked with its instructions and proven by a read",
  planted(async (world) => {
    const front = world.emulator("front");
    front.mutate({ op: "update", kind: "teammate", id: "tea_7", data: { is_blocked: true } });
    const join = makeStep({
      app: "front",
      target: { id: "tea_7", email: MAYA },
      action: { verb: "join", team: { id: "tim_2", name: "Sales" } },
      precondition: { fields: { state: "active" } },
      after: { member: "tim_2" },
      dependsOn: [unblock.id],
    });
    const result = await world.apply(await world.addPlan(numbered(unblock, join)));
    assert.equal(result.exit, 8);
    const parked = await world.entry(result, unblock);
    assert.equal(parked.state, "parked");
    assert.equal(parked.reason, "Unblock Maya Okafor.");
    // Resuming without having done it changes nothing; no call of ours unblocks anybody.
    const early = await world.resume(result.run.id);
    assert.equal((await world.entry(early, unblock)).state, "parked");
    assert.equal(writes(world), 0);
    front.mutate({ op: "update", kind: "teammate", id: "tea_7", data: { is_blocked: false } });
    const done = await world.resume(result.run.id);
    assert.equal(done.exit, 0);
    const entry = await world.entry(done, unblock);
    assert.equal(entry.state, "ok");
    assert.equal(entry.receipt?.note, "done by hand, proven by a read");
    assert.deepEqual(
      world.effects("front").map((one) => one.path),
      ["/teams/tim_2/teammates"],
    );
  }),
);

test(
  "an account made by hand is found by its address, and the steps after it go on",
  planted(async (world) => {
    const byHand = makeStep({
      app: "front",
      target: { email: NEW },
      action: { verb: "manual", instructions: "Invite Ana.", proof: { kind: "exists" } },
      precondition: { expect: "none" },
      after: { exists: true },
    });
    const join = makeStep({
      app: "front",
      target: { email: NEW, madeBy: byHand.id },
      action: { verb: "join", team: { id: "tim_2", name: "Sales" } },
      after: { member: "tim_2" },
      dependsOn: [byHand.id],
    });
    const result = await world.apply(await world.addPlan(numbered(byHand, join)));
    assert.equal(result.exit, 8);
    const id = world.emulator("front").mutate({ op: "create", kind: "teammate", data: { email: NEW } });
    const done = await world.resume(result.run.id);
    assert.equal(done.exit, 0);
    assert.deepEqual(world.rows("front", "teams")[1]?.["teammate_ids"], ["tea_8", id]);
  }),
);

test(
  "an account is not proven gone while two have its address",
  planted(async (world) => {
    const front = world.emulator("front");
    front.mutate({ op: "create", kind: "teammate", data: { email: NEW } });
    front.mutate({ op: "create", kind: "teammate", data: { email: NEW, type: "visitor" } });
    const byHand = makeStep({
      app: "front",
      target: { email: NEW },
      action: { verb: "manual", instructions: "Delete Ana.", proof: { kind: "absent" } },
      precondition: { expect: "none" },
      after: { exists: false },
    });
    const result = await world.run(byHand);
    assert.equal((await world.entry(result, byHand)).state, "parked");
  }),
);

test(
  "a removal by hand is not proven by the suspension that the plan itself has made",
  planted(async (world) => {
    const suspend = mutationNamed("PUT /users/{id} (activeFlag)").step;
    const byHand = makeStep({
      app: "followupboss",
      target: { id: "7", email: MAYA },
      action: { verb: "manual", instructions: "Delete Maya.", proof: { kind: "gone" } },
      precondition: { expect: "none" },
      after: { exists: false },
      dependsOn: [suspend.id],
    });
    const result = await world.apply(await world.addPlan(numbered(suspend, byHand)));
    assert.equal((await world.entry(result, byHand)).state, "parked");
    world.emulator("followupboss").mutate({ op: "delete", kind: "user", id: "7" });
    assert.equal((await world.resume(result.run.id)).exit, 0);
  }),
);

test(
  "[S4] a stored plan that was changed by one byte is not applied",
  planted(async (world) => {
    const plan = await world.addPlan([change]);
    const body = JSON.stringify({ ...plan, content: { ...plan.content, madeAt: toIso(world.clock.now() + 1) } });
    await world.drive(
      world.store.database.write(async (db) => {
        await db.updateTable("plans").set({ body }).where("id", "=", plan.id).execute();
      }),
    );
    await assert.rejects(
      () => world.apply(plan),
      (error) => isAppError(error, "stale"),
    );
    assert.equal(writes(world), 0);
  }),
);

test(
  "[F3] a plan that has been applied is not applied again",
  planted(async (world) => {
    const plan = await world.addPlan([change]);
    assert.equal((await world.apply(plan)).exit, 0);
    await assert.rejects(
      () => world.apply(plan),
      (error) => isAppError(error, "stale"),
    );
    assert.equal(writes(world), 1);
  }),
);

test(
  "[F6] two who apply one plan at the same time make one run",
  planted(async (world) => {
    const plan = await world.addPlan([invite]);
    const outcomes = await world.drive(
      Promise.allSettled(
        ["ann", "bob"].map((actor) =>
          world.process.app.call(
            "apply",
            { plan: plan.id, approveAs: [] },
            { actor, signal: new AbortController().signal, onEvent: () => undefined },
          ),
        ),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome.status === "fulfilled").length >= 1, true);
    assert.equal((await world.drive(world.store.runs.byPlan(plan.id))).length, 1);
    assert.equal(world.emulator("front").outbox().length, 1);
  }),
);

test(
  "[F10] who cancels gets no new sends; what is in flight ends, and resuming does the rest",
  planted(async (world) => {
    const steps = numbered(
      change,
      { ...rename, dependsOn: [change.id] },
      { ...deactivate, dependsOn: [rename.id], precondition: { ...deactivate.precondition, fields: {} } },
    );
    const controller = new AbortController();
    world.onPoint = (point, step) => {
      if (point === "after-intent" && step.id === change.id) controller.abort();
    };
    const plan = await world.addPlan(steps);
    const result = await world.call("apply", { plan: plan.id, approveAs: [] }, { signal: controller.signal });
    await world.until(() => false);
    assert.ok(writes(world) <= 1, `${writes(world)} were sent`);
    assert.notEqual(result.exit, 0);
    world.onPoint = () => undefined;
    const resumed = await world.resume(result.run.id);
    assert.equal(resumed.exit, 0);
    assert.equal(writes(world), 3);
  }),
);

test(
  "[F6] an account that another worker writes to is left alone until its lease is over",
  planted(async (world) => {
    const key = "account:front/teammate/tea_7";
    const held = await world.drive(world.store.leases.take(key, "another", 20_000, world.clock.now()));
    assert.ok(held !== null);
    const started = world.clock.now();
    const result = await world.run(change);
    assert.equal(result.exit, 0);
    const [sent] = world.requests("front", "PATCH", /tea_7/);
    assert.ok(Date.parse(sent?.at ?? "") - started >= 20_000);
  }),
);

test(
  "[S14] a worker that was stopped past its lease finds the fence closed and sends nothing",
  planted(async (world) => {
    const stopped = world.process;
    world.onPoint = (point) => {
      if (point === "after-intent" && world.process === stopped) stopped.life.stop();
    };
    const plan = await world.addPlan([invite]);
    const first = stopped.app.call(
      "apply",
      { plan: plan.id, approveAs: [] },
      { actor: "ops", signal: new AbortController().signal, onEvent: () => undefined },
    );
    first.catch(() => undefined);
    await world.until(() => false);
    assert.equal(writes(world), 0);
    world.takeOver();
    const [run] = await world.drive(world.store.runs.byPlan(plan.id));
    await world.clock.advance(45_000);
    const result = await world.resume(run?.id ?? "");
    // Nobody knows whether the stopped one had sent: it is looked for, and never sent blindly.
    assert.equal((await world.entry(result, invite)).state, "unknown");
    stopped.life.goOn();
    await world.until(() => false);
    assert.equal(writes(world), 0, "somebody else has taken over, so that it may not send");
    assert.equal((await world.entry(result, invite)).state, "unknown");
  }),
);

test(
  "[S5] a worker that was stopped for long reads again before it sends",
  planted(async (world) => {
    const stopped = world.process;
    let times = 0;
    world.onPoint = (point) => {
      if (point !== "after-intent") return;
      times += 1;
      if (times === 1) stopped.life.stop();
    };
    const plan = await world.addPlan([invite]);
    const first = stopped.app.call(
      "apply",
      { plan: plan.id, approveAs: [] },
      { actor: "ops", signal: new AbortController().signal, onEvent: () => undefined },
    );
    await world.until(() => false);
    await world.clock.advance(45_000);
    const mark = world.emulator("front").journal().length;
    stopped.life.goOn();
    const result = await world.drive(first);
    assert.equal(result.exit, 0);
    const [read, sent] = world.emulator("front").journal().slice(mark);
    assert.equal(`${read?.method} ${read?.path}`, "GET /teammates");
    assert.equal(`${sent?.method} ${sent?.path}`, "POST /teammates");
  }),
);
