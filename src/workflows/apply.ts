import { AppError } from "../kernel/errors.ts";
import { isJsonObject, type JsonValue } from "../kernel/json.ts";
import type { Engine, Workflow, WorkflowContext } from "../engine/port.ts";
import { assertPlanIntact } from "../planner/plan.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { JournalEntry, Run, RunStatus } from "../model/run.ts";
import { isFinal, isGood } from "../model/run.ts";
import { toIso } from "../kernel/dates.ts";
import type { Store } from "../store/port.ts";
import type { ApplyDeps, ApplyWorker } from "./apply/context.ts";
import { performStep } from "./apply/perform.ts";
import { firstEntry } from "./apply/record.ts";
import { splitIntoGroups } from "./apply/groups.ts";
import { SeatWatch } from "./apply/seats.ts";

export type { ApplyDeps, CrashPoint } from "./apply/context.ts";

/** Name of the workflow that applies one plan, and of the one that applies one group of dependent steps. */
const RUN_WORKFLOW = "apply-run";
const GROUP_WORKFLOW = "apply-group";

/** The first pause between two looks; a signal ends it early, but one that came before the waiting is lost. */
const FIRST_LOOK_MS = 250;

/** The longest pause between two looks, for runs that wait for a date. */
const LONGEST_LOOK_MS = 3_600_000;

/** An engine allows about a thousand steps and waits a run; a look or a pass takes two of them. */
const MOST_LOOKS = 450;
const MOST_PASSES = 450;

/** Groups that end last and so tell the run. */
const LAST_GROUPS = 16;

/** Plans of which the checked content is kept at hand. */
const MOST_PLANS = 4;

interface RunInput {
  readonly run: string;
  /** Which resumption this is; each has engine runs of its own. */
  readonly round: number;
}

interface GroupInput extends RunInput {
  readonly steps: readonly string[];
  /** How many groups the round has. */
  readonly groups: number;
  /** ISO 8601: when the round began; what was to be waited for before is tried again now. */
  readonly since: string;
}

/** The engine id of a round of a run: starting it twice is one run. */
export function engineRunId(run: string, round: number): string {
  return `${run}/${round}`;
}

interface LoadedPlan {
  readonly plan: Plan;
  readonly steps: ReadonlyMap<string, Step>;
}

/** What all runs of this process share; all of it can be made again from the store. */
interface Shared extends ApplyWorker {
  /** Plans whose hash was checked, by id: a large one is not read and hashed again for each of its steps. */
  readonly plans: Map<string, LoadedPlan>;
  /** By round: how many groups, from the first on, are known to have ended. */
  readonly ended: Map<string, number>;
}

/** Registers what applies plans. The engine decides when code runs again; the journal decides what has been done. */
export function registerApply(engine: Engine, deps: ApplyDeps): void {
  const worker: Shared = { ...deps, seats: new SeatWatch(), plans: new Map(), ended: new Map() };
  engine.register(runWorkflow(engine, worker));
  engine.register(groupWorkflow(engine, worker));
}

/** Starts a round of a run; the same round again changes nothing. */
export async function startApply(engine: Engine, run: string, round: number): Promise<void> {
  await engine.start({ workflow: RUN_WORKFLOW, id: engineRunId(run, round), input: { run, round }, at: null });
}

/** Topic of the outbox under which the start of a run is written together with the decision to start it. */
export const RUN_TOPIC = "run";

/** Runs that one sweep starts at most; the next start of the process takes the rest. */
const MOST_PENDING = 1_000;

/** Starts the runs that were decided on by a process that died before it started them. Gives how many. */
export async function startPendingRuns(engine: Engine, store: Store): Promise<number> {
  const pending = await store.outbox.pending(RUN_TOPIC, MOST_PENDING);
  for (const item of pending) {
    const { run, round } = readInput(item.payload);
    await startApply(engine, run, round);
    await store.outbox.done(item.id);
  }
  return pending.length;
}

/** Stops a round: what is in flight ends, nothing new is sent by it. */
export async function cancelApply(engine: Engine, run: string, round: number): Promise<void> {
  const id = engineRunId(run, round);
  await engine.cancel(id);
  for (let index = 1; ; index += 1) {
    const group = await engine.get(`${id}/${index}`);
    if (group === null) return;
    if (group.status === "waiting" || group.status === "running") await engine.cancel(group.id);
  }
}

