import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson, toJson } from "../kernel/json.ts";
import type { AccountRecord } from "../model/account.ts";
import type { PlanContent, Step } from "../model/plan.ts";
import { emailKeyOf, makePerson, type Company } from "./testing/company.ts";
import { planCompany } from "./testing/planning.ts";
import { randomCompany } from "./testing/random-company.ts";
import { companyWith, leaverCompany, MAYA, SCENARIOS } from "./testing/scenarios.ts";
import { simulate } from "./testing/simulator.ts";

const RUNS = { numRuns: 60 };

function bytes(content: PlanContent): string {
  return canonicalJson(toJson(content));
}

function reversed(company: Company): Company {
  const turn = <T>(items: readonly T[]): readonly T[] => items.toReversed();
  return {
    ...company,
    people: turn(company.people),
    links: turn(company.links),
    apps: turn(company.apps).map((app) => ({
      ...app,
      accounts: turn(app.accounts),
      teams: turn(app.teams),
      memberships: turn(app.memberships),
      holdings: turn(app.holdings),
    })),
  };
}

/** A step without what the rest of the plan gives it: its number and its share of the time. */
function alone(step: Step): unknown {
  const { number: _number, cost: _cost, ...rest } = step;
  return rest;
}

function destructive(content: PlanContent): readonly string[] {
  return content.steps.filter((step) => step.destructive).map((step) => step.id);
}

for (const [name, company] of Object.entries(SCENARIOS)) {
  test(`[M1] planning again after the plan was applied gives the empty plan: ${name}`, () => {
    const start = company();
    const first = planCompany(start);
    assert.ok(first.steps.length > 0);
    assert.deepEqual(planCompany(simulate(start, first)).steps, []);
  });
}

test("[M1] every plan can be done in its order, and doing it leaves only what was held back", () => {
  fc.assert(
    fc.property(randomCompany, (company) => {
      const first = planCompany(company);
      const after = simulate(company, first);
      const waiting = new Set(first.heldBack.map((item) => `${item.person} ${item.app}`));
      const again = planCompany(after);
      for (const step of again.steps) assert.ok(waiting.has(`${step.person} ${step.app}`), step.title);
      let world = after;
      for (let round = 0; round < 3; round += 1) world = simulate(world, planCompany(world));
      assert.deepEqual(planCompany(world).steps, []);
    }),
    RUNS,
  );
});

test("[M2] the order in which people, apps and records come changes no byte", () => {
  fc.assert(
    fc.property(randomCompany, (company) => {
      assert.equal(bytes(planCompany(reversed(company))), bytes(planCompany(company)));
    }),
    RUNS,
  );
});

test("[M3] an address written otherwise gives the same steps", () => {
  fc.assert(
    fc.property(randomCompany, (company) => {
      const people = company.people.map((person) => ({ ...person, email: `  ${person.email.toUpperCase()} ` }));
      assert.deepEqual(planCompany({ ...company, people }).steps, planCompany(company).steps);
    }),
    RUNS,
  );
});

test("[M3] an address that only looks the same never gives a step on the account of the one it resembles", () => {
  const victim = makePerson({ key: "V", name: "Vik Patel", email: "vik.patel@harborpine.example" });
  const email = "vik.p\u0430tel@harborpine.example";
  const twin = { ...victim, id: "per_T", key: "T", email, emailKey: emailKeyOf(email), status: "terminated" as const };
  const account = planCompany(companyWith([victim]));
  assert.ok(account.steps.length > 0);
  const settled = simulate(companyWith([victim]), account);
  const attacked = planCompany({ ...settled, people: [...settled.people, twin] });
  assert.deepEqual(attacked.steps, []);
});

/** Nobody administers anything: who is the last administrator depends on everybody, rightly. */
function withoutAdmins(company: Company): Company {
  const demote = (account: AccountRecord): AccountRecord => ({
    ...account,
    privileged: false,
    roles: account.roles.map((role) => (role === "Admin" ? "Agent" : role)),
  });
  return { ...company, apps: company.apps.map((app) => ({ ...app, accounts: app.accounts.map(demote) })) };
}

test("[M4] rows that are missing take nothing from anybody and are questions for a human", () => {
  fc.assert(
    fc.property(randomCompany.map(withoutAdmins), fc.integer({ min: 1, max: 255 }), (company, mask) => {
      const isGone = (place: number): boolean => ((mask >> place) & 1) === 1;
      const people = company.people.map((person, place) => (isGone(place) ? { ...person, listed: false } : person));
      const before = planCompany(company);
      const after = planCompany({ ...company, people });
      const known = new Set(destructive(before));
      assert.ok(destructive(after).every((id) => known.has(id)));
      const hasAccount = (email: string): boolean =>
        company.apps.some((app) => app.accounts.some((one) => one.email === email && one.state !== "removed"));
      for (const [place, person] of company.people.entries()) {
        if (!isGone(place) || !hasAccount(person.email)) continue;
        const leaves = after.steps.some((step) => step.person === person.id);
        const asked = after.heldBack.some((item) => item.person === person.id);
        assert.ok(leaves || asked || person.status === "terminated", `${person.displayName} is not asked about`);
      }
    }),
    RUNS,
  );
});

test("[M4] people who are dropped from the input altogether lose nothing either", () => {
  fc.assert(
    fc.property(randomCompany.map(withoutAdmins), (company) => {
      const known = new Set(destructive(planCompany(company)));
      const fewer = planCompany({ ...company, people: company.people.slice(1) });
      assert.ok(destructive(fewer).every((id) => known.has(id)));
    }),
    RUNS,
  );
});

test("[M5] one more person changes no step of the others", () => {
  const newcomer = makePerson({ key: "N", name: "Nadia Novak", department: "Support" });
  fc.assert(
    fc.property(randomCompany, (company) => {
      const before = planCompany(company);
      const after = planCompany({ ...company, people: [...company.people, newcomer] });
      const others = after.steps.filter((step) => step.person !== newcomer.id);
      assert.deepEqual(others.map(alone), before.steps.map(alone));
    }),
    RUNS,
  );
});

test("[M6] planning and applying one app after the other leads to the same world as both at once", () => {
  fc.assert(
    fc.property(randomCompany, (company) => {
      const both = simulate(company, planCompany(company));
      let world = company;
      for (const name of ["inbox", "crm"]) {
        const part = planCompany({ ...world, now: company.now }, { selection: { kind: "hr", connections: [name] } });
        world = { ...simulate({ ...world, now: company.now }, part) };
      }
      assert.deepEqual(world.apps, both.apps);
    }),
    RUNS,
  );
});

test("[S7] no step that takes something away is in a plan without positive evidence", () => {
  fc.assert(
    fc.property(randomCompany, (company) => {
      for (const step of planCompany(company).steps) {
        if (step.action.verb !== "remove" && step.action.verb !== "suspend") continue;
        const person = company.people.find((one) => one.id === step.person);
        const ends = person?.accessEndsAt ?? null;
        assert.ok(ends === null ? person?.status === "terminated" : ends <= "2026-11-21T12:00:00.000Z");
      }
    }),
    RUNS,
  );
});

test("[S8] nothing that owns something is taken away before it is handed over", () => {
  const plan = planCompany(leaverCompany());
  const forged = { steps: plan.steps.filter((step) => step.action.verb !== "transfer") };
  assert.throws(() => simulate(leaverCompany(), forged));
  assert.equal(MAYA.status, "terminated");
});
