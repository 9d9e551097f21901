import { AppError } from "../kernel/errors.ts";
import { isJsonObject, type JsonValue } from "../kernel/json.ts";
import type { Engine, Workflow, WorkflowContext } from "../engine/port.ts";
import { assertPlanIntact } from "../planner/plan.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { JournalEntry, Run, RunStatus } from "../model/run.ts";
import { isFinal, isGood } from "../model/run.ts";
import { toIso } from "../kernel/dates.ts";
import type { ApplyDeps } from "./apply/context.ts";
import { performStep } from "./apply/perform.ts";
import { firstEntry } from "./apply/record.ts";
import { splitIntoGroups } from "./apply/groups.ts";

export type { ApplyDeps, CrashPoint } from "./apply/context.ts";

/** Name of the workflow that applies one plan, and of the one that applies one group of dependent steps. */
const RUN_WORKFLOW = "apply-run";
const GROUP_WORKFLOW = "apply-group";

/** The first pause between two looks; a signal ends it early, but one that came before the waiting is lost. */
const FIRST_LOOK_MS = 250;

/** The longest pause between two looks, for runs that wait for a date. */
const LONGEST_LOOK_MS = 3_600_000;

/** One look at a group is one engine step; an engine allows about a thousand a run. */
const MOST_LOOKS = 900;

interface RunInput {
  readonly run: string;
  /** Which resumption this is; each has engine runs of its own. */
  readonly round: number;
}

interface GroupInput extends RunInput {
  readonly steps: readonly string[];
}

/** The engine id of a round of a run: starting it twice is one run. */
export function engineRunId(run: string, round: number): string {
  return `${run}/${round}`;
}

/** Registers what applies plans. The engine decides when code runs again; the journal decides what has been done. */
export function registerApply(engine: Engine, deps: ApplyDeps): void {
  engine.register(runWorkflow(engine, deps));
  engine.register(groupWorkflow(engine, deps));
}

/** Starts a round of a run; the same round again changes nothing. */
export async function startApply(engine: Engine, run: string, round: number): Promise<void> {
  await engine.start({ workflow: RUN_WORKFLOW, id: engineRunId(run, round), input: { run, round }, at: null });
}

function readInput(input: JsonValue): RunInput {
  if (isJsonObject(input) && typeof input["run"] === "string" && typeof input["round"] === "number") {
    return { run: input["run"], round: input["round"] };
  }
  throw new AppError("internal", "a run was started without its id");
}

function readGroup(input: JsonValue): GroupInput {
  const steps = isJsonObject(input) ? input["steps"] : null;
  if (!Array.isArray(steps)) throw new AppError("internal", "a group was started without its steps");
  return { ...readInput(input), steps: steps.filter((step): step is string => typeof step === "string") };
}

async function load(deps: ApplyDeps, id: string): Promise<{ readonly run: Run; readonly plan: Plan }> {
  const run = await deps.store.runs.find(id);
  const plan = run === null ? null : await deps.store.plans.find(run.plan);
  if (run === null || plan === null) throw new AppError("missing", `run ${id} is not in this store`);
  assertPlanIntact(plan);
  if (plan.hash !== run.planHash) {
    throw new AppError("stale", `the stored plan of ${id} is not the one that was started: nothing is sent`);
  }
  return { run, plan };
}

function runWorkflow(engine: Engine, deps: ApplyDeps): Workflow {
  return {
    name: RUN_WORKFLOW,
    async run(context: WorkflowContext, input) {
      const { run: id, round } = readInput(input);
      const groups = await context.step("open", async () => {
        const { run, plan } = await load(deps, id);
        await writeFirstEntries(deps, run, plan);
        await deps.store.runs.setStatus(id, "running", null);
        return splitIntoGroups(plan.content.steps).map((group) => group.map((step) => step.id));
      });
      await context.step("start", async () => {
        for (const [index, steps] of groups.entries()) {
          const groupId = `${engineRunId(id, round)}/${index + 1}`;
          await engine.start({ workflow: GROUP_WORKFLOW, id: groupId, input: { run: id, round, steps }, at: null });
        }
        return groups.length;
      });
      for (let look = 1; look <= MOST_LOOKS; look += 1) {
        const ended = await context.step(`look ${look}`, () =>
          groupsEnded(engine, engineRunId(id, round), groups.length),
        );
        if (ended) break;
        const pause = Math.min(LONGEST_LOOK_MS, FIRST_LOOK_MS * 2 ** Math.min(look - 1, 20));
        await context.waitFor(`wait ${look}`, doneSignal(id, round), pause);
      }
      return context.step("close", () => closeRun(deps, id));
    },
  };
}

