import assert from "node:assert/strict";
import { test } from "node:test";
import type { Guard, GuardName, PlanContent } from "../model/plan.ts";
import { DEFAULT_GUARDS } from "../model/policy.ts";
import { makeAccount, makePerson, type Company, type TestApp } from "./testing/company.ts";
import { held, planCompany } from "./testing/planning.ts";
import { crm, inbox, joinerCompany, leaverCompany, LIAM, partialCompany, RULES } from "./testing/scenarios.ts";
import { CRM_TRAITS, INBOX_TRAITS } from "./testing/traits.data.ts";

const INBOX = { traits: INBOX_TRAITS };

function guards(content: PlanContent, name: GuardName): readonly Guard[] {
  return content.guards.filter((guard) => guard.name === name);
}

/** A company of `size` people with one app, of whom the first `leavers` have left. */
function bigCompany(size: number, leavers: number): Company {
  const people = Array.from({ length: size }, (_, place) =>
    makePerson({
      key: `P${place}`,
      name: `Person${place} Of${place}`,
      department: null,
      status: place < leavers ? "terminated" : "active",
    }),
  );
  const accounts = people.map((person, place) => makeAccount(INBOX, `tea_${place}`, person));
  return { people, apps: [inbox({ accounts })], links: [], policy: { rules: RULES }, now: joinerCompany().now };
}

function withApp(company: Company, name: string, change: (app: TestApp) => TestApp): Company {
  return { ...company, apps: company.apps.map((app) => (app.name === name ? change(app) : app)) };
}

test("[A18] the brake on removals works for 5, 20, 100 and 5,000 people", () => {
  const states = (size: number, leavers: number): readonly string[] =>
    guards(planCompany(bigCompany(size, leavers)), "removals").map((guard) => guard.state);
  for (const [size, most] of [
    [5, 3],
    [20, 3],
    [100, 5],
    [5000, 250],
  ] as const) {
    assert.deepEqual(states(size, most), ["pass"], `${most} of ${size}`);
    // Overall, and in the one app.
    assert.deepEqual(states(size, most + 1), ["block", "block"], `${most + 1} of ${size}`);
  }
});

test("a brake that blocks names its steps, the numbers and what to do", () => {
  const content = planCompany(bigCompany(8, 4));
  const [overall] = guards(content, "removals");
  assert.match(overall?.text ?? "", /^4 people of 8 \(50 %\); limit 5 % or 3 people\. Plan fewer people/u);
  assert.deepEqual(
    overall?.steps,
    content.steps.map((step) => step.id),
  );
});

test("[F12] what was taken away in the last day counts too, and the same account only once", () => {
  const company = bigCompany(20, 2);
  const removal = (id: string, person: string) => ({ account: { connection: "inbox", kind: "teammate", id }, person });
  const state = (recentRemovals: ReturnType<typeof removal>[]): string | undefined =>
    guards(planCompany(company, { recentRemovals }), "removals")[0]?.state;
  assert.equal(state([removal("tea_0", "per_P0"), removal("tea_1", "per_P1"), removal("tea_9", "per_P9")]), "pass");
  assert.equal(state([removal("tea_8", "per_P8"), removal("tea_9", "per_P9")]), "block");
});

test("[F13] lost teams and demotions count as much as removals", () => {
  const people = Array.from({ length: 8 }, (_, place) =>
    makePerson({ key: `P${place}`, name: `Person${place} Of${place}`, department: "Support" }),
  );
  const accounts = people.map((person, place) => makeAccount(INBOX, `tea_${place}`, person));
  const memberships = accounts.map(
    (account) => ({ noun: "membership", kind: "membership", id: account.id, team: "tim_1" }) as const,
  );
  const company: Company = {
    people,
    apps: [inbox({ accounts, memberships })],
    links: [],
    policy: { rules: RULES },
    now: joinerCompany().now,
  };
  const content = planCompany(company);
  assert.equal(content.steps.filter((step) => step.action.verb === "leave").length, 8);
  assert.equal(guards(content, "removals")[0]?.state, "block");
});

test("the brake on creates blocks a wave of new accounts in an app", () => {
  const people = Array.from({ length: 21 }, (_, place) =>
    makePerson({ key: `P${place}`, name: `Person${place} Of${place}`, department: "Support" }),
  );
  const make = (count: number): PlanContent =>
    planCompany({
      people: people.slice(0, count),
      apps: [inbox()],
      links: [],
      policy: { rules: RULES },
      now: joinerCompany().now,
    });
  assert.deepEqual(
    guards(make(20), "creates").map((guard) => guard.state),
    ["pass"],
  );
  const [blocked] = guards(make(21), "creates");
  assert.equal(blocked?.state, "block");
  assert.equal(blocked.steps.length, 21);
});