function readInput(input: JsonValue): RunInput {
  if (isJsonObject(input) && typeof input["run"] === "string" && typeof input["round"] === "number") {
    return { run: input["run"], round: input["round"] };
  }
  throw new AppError("internal", "a run was started without its id");
}

function readGroup(input: JsonValue): GroupInput {
  const { steps, groups, since } = isJsonObject(input) ? input : {};
  if (!Array.isArray(steps) || typeof groups !== "number" || typeof since !== "string") {
    throw new AppError("internal", "a group was started without its steps");
  }
  const ids = (steps as readonly JsonValue[]).filter((step) => typeof step === "string");
  return { ...readInput(input), steps: ids, groups, since };
}

async function load(worker: Shared, id: string): Promise<LoadedPlan & { readonly run: Run }> {
  const run = await worker.store.runs.find(id);
  if (run === null) throw new AppError("missing", `run ${id} is not in this store`);
  const loaded = worker.plans.get(run.plan) ?? (await loadPlan(worker, run.plan));
  if (loaded.plan.hash !== run.planHash) {
    throw new AppError("stale", `the stored plan of ${id} is not the one that was started: nothing is sent`);
  }
  return { ...loaded, run };
}

/** Reads a plan once and checks it (S4); what is carried out is this content, whatever becomes of the stored one. */
async function loadPlan(worker: Shared, id: string): Promise<LoadedPlan> {
  const plan = await worker.store.plans.find(id);
  if (plan === null) throw new AppError("missing", `plan ${id} is not in this store`);
  assertPlanIntact(plan);
  const loaded = { plan, steps: new Map(plan.content.steps.map((step) => [step.id, step])) };
  const [oldest] = worker.plans.keys();
  if (worker.plans.size >= MOST_PLANS && oldest !== undefined) worker.plans.delete(oldest);
  worker.plans.set(id, loaded);
  return loaded;
}

function runWorkflow(engine: Engine, worker: Shared): Workflow {
  return {
    name: RUN_WORKFLOW,
    async run(context: WorkflowContext, input) {
      const { run: id, round } = readInput(input);
      const { groups, since } = await context.step("open", () => openRun(worker, id));
      await context.step("start", async () => {
        for (const [index, steps] of groups.entries()) {
          const input = { run: id, round, steps, groups: groups.length, since };
          const groupId = `${engineRunId(id, round)}/${index + 1}`;
          await engine.start({ workflow: GROUP_WORKFLOW, id: groupId, input, at: null });
        }
        return groups.length;
      });
      for (let look = 1; ; look += 1) {
        if (look > MOST_LOOKS) throw new AppError("pending", `run ${id} waited ${MOST_LOOKS} times: resume it`);
        const prefix = engineRunId(id, round);
        const open = await context.step(`look ${look}`, () => openGroups(engine, worker, prefix, groups.length, 1));
        if (open === 0) break;
        const pause = Math.min(LONGEST_LOOK_MS, FIRST_LOOK_MS * 2 ** Math.min(look - 1, 20));
        await context.waitFor(`wait ${look}`, doneSignal(id, round), pause);
      }
      return context.step("close", () => closeRun(worker, id, round));
    },
  };
}

type OpenedRun = {
  readonly groups: readonly (readonly string[])[];
  readonly since: string;
};

/** Puts every step into the journal and says which of them belong together. */
async function openRun(worker: Shared, id: string): Promise<OpenedRun> {
  const { run, plan } = await load(worker, id);
  const since = toIso(worker.clock.now());
  await writeFirstEntries(worker, run, plan);
  await worker.store.runs.setStatus(id, "running", null);
  return { groups: splitIntoGroups(plan.content.steps).map((group) => group.map((step) => step.id)), since };
}

function doneSignal(run: string, round: number): string {
  return `group-done:${engineRunId(run, round)}`;
}

/** How many groups of a round have not ended, counted up to `most`. */
async function openGroups(
  engine: Engine,
  worker: Shared,
  prefix: string,
  count: number,
  most: number,
): Promise<number> {
  let open = 0;
  for (let index = (worker.ended.get(prefix) ?? 0) + 1; index <= count && open < most; index += 1) {
    const group = await engine.get(`${prefix}/${index}`);
    if (group === null || group.status === "waiting" || group.status === "running") open += 1;
    // Groups that ended stay ended: later looks begin behind them.
    else if (open === 0) worker.ended.set(prefix, index);
  }
  return open;
}

async function nearlyEnded(engine: Engine, worker: Shared, group: GroupInput): Promise<boolean> {
  const prefix = engineRunId(group.run, group.round);
  return (await openGroups(engine, worker, prefix, group.groups, LAST_GROUPS)) < LAST_GROUPS;
}

