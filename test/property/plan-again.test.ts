/** Random small companies over real emulators: what was planned and applied is not planned again, whatever failed on the way. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import type { PlanResult, RunResult } from "../../src/app/contract.ts";
import type { FaultRule } from "../../src/emulator-kit/running.ts";
import type { JsonObject } from "../../src/kernel/json.ts";
import { isGood, type JournalEntry } from "../../src/model/run.ts";
import type { World } from "../world.ts";
import { withOffice, mailOf, type Hired, type Office } from "../stories/office.ts";

const SOAK = process.env["TENURE_TEST_SOAK"] !== undefined;
const RUNS = SOAK ? 150 : 8;
const SEED = Number(process.env["TENURE_TEST_SEED"] ?? "20261120");

/** Everything about one person that chance decides: what HR says, and what is in the apps already. */
interface Someone {
  readonly department: "Sales" | "Support" | "Finance";
  readonly office: "East" | "West";
  readonly hr: "active" | "terminated" | "ends-tonight" | "future" | "missing";
  readonly crm: "none" | "active" | "inactive" | "admin";
  readonly crmTeam: 1 | 2 | null;
  readonly leads: number;
  readonly inbox: "none" | "active" | "blocked" | "admin";
  readonly inboxTeams: readonly (0 | 1 | 2)[];
  readonly renamed: boolean;
}

const someone: fc.Arbitrary<Someone> = fc.record({
  department: fc.constantFrom("Sales", "Support", "Finance"),
  office: fc.constantFrom("East", "West"),
  hr: fc.constantFrom("active", "active", "active", "terminated", "ends-tonight", "future", "missing"),
  crm: fc.constantFrom("none", "active", "active", "inactive", "admin"),
  crmTeam: fc.constantFrom(1, 2, null),
  leads: fc.integer({ min: 0, max: 4 }),
  inbox: fc.constantFrom("none", "active", "active", "blocked", "admin"),
  inboxTeams: fc.uniqueArray(fc.constantFrom(0, 1, 2), { maxLength: 2 }),
  renamed: fc.boolean(),
});

const company = fc.array(someone, { minLength: 1, maxLength: 7 });

/** The manager takes over what leavers own, and is nobody of whom chance decides. */
const BOSS: Hired = { id: "HP-100", first: "Bea", last: "Boss" };
const TEAMS = ["Sales", "Support", "Finance"] as const;
const FIRST = ["Ada", "Bo", "Cy", "Dee", "Eli", "Fay", "Gus"] as const;

function hiredAs(one: Someone, index: number): Hired | null {
  const { department, office, hr } = one;
  if (hr === "missing") return null;
  const base = { id: `HP-${index + 1}`, first: FIRST[index] ?? "Zed", last: "Random", department, office };
  const who: Hired = { ...base, manager: mailOf(BOSS) };
  switch (hr) {
    case "terminated":
      return { ...who, lastDay: "2026-11-18", status: "Terminated" };
    case "ends-tonight":
      return { ...who, lastDay: "2026-11-20" };
    case "future":
      return { ...who, start: "2026-12-01" };
    case "active":
      return who;
  }
}

/** What the apps hold before anything is done. */
function dataOf(people: readonly Someone[]): Readonly<Record<"followupboss" | "front", JsonObject>> {
  const email = (index: number): string => mailOf({ first: FIRST[index] ?? "Zed", last: "Random" });
  const users: JsonObject[] = [
    { id: 90, name: "Olga Owner", email: "olga@harborpine.example", role: "Admin", isAdmin: true },
    { id: 91, name: "Bea Boss", email: mailOf(BOSS), role: "Agent", teamId: 1 },
  ];
  const leads: JsonObject[] = [];
  const teammates: JsonObject[] = [
    { id: "tea_90", email: "olga@harborpine.example", first_name: "Olga", last_name: "Owner", is_admin: true },
  ];
  const members: string[][] = [[], [], []];
  for (const [index, one] of people.entries()) {
    const name = `${FIRST[index]} ${one.renamed ? "Formerly" : "Random"}`;
    if (one.crm !== "none") {
      const isAdmin = one.crm === "admin";
      const state = { activeFlag: one.crm !== "inactive", isAdmin, role: isAdmin ? "Admin" : "Agent" };
      users.push({ id: index + 1, name, email: email(index), teamId: one.crmTeam, ...state });
      for (let lead = 0; lead < one.leads; lead += 1) leads.push({ name: `Lead ${index}.${lead}`, ownerId: index + 1 });
    }
    if (one.inbox === "none") continue;
    const [first_name = "", last_name = ""] = name.split(" ");
    const state = { is_blocked: one.inbox === "blocked", is_admin: one.inbox === "admin" };
    teammates.push({ id: `tea_${index + 1}`, email: email(index), first_name, last_name, ...state });
    for (const team of one.inboxTeams) members[team]?.push(`tea_${index + 1}`);
  }
  const teams = TEAMS.map((name, index) => ({ id: `tim_${index + 1}`, name, teammate_ids: members[index] ?? [] }));
  return {
    followupboss: {
      users,
      people: leads,
      teams: [
        { id: 1, name: "East" },
        { id: 2, name: "West" },
      ],
    },
    front: { teammates, teams },
  };
}