function doneSignal(run: string, round: number): string {
  return `group-done:${engineRunId(run, round)}`;
}

async function groupsEnded(engine: Engine, prefix: string, count: number): Promise<boolean> {
  for (let index = 1; index <= count; index += 1) {
    const group = await engine.get(`${prefix}/${index}`);
    if (group === null || group.status === "waiting" || group.status === "running") return false;
  }
  return true;
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

/** What a look at a step gives the engine to remember: it ended, it is blocked, or pause so many milliseconds. */
const ENDED = -1;
const BLOCKED = -2;

/**
 * Works through a group in the plan's order. A step that has to pause holds up only what depends on it: the others go
 * on, and the group sleeps when all that is left pauses.
 */
function groupWorkflow(engine: Engine, deps: ApplyDeps): Workflow {
  return {
    name: GROUP_WORKFLOW,
    async run(context: WorkflowContext, input) {
      const { run: id, round, steps } = readGroup(input);
      let left = [...steps];
      let looks = 0;
      for (let pass = 1; left.length > 0; pass += 1) {
        const results = new Map<string, number>();
        for (const stepId of left) {
          looks += 1;
          if (looks > MOST_LOOKS) throw new AppError("pending", `run ${id} took ${MOST_LOOKS} turns: resume it`);
          results.set(stepId, await context.step(`${stepId} ${pass}`, () => performOnce(deps, id, stepId)));
        }
        const pauses = [...results.values()].filter((result) => result >= 0);
        left = left.filter((stepId) => results.get(stepId) !== ENDED);
        if (pauses.length === 0) break;
        const pause = Math.min(...pauses);
        if (pause > 0) await context.sleep(`pause ${pass}`, pause);
      }
      await context.step("done", async () => {
        await engine.signal(doneSignal(id, round), null);
        return true;
      });
      return null;
    },
  };
}

/** The longest pause that a process sits out inside one engine step; longer ones are slept durably. */
const SHORT_PAUSE_MS = 2_000;

async function performOnce(deps: ApplyDeps, id: string, stepId: string): Promise<number> {
  const { run, plan } = await load(deps, id);
  const step = plan.content.steps.find((one: Step) => one.id === stepId);
  if (step === undefined) throw new AppError("internal", `step ${stepId} is not in the plan of ${id}`);
  for (;;) {
    if (deps.signal.aborted) throw new AppError("canceled", "the worker stops: nothing more is sent");
    const verdict = await performStep(deps, run, plan, step);
    if (verdict.kind === "final") return ENDED;
    if (verdict.kind === "blocked") return BLOCKED;
    if (verdict.afterMs > SHORT_PAUSE_MS) return verdict.afterMs;
    if (verdict.afterMs > 0) await deps.clock.sleep(verdict.afterMs, deps.signal);
  }
}

/** A run is done when every step succeeded, failed when one ended otherwise, and waits while some can still be done. */
export function runStatus(journal: readonly JournalEntry[]): RunStatus {
  if (journal.every((entry) => isGood(entry.state))) return "done";
  return journal.some((entry) => !isFinal(entry.state)) ? "waiting" : "failed";
}

async function closeRun(deps: ApplyDeps, id: string): Promise<string> {
  const status = runStatus(await deps.store.journal.all(id));
  const at = toIso(deps.clock.now());
  await deps.store.transaction(async (tables) => {
    await tables.runs.setStatus(id, status, status === "waiting" ? null : at);
    await tables.audit.append({ actor: "worker", action: "run.end", object: id, outcome: status, details: {} }, at);
  });
  return status;
}
