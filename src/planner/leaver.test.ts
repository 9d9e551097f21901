import assert from "node:assert/strict";
import { test } from "node:test";
import { makeAccount, makeLeads, makePerson, type Company } from "./testing/company.ts";
import { holdingsToCount } from "./holdings.ts";
import { held, lines, planCompany, planRequest, stepOf } from "./testing/planning.ts";
import { companyWith, JONAH, leaverCompany, MAYA, noSuccessorCompany, settledCompany } from "./testing/scenarios.ts";
import { CRM_TRAITS, INBOX_TRAITS } from "./testing/traits.data.ts";

const CRM = { traits: CRM_TRAITS };

/** The leaver company with Maya's row changed. */
function withMaya(fields: Partial<typeof MAYA>, company: Company = leaverCompany()): Company {
  return {
    ...company,
    people: company.people.map((person) => (person.id === MAYA.id ? { ...person, ...fields } : person)),
  };
}

test("cuts access off first, hands over, checks, leaves the teams, and takes away last", () => {
  assert.deepEqual(lines(planCompany(leaverCompany())), [
    "1 crm Suspend user 4417",
    "2 crm Reassign 143 leads to Jonah Reyes",
    "3 crm Check that no lead is left with Maya Okafor",
    "4 crm Delete user 4417",
    "5 inbox Take out of Sales",
    "6 inbox Take out of Support",
    "7 inbox Deactivate teammate tea_41",
  ]);
});

test("[FUB-41] the delete waits for the hand-over and for the check that nothing is left", () => {
  const plan = planCompany(leaverCompany());
  const [suspend, transfer, check, remove] = plan.steps;
  assert.equal(transfer?.action.verb, "transfer");
  assert.equal(check?.action.verb, "verifyNone");
  assert.equal(remove?.action.verb, "remove");
  assert.deepEqual(transfer.dependsOn, [suspend?.id]);
  assert.deepEqual(check.dependsOn, [transfer.id]);
  assert.deepEqual(remove.dependsOn, [check.id]);
  assert.deepEqual(remove.precondition.noHoldings, ["lead"]);
});

test("[FUB-58] the leaver is found in the list by address, whatever its letters, and the steps carry the id found", () => {
  const company = leaverCompany();
  const apps = company.apps.map((app) => ({
    ...app,
    accounts: app.accounts.map((one) =>
      one.id === "4417" ? { ...one, email: "Maya.Okafor@HarborPine.example" } : one,
    ),
  }));
  const steps = planCompany({ ...company, apps }).steps.filter((step) => step.app === "crm");
  assert.equal(steps.length, 4);
  assert.ok(steps.every((step) => step.target.id === "4417"));
});

test("[FUB-59] what is counted before planning is the leaver's own leads and nobody else's", () => {
  assert.deepEqual(holdingsToCount(planRequest(leaverCompany())), [
    { account: { connection: "crm", kind: "user", id: "4417" }, holding: "lead" },
  ]);
  assert.deepEqual(holdingsToCount(planRequest(settledCompany())), []);
});

test("[FUB-60] the leads go to the replacement's own account, one call each", () => {
  const step = stepOf(planCompany(leaverCompany()), 2);
  assert.ok(step.action.verb === "transfer");
  assert.equal(step.action.to.id, "11");
  assert.equal(step.cost.requests - 2, step.action.count);
});

test("[FUB-61] the last step of a leaver there is the delete of the account that the list showed", () => {
  const remove = stepOf(planCompany(leaverCompany()), 4);
  assert.deepEqual(remove.target, {
    kind: "user",
    id: "4417",
    madeBy: null,
    email: "maya.okafor@harborpine.example",
    label: "Maya Okafor",
  });
  assert.deepEqual(remove.after, { exists: false });
  assert.equal(remove.seat, -1);
});

test("[FUB-40] a delete that cannot be undone says so and asks for two approvals", () => {
  const plan = planCompany(leaverCompany());
  const remove = stepOf(plan, 4);
  assert.equal(remove.undo, "never");
  assert.equal(remove.approvals, 2);
  const guard = plan.guards.find((one) => one.name === "irreversible");
  assert.equal(guard?.state, "warn");
  assert.deepEqual(guard.steps, [remove.id]);
});

test("shows what would be lost, who gets it, and what it costs", () => {
  const transfer = stepOf(planCompany(leaverCompany()), 2);
  assert.deepEqual(transfer.loss, {
    holding: "lead",
    count: 143,
    sample: ["Lead 4417-1", "Lead 4417-10", "Lead 4417-100"],
    to: "Jonah Reyes",
  });
  // Two pages of leads, and one call a lead.
  assert.equal(transfer.cost.requests, 145);
  assert.equal(transfer.undo, "api");
  assert.equal(transfer.approvals, 0);
});

