import assert from "node:assert/strict";
import { present } from "../../src/kernel/assert.ts";
import { AppError } from "../../src/kernel/errors.ts";
import type { JournalEntry as AppEntry } from "../../src/emulator-kit/running.ts";
import type { Plan, PlanContent, Step } from "../../src/model/plan.ts";
import { isGood, type JournalEntry } from "../../src/model/run.ts";
import type { CrashPoint } from "../../src/workflows/apply.ts";
import { World } from "../world.ts";
import { holdings, planFor, repeatedEffects, scenario, takePeople } from "./scenario.ts";

/** A place at which the process can die: the n-th time that a step comes to a point. */
export interface Site {
  readonly step: string;
  readonly title: string;
  readonly point: CrashPoint;
  readonly nth: number;
}

export function siteName({ title, point, nth }: Site): string {
  return `${title}: ${point}${nth === 1 ? "" : ` (${nth})`}`;
}

/** Every approval that the plan could ask for. */
const APPROVERS: readonly string[] = ["ann", "bob"];

/** A world, the plan for it, and how it ends when nothing disturbs it. */
export interface Bed {
  readonly world: World;
  readonly content: PlanContent;
  /** What both apps hold after the clean run. */
  readonly clean: string;
  /** The requests of the clean run that changed something. */
  readonly cleanWrites: readonly AppEntry[];
  readonly sites: readonly Site[];
}

const LEADS = 3;

export async function withBed(body: (bed: Bed) => Promise<void>): Promise<void> {
  const world = await World.open(scenario(LEADS));
  try {
    const content = await planFor(world);
    await world.renew();
    const sites = await sitesOf(world, content);
    const cleanWrites = [...world.effects("followupboss"), ...world.effects("front")];
    await body({ world, content, sites, clean: JSON.stringify(holdings(world)), cleanWrites });
  } finally {
    await world.close();
  }
}

/** The same world as before anything was done, with the plan in its store. */
export async function fresh({ world, content }: Bed): Promise<Plan> {
  await world.renew();
  return storePlan(world, content);
}

/** X1 and S1: as after a clean run, or what differs is known to be open; nothing fragile happened twice. */
export function assertSound(bed: Bed, ended: Pick<Ended, "journal">, what: string): void {
  assert.deepEqual(repeatedEffects(bed.world), [], what);
  const open = ended.journal.filter((entry) => !isGood(entry.state));
  assert.ok(ended.journal.length > 0, what);
  if (open.length === 0) assert.equal(JSON.stringify(holdings(bed.world)), bed.clean, what);
  for (const entry of open) {
    assert.ok(["unknown", "parked", "waiting"].includes(entry.state), `${what}: ${entry.state}: ${entry.reason}`);
    assert.notEqual(entry.reason, null, what);
  }
  // What is still waiting waits for something that is open, not for nothing.
  const waiting = open.filter((entry) => entry.state === "waiting");
  assert.ok(waiting.length < open.length || open.length === 0, what);
}

/** Stores the plan in a fresh world; what it was made from is as it was. */
export async function storePlan(world: World, content: PlanContent): Promise<Plan> {
  await takePeople(world);
  return world.addPlan(content.steps, content);
}

/** Counts how often each step comes to each point. */
class Counter {
  readonly #seen = new Map<string, number>();

  next(point: CrashPoint, step: Step): number {
    const key = `${step.id} ${point}`;
    const count = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, count);
    return count;
  }
}

/** The places that a run comes by, in the order in which it does. */
async function sitesOf(world: World, content: PlanContent): Promise<readonly Site[]> {
  const counter = new Counter();
  const sites: Site[] = [];
  world.onPoint = (point, step) => {
    sites.push({ step: step.id, title: `${step.app} ${step.title}`, point, nth: counter.next(point, step) });
  };
  const plan = await storePlan(world, content);
  const result = await world.apply(plan, APPROVERS);
  if (result.exit !== 0) throw new AppError("internal", `the clean run ended with ${result.exit}`);
  world.onPoint = () => undefined;
  return sites;
}

/** Lets the process die at each of the sites in turn, the second one being looked for after the first, and so on. */
export function dieAt(
  world: World,
  sites: readonly Site[],
  die: () => void = () => world.crash(),
): { readonly left: () => number } {
  const queue = [...sites];
  let counter = new Counter();
  world.onPoint = (point, step) => {
    const nth = counter.next(point, step);
    const [site] = queue;
    if (site === undefined || step.id !== site.step || point !== site.point || nth !== site.nth) return;
    queue.shift();
    counter = new Counter();
    die();
  };
  return { left: () => queue.length };
}

/** How the run is taken up after a crash: by the engine of the next process alone, or by `runs resume`. */
type Way = "engine" | "resume";

interface Ended {
  readonly run: string;
  readonly journal: readonly JournalEntry[];
}

/** Processes that one run may need; more would mean that it never gets on. */
const MOST_PROCESSES = 20;

/** Applies the plan in a world that dies where it is told to, and starts new processes until the run has ended. */
export async function applyThroughCrashes(world: World, plan: Plan, way: Way): Promise<Ended> {
  let call = world.begin("apply", { plan: plan.id, approveAs: APPROVERS });
  for (let started = 1; started <= MOST_PROCESSES; started += 1) {
    await world.until(() => call.over() || world.process.life.over);
    if (!world.process.life.over) break;
    await world.restart();
    const [run] = await world.store.runs.byPlan(plan.id);
    if (run === undefined) call = world.begin("apply", { plan: plan.id, approveAs: APPROVERS });
    else if (way === "resume") call = world.begin("runs.resume", { run: run.id });
    else call = world.watch(run.id);
  }
  await call.result();
  const [run] = await world.store.runs.byPlan(plan.id);
  const { id } = present(run, "the run");
  return { run: id, journal: await world.store.journal.all(id) };
}
