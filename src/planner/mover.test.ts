import assert from "node:assert/strict";
import { test } from "node:test";
import { makeAccount, makeMember, makePerson, makeRule, type Company } from "./testing/company.ts";
import { held, lines, planCompany, stepOf } from "./testing/planning.ts";
import { companyWith, JONAH, LIAM, moverCompany, OLGA, RULES, settledCompany } from "./testing/scenarios.ts";
import { CRM_TRAITS, INBOX_TRAITS } from "./testing/traits.data.ts";

const CRM = { traits: CRM_TRAITS };
const INBOX = { traits: INBOX_TRAITS };

test("changes role, team, name and phone of an account that stays", () => {
  assert.deepEqual(lines(planCompany(moverCompany())), [
    "1 crm Change name and phone of user 17",
    "2 crm Role: Admin -> Agent",
    "3 crm Move from Portland Team to Oakland Team",
    "4 inbox Given name: Lee -> Liam",
    "5 inbox Add to Sales",
    "6 inbox Take out of Support",
  ]);
});

test("joins the new team before it leaves the old one", () => {
  const plan = planCompany(moverCompany());
  const [join, leave] = plan.steps.filter((step) => step.app === "inbox" && step.action.verb !== "update");
  assert.equal(join?.action.verb, "join");
  assert.equal(leave?.action.verb, "leave");
  assert.deepEqual(leave.dependsOn, [join.id]);
});

test("where an account has one team, joining the new one is the move, counted as a loss and bound to the old team", () => {
  const step = stepOf(planCompany(moverCompany()), 3);
  assert.equal(step.action.verb, "join");
  assert.ok(step.destructive);
  assert.deepEqual(step.precondition.fields["teams"], ["2"]);
  assert.deepEqual(step.after, { teams: ["1"] });
});

test("[FUB-66] a changed name and phone are written to the account that is there, with what was there before", () => {
  const step = stepOf(planCompany(moverCompany()), 1);
  assert.deepEqual(step.action, {
    verb: "update",
    changes: { displayName: "Liam Castillo", phone: "+1 415 555 0117" },
  });
  assert.equal(step.precondition.fields["displayName"], "Lee Castillo");
  assert.equal(step.precondition.fields["phone"], "+1 503 555 0100");
  assert.deepEqual(step.after, { displayName: "Liam Castillo", phone: "+1 415 555 0117" });
});

test("[FRONT-54] a changed name is written by call and proven by the account's own fields", () => {
  const step = stepOf(planCompany(moverCompany()), 4);
  assert.deepEqual(step.action, { verb: "update", changes: { givenName: "Liam" } });
  assert.deepEqual(step.after, { givenName: "Liam" });
});

test("[FRONT-31] what a change is proven by is a read of the account, so the step costs one more request", () => {
  const step = stepOf(planCompany(moverCompany()), 4);
  assert.equal(step.cost.requests, 3);
});

test("[FRONT-42] who is in a team is what the team's member list says", () => {
  const account = makeAccount(INBOX, "tea_17", LIAM);
  const joins = (members: readonly string[]): readonly string[] => {
    const company = companyWith([LIAM], {
      inbox: (app) => ({
        ...app,
        accounts: [...app.accounts, account],
        memberships: [...app.memberships, ...members.map((team) => makeMember("tea_17", team))],
      }),
    });
    return lines(planCompany(company)).filter((line) => line.includes(" inbox "));
  };
  assert.deepEqual(joins(["tim_1"]), []);
  assert.deepEqual(joins([]), ["1 inbox Add to Sales"]);
});