test("[FRONT-65] a leaver whose app only deactivates is deactivated by the removal, undone by hand", () => {
  const remove = stepOf(planCompany(leaverCompany()), 7);
  assert.equal(remove.action.verb, "remove");
  assert.equal(remove.target.id, "tea_41");
  assert.equal(remove.undo, "by-hand");
  assert.equal(remove.approvals, 1);
});

test("[FRONT-64] the leaver's id there is found by address in the list", () => {
  const company = leaverCompany();
  const apps = company.apps.map((app) => ({
    ...app,
    accounts: app.accounts.map((one) =>
      one.id === "tea_41" ? { ...one, email: "MAYA.OKAFOR@harborpine.example" } : one,
    ),
  }));
  const steps = planCompany({ ...company, apps }).steps.filter((step) => step.app === "inbox");
  assert.equal(steps.length, 3);
  assert.ok(steps.every((step) => step.target.id === "tea_41"));
});

test("[FRONT-32] the answer to the removal proves nothing: a read before and a read after it are part of the step", () => {
  const remove = stepOf(planCompany(leaverCompany()), 7);
  assert.equal(remove.cost.requests, 3);
  assert.deepEqual(remove.after, { state: "removed" });
});

test("[FRONT-23] blocked accounts are in the list and count as gone: nothing to take away, no seat taken", () => {
  const company = leaverCompany();
  const blocked = { state: "removed", takesSeat: false } as const;
  const apps = company.apps.map((app) => ({
    ...app,
    accounts: app.accounts.map((one) => (one.id === "tea_41" ? { ...one, ...blocked } : one)),
    policy: { ...app.policy, seats: 10 },
  }));
  const plan = planCompany({ ...company, apps });
  assert.ok(!plan.steps.some((step) => step.app === "inbox"));
  const seats = plan.guards.find((guard) => guard.name === "seats" && guard.app === "inbox");
  assert.equal(seats?.text, "Parlor: 3 of 10 seats taken");
});

test("[FRONT-66] the removal is proven by a read that still finds the account, blocked", () => {
  assert.deepEqual(stepOf(planCompany(leaverCompany()), 7).after, { state: "removed" });
});

test("[FRONT-33] a deactivation keeps what the account did: no loss is announced and nothing is handed over", () => {
  const plan = planCompany(leaverCompany());
  const steps = plan.steps.filter((step) => step.app === "inbox");
  assert.ok(steps.every((step) => step.loss === null && step.action.verb !== "transfer"));
  assert.deepEqual(stepOf(plan, 7).sideEffects, ["history and conversations are kept"]);
});

test("gives the roster row and the end of access as the reason, and lets the step rest on it", () => {
  const step = stepOf(planCompany(leaverCompany()), 1);
  assert.deepEqual(step.reason, {
    kind: "roster",
    text: "HR row 41: access ends 20 Nov 2026 00:00 America/Los_Angeles",
    ref: "hr:41",
  });
  assert.deepEqual(step.precondition.person, { accessEndsAt: "2026-11-20T08:00:00.000Z" });
});

test("each step expects the account as the step before leaves it", () => {
  const plan = planCompany(leaverCompany());
  const states = plan.steps
    .filter((step) => step.precondition.expect === "exists")
    .map((step) => step.precondition.fields["state"]);
  assert.deepEqual(states, ["active", "suspended", "suspended", "active", "active", "active"]);
});

test("[FUB-67] only somebody whom the source calls terminated loses the account; a row that is missing does not", () => {
  const active = { status: "active", lastDay: null, accessEndsAt: null } as const;
  assert.ok(planCompany(withMaya(active)).steps.every((step) => !["suspend", "remove"].includes(step.action.verb)));
  const vanished = planCompany(withMaya({ ...active, listed: false }));
  assert.deepEqual(vanished.steps, []);
  assert.ok(held(vanished, "Maya Okafor").length > 0);
  assert.ok(
    planCompany(withMaya({ ...active, status: "terminated" })).steps.some((step) => step.action.verb === "remove"),
  );
});

test("somebody the source called terminated and then dropped still leaves", () => {
  const plan = planCompany(withMaya({ listed: false }));
  assert.ok(plan.steps.some((step) => step.action.verb === "remove"));
});

test("an end of access later today is planned for that time and not before", () => {
  const plan = planCompany(withMaya({ status: "active", accessEndsAt: "2026-11-21T01:00:00.000Z" }));
  assert.equal(plan.steps.length, 7);
  assert.ok(plan.steps.every((step) => step.notBefore === "2026-11-21T01:00:00.000Z"));
  assert.match(stepOf(plan, 1).reason.text, /access ends 20 Nov 2026 17:00 America\/Los_Angeles/u);
});

