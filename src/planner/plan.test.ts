import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "../kernel/errors.ts";
import { parseJson, canonicalJson, toJson } from "../kernel/json.ts";
import { planTotals, type Plan } from "../model/plan.ts";
import { assertPlanIntact, hashPlan } from "./plan.ts";
import { makeAccount } from "./testing/company.ts";
import { held, planCompany, planRequest, stepOf } from "./testing/planning.ts";
import {
  fullSeatsCompany,
  joinerCompany,
  leaverCompany,
  LIAM,
  MAYA,
  moverCompany,
  settledCompany,
} from "./testing/scenarios.ts";
import { INBOX_TRAITS } from "./testing/traits.data.ts";

const plan = (): Plan => {
  const content = planCompany(leaverCompany());
  return { id: "pln_1", number: 42, hash: hashPlan(content), content };
};

test("a company that is as it should be gives the empty plan", () => {
  const content = planCompany(settledCompany());
  assert.deepEqual(content.steps, []);
  assert.deepEqual(content.questions, []);
  assert.deepEqual(content.heldBack, []);
});

test("says what it was made from, when, by whom and until when it may be used", () => {
  const content = planCompany(leaverCompany());
  assert.deepEqual(content.trigger, { kind: "hr", ref: "imp_1", actor: "ada" });
  assert.deepEqual(content.base, {
    snapshots: [
      { connection: "crm", snapshot: "snp_crm", readAt: "2026-11-20T11:56:00.000Z" },
      { connection: "inbox", snapshot: "snp_inbox", readAt: "2026-11-20T11:56:00.000Z" },
    ],
    imports: ["imp_1"],
    config: "config-hash",
  });
  assert.equal(content.madeAt, "2026-11-20T12:00:00.000Z");
  assert.equal(content.expiresAt, "2026-11-21T12:00:00.000Z");
});

test("the hash is over everything: a stored plan with one changed letter is refused", () => {
  const good = plan();
  assertPlanIntact(good);
  assert.match(good.hash, /^[0-9a-f]{64}$/u);
  const text = canonicalJson(toJson(good.content));
  assert.equal(hashPlan(parseJson(text) as unknown as Plan["content"]), good.hash);
  const forged = text.replace('"id":"11"', '"id":"12"');
  assert.notEqual(forged, text);
  assert.throws(
    () => assertPlanIntact({ ...good, content: parseJson(forged) as unknown as Plan["content"] }),
    (error) => isAppError(error, "stale") && error.message.includes("PL-42"),
  );
});

test("steps keep their ids when the plan around them changes", () => {
  const one = planCompany(leaverCompany());
  const company = leaverCompany();
  const two = planCompany({ ...company, people: [...company.people, LIAM] });
  const ids = new Set(two.steps.map((step) => step.id));
  assert.ok(one.steps.every((step) => ids.has(step.id)));
  assert.equal(new Set(two.steps.map((step) => step.id)).size, two.steps.length);
});

test("counts what it will do once for every surface", () => {
  const totals = planTotals(planCompany(leaverCompany()));
  assert.deepEqual([totals.add, totals.change, totals.reassign, totals.remove, totals.manual], [0, 0, 1, 5, 0]);
  assert.equal(totals.irreversible, 1);
});

test("[FUB-69] shows calls and time: past the allowance, the next window is waited for", () => {
  const small = planTotals(planCompany(leaverCompany()));
  assert.ok(small.seconds < 10);
  const company = leaverCompany();
  const big = {
    ...company,
    apps: company.apps.map((app) => ({
      ...app,
      holdings: app.holdings.flatMap((lead) =>
        Array.from({ length: 10 }, (_, place) => ({ ...lead, id: `${lead.id}/${place}` })),
      ),
    })),
  };
  const totals = planTotals(planCompany(big));
  // 1,430 leads on 15 pages, and 700 requests in ten minutes.
  assert.equal(stepOf(planCompany(big), 2).cost.requests, 1445);
  assert.ok(totals.seconds >= 1200 && totals.seconds < 1260);
});

