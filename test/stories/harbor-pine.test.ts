/** The stories of the demo company: 84 people, a full CRM, a blocked rehire, a leaver with 143 leads, a broken HR file. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { PlanResult } from "../../src/app/contract.ts";
import { isAppError } from "../../src/kernel/errors.ts";
import type { Rule } from "../../src/model/policy.ts";
import { harborPine } from "../../src/sandbox/company.ts";
import { rosterCsv, shortRosterCsv } from "../../src/sandbox/roster.ts";
import { World } from "../world.ts";

const COMPANY = harborPine();
const MAYA = "maya.okafor@harborpine.example";
const LIAM = "liam.castillo@harborpine.example";
const TOMAS = "tomas.lindqvist@harborpine.example";
const PRIYA = "priya.nakamura@harborpine.example";

const give = (role: string | null, ...teams: readonly string[]) => ({ role, teams, attributes: {} });

const RULES: readonly Rule[] = [
  {
    name: "crm-administrators",
    place: "tenure.yaml:10",
    when: {
      email: ["nora.whitlock@harborpine.example", "omar.hale@harborpine.example", "rosa.ellis@harborpine.example"],
    },
    give: { followupboss: give("Admin") },
  },
  {
    name: "sales-gets-crm",
    place: "tenure.yaml:11",
    when: { department: "Sales" },
    give: { followupboss: give("Agent", "{office} Team") },
  },
  {
    name: "departments-share-inboxes",
    place: "tenure.yaml:12",
    when: { department: ["Support", "Operations", "Marketing", "Finance"] },
    give: { front: give(null, "{department}") },
  },
  {
    name: "two-sales-offices-share-inboxes",
    place: "tenure.yaml:13",
    when: { department: "Sales", office: ["Oakland", "East Coast"] },
    give: { front: give(null, "{department}") },
  },
];

interface Demo {
  readonly world: World;
  /** HR's file says this from now on. */
  readonly write: (text: string) => Promise<void>;
  readonly importRoster: () => Promise<unknown>;
  readonly sync: () => Promise<void>;
  readonly plan: () => Promise<PlanResult>;
}