test("an end of access beyond the life of the plan is not planned, whatever word stands beside it", () => {
  const later = { accessEndsAt: "2026-12-01T08:00:00.000Z" };
  const plan = planCompany(withMaya({ ...later, status: "terminated" }));
  assert.deepEqual(plan.steps, []);
  assert.match(held(plan, "Maya Okafor")[0]?.reason ?? "", /access ends 1 Dec 2026 00:00/u);
});

test("asks who gets the leads when nobody is named, and keeps the account until someone answers", () => {
  const plan = planCompany(noSuccessorCompany());
  assert.deepEqual(
    lines(plan).filter((line) => line.includes(" crm ")),
    ["1 crm Suspend user 4417"],
  );
  const [question] = plan.questions;
  assert.equal(question?.id, "handover:crm:lead:4417");
  assert.equal(question.text, "Who gets the 143 leads of Maya Okafor?");
  assert.deepEqual(question.choices, [
    { value: "elena.sato@harborpine.example", label: "Elena Sato (same team)" },
    { value: "jonah.reyes@harborpine.example", label: "Jonah Reyes (same team)" },
  ]);
  assert.match(
    held(plan, "Maya Okafor")[0]?.reason ?? "",
    /has no manager in the roster.*user 4417 is kept until then/u,
  );
  assert.equal(plan.guards.find((guard) => guard.name === "handover")?.state, "warn");
});

test("an answer is worth as much as a rule, by address or by id", () => {
  for (const answer of ["Elena.Sato@harborpine.example", "12"]) {
    const plan = planCompany(noSuccessorCompany(), { answers: { "handover:crm:lead:4417": answer } });
    assert.equal(stepOf(plan, 2).title, "Reassign 143 leads to Elena Sato");
    assert.deepEqual(plan.questions, []);
  }
});

test("nobody who is leaving, suspended or unknown gets anything", () => {
  const base = leaverCompany();
  const leavingManager = {
    ...base,
    people: base.people.map((person) =>
      person.id === JONAH.id ? { ...person, status: "terminated" as const } : person,
    ),
  };
  const suspendedManager = {
    ...base,
    apps: base.apps.map((app) => ({
      ...app,
      accounts: app.accounts.map((one) => (one.id === "11" ? { ...one, state: "suspended" as const } : one)),
    })),
  };
  for (const company of [leavingManager, suspendedManager]) {
    const plan = planCompany(company);
    assert.ok(!plan.steps.some((step) => step.action.verb === "remove" && step.target.id === "4417"));
    assert.match(held(plan, "Maya Okafor")[0]?.reason ?? "", /Jonah Reyes .* cannot take over/u);
  }
  const nobody = planCompany(noSuccessorCompany(), {
    answers: { "handover:crm:lead:4417": "nobody@harborpine.example" },
  });
  assert.equal(nobody.questions.length, 1);
  assert.match(held(nobody, "Maya Okafor")[0]?.reason ?? "", /nobody@harborpine\.example has no account in Rolodex/u);
});

test("leads that were not counted, or not to the end, keep the account", () => {
  const count = { account: { connection: "crm", kind: "user", id: "4417" }, holding: "lead", count: 3, sample: [] };
  for (const holdings of [[], [{ ...count, complete: false }]]) {
    const plan = planCompany(leaverCompany(), { holdings });
    assert.ok(!plan.steps.some((step) => step.app === "crm" && step.action.verb === "remove"));
    assert.match(held(plan, "Maya Okafor")[0]?.reason ?? "", /leads of Maya Okafor have not been counted/u);
  }
});

test("an account without leads needs no successor, but is checked before it goes", () => {
  const company = noSuccessorCompany();
  const plan = planCompany({ ...company, apps: company.apps.map((app) => ({ ...app, holdings: [] })) });
  assert.deepEqual(lines(plan).slice(0, 3), [
    "1 crm Suspend user 4417",
    "2 crm Check that no lead is left with Maya Okafor",
    "3 crm Delete user 4417",
  ]);
});

test("the policy may park the leads or leave the account suspended for good", () => {
  const set = (leaver: NonNullable<Company["apps"][number]["policy"]["leaver"]>): Company => {
    const company = leaverCompany();
    return { ...company, apps: company.apps.map((app) => (app.name === "crm" ? { ...app, policy: { leaver } } : app)) };
  };
  const parked = planCompany(set({ handOver: { lead: "park" }, final: "delete", graceDays: 0 }));
  assert.equal(lines(parked)[0], "1 crm Suspend user 4417");
  assert.ok(!parked.steps.some((step) => step.app === "crm" && step.action.verb === "remove"));
  const suspended = planCompany(set({ handOver: { lead: "manager" }, final: "suspend", graceDays: 0 }));
  assert.deepEqual(lines(suspended).slice(0, 3), [
    "1 crm Suspend user 4417",
    "2 crm Reassign 143 leads to Jonah Reyes",
    "3 crm Check that no lead is left with Maya Okafor",
  ]);
  assert.equal(stepOf(suspended, 4).app, "inbox");
});

