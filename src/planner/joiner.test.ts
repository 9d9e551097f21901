import assert from "node:assert/strict";
import { test } from "node:test";
import type { Person } from "../model/person.ts";
import { makeAccount, makePerson, makeRule, makeTeam, type Company } from "./testing/company.ts";
import { held, lines, planCompany, stepOf } from "./testing/planning.ts";
import { companyWith, joinerCompany, LIAM, rehireCompany } from "./testing/scenarios.ts";
import { CRM_TRAITS, INBOX_TRAITS } from "./testing/traits.data.ts";

const INBOX = { traits: INBOX_TRAITS };

test("creates with role and team inside where the app can, and joins afterwards where it cannot", () => {
  assert.deepEqual(lines(planCompany(joinerCompany())), [
    "1 crm Create Agent in Oakland Team",
    "2 inbox Create Teammate (sends an invitation)",
    "3 inbox Add to Sales",
  ]);
});

test("[FUB-65] whoever is in the roster and not in the app gets an account there", () => {
  const creates = planCompany(joinerCompany()).steps.filter((step) => step.app === "crm");
  assert.deepEqual(
    creates.map((step) => [step.person, step.action.verb]),
    [[LIAM.id, "create"]],
  );
});

test("[FUB-64] roster and app are compared by address without regard to its letters", () => {
  const account = makeAccount({ traits: CRM_TRAITS }, "17", LIAM, {
    email: "LIAM.Castillo@HARBORPINE.example",
    teams: ["1"],
  });
  const company = companyWith([LIAM], { crm: (app) => ({ ...app, accounts: [...app.accounts, account] }) });
  assert.ok(!planCompany(company).steps.some((step) => step.app === "crm"));
});

test("[FUB-53] the team of the rule is found by its name among the app's own", () => {
  const step = stepOf(planCompany(joinerCompany()), 1);
  assert.ok(step.action.verb === "create");
  assert.deepEqual(step.action.draft.teams, ["1"]);
  const unknown = planCompany(companyWith([{ ...LIAM, office: "Nowhere" }]));
  assert.match(
    held(unknown, "Liam Castillo").find((item) => item.app === "crm")?.reason ?? "",
    /rule sales \(tenure\.yaml:5\): Rolodex has no team called Nowhere Team/u,
  );
  assert.ok(!unknown.steps.some((one) => one.app === "crm"));
});

test("[FUB-54] a new account there carries name, address, role and team in one call", () => {
  const step = stepOf(planCompany(joinerCompany()), 1);
  assert.ok(step.action.verb === "create");
  assert.deepEqual(step.action.draft, {
    email: "liam.castillo@harborpine.example",
    displayName: "Liam Castillo",
    givenName: "Liam",
    familyName: "Castillo",
    phone: "+1 415 555 0117",
    role: "Agent",
    teams: ["1"],
    attributes: {},
  });
  assert.equal(step.precondition.expect, "absent");
});

test("[FUB-55] the create is done when the new account exists as asked for", () => {
  assert.deepEqual(stepOf(planCompany(joinerCompany()), 1).after, {
    exists: true,
    email: "liam.castillo@harborpine.example",
    displayName: "Liam Castillo",
    state: "active",
    roles: ["Agent"],
    teams: ["1"],
  });
});

test("[FUB-32] a new account there takes a seat, and the plan says so", () => {
  const step = stepOf(planCompany(joinerCompany()), 1);
  assert.equal(step.seat, 1);
  assert.deepEqual(step.sideEffects, ["takes a paid seat"]);
});

test("[FRONT-28] the plan says that an invitation goes out before anyone approves", () => {
  const step = stepOf(planCompany(joinerCompany()), 2);
  assert.match(step.title, /\(sends an invitation\)$/u);
  assert.deepEqual(step.sideEffects, ["sends an invitation e-mail at once"]);
  assert.equal(step.approvals, 1);
});

test("[FRONT-58] a new account there has address, both names and no administration", () => {
  const step = stepOf(planCompany(joinerCompany()), 2);
  assert.ok(step.action.verb === "create");
  const { email, givenName, familyName, role } = step.action.draft;
  assert.deepEqual(
    [email, givenName, familyName, role],
    ["liam.castillo@harborpine.example", "Liam", "Castillo", "Teammate"],
  );
});

test("[FRONT-59] the team is joined by the id that the create brings", () => {
  const plan = planCompany(joinerCompany());
  const [, create, join] = plan.steps;
  assert.equal(join?.target.id, null);
  assert.equal(join.target.madeBy, create?.id);
  assert.deepEqual(join.dependsOn, [create?.id]);
});