/** The company as it stands on 20 November 2026 at two in the afternoon. */
async function withDemo(body: (demo: Demo) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tenure-demo-"));
  const file = join(folder, "roster.csv");
  const hr = { name: "hr", kind: "roster", file, columns: {}, zone: "America/Los_Angeles", dateFormat: null } as const;
  const world = await World.open({
    company: COMPANY,
    sources: [hr],
    policy: { rules: RULES, domains: [["harborpine.example", "harborpine-realty.example"]] },
    connections: {
      followupboss: {
        seats: 65,
        protected: ["nora.whitlock@harborpine.example", "integrations@harborpine.example"],
        leaver: { handOver: { lead: "manager" }, final: "delete", graceDays: 0 },
      },
      front: { protected: ["nora.whitlock@harborpine.example"] },
    },
  });
  const write = (text: string): Promise<void> => writeFile(file, text);
  try {
    await write(rosterCsv(COMPANY));
    await body({
      world,
      write,
      importRoster: () =>
        world.call("roster.import", { source: null, file: null, acceptErrors: false, acceptShrink: false }),
      async sync() {
        assert.deepEqual((await world.call("sync", { apps: null })).failed, []);
      },
      plan: () => world.call("plan", { from: "hr", person: null, app: null, answers: {}, refresh: false }),
    });
  } finally {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the plan does for this person, in its order. */
function stepsFor(plan: PlanResult, email: string): readonly string[] {
  const person = plan.people.find((one) => one.email === email)?.id;
  return plan.plan.content.steps
    .filter((step) => step.person === person && person !== undefined)
    .map((step) => `${step.app}: ${step.title}`);
}

/** The evening of the 20th, when Maya's last day is over. */
const EVENING_MS = 11 * 3_600_000;

/** Reads roster and apps in the evening, plans and applies with two approvers. */
async function evening(demo: Demo, approveAs: readonly string[] = ["ann", "bob"]) {
  await demo.world.clock.advance(EVENING_MS);
  await demo.importRoster();
  await demo.sync();
  const plan = await demo.plan();
  const result = await demo.world.call("apply", { plan: plan.plan.id, approveAs });
  return { plan, result };
}

test("the main job: what HR says is done in both apps, proven, and nothing is left to plan", async () => {
  await withDemo(async (demo) => {
    const { world } = demo;
    const { plan, result } = await evening(demo);
    assert.equal(result.exit, 8, "one task is a person's");
    assert.equal(result.counts.failed, 1);
    assert.equal(result.counts.proven, plan.plan.content.steps.length - 2);
    world.emulator("front").mutate({ op: "update", kind: "teammate", id: "tea_c", data: { is_blocked: false } });
    const done = await world.resume(result.run.id);
    assert.equal(done.exit, 0);
    await demo.sync();
    const again = await demo.plan();
    assert.deepEqual(
      again.plan.content.steps.map((step) => step.title),
      [],
    );
    assert.deepEqual(
      world
        .emulator("followupboss")
        .journal()
        .filter((entry) => entry.status === 429),
      [],
    );
  });
});

test("Maya leaves with 143 leads: cut off, handed over to her manager, shown to be empty, deleted; and out of the inbox", async () => {
  await withDemo(async (demo) => {
    const { world } = demo;
    const { plan, result } = await evening(demo);
    assert.deepEqual(stepsFor(plan, MAYA), [
      "followupboss: Suspend user 32",
      "followupboss: Reassign 143 leads to Jonah Reyes",
      "followupboss: Check that no lead is left with Maya Okafor",
      "followupboss: Delete user 32",
      "front: Take out of Sales",
      "front: Deactivate teammate tea_r",
    ]);
    const transfer = plan.plan.content.steps.find((step) => step.action.verb === "transfer");
    const jonah = world
      .rows("followupboss", "users")
      .find((user) => user["email"] === "jonah.reyes@harborpine.example");
    const leads = world.rows("followupboss", "people");
    assert.equal(leads.filter((lead) => lead["ownerId"] === jonah?.["id"]).length, 61 + 143);
    assert.ok(leads.every((lead) => lead["ownerId"] !== 32 && lead["ownerId"] !== null));
    assert.ok(world.rows("followupboss", "users").every((user) => user["email"] !== MAYA));
    assert.equal(world.rows("front", "teammates").find((one) => one["email"] === MAYA)?.["is_blocked"], true);
    const entry = result.journal.find((one) => one.step === transfer?.id);
    assert.equal(entry?.receipt?.note, "143 handed over");
  });
});

test("nothing is done to Maya before five in the afternoon of her last day, by the clock of Los Angeles", async () => {
  await withDemo(async (demo) => {
    const { world } = demo;
    await demo.importRoster();
    await demo.sync();
    const plan = await demo.plan();
    const steps = plan.plan.content.steps.filter((step) => step.personLabel === "Maya Okafor");
    assert.ok(
      steps.every((step) => step.notBefore === "2026-11-21T01:00:00.000Z"),
      steps[0]?.notBefore ?? "no step",
    );
    const result = await world.call("apply", { plan: plan.plan.id, approveAs: ["ann", "bob"] });
    assert.equal(result.exit, 8);
    const isActive = (): unknown =>
      world.rows("followupboss", "users").find((user) => user["email"] === MAYA)?.["activeFlag"];
    assert.equal(isActive(), true);
    await world.clock.advance(2.9 * 3_600_000);
    assert.equal(isActive(), true);
    // Her day of work is over: what waited goes on by itself, for as long as a worker runs.
    await world.clock.advance(3_600_000);
    await world.until(() => false);
    assert.equal(isActive(), undefined);
  });
});

test("65 of 65 seats: the newcomer to Sales gets the place that the deletion frees, and waits for it", async () => {
  await withDemo(async (demo) => {
    const { world } = demo;
    const { plan, result } = await evening(demo, []);
    const seats = plan.plan.content.guards.find((guard) => guard.name === "seats");
    assert.equal(seats?.state, "warn");
    assert.match(seats?.text ?? "", /is full \(65 of 65\): step \d+ frees the seat that step \d+ takes/);
    assert.ok(stepsFor(plan, LIAM).includes("followupboss: Create Agent in East Coast Team"));
    const posts = () => world.requests("followupboss", "POST", /users/);
    assert.equal(posts().length, 0, "nobody has approved the deletion yet");
    const approved = await world.call("apply", { plan: plan.plan.id, approveAs: ["ann", "bob"] });
    assert.equal(approved.run.id, result.run.id);
    const order = world
      .effects("followupboss")
      .filter((effect) => effect.method !== "PUT")
      .map((effect) => `${effect.method} ${effect.status}`);
    assert.deepEqual(order, ["DELETE 204", "POST 201"]);
    assert.equal(world.emulator("followupboss").state().seats.used, 65);
  });
});

test("Tomas is back: his blocked account is a task for a person, proven by a read, and gets its team then", async () => {
  await withDemo(async (demo) => {
    const { world } = demo;
    const { plan, result } = await evening(demo);
    assert.deepEqual(stepsFor(plan, TOMAS), ["front: By hand: reactivate teammate tea_c", "front: Add to Support"]);
    const [task] = plan.plan.content.steps.filter((step) => step.action.verb === "manual");
    const parked = result.journal.find((entry) => entry.step === task?.id);
    assert.match(parked?.reason ?? "", /unblock them/);
    assert.equal(world.requests("front", "POST", /^\/teammates$/).length, 0, "no second account is made beside it");
    world.emulator("front").mutate({ op: "update", kind: "teammate", id: "tea_c", data: { is_blocked: false } });
    const done = await world.resume(result.run.id);
    const entry = done.journal.find((one) => one.step === task?.id);
    assert.equal(entry?.receipt?.readBack, "verified");
    const support = world.rows("front", "teams").find((team) => team["name"] === "Support")?.["teammate_ids"];
    assert.ok(Array.isArray(support) && support.includes("tea_c"));
  });
});

test("Priya starts on Monday: nothing on Friday, an invitation on Monday morning", async () => {
  await withDemo(async (demo) => {
    const { world } = demo;
    const { plan } = await evening(demo);
    assert.deepEqual(stepsFor(plan, PRIYA), []);
    assert.ok(plan.plan.content.heldBack.some((held) => held.label === "Priya Nakamura" && /23 Nov/.test(held.reason)));
    await world.clock.advance(2.2 * 86_400_000);
    await demo.sync();
    const monday = await demo.plan();
    assert.ok(stepsFor(monday, PRIYA).some((title) => title.startsWith("front: Create")));
    await world.call("apply", { plan: monday.plan.id, approveAs: ["ann", "bob"] });
    assert.deepEqual(
      world
        .emulator("front")
        .outbox()
        .map((mail) => mail.to),
      [PRIYA],
    );
  });
});

test("[A3] an HR file that lost 30 rows: the guard holds the plan, and nobody loses anything", async () => {
  await withDemo(async (demo) => {
    const { world } = demo;
    await world.clock.advance(EVENING_MS);
    await demo.importRoster();
    await demo.sync();
    const before = await demo.plan();
    await demo.write(shortRosterCsv(COMPANY));
    const read = await world.call("roster.diff", {
      source: null,
      file: null,
      acceptErrors: false,
      acceptShrink: false,
    });
    assert.equal(read.vanished.length, 30);
    await demo.importRoster();
    const plan = await demo.plan();
    const guard = plan.plan.content.guards.find((one) => one.name === "roster-shrink");
    assert.equal(guard?.state, "block");
    assert.equal(plan.state, "blocked");
    // A row that is missing adds no step that takes anything away (S7, M4).
    const destructive = (one: PlanResult): readonly string[] =>
      one.plan.content.steps.filter((step) => step.destructive).map((step) => `${step.app} ${step.title}`);
    const known = new Set(destructive(before));
    assert.deepEqual(
      destructive(plan).filter((title) => !known.has(title)),
      [],
    );
    await assert.rejects(
      () => world.call("apply", { plan: plan.plan.id, approveAs: ["ann", "bob"] }),
      (error) => isAppError(error, "blocked"),
    );
    assert.deepEqual([...world.effects("followupboss"), ...world.effects("front")], []);
  });
});