test("a demotion is a loss, and neither the owner nor somebody on the protected list is demoted", () => {
  assert.ok(stepOf(planCompany(moverCompany()), 2).destructive);
  const rule = makeRule("bosses", { department: "Management" }, { crm: { role: "Agent" } });
  const company = settledCompany({ policy: { rules: [...RULES, rule] } });
  const owner = planCompany(company);
  assert.deepEqual(owner.steps, []);
  assert.match(held(owner, OLGA.displayName)[0]?.reason ?? "", /owns the Rolodex account/u);
  const listed = planCompany({
    ...moverCompany(),
    apps: moverCompany().apps.map((app) => ({
      ...app,
      policy: { ...app.policy, protected: ["liam.castillo@harborpine.example"] },
    })),
  });
  assert.ok(!listed.steps.some((step) => step.destructive));
  assert.ok(listed.steps.some((step) => step.action.verb === "update"));
});

test("a promotion asks for somebody's yes", () => {
  const rule = makeRule("bosses", { department: "Sales" }, { crm: { role: "Admin", teams: ["{office} Team"] } });
  const company = settledCompany({ policy: { rules: [rule], approvals: [] } });
  const plan = planCompany(company);
  assert.deepEqual(lines(plan), ["1 crm Role: Agent -> Admin", "2 crm Role: Agent -> Admin"]);
  assert.ok(plan.steps.every((step) => step.approvals === 1 && !step.destructive));
});

test("[X-16] names are compared as one where the app has one name, whatever their spacing, case and composition", () => {
  const written = (name: string): readonly string[] => {
    const company = companyWith([{ ...LIAM, givenName: "José", familyName: "de la Cruz" }], {
      crm: (app) => ({
        ...app,
        accounts: [...app.accounts, makeAccount(CRM, "17", LIAM, { displayName: name, teams: ["1"] })],
      }),
    });
    return lines(planCompany(company)).filter((line) => line.includes(" crm "));
  };
  assert.deepEqual(written("José de la Cruz"), []);
  assert.deepEqual(written("  JOSÉ  De La Cruz "), []);
  assert.deepEqual(written("Jose\u0301 de la Cruz"), []);
  assert.deepEqual(written("José Cruz"), ["1 crm Name: José Cruz -> José de la Cruz"]);
});

test("[FUB-37] an attribute that the roster leaves empty is never cleared", () => {
  const company = companyWith([{ ...LIAM, phone: null }], {
    crm: (app) => ({
      ...app,
      accounts: [...app.accounts, makeAccount(CRM, "17", LIAM, { phone: "+1 415 555 0999", teams: ["1"] })],
    }),
  });
  assert.ok(!planCompany(company).steps.some((step) => step.action.verb === "update"));
});

test("a phone number that is only written otherwise is the same number", () => {
  const company = companyWith([LIAM], {
    crm: (app) => ({
      ...app,
      accounts: [...app.accounts, makeAccount(CRM, "17", LIAM, { phone: "(415) 555-0117", teams: ["1"] })],
    }),
  });
  assert.ok(!planCompany(company).steps.some((step) => step.action.verb === "update"));
});

/** Liam under another address than his account; the tie is stored. */
function renamed(method: "email" | "human" | "domain-map", email = "liam.new@harborpine.example"): Company {
  const account = makeAccount(CRM, "17", LIAM, { teams: ["2"] });
  const person = makePerson({ key: "E17", name: "Liam Castillo", row: 17, email, phone: LIAM.phone });
  const company = companyWith([person], { crm: (app) => ({ ...app, accounts: [...app.accounts, account] }) });
  const link = {
    id: "lnk_17",
    person: LIAM.id,
    account: { connection: "crm", kind: "user", id: "17" },
    state: "confirmed",
    evidence: { method, score: 1, reasons: [] },
    decidedBy: "tenure",
    decidedAt: "2026-01-01T00:00:00.000Z",
  } as const;
  return { ...company, links: [link] };
}