test("[FRONT-60] the team is joined in a step of its own, by the team's id", () => {
  const step = stepOf(planCompany(joinerCompany()), 3);
  assert.deepEqual(step.action, { verb: "join", team: { id: "tim_1", name: "Sales" } });
});

test("[FRONT-61] the membership is proven by the team's members, not by the account", () => {
  assert.deepEqual(stepOf(planCompany(joinerCompany()), 3).after, { member: "tim_1" });
});

test("[FRONT-62] an account that was invited and not accepted yet is there: no second one, and its teams are set", () => {
  const company = companyWith([LIAM], {
    inbox: (app) => ({ ...app, accounts: [...app.accounts, makeAccount(INBOX, "tea_17", LIAM, { state: "invited" })] }),
  });
  const plan = planCompany(company);
  assert.deepEqual(
    lines(plan).filter((line) => line.includes("inbox")),
    ["1 inbox Add to Sales"],
  );
  // What an invited account shows after the create is left open: the invitation may be accepted any moment.
  assert.equal("state" in stepOf(planCompany(joinerCompany()), 2).after, false);
});

function joins(person: Person, fields: Partial<Company> = {}) {
  return planCompany({ ...companyWith([person]), ...fields });
}

test("nobody gets an account before the first day", () => {
  const far = joins({
    ...LIAM,
    status: "future",
    startDate: makePerson({ key: "x", name: "x", startDate: "2026-11-24" }).startDate,
  });
  assert.deepEqual(far.steps, []);
  assert.match(
    held(far, "Liam Castillo")[0]?.reason ?? "",
    /starts 24 Nov 2026: the account is made that day, not before/u,
  );
  const tomorrow = { startDate: makePerson({ key: "x", name: "x", startDate: "2026-11-21" }).startDate };
  const soon = joins({ ...LIAM, status: "future", ...tomorrow });
  assert.equal(soon.steps.length, 3);
  assert.ok(soon.steps.every((step) => step.notBefore === "2026-11-21T08:00:00.000Z"));
});

test("people on leave and people the roster no longer lists get nothing new", () => {
  assert.deepEqual(joins({ ...LIAM, status: "leave" }).steps, []);
  assert.deepEqual(joins({ ...LIAM, listed: false }).steps, []);
});

test("somebody with one name is held back where the app wants two, and not elsewhere", () => {
  const mononym = makePerson({ key: "E90", name: "Suharto", row: 90 });
  const company = companyWith([mononym]);
  const requires = ["email", "givenName", "familyName"];
  const create = INBOX_TRAITS.create === null ? null : { ...INBOX_TRAITS.create, requires };
  const apps = company.apps.map((app) => (app.name === "inbox" ? { ...app, traits: { ...app.traits, create } } : app));
  const plan = planCompany({ ...company, apps });
  assert.deepEqual(lines(plan), ["1 crm Create Agent in Oakland Team"]);
  assert.match(held(plan, "Suharto")[0]?.reason ?? "", /Parlor wants a family name, and hr row 90 has none/u);
});

test("an account with the same address that is not tied to the person stops the create", () => {
  const company = companyWith([LIAM], {
    inbox: (app) => ({ ...app, accounts: [...app.accounts, makeAccount(INBOX, "tea_9", LIAM)] }),
  });
  const plan = planCompany({ ...company, policy: { ...company.policy, autoLink: "never" } });
  assert.ok(!plan.steps.some((step) => step.person === LIAM.id && step.app === "inbox"));
  assert.ok(held(plan, "Liam Castillo").some((item) => /teammate tea_9 may be theirs already/u.test(item.reason)));
});

test("a rule that names a role the app does not have, or two teams where one is allowed, gives nothing and says why", () => {
  const wrongRole = makeRule("wrong", { department: "Sales" }, { crm: { role: "Pilot" } });
  const twoTeams = makeRule("two", { department: "Sales" }, { crm: { teams: ["Oakland Team", "Portland Team"] } });
  const reason = (rule: typeof wrongRole): string => {
    const plan = joins(LIAM, { policy: { rules: [rule] } });
    assert.ok(!plan.steps.some((step) => step.person === LIAM.id));
    return held(plan, "Liam Castillo")[0]?.reason ?? "";
  };
  assert.match(reason(wrongRole), /has no role Pilot, only Admin and Agent/u);
  assert.match(reason(twoTeams), /allows one team, the rules give Oakland Team and Portland Team/u);
});

test("a team name that the app has twice is nobody's guess", () => {
  const company = companyWith([LIAM], {
    inbox: (app) => ({ ...app, teams: [...app.teams, makeTeam("tim_9", "sales")] }),
  });
  const plan = planCompany(company);
  assert.match(held(plan, "Liam Castillo")[0]?.reason ?? "", /Parlor has 2 teams called Sales/u);
});