/** Each step is in the journal from the start, so that what has not begun is visible too. */
async function writeFirstEntries(deps: ApplyDeps, run: Run, plan: Plan): Promise<void> {
  const known = new Set((await deps.store.journal.all(run.id)).map((entry) => entry.step));
  const nowMs = deps.clock.now();
  await deps.store.transaction(async (tables) => {
    for (const step of plan.content.steps) {
      if (!known.has(step.id)) await tables.journal.put(firstEntry(run.id, step, nowMs), null);
    }
  });
}

/** What a pass over a group leaves: steps that have not ended, and when the next of them wants to go on. */
type Pass = {
  readonly left: readonly string[];
  /** Milliseconds; null: none of them goes on by itself. */
  readonly pauseMs: number | null;
};

/**
 * Works through a group in the plan's order. A step that has to pause holds up only what depends on it: the others go
 * on, and the group sleeps when all that is left pauses. One pass is one engine step: what it has done is in the journal.
 */
function groupWorkflow(engine: Engine, worker: Shared): Workflow {
  return {
    name: GROUP_WORKFLOW,
    async run(context: WorkflowContext, input) {
      const group = readGroup(input);
      let left = group.steps;
      for (let pass = 1; left.length > 0; pass += 1) {
        if (pass > MOST_PASSES) throw new AppError("pending", `run ${group.run} took ${MOST_PASSES} turns: resume it`);
        const steps = left;
        const result = await context.step(`pass ${pass}`, () => passOver(engine, worker, group, steps));
        left = result.left;
        if (result.pauseMs === null) break;
        if (result.pauseMs > 0) await context.sleep(`pause ${pass}`, result.pauseMs);
      }
      await context.step("done", async () => {
        // The last ones tell the run; one signal from each of ten thousand would be its only work.
        if (await nearlyEnded(engine, worker, group)) await engine.signal(doneSignal(group.run, group.round), null);
        return true;
      });
      return null;
    },
  };
}

async function passOver(engine: Engine, worker: Shared, group: GroupInput, steps: readonly string[]): Promise<Pass> {
  const left: string[] = [];
  const pauses: number[] = [];
  for (const stepId of steps) {
    const round = await engine.get(engineRunId(group.run, group.round));
    if (round?.status === "canceled") return { left: [], pauseMs: null };
    const result = await performOnce(worker, group, stepId);
    if (result === "ended") continue;
    left.push(stepId);
    if (result !== "blocked") pauses.push(result);
  }
  return { left, pauseMs: pauses.length === 0 ? null : Math.min(...pauses) };
}

/** The longest pause that a process sits out inside one engine step; longer ones are slept durably. */
const SHORT_PAUSE_MS = 2_000;

async function performOnce(
  worker: Shared,
  { run: id, since }: GroupInput,
  stepId: string,
): Promise<number | "ended" | "blocked"> {
  for (;;) {
    const { run, plan, steps } = await load(worker, id);
    const step = steps.get(stepId);
    if (step === undefined) throw new AppError("internal", `step ${stepId} is not in the plan of ${id}`);
    if (worker.signal.aborted) throw new AppError("canceled", "the worker stops: nothing more is sent");
    const verdict = await performStep(worker, { run, plan, since }, step);
    if (verdict.kind === "final") return "ended";
    if (verdict.kind === "blocked") return "blocked";
    if (verdict.afterMs > SHORT_PAUSE_MS) return verdict.afterMs;
    if (verdict.afterMs > 0) await worker.clock.sleep(verdict.afterMs, worker.signal);
  }
}

/** A run is done when every step succeeded, failed when one ended otherwise, and waits while some can still be done. */
function runStatus(journal: readonly JournalEntry[]): RunStatus {
  if (journal.every((entry) => isGood(entry.state))) return "done";
  return journal.some((entry) => !isFinal(entry.state)) ? "waiting" : "failed";
}

async function closeRun(worker: Shared, id: string, round: number): Promise<string> {
  const status = runStatus(await worker.store.journal.all(id));
  const at = toIso(worker.clock.now());
  await worker.store.transaction(async (tables) => {
    await tables.runs.setStatus(id, status, status === "waiting" ? null : at);
    await tables.audit.append({ actor: "worker", action: "run.end", object: id, outcome: status, details: {} }, at);
  });
  worker.seats.forget(id);
  worker.ended.delete(engineRunId(id, round));
  return status;
}