test("a new address is a change of the account, never a delete and a create, and comes after what uses the old one", () => {
  const plan = planCompany(renamed("email"));
  const steps = plan.steps.filter((step) => step.app === "crm");
  assert.deepEqual(
    steps.map((step) => step.action.verb),
    ["join", "update"],
  );
  const [move, update] = steps;
  assert.deepEqual(update?.action, { verb: "update", changes: { email: "liam.new@harborpine.example" } });
  assert.deepEqual(update.dependsOn, [move?.id]);
  assert.equal(update.target.email, "liam.castillo@harborpine.example");
  assert.ok(
    !plan.steps.some((step) => step.app === "crm" && (step.action.verb === "create" || step.action.verb === "remove")),
  );
});

test("an account that a human tied under another address keeps it until a human says otherwise", () => {
  const plan = planCompany(renamed("human"));
  assert.ok(!plan.steps.some((step) => step.app === "crm" && step.action.verb === "update"));
  assert.ok(held(plan, "Liam Castillo").some((item) => /change it by hand if the roster is right/u.test(item.reason)));
});

test("an account that was tied by its sister domain keeps its address", () => {
  const plan = planCompany(renamed("domain-map", "liam.castillo@harborpine-realty.example"));
  assert.ok(!plan.steps.some((step) => step.app === "crm" && step.action.verb === "update"));
  assert.deepEqual(
    held(plan, "Liam Castillo").filter((item) => item.app === "crm"),
    [],
  );
});

test("a new address that another account has already is held back", () => {
  const company = renamed("email", JONAH.email);
  const plan = planCompany(company);
  assert.ok(!plan.steps.some((step) => step.app === "crm" && step.action.verb === "update"));
});

test("a team that no rule knows is left as it is, and a person without any rule too", () => {
  const company = companyWith([{ ...LIAM, department: "Legal" }], {
    inbox: (app) => ({
      ...app,
      teams: [...app.teams, { noun: "team", kind: "team", id: "tim_7", name: "Chess", memberCount: null }],
      accounts: [...app.accounts, makeAccount(INBOX, "tea_17", LIAM)],
      memberships: [...app.memberships, makeMember("tea_17", "tim_7"), makeMember("tea_11", "tim_7")],
    }),
  });
  assert.deepEqual(planCompany(company).steps, []);
  const alone = planCompany(company, {
    selection: { kind: "person", person: LIAM.id, connections: null, offboard: false },
  });
  assert.match(held(alone, "Liam Castillo")[0]?.reason ?? "", /no rule gives one: it is left alone/u);
});

test("custom fields of others stay when a rule sets one", () => {
  const rule = makeRule(
    "desk",
    { department: "Sales" },
    { inbox: { teams: ["Sales"], attributes: { customFields: { city: "{office}" } } } },
  );
  const account = makeAccount(INBOX, "tea_17", LIAM, { attributes: { customFields: { city: "Boston", vip: true } } });
  const company = companyWith([LIAM], {
    inbox: (app) => ({
      ...app,
      accounts: [...app.accounts, account],
      memberships: [...app.memberships, makeMember("tea_17", "tim_1")],
    }),
  });
  const attributes = { customFields: { city: "Oakland" } };
  const fixed = { ...rule, give: { inbox: { role: null, teams: ["Sales"], attributes } } };
  const plan = planCompany({ ...company, policy: { rules: [fixed] } });
  const update = plan.steps.find((step) => step.person === LIAM.id);
  assert.deepEqual(update?.action, { verb: "update", changes: attributes });
  assert.deepEqual(update.after, { "attributes.customFields": { city: "Oakland", vip: true } });
});

test("what the app shows and cannot write is a task for a person", () => {
  const company = moverCompany();
  const apps = company.apps.map((app) =>
    app.name === "inbox" ? { ...app, traits: { ...app.traits, writable: ["familyName"] } } : app,
  );
  const plan = planCompany({ ...company, apps });
  const step = plan.steps.find((one) => one.app === "inbox" && one.action.verb === "manual");
  assert.match(step?.title ?? "", /given name: Lee -> Liam/u);
  assert.ok(step?.action.verb === "manual" && step.action.proof.kind === "after");
});