test("where the app has no create by call, a person is asked, and the rest waits for that", () => {
  const plan = planCompany(joinerCompany(), { off: { inbox: ["create"] } });
  const [, byHand, join] = plan.steps;
  assert.ok(byHand?.action.verb === "manual");
  assert.deepEqual(byHand.action.proof, { kind: "exists" });
  assert.match(byHand.action.instructions, /liam\.castillo@harborpine\.example/u);
  assert.deepEqual(join?.dependsOn, [byHand.id]);
  assert.equal(join.target.madeBy, byHand.id);
});

test("a create as administrator needs somebody's yes even where the policy asks for none", () => {
  const rules = [makeRule("admins", { department: "Sales" }, { crm: { role: "Admin" } })];
  const plan = joins(LIAM, { policy: { rules, approvals: [] } });
  assert.equal(plan.steps.find((step) => step.person === LIAM.id)?.approvals, 1);
});

test("a rehire comes back into the account that is there and then gets teams and attributes", () => {
  assert.deepEqual(lines(planCompany(rehireCompany())), [
    "1 crm Reactivate user 85",
    "2 crm Move from Portland Team to Oakland Team",
    "3 inbox By hand: reactivate teammate tea_85",
    "4 inbox Add to Sales",
  ]);
});

test("[FRONT-71] a rehire there is a task for a person that a read proves, and what follows waits for it", () => {
  const [, , byHand, join] = planCompany(rehireCompany()).steps;
  assert.ok(byHand?.action.verb === "manual");
  assert.deepEqual(byHand.action.proof, { kind: "state", state: "active" });
  assert.match(
    byHand.action.instructions,
    /^In Settings > Teammates, find the blocked teammate and unblock them\. \(Priya/u,
  );
  assert.deepEqual(join?.dependsOn, [byHand.id]);
  assert.equal(join.target.id, "tea_85");
});

test("[FRONT-34] nothing there is reactivated by call", () => {
  const steps = planCompany(rehireCompany()).steps.filter((step) => step.app === "inbox");
  assert.ok(steps.every((step) => step.action.verb !== "reactivate" && step.action.verb !== "create"));
});

test("an app in which nobody can come back holds the rehire back", () => {
  const company = rehireCompany();
  const apps = company.apps.map((app) =>
    app.name === "inbox" ? { ...app, traits: { ...app.traits, reactivate: "never" as const } } : app,
  );
  const plan = planCompany({ ...company, apps });
  assert.match(held(plan, "Priya Nakamura")[0]?.reason ?? "", /teammate tea_85 was deactivated and cannot come back/u);
});

test("[FUB-26] an account that the list no longer shows is no proof of a deletion where nothing would refuse a second one", () => {
  const account = makeAccount({ traits: CRM_TRAITS }, "17", LIAM);
  const link = {
    id: "lnk_1",
    person: LIAM.id,
    account: { connection: "crm", kind: "user", id: "17" },
    state: "confirmed",
    evidence: { method: "email", score: 1, reasons: [] },
    decidedBy: "tenure",
    decidedAt: "2026-01-01T00:00:00.000Z",
  } as const;
  const company = companyWith([LIAM], { crm: (app) => ({ ...app, gone: [account] }) });
  const creates = (refusesDuplicates: boolean): number => {
    const apps = company.apps.map((app) => {
      const { create } = app.traits;
      const traits = { ...app.traits, create: create === null ? null : { ...create, refusesDuplicates } };
      return app.name === "crm" ? { ...app, traits } : app;
    });
    const plan = planCompany({ ...company, apps, links: [link] });
    return plan.steps.filter((step) => step.app === "crm" && step.action.verb === "create").length;
  };
  assert.equal(creates(true), 1);
  assert.equal(creates(false), 0);
});

test("where the account is made silently, without a role, only a role that is not the usual one is given afterwards", () => {
  const silent = (role: string): readonly string[] => {
    const company = joinerCompany();
    const rules = [makeRule("sales", { department: "Sales" }, { inbox: { role, teams: ["Sales"] } })];
    const apps = company.apps
      .filter((app) => app.name === "inbox")
      .map((app) => {
        const { create } = app.traits;
        const scim = create === null ? null : { ...create, role: false, outcome: "active" as const };
        return { ...app, traits: { ...app.traits, create: scim } };
      });
    const plan = planCompany({ ...company, apps, policy: { rules } });
    return lines(plan).filter((_, place) => plan.steps[place]?.person === LIAM.id);
  };
  assert.deepEqual(silent("Teammate"), ["1 inbox Create teammate", "2 inbox Add to Sales"]);
  assert.deepEqual(silent("Admin").slice(-3), [
    "3 inbox Create teammate",
    "4 inbox Give role Admin",
    "5 inbox Add to Sales",
  ]);
});
