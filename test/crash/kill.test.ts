/**
 * A real process is killed with SIGKILL at every point of one plan, over real HTTP and with the embedded store on disk;
 * the next process finds what is left and brings it to its end. What counts is what the emulators hold and have journaled.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runEmulator } from "../../src/emulator-kit/run.ts";
import type { FaultRule, JournalEntry as AppEntry, RunningEmulator } from "../../src/emulator-kit/running.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { toIso } from "../../src/kernel/dates.ts";
import { hashJson } from "../../src/kernel/hash.ts";
import { toJson, type JsonObject } from "../../src/kernel/json.ts";
import type { Plan, PlanContent } from "../../src/model/plan.ts";
import { isGood, type JournalEntry } from "../../src/model/run.ts";
import { loadApp, type AppId } from "../world/connect.ts";
import { draftOf, makeStep, numbered } from "../world/steps.ts";
import type { ChildOptions } from "./child.ts";
import { Child, type Outcome } from "./child-process.ts";

/** The long run also has the hand-over of many leads, which a crash cuts in its middle. */
const SOAK = process.env["TENURE_TEST_SOAK"] !== undefined;
const LEADS = SOAK ? 120 : 2;
const NEW = "noor.haddad@harborpine.example";
const MAYA = "maya.okafor@harborpine.example";
const KIM = "kim.ito@harborpine.example";

const DATA: Readonly<Record<AppId, JsonObject>> = {
  followupboss: {
    users: [
      { id: 1, name: "Olga Owner", email: "olga@harborpine.example", role: "Admin", isAdmin: true },
      { id: 2, name: "Kim Ito", email: KIM, role: "Agent" },
      { id: 3, name: "Maya Okafor", email: MAYA, role: "Agent" },
    ],
    people: Array.from({ length: LEADS }, (_, index) => ({ id: 101 + index, name: `Lead ${index}`, ownerId: 3 })),
  },
  front: {
    teammates: [{ id: "tea_1", email: "olga@harborpine.example", is_admin: true }],
    teams: [{ id: "tim_1", name: "Sales", teammate_ids: ["tea_1"] }],
  },
};

const make = makeStep({
  app: "followupboss",
  target: { email: NEW },
  action: { verb: "create", draft: draftOf(NEW, { role: "Agent" }) },
  after: { exists: true, email: NEW, state: "active", roles: ["Agent"] },
});
const invite = makeStep({
  app: "front",
  target: { email: NEW },
  action: { verb: "create", draft: draftOf(NEW) },
  after: { exists: true, email: NEW, givenName: "noor" },
});
const join_ = makeStep({
  app: "front",
  target: { email: NEW, madeBy: invite.id },
  action: { verb: "join", team: { id: "tim_1", name: "Sales" } },
  after: { member: "tim_1" },
  dependsOn: [invite.id],
});
const maya = { id: "3", email: MAYA, label: "Maya Okafor" };
const transfer = makeStep({
  app: "followupboss",
  target: maya,
  action: {
    verb: "transfer",
    holding: "lead",
    to: { kind: "user", id: "2", madeBy: null, email: KIM, label: "Kim Ito" },
    count: LEADS,
  },
  after: { holdings: 0 },
});
const erase = makeStep({
  app: "followupboss",
  target: maya,
  action: { verb: "remove" },
  precondition: { noHoldings: ["lead"] },
  after: { exists: false },
  dependsOn: [transfer.id],
});
const STEPS = numbered(make, invite, join_, transfer, erase);

/** The same plan under another id for each process that is to die. */
function planNamed(number: number): Omit<Plan, "number"> {
  const now = systemClock().now();
  const content: PlanContent = {
    schema: "tenure.plan/v1",
    trigger: { kind: "hr", ref: String(number), actor: "ops" },
    base: { snapshots: [], imports: [], config: "test" },
    steps: STEPS,
    guards: [],
    questions: [],
    heldBack: [],
    madeAt: toIso(now),
    expiresAt: toIso(now + 86_400_000),
  };
  return { id: `pln_kill${number}`, hash: hashJson(toJson(content)), content };
}