test("[FUB-57] with all seats taken, a new account waits for the one that a leaver frees, and the next is held back", () => {
  const content = planCompany(fullSeatsCompany());
  const remove = content.steps.find((step) => step.action.verb === "remove" && step.app === "crm");
  const creates = content.steps.filter((step) => step.action.verb === "create" && step.app === "crm");
  assert.deepEqual(
    creates.map((step) => step.person),
    [LIAM.id],
  );
  const [create] = creates;
  assert.ok(remove !== undefined && create !== undefined && create.dependsOn.includes(remove.id));
  assert.ok(create.number > remove.number);
  assert.match(held(content, "Priya Nakamura")[0]?.reason ?? "", /Rolodex has no seat left \(4 of 4 taken\)/u);
  const guard = content.guards.find((one) => one.name === "seats");
  assert.equal(guard?.state, "warn");
  assert.match(
    guard.text,
    new RegExp(`step ${remove.number} frees the seat that step ${create.number} takes; 1 seat short`, "u"),
  );
});

test("a removal that comes too late frees no seat to count on", () => {
  const company = fullSeatsCompany();
  const leaver = { handOver: { lead: "manager" }, final: "delete", graceDays: 30 } as const;
  const apps = company.apps.map((app) => (app.name === "crm" ? { ...app, policy: { ...app.policy, leaver } } : app));
  const content = planCompany({ ...company, apps });
  assert.ok(!content.steps.some((step) => step.action.verb === "create" && step.app === "crm"));
});

test("a plan for one person or one app is about nothing else", () => {
  const company = { ...leaverCompany(), people: [...leaverCompany().people, LIAM] };
  const one = planCompany(company, {
    selection: { kind: "person", person: LIAM.id, connections: null, offboard: false },
  });
  assert.deepEqual(new Set(one.steps.map((step) => step.person)), new Set([LIAM.id]));
  const inbox = planCompany(company, { selection: { kind: "hr", connections: ["inbox"] } });
  assert.deepEqual(new Set(inbox.steps.map((step) => step.app)), new Set(["inbox"]));
});

test("a plan from findings mends those people in those apps and leaves the rest", () => {
  const company = { ...moverCompany(), people: [...moverCompany().people, MAYA] };
  const request = planRequest(company);
  const team = request.findings.find((finding) => finding.person === LIAM.id && finding.connection === "inbox");
  const content = planCompany(company, {
    selection: { kind: "findings", findings: [team?.id ?? ""], connections: null },
  });
  assert.ok(content.steps.length > 0);
  assert.ok(content.steps.every((step) => step.person === LIAM.id && step.app === "inbox"));
});

test("a selection that names nothing is refused with where to look", () => {
  const person = { kind: "person", person: "per_nobody", connections: null, offboard: false } as const;
  const finding = { kind: "findings", findings: ["fnd_none"], connections: null } as const;
  for (const selection of [person, finding, { kind: "hr", connections: ["fax"] } as const]) {
    assert.throws(
      () => planCompany(settledCompany(), { selection }),
      (error) => isAppError(error, "missing"),
    );
  }
});

test("an account that is nobody's, or that vanished, is for a human and nothing happens to it", () => {
  const company = settledCompany();
  const ghost = makeAccount({ traits: INBOX_TRAITS }, "tea_66", MAYA, {
    email: "ghost@elsewhere.example",
    displayName: "Ghost",
  });
  const apps = company.apps.map((app) => (app.name === "inbox" ? { ...app, accounts: [...app.accounts, ghost] } : app));
  const content = planCompany({ ...company, apps });
  assert.deepEqual(content.steps, []);
  assert.equal(content.heldBack.length, 1);
  assert.equal(content.heldBack[0]?.app, "inbox");
});

test("the seat line says how many are taken when there are enough", () => {
  const company = joinerCompany();
  const apps = company.apps.map((app) => (app.name === "crm" ? { ...app, policy: { ...app.policy, seats: 10 } } : app));
  const guard = planCompany({ ...company, apps }).guards.find((one) => one.name === "seats");
  assert.deepEqual([guard?.state, guard?.text], ["pass", "Rolodex: 3 of 10 seats taken, 4 after this plan"]);
});
