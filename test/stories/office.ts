import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlanResult, RosterResult, RunResult } from "../../src/app/contract.ts";
import type { JournalEntry as AppEntry } from "../../src/emulator-kit/running.ts";
import type { JsonObject } from "../../src/kernel/json.ts";
import type { Step } from "../../src/model/plan.ts";
import type { Gift, Rule } from "../../src/model/policy.ts";
import { World, type AppId, type WorldOptions } from "../world.ts";

const HEADERS = [
  "Employee ID",
  "First Name",
  "Last Name",
  "Work Email",
  "Department",
  "Office",
  "Manager",
  "Phone",
  "Start Date",
  "Last Day",
  "Status",
] as const;

/** What a test says of one row of the roster. */
export interface Hired {
  readonly id: string;
  readonly first: string;
  readonly last: string;
  readonly email?: string;
  readonly department?: string;
  readonly office?: string;
  readonly manager?: string;
  readonly phone?: string;
  readonly start?: string;
  readonly lastDay?: string;
  readonly status?: "Active" | "Terminated";
}

export const DOMAIN = "harborpine.example";

export function mailOf({ first, last, email }: Pick<Hired, "first" | "last" | "email">): string {
  return email ?? `${first}.${last}@${DOMAIN}`.toLowerCase();
}

function cells(one: Hired): readonly string[] {
  const { id, first, last, department = "Sales", office = "East", manager = "", phone = "" } = one;
  const { start = "2024-01-08", lastDay = "", status = "Active" } = one;
  return [id, first, last, mailOf(one), department, office, manager, phone, start, lastDay, status];
}

export function gift(role: string | null, ...teams: readonly string[]): Gift {
  return { role, teams, attributes: {} };
}

/** Sales has the CRM, in the team of the office; everybody has the inbox, in the team of the department. */
export const RULES: readonly Rule[] = [
  {
    name: "crm",
    place: "tenure.yaml:10",
    when: { department: "Sales" },
    give: { followupboss: gift("Agent", "{office}") },
  },
  { name: "inbox", place: "tenure.yaml:11", when: {}, give: { front: gift("Teammate", "{department}") } },
];

/** Users of the CRM as its emulator holds them, from people of the roster. */
export function users(...people: readonly Hired[]): readonly JsonObject[] {
  return people.map(({ first, last }, index) => ({
    id: index + 1,
    name: `${first} ${last}`,
    email: mailOf({ first, last }),
    role: "Agent",
    teamId: 1,
    created: "2024-01-08T17:00:00Z",
  }));
}

/** A brokerage with a roster file, the two apps, and what its people do with them. */
export class Office {
  readonly world: World;
  readonly #folder: string;

  private constructor(world: World, folder: string) {
    this.world = world;
    this.#folder = folder;
  }

  static async open(options: WorldOptions): Promise<Office> {
    const folder = await mkdtemp(join(tmpdir(), "tenure-story-"));
    const file = join(folder, "people.csv");
    const hr = {
      name: "hr",
      kind: "roster",
      file,
      columns: {},
      zone: "America/Los_Angeles",
      dateFormat: null,
    } as const;
    const policy = { rules: RULES, ...options.policy };
    return new Office(await World.open({ ...options, policy, sources: [hr] }), folder);
  }

  get file(): string {
    return join(this.#folder, "people.csv");
  }

  /** HR writes its file. */
  async write(...people: readonly Hired[]): Promise<void> {
    const rows = [HEADERS as readonly string[], ...people.map(cells)];
    await writeFile(this.file, `${rows.map((row) => row.join(",")).join("\n")}\n`);
  }

  importRoster(acceptShrink = false): Promise<RosterResult> {
    return this.world.call("roster.import", { source: null, file: null, acceptErrors: false, acceptShrink });
  }

  async sync(): Promise<void> {
    const read = await this.world.call("sync", { apps: null });
    assert.deepEqual(read.failed, []);
  }

  plan(from: "hr" | "findings" = "hr", answers: Readonly<Record<string, string>> = {}): Promise<PlanResult> {
    return this.world.call("plan", { from, person: null, app: null, answers, refresh: false });
  }

  /** HR's file as it is now, and both apps as they are now, become a plan. */
  async planFresh(...people: readonly Hired[]): Promise<PlanResult> {
    if (people.length > 0) await this.write(...people);
    await this.importRoster();
    await this.sync();
    return this.plan();
  }

  apply(plan: PlanResult, approveAs: readonly string[] = ["ann", "bob"]): Promise<RunResult> {
    return this.world.call("apply", { plan: plan.plan.id, approveAs });
  }

  /** What is left to do after a fresh read: nothing, when all was done (M1). */
  async assertSettled(): Promise<void> {
    const before = this.world.clock.now();
    await this.sync();
    const again = await this.plan();
    assert.deepEqual(
      again.plan.content.steps.map((step) => `${step.app}: ${step.title}`),
      [],
    );
    assert.equal(again.state, "empty");
    assert.ok(this.world.clock.now() - before < 600_000);
  }

  /** Requests as one line each, in their order. */
  lines(app: AppId, since = 0): readonly string[] {
    return this.journal(app, since).map((entry) => `${entry.method} ${entry.path}`);
  }

  journal(app: AppId, since = 0): readonly AppEntry[] {
    return this.world.emulator(app).journal(since);
  }

  /** Number of the last request so far. */
  mark(app: AppId): number {
    return this.journal(app).at(-1)?.seq ?? 0;
  }

  user(email: string): JsonObject | undefined {
    return this.world.rows("followupboss", "users").find((user) => user["email"] === email);
  }

  teammate(email: string): JsonObject | undefined {
    return this.world.rows("front", "teammates").find((teammate) => teammate["email"] === email);
  }

  /** Names of the inbox teams that this teammate is in. */
  teamsOf(email: string): readonly string[] {
    const id = this.teammate(email)?.["id"];
    return this.world
      .rows("front", "teams")
      .filter((team) => Array.isArray(team["teammate_ids"]) && team["teammate_ids"].includes(id ?? ""))
      .flatMap((team) => (typeof team["name"] === "string" ? [team["name"]] : []));
  }

  async close(): Promise<void> {
    await this.world.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export async function withOffice(options: WorldOptions, body: (office: Office) => Promise<void>): Promise<void> {
  const office = await Office.open(options);
  try {
    await body(office);
  } finally {
    await office.close();
  }
}

/** The step of that app and verb; fails when there is not exactly one. */
export function stepOf(plan: PlanResult, app: AppId, verb: Step["action"]["verb"]): Step {
  const found = plan.plan.content.steps.filter((step) => step.app === app && step.action.verb === verb);
  const [step] = found;
  assert.equal(found.length, 1, plan.plan.content.steps.map((one) => `${one.app} ${one.title}`).join("; "));
  if (step === undefined) throw new Error("no step");
  return step;
}

/** Titles of the steps of one app, in the order of the plan. */
export function titles(plan: PlanResult, app: AppId): readonly string[] {
  return plan.plan.content.steps.filter((step) => step.app === app).map((step) => step.title);
}