/** Emulators in this process, a data directory, and one process after the other. */
class Rig {
  readonly emulators: ReadonlyMap<AppId, RunningEmulator>;
  readonly #directory: string;
  #child: Child | null = null;
  /** Started ahead, so that its code is loaded when it is needed. */
  #spare: Promise<Child> | null = null;
  #number = 0;

  private constructor(emulators: ReadonlyMap<AppId, RunningEmulator>, directory: string) {
    this.emulators = emulators;
    this.#directory = directory;
  }

  static async open(): Promise<Rig> {
    const emulators = new Map<AppId, RunningEmulator>();
    for (const id of ["followupboss", "front"] as const) {
      const { emulator } = await loadApp(id);
      emulators.set(id, await runEmulator(emulator, { clock: systemClock(), kind: "empty" }));
    }
    return new Rig(emulators, await mkdtemp(join(tmpdir(), "tenure-kill-")));
  }

  emulator(app: AppId): RunningEmulator {
    const found = this.emulators.get(app);
    if (found === undefined) throw new Error(`no emulator ${app}`);
    return found;
  }

  /** Both apps as at the beginning, and no limit that thirty runs in a row would meet. */
  async reset(): Promise<void> {
    for (const [id, emulator] of this.emulators) {
      await emulator.reset({ data: DATA[id] });
      emulator.set("rateLimit", { limit: 1_000_000, windowSeconds: 60 });
    }
  }

  async start(): Promise<Child> {
    if (this.#child === null) {
      this.#child = await (this.#spare ?? this.#spawn());
      this.#spare = this.#spawn();
    }
    return this.#child;
  }

