import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_APPROVALS, type Policy } from "../model/policy.ts";
import { approvalsFor } from "./approvals.ts";
import { policyOf } from "./testing/company.ts";

function policy(approvals: Policy["approvals"]): Policy {
  return policyOf({ people: [], apps: [], links: [], policy: { approvals }, now: 0 });
}

const step = { app: "crm", undo: "never", action: { verb: "remove" } } as const;

test("[FUB-40] a removal that nothing takes back needs two people by default", () => {
  assert.equal(approvalsFor(step, policy(DEFAULT_APPROVALS)), 2);
  assert.equal(approvalsFor({ ...step, undo: "by-hand" }, policy(DEFAULT_APPROVALS)), 1);
  assert.equal(approvalsFor({ ...step, undo: "api" }, policy(DEFAULT_APPROVALS)), 0);
});

test("the strictest rule that fits decides, and rules of other apps do not count", () => {
  const rules = [
    { undo: null, app: "crm", need: 1 },
    { undo: "never", app: null, need: 2 },
    { undo: null, app: "inbox", need: 9 },
  ] as const;
  assert.equal(approvalsFor(step, policy(rules)), 2);
  assert.equal(approvalsFor({ ...step, undo: "api" }, policy(rules)), 1);
});

test("a check needs nobody, and making an administrator always needs somebody", () => {
  const all = policy([{ undo: null, app: null, need: 3 }]);
  assert.equal(approvalsFor({ ...step, action: { verb: "verifyNone", holding: "lead" } }, all), 0);
  const nothing = policy([]);
  const promotion = { app: "crm", undo: "api", action: { verb: "assignRole", role: "Admin" } } as const;
  assert.equal(approvalsFor({ ...promotion, elevates: true }, nothing), 1);
  assert.equal(approvalsFor({ ...promotion, elevates: false }, nothing), 0);
});