test("[S15] nothing is taken away and nothing made on the word of a listing without proof; changes go on", () => {
  const content = planCompany(partialCompany());
  const steps = content.steps.filter((step) => step.app === "inbox");
  assert.ok(steps.every((step) => !step.destructive && step.action.verb !== "create"));
  assert.equal(guards(content, "completeness")[0]?.state, "warn");
  for (const name of ["Maya Okafor", "Liam Castillo"]) {
    assert.match(held(content, name)[0]?.reason ?? "", /the last read of Parlor is not shown to be complete/u);
  }
});

test("an old read blocks the plan, but only where the plan changes something", () => {
  const old = { ...DEFAULT_GUARDS, snapshotAgeMs: 60_000 };
  const company = { ...joinerCompany(), policy: { ...joinerCompany().policy, guards: old } };
  const both = guards(planCompany(company), "freshness");
  assert.deepEqual(
    both.map((guard) => [guard.app, guard.state]),
    [
      ["crm", "block"],
      ["inbox", "block"],
    ],
  );
  assert.match(
    both[0]?.text ?? "",
    /Rolodex was read 4 minutes ago; limit 1 minute\. Run tenure sync crm, then plan again/u,
  );
  const none = guards(
    planCompany({ ...company, people: company.people.filter((person) => person.id !== LIAM.id) }),
    "freshness",
  );
  assert.deepEqual(
    none.map((guard) => guard.state),
    ["warn"],
  );
  assert.deepEqual(
    guards(planCompany(joinerCompany()), "freshness").map((guard) => guard.text),
    ["all apps were read less than 5 minutes ago"],
  );
});

test("a file that shrank blocks the plan until the difference is accepted", () => {
  const record = { id: "imp_9", source: "hr", importedAt: "2026-11-20T11:00:00.000Z", counts: { all: 54 } };
  const blocked = planCompany(joinerCompany(), { imports: [{ ...record, previous: { all: 84 } }] });
  assert.equal(guards(blocked, "roster-shrink")[0]?.state, "block");
  const accepted = planCompany(joinerCompany(), { imports: [{ ...record, previous: null }] });
  assert.deepEqual(guards(accepted, "roster-shrink"), []);
});

test("[S10] accounts on the protected list keep everything, their leads too", () => {
  const company = withApp(leaverCompany(), "crm", (app) => ({
    ...app,
    policy: { ...app.policy, protected: ["maya.okafor@harborpine.example"] },
  }));
  const content = planCompany(company);
  assert.ok(!content.steps.some((step) => step.app === "crm"));
  assert.ok(content.steps.some((step) => step.app === "inbox" && step.action.verb === "remove"));
  assert.equal(
    guards(content, "protected")[0]?.text,
    "1 account is kept: on the protected list, or the owner of the app's account",
  );
  assert.match(held(content, "Maya Okafor")[0]?.reason ?? "", /user 4417 is on the protected list of crm/u);
});

test("[G16] the owner of the vendor's account is never taken away", () => {
  const company = withApp(leaverCompany(), "crm", (app) => ({
    ...app,
    accounts: app.accounts.map((account) => ({ ...account, owner: account.id === "4417" })),
  }));
  assert.ok(!planCompany(company).steps.some((step) => step.app === "crm"));
});

test("[G11] the account that owns the key stays until another key is given", () => {
  const company = withApp(leaverCompany(), "inbox", (app) => ({
    ...app,
    policy: { ...app.policy, keyOwner: "tea_41" },
  }));
  const content = planCompany(company);
  assert.ok(!content.steps.some((step) => step.app === "inbox"));
  assert.ok(content.steps.some((step) => step.app === "crm" && step.action.verb === "remove"));
  assert.match(held(content, "Maya Okafor")[0]?.reason ?? "", /owns the key of this connection/u);
  assert.equal(guards(content, "key-owner")[0]?.state, "warn");
});

test("[G12] the last administrator stays, the others may go", () => {
  const admins = ["A", "B"].map((key) =>
    makePerson({ key, name: `Admin ${key}`, department: null, status: "terminated" }),
  );
  const app = crm({
    accounts: admins.map((person, place) =>
      makeAccount({ traits: CRM_TRAITS }, `${place + 1}`, person, { roles: ["Admin"] }),
    ),
  });
  const company: Company = { people: admins, apps: [app], links: [], policy: { rules: [] }, now: joinerCompany().now };
  const content = planCompany(company);
  assert.deepEqual(new Set(content.steps.map((step) => step.target.id)), new Set(["2"]));
  assert.match(held(content, "Admin A")[0]?.reason ?? "", /user 1 is the last administrator of Rolodex/u);
  assert.equal(guards(content, "last-admin")[0]?.state, "warn");
});

test("one account that must not be touched does not hold up the others", () => {
  const content = planCompany(
    withApp(leaverCompany(), "crm", (app) => ({ ...app, policy: { ...app.policy, keyOwner: "4417" } })),
  );
  assert.ok(content.steps.some((step) => step.app === "inbox"));
  assert.ok(content.guards.every((guard) => guard.state !== "block"));
});