  #spawn(): Promise<Child> {
    const apps: ChildOptions["apps"] = {
      followupboss: { document: this.emulator("followupboss").document },
      front: { document: this.emulator("front").document },
    };
    const child = Child.start({ directory: join(this.#directory, "data"), apps }, join(this.#directory, "cache"));
    // Who needs it hears of it.
    child.catch(() => undefined);
    return child;
  }

  /** The process has died: the one that was started ahead takes its place. */
  gone(): void {
    this.#child = null;
  }

  nextPlan(): Omit<Plan, "number"> {
    this.#number += 1;
    return planNamed(this.#number);
  }

  /** What both apps hold, without times. */
  holdings(): string {
    const strip = ({ created: _created, updated: _updated, ...rest }: JsonObject): JsonObject => rest;
    const of = (app: AppId): JsonObject =>
      Object.fromEntries(
        Object.entries(this.emulator(app).state().collections).map(([name, rows]) => [name, rows.map(strip)]),
      );
    return JSON.stringify([of("followupboss"), of("front")]);
  }

  effects(): readonly AppEntry[] {
    return [...this.emulators.values()].flatMap((emulator) =>
      emulator.journal().filter((entry) => entry.effect === "applied"),
    );
  }

  async close(): Promise<void> {
    await this.#child?.end();
    await (await this.#spare)?.end();
    for (const emulator of this.emulators.values()) await emulator.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function withRig(body: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await Rig.open();
  try {
    await body(rig);
  } finally {
    await rig.close();
  }
}

function reportOf(outcome: Outcome): Extract<Outcome, { readonly is: "report" }>["report"] {
  if (outcome.is === "report") return outcome.report;
  throw new Error(`the process died (${outcome.signal}): ${outcome.words}`);
}

function assertKilled(outcome: Outcome): void {
  assert.equal(outcome.is, "died", "the process ended by itself: the point was not reached");
  if (outcome.is === "died") assert.equal(outcome.signal, "SIGKILL", outcome.words);
}

/** As after the clean run, or what differs is known to be open; nothing that may not be repeated happened twice. */
function assertSound(rig: Rig, clean: string, journal: readonly JournalEntry[], what: string): void {
  const fragile = rig.effects().filter((entry) => entry.method === "DELETE" || !entry.path.includes("/people/"));
  const names = fragile.map((entry) => `${entry.method} ${entry.path} ${JSON.stringify(entry.body)}`);
  assert.deepEqual(names, [...new Set(names)], what);
  assert.ok(rig.emulator("front").outbox().length <= 1, what);
  const orphans = rig
    .emulator("followupboss")
    .state()
    .collections["people"]?.filter((lead) => lead["ownerId"] === null);
  assert.deepEqual(orphans, [], what);
  const open = journal.filter((entry) => !isGood(entry.state));
  if (open.length === 0) assert.equal(rig.holdings(), clean, what);
  // Only the invitation may stay open: its app refuses no second one, so that it is never sent again.
  for (const entry of open) {
    assert.ok(entry.state === "unknown" || entry.state === "waiting", `${what}: ${entry.state} ${entry.reason}`);
    assert.ok(entry.step === invite.id || entry.step === join_.id, `${what}: ${entry.reason}`);
  }
}

interface Clean {
  readonly holdings: string;
  readonly points: number;
}

async function cleanRun(rig: Rig): Promise<Clean> {
  await rig.reset();
  const child = await rig.start();
  const report = reportOf(await child.ask({ do: "apply", plan: rig.nextPlan(), dieAt: null }));
  assert.equal(report.exit, 0, JSON.stringify(report.journal));
  return { holdings: rig.holdings(), points: report.points };
}

test("[F81] [X1] kill -9 at every point of a plan: the next process does the rest, nothing twice, nothing lost", async (context) => {
  await withRig(async (rig) => {
    const clean = await cleanRun(rig);
    const started = performance.now();
    let unknown = 0;
    for (let point = 1; point <= clean.points; point += 1) {
      await rig.reset();
      const plan = rig.nextPlan();
      const doomed = await rig.start();
      assertKilled(await doomed.ask({ do: "apply", plan, dieAt: point }));
      rig.gone();
      const next = await rig.start();
      const way = point % 2 === 0 ? "engine" : "resume";
      const { journal } = reportOf(await next.ask({ do: "resume", plan: plan.id, way }));
      assertSound(rig, clean.holdings, journal, `point ${point}, by ${way}`);
      if (journal.some((entry) => entry.state === "unknown")) unknown += 1;
    }
    const each = ((performance.now() - started) / clean.points / 1000).toFixed(2);
    context.diagnostic(`closure: ${clean.points} kills, ${unknown} ended unknown, ${each} s each`);
  });
});

/** The writes of the plan whose answers can be made to hang. */
const WRITES: readonly { readonly app: AppId; readonly method: string; readonly path: string }[] = [
  { app: "followupboss", method: "POST", path: "^/v1/users$" },
  { app: "front", method: "POST", path: "^/teammates$" },
  { app: "front", method: "POST", path: "^/teams/tim_1/teammates$" },
  { app: "followupboss", method: "PUT", path: "^/v1/people/101$" },
  { app: "followupboss", method: "DELETE", path: "^/v1/users/3$" },
];

/** Waits for the emulator to have got the request; the process that sent it hangs on it. */
async function untilSeen(rig: Rig, app: AppId, rule: FaultRule): Promise<void> {
  for (let look = 0; look < 5_000; look += 1) {
    if (rig.emulator(app).faults()[0]?.fired === 1) return;
    await sleep(2);
  }
  throw new Error(`${rule.method} ${rule.path} was never sent`);
}

test("[F81] [D1] kill -9 while a request is under way, its effect done or not", async (context) => {
  await withRig(async (rig) => {
    const clean = await cleanRun(rig);
    let unknown = 0;
    // F09: the effect is there. F08: it is not.
    const faults = SOAK ? ["F09", "F08"] : ["F09"];
    for (const { app, method, path } of WRITES) {
      for (const fault of faults) {
        await rig.reset();
        const rule: FaultRule = { fault, method, path, nth: 1, times: 1 };
        await rig.emulator(app).setFaults([rule]);
        const plan = rig.nextPlan();
        const doomed = await rig.start();
        const asked = doomed.ask({ do: "apply", plan, dieAt: null });
        await untilSeen(rig, app, rule);
        await doomed.kill();
        assertKilled(await asked);
        rig.gone();
        await rig.emulator(app).setFaults([]);
        const next = await rig.start();
        const { journal } = reportOf(await next.ask({ do: "resume", plan: plan.id, way: "engine" }));
        assertSound(rig, clean.holdings, journal, `${method} ${path} ${fault}`);
        if (journal.some((entry) => entry.state === "unknown")) unknown += 1;
      }
    }
    context.diagnostic(`closure: ${WRITES.length * faults.length} kills under way, ${unknown} ended unknown`);
  });
});