async function withCompany(people: readonly Someone[], body: (office: Office) => Promise<void>): Promise<void> {
  const loose = { percent: 100, floor: 100 };
  const guards = { removals: loose, creates: loose, rosterShrinkPercent: 100, snapshotAgeMs: 1_800_000 };
  const options = {
    data: dataOf(people),
    policy: { guards },
    connections: {
      followupboss: {
        protected: ["olga@harborpine.example"],
        leaver: { handOver: { lead: "manager" }, final: "delete", graceDays: 0 },
      },
      front: { protected: ["olga@harborpine.example"] },
    },
  } as const;
  await withOffice(options, async (office) => {
    await office.write(BOSS, ...people.flatMap((one, index) => hiredAs(one, index) ?? []));
    await office.importRoster();
    await office.sync();
    await body(office);
  });
}

/** What a person would do who was asked to: unblocks whoever waits for it. */
function doByHand(world: World, plan: PlanResult, result: RunResult): boolean {
  let did = false;
  for (const step of plan.plan.content.steps) {
    const state = result.journal.find((entry) => entry.step === step.id)?.state;
    if (step.action.verb !== "manual" || state !== "parked") continue;
    assert.equal(step.action.proof.kind, "state", step.title);
    world
      .emulator("front")
      .mutate({ op: "update", kind: "teammate", id: step.target.id ?? "", data: { is_blocked: false } });
    did = true;
  }
  return did;
}

/** Applies the plan and resumes it until nothing more can be done, tonight's ends of access included. */
async function applyWhole(office: Office, plan: PlanResult): Promise<RunResult | null> {
  if (plan.state === "empty") return null;
  const { world } = office;
  let result = await office.apply(plan);
  for (let round = 0; round < 6 && result.exit !== 0; round += 1) {
    doByHand(world, plan, result);
    await world.clock.advance(6 * 3_600_000);
    await world.until(() => false);
    result = await world.resume(result.run.id);
  }
  return result;
}

/** S8: nobody's lead was lost on the way. */
function assertNoOrphans(world: World): void {
  const lost = world.rows("followupboss", "people").filter((lead) => lead["ownerId"] === null);
  assert.deepEqual(lost, []);
}

/** What a fresh read would plan now is at most what is known to be open. */
async function assertNothingLeft(office: Office, open: readonly JournalEntry[]): Promise<void> {
  await office.sync();
  const again = await office.plan();
  const known = new Set(open.map((entry) => entry.step));
  const left = again.plan.content.steps.filter((step) => !known.has(step.id));
  assert.deepEqual(
    left.map((step) => `${step.app}: ${step.title}`),
    [],
  );
}

function report(context: TestContext, text: string): void {
  context.diagnostic(`${text}, seed ${SEED}`);
}

test("[M1] the plan of a random company, applied, leaves nothing to plan", async (context) => {
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(company, (people) =>
      withCompany(people, async (office) => {
        const plan = await office.plan();
        steps += plan.plan.content.steps.length;
        const result = await applyWhole(office, plan);
        const open = result?.journal.filter((entry) => !isGood(entry.state)) ?? [];
        // The one thing that cannot be seen before: an address that a deactivated, hidden account holds (FUB-26).
        for (const entry of open) assert.match(`${entry.state}: ${entry.reason}`, /^parked: .*its list hides may hold/);
        assert.ok(open.length <= people.filter((one) => one.crm === "inactive").length);
        assertNoOrphans(office.world);
        await assertNothingLeft(office, open);
      }),
    ),
    { numRuns: RUNS, seed: SEED },
  );
  report(context, `sampling: ${RUNS} companies, ${steps} steps`);
});

/** What goes wrong now and then: lost answers before and after their effect, errors, limits, slow reads. */
const WEATHER: readonly FaultRule[] = [
  { fault: "F05", method: "PUT", probability: 0.1, seed: 1, times: 3 },
  { fault: "F04", method: "PUT", probability: 0.1, seed: 2, times: 3 },
  { fault: "F05", method: "DELETE", probability: 0.2, seed: 3, times: 2 },
  { fault: "F20", phase: "after", status: 502, method: "POST", probability: 0.2, seed: 4, times: 2 },
  { fault: "F20", phase: "before", status: 503, method: "GET", probability: 0.05, seed: 5, times: 10 },
  { fault: "F21", retryAfter: 20, probability: 0.03, seed: 6, times: 3 },
  { fault: "F05", method: "PATCH", probability: 0.2, seed: 7, times: 2 },
];

test("[X1] the same in bad weather: lost answers, errors and limits change nothing in the end, or are known to be open", async (context) => {
  let fired = 0;
  let open = 0;
  await fc.assert(
    fc.asyncProperty(company, fc.integer({ min: 1, max: 1_000_000 }), (people, seed) =>
      withCompany(people, async (office) => {
        const { world } = office;
        const plan = await office.plan();
        const rules = WEATHER.map((rule) => ({ ...rule, seed: seed + (rule.seed ?? 0) }));
        await world.fault("followupboss", ...rules);
        await world.fault("front", ...rules);
        const result = await applyWhole(office, plan);
        for (const app of ["followupboss", "front"] as const) {
          fired += world
            .emulator(app)
            .faults()
            .reduce((sum, rule) => sum + rule.fired, 0);
          await world.fault(app);
        }
        assertNoOrphans(world);
        const unsure = result?.journal.filter((entry) => !isGood(entry.state)) ?? [];
        for (const entry of unsure)
          assert.ok(["unknown", "waiting", "parked"].includes(entry.state), entry.reason ?? "");
        open += unsure.length;
        // Nobody is invited twice, and nobody is made twice.
        const mails = world
          .emulator("front")
          .outbox()
          .map((mail) => mail.to);
        assert.deepEqual(mails, [...new Set(mails)]);
        await assertNothingLeft(office, unsure);
      }),
    ),
    { numRuns: RUNS, seed: SEED },
  );
  report(context, `sampling: ${RUNS} companies, ${fired} faults, ${open} steps open at the end`);
});
