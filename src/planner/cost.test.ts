import assert from "node:assert/strict";
import { test } from "node:test";
import { planTotals } from "../model/plan.ts";
import { durationMs } from "./cost.ts";
import { makePerson } from "./testing/company.ts";
import { planCompany, planRequest } from "./testing/planning.ts";
import { inbox, joinerCompany, leaverCompany, RULES } from "./testing/scenarios.ts";
import { buildScenes } from "./scene.ts";

function scene(name: string) {
  const request = planRequest(leaverCompany());
  const app = buildScenes(request).get(name);
  assert.ok(app !== undefined);
  return app;
}

test("requests that fit the allowance wait only for the way; the next one waits for a window", () => {
  const app = scene("crm");
  // 70 % of 1,000 in ten minutes.
  assert.equal(durationMs(app, { requests: 0, depth: 0 }), 0);
  assert.equal(durationMs(app, { requests: 700, depth: 2 }), 300);
  assert.equal(durationMs(app, { requests: 701, depth: 2 }), 600_300);
  assert.equal(durationMs(app, { requests: 1401, depth: 2 }), 1_200_300);
});

test("the seconds of an app's steps add up to the time of all of them", () => {
  const content = planCompany(leaverCompany());
  const steps = content.steps.filter((step) => step.app === "crm");
  const seconds = steps.reduce((sum, step) => sum + step.cost.seconds, 0);
  // One account, so its steps go in a row: 3 + 2 pages + 143 leads at 10 a time + 1 + 4 round trips of 150 ms.
  assert.equal(Math.round(seconds * 1000), (3 + 2 + 15 + 1 + 4) * 150);
  assert.equal(planTotals(content).seconds, seconds);
});

test("[FUB-62] a hand-over costs its pages and one request a lead", () => {
  const costs = planCompany(leaverCompany())
    .steps.filter((step) => step.app === "crm")
    .map((step) => step.cost.requests);
  // Suspend: look, write, look. Hand-over: two pages and 143 leads. Check: one page. Delete: look, leads, write, look.
  assert.deepEqual(costs, [3, 145, 1, 4]);
});

test("one listing comes before a batch of creates where the app promises to refuse no second one", () => {
  const people = Array.from({ length: 3 }, (_, place) =>
    makePerson({ key: `P${place}`, name: `Person${place} Of${place}`, department: "Support" }),
  );
  const content = planCompany({
    people,
    apps: [inbox()],
    links: [],
    policy: { rules: RULES },
    now: joinerCompany().now,
  });
  const creates = content.steps.filter((step) => step.action.verb === "create").map((step) => step.cost.requests);
  assert.deepEqual(creates, [3, 2, 2]);
});