test("days of grace postpone the last word and nothing else", () => {
  const company = leaverCompany();
  const leaver = { handOver: { lead: "manager" }, final: "delete", graceDays: 7 } as const;
  const plan = planCompany({
    ...company,
    apps: company.apps.map((app) => (app.name === "crm" ? { ...app, policy: { leaver } } : app)),
  });
  const times = plan.steps.filter((step) => step.app === "crm").map((step) => step.notBefore);
  assert.deepEqual(times, [null, null, null, "2026-11-27T08:00:00.000Z"]);
});

test("a verb that the connection has lost becomes a task for a person, in the same place", () => {
  const plan = planCompany(leaverCompany(), { off: { crm: ["remove"], inbox: ["leave"] } });
  const byHand = stepOf(plan, 4);
  assert.equal(byHand.action.verb, "manual");
  assert.match(byHand.title, /^By hand: delete user 4417$/u);
  assert.deepEqual(byHand.action.proof, { kind: "gone" });
  assert.equal(byHand.undo, "never");
  assert.equal(byHand.approvals, 2);
  assert.ok(byHand.destructive);
  const leave = plan.steps.filter((step) => step.app === "inbox");
  assert.deepEqual(
    leave.map((step) => step.action.verb),
    ["manual", "manual", "remove"],
  );
  assert.ok(leave.slice(0, 2).every((step) => leave[2]?.dependsOn.includes(step.id)));
});

test("an account that is already cut off is only handed over and taken away; one that is gone is left alone", () => {
  const company = leaverCompany();
  const set = (state: "suspended" | "removed"): Company => ({
    ...company,
    apps: company.apps.map((app) => ({
      ...app,
      accounts: app.accounts.map((one) => (["4417", "tea_41"].includes(one.id) ? { ...one, state } : one)),
    })),
  });
  assert.equal(lines(planCompany(set("suspended")))[0], "1 crm Reassign 143 leads to Jonah Reyes");
  assert.deepEqual(planCompany(set("removed")).steps, []);
});

test("an open invitation of a leaver is taken back", () => {
  const kinds = {
    ...INBOX_TRAITS.kinds,
    invitation: {
      noun: "invitation",
      one: "invitation",
      many: "invitations",
      per: null,
      proof: "cursor-end",
      hidesInactive: false,
      maxPageSize: 100,
    },
  } as const;
  const verbs = {
    ...INBOX_TRAITS.verbs,
    revokeInvitation: { undo: "by-hand", resend: "once", requests: 1, seat: 0, sideEffects: [] },
  } as const;
  const company = companyWith([MAYA], {
    inbox: (app) => ({
      ...app,
      traits: { ...INBOX_TRAITS, kinds, verbs },
      invitations: [
        {
          noun: "invitation",
          kind: "invitation",
          id: "inv_9",
          email: MAYA.email,
          state: "pending",
          roles: [],
          invitedAt: null,
        },
      ],
    }),
  });
  const plan = planCompany(company);
  assert.deepEqual(lines(plan), ["1 inbox Revoke the invitation of maya.okafor@harborpine.example"]);
  assert.equal(stepOf(plan, 1).target.id, "inv_9");
});

test("an account that only may be a leaver's is a question for a human, and nothing is taken from it", () => {
  const other = makePerson({ key: "X", name: "Maya Okafor", email: "m.okafor@harborpine.example" });
  const company = companyWith([MAYA], {
    crm: (app) => ({
      ...app,
      accounts: [...app.accounts, makeAccount(CRM, "77", other)],
      holdings: makeLeads("77", 2),
    }),
  });
  const plan = planCompany(company);
  assert.deepEqual(plan.steps, []);
  assert.ok(held(plan, "Maya Okafor").some((item) => item.reason.includes("user 77 may belong to this leaver")));
});

test("a human may send somebody away by name, in one app or in all", () => {
  const person = JONAH.id;
  const company = settledCompany();
  const nothing = planCompany(company, { selection: { kind: "person", person, connections: null, offboard: false } });
  assert.deepEqual(nothing.steps, []);
  const one = planCompany(company, { selection: { kind: "person", person, connections: ["inbox"], offboard: true } });
  assert.deepEqual(lines(one), ["1 inbox Take out of Sales", "2 inbox Deactivate teammate tea_11"]);
  assert.equal(stepOf(one, 1).reason.kind, "command");
});
