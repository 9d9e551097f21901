import assert from "node:assert/strict";
import { test } from "node:test";
import type { FaultRule } from "../../emulator-kit/running.ts";
import type { StepState } from "../../model/run.ts";
import { withWorld, type World } from "../../../test/world.ts";
import { DATA, MUTATIONS, type Mutation } from "../../../test/world/mutations.ts";

/** Nothing has happened, and nobody can know. */
const BEFORE: Readonly<Record<string, FaultRule>> = {
  "reset before the effect": { fault: "F04" },
  "closed before the effect": { fault: "F06", phase: "before" },
  "no answer and no effect": { fault: "F08" },
  "500 without effect": { fault: "F20", phase: "before", status: 500 },
};

/** It has happened, and the answer is lost or worth nothing. */
const AFTER: Readonly<Record<string, FaultRule>> = {
  "reset after the effect": { fault: "F05" },
  "effect, then no answer": { fault: "F09" },
  "500 after the effect": { fault: "F20", phase: "after", status: 500 },
  "502 after the effect": { fault: "F20", phase: "after", status: 502 },
};

/** The answer says 2xx and cannot be read; where no body is read there is nothing to spoil. */
const GARBLED: Readonly<Record<string, FaultRule>> = {
  "a login page with 200": { fault: "F26", phase: "after", status: 200 },
  "a truncated answer": { fault: "F28", variant: "length" },
};

function once(mutation: Mutation, rule: FaultRule): FaultRule {
  return { ...rule, ...mutation.request, nth: 1, times: 1 };
}

function sends(world: World, { app, request }: Mutation): number {
  return world.requests(app, request.method, new RegExp(request.path)).length;
}

function applied(world: World, { app, request }: Mutation): number {
  const path = new RegExp(request.path);
  return world.effects(app).filter((entry) => entry.method === request.method && path.test(entry.path)).length;
}

/** What the step ends as when the answer was lost after the effect. */
function stateAfter(mutation: Mutation): StepState {
  return mutation.step.action.verb === "transfer" ? "ok" : "adopted";
}

/** Applies the mutation under the faults and gives the state that its step ended in. */
async function applyUnder(world: World, mutation: Mutation, ...rules: readonly FaultRule[]): Promise<StepState> {
  await world.fault(mutation.app, ...rules);
  const result = await world.run(mutation.step);
  world.assertFired(mutation.app);
  return (await world.entry(result, mutation.step)).state;
}

for (const mutation of MUTATIONS) {
  const about = `${mutation.app}: ${mutation.name}`;
  const readsBody = mutation.request.method !== "DELETE" && mutation.app === "followupboss";

  test(`${about}: sent once, read back, and the app holds the effect`, async () => {
    await withWorld({ data: DATA }, async (world) => {
      const before = mutation.effect(world);
      assert.equal(await applyUnder(world, mutation), "ok");
      assert.notDeepEqual(mutation.effect(world), before);
      assert.equal(sends(world, mutation), 1);
    });
  });

  for (const [name, rule] of Object.entries({ ...AFTER, ...(readsBody ? GARBLED : {}) })) {
    test(`[D1] ${about}: ${name}: found by a look, never sent again`, async () => {
      await withWorld({ data: DATA }, async (world) => {
        assert.equal(await applyUnder(world, mutation, once(mutation, rule)), stateAfter(mutation));
        assert.equal(sends(world, mutation), 1);
        assert.equal(applied(world, mutation), 1);
      });
    });
  }

  for (const [name, rule] of Object.entries(BEFORE)) {
    test(`${about}: ${name}: ${mutation.resend === "never" ? "parked for a human" : "looked for, then sent once more"}`, async () => {
      await withWorld({ data: DATA }, async (world) => {
        const started = world.clock.now();
        const state = await applyUnder(world, mutation, once(mutation, rule));
        const waited = world.clock.now() - started;
        if (mutation.resend === "never") {
          assert.equal(state, "unknown");
          assert.equal(sends(world, mutation), 1);
          assert.equal(applied(world, mutation), 0);
        } else {
          assert.equal(state, "ok");
          assert.equal(sends(world, mutation), 2);
          assert.equal(applied(world, mutation), 1);
        }
        // Where a second sending could do it twice, the settling time passes before it.
        if (mutation.resend !== "safe") assert.ok(waited >= 60_000, `${waited} ms`);
      });
    });
  }
}

for (const mutation of MUTATIONS.filter((one) => one.resend === "once")) {
  test(`${mutation.app}: ${mutation.name}: lost twice: nobody knows, and resuming only looks`, async () => {
    await withWorld({ data: DATA }, async (world) => {
      const rules = [1, 2].map((nth) => ({ fault: "F04", ...mutation.request, nth, times: 1 }));
      await world.fault(mutation.app, ...rules);
      const result = await world.run(mutation.step);
      world.assertFired(mutation.app);
      const entry = await world.entry(result, mutation.step);
      assert.equal(entry.state, "unknown");
      assert.match(entry.reason ?? "", /tenure runs resume/);
      assert.equal(sends(world, mutation), 2);
      const resumed = await world.resume(result.run.id);
      assert.equal((await world.entry(resumed, mutation.step)).state, "unknown");
      assert.equal(sends(world, mutation), 2);
    });
  });
}

for (const mutation of MUTATIONS.filter((one) => one.resend === "safe")) {
  test(`[E7] ${mutation.app}: ${mutation.name}: answers that are always lost are not sent for without end`, async () => {
    await withWorld({ data: DATA }, async (world) => {
      await world.fault(mutation.app, { fault: "F04", ...mutation.request });
      const result = await world.run(mutation.step);
      const entry = await world.entry(result, mutation.step);
      assert.ok(["unknown", "parked", "running", "waiting"].includes(entry.state), entry.state);
      await world.until(() => false);
      const ended = await world.entry(result, mutation.step);
      assert.ok(["unknown", "parked"].includes(ended.state), ended.state);
      assert.ok(sends(world, mutation) <= 20, `${sends(world, mutation)} sendings`);
      await world.fault(mutation.app);
      const resumed = await world.resume(result.run.id);
      assert.ok(["ok", "adopted"].includes((await world.entry(resumed, mutation.step)).state));
    });
  });
}
