import { parseIso, toIso } from "../../kernel/dates.ts";
import { AppError, isAppError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { assertPlanIntact } from "../../planner/plan.ts";
import { planLabel, type Plan } from "../../model/plan.ts";
import { isGood, runLabel, type Run } from "../../model/run.ts";
import { cancelApply, engineRunId, RUN_TOPIC, startApply } from "../../workflows/apply.ts";
import type { UseCaseContext } from "../context.ts";
import type { ApplyInput, RunResult } from "../contract.ts";
import { findPlan } from "../queries/plan-view.ts";
import { refuseOtherAccount } from "../same-account.ts";
import { findRun, viewRun } from "../queries/runs.ts";

/** How often the caller looks whether its run has ended: soon after something happened, less often while nothing does. */
const LOOK_MS = 50;
const LONGEST_LOOK_MS = 1_000;

/** A run whose next step is further away than this goes on without the caller: a date, a long Retry-After. */
const PATIENCE_MS = 90_000;

/** No run has more resumptions; each is an engine run of its own. */
const MOST_ROUNDS = 10_000;

/** Applies a plan exactly, or refuses it whole before anything is sent. */
export async function applyPlan(context: UseCaseContext, input: ApplyInput): Promise<RunResult> {
  const plan = await findPlan(context, input.plan);
  const approvedAs = approvers(context, input.approveAs);
  const earlier = await context.store.runs.byPlan(plan.id);
  const open = earlier.find((run) => run.status !== "done" && run.status !== "canceled");
  if (open !== undefined) return resume(context, await withApprovers(context, open, approvedAs));
  if (earlier.length > 0) {
    throw new AppError(
      "stale",
      `${planLabel(plan.number)} was applied already (${runLabel(earlier[0]?.number ?? 0)}). Plan again: tenure plan --from hr`,
    );
  }
  await refuseUnfit(context, plan);
  await refuseOtherAccount(context, plan);
  return go(context, await recordRun(context, plan, approvedAs), 1);
}

export async function resumeRun(context: UseCaseContext, input: { readonly run: string }): Promise<RunResult> {
  return resume(context, await findRun(context, input.run));
}

async function resume(context: UseCaseContext, run: Run): Promise<RunResult> {
  const plan = await findPlan(context, run.plan);
  assertPlanIntact(plan);
  const journal = await context.store.journal.all(run.id);
  if (journal.length > 0 && journal.every((entry) => isGood(entry.state))) return viewRun(context, run);
  await refuseOtherAccount(context, plan);
  return go(context, run, await nextRound(context, run));
}

/** The first round that was not started yet; those before it are stopped, so that one round works at a time. */
async function nextRound(context: UseCaseContext, run: Run): Promise<number> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const known = await context.engine.get(engineRunId(run.id, round));
    if (known === null) return round;
    await cancelApply(context.engine, run.id, round);
  }
  throw new AppError("internal", `run ${runLabel(run.number)} was resumed too often: make a new plan`);
}

function approvers(context: UseCaseContext, names: readonly string[]): readonly string[] {
  const distinct = [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))];
  if (distinct.length === 0) return [];
  const live = context.deployment.connections.filter((connection) => !connection.loopback);
  if (live.length > 0) {
    throw new AppError(
      "denied",
      `--approve-as is for the sandbox only, and ${live.map((one) => one.name).join(", ")} is a live app. ` +
        "Approvals by people come with a later release; do these steps by hand until then",
    );
  }
  if (distinct.includes(context.options.actor)) {
    throw new AppError(
      "denied",
      `${context.options.actor} asked for this plan and cannot approve it: name somebody else`,
    );
  }
  return distinct;
}

/** More approvers may join a run that waits for them. */
async function withApprovers(context: UseCaseContext, run: Run, names: readonly string[]): Promise<Run> {
  const all = [...new Set([...run.approvedAs, ...names])];
  if (all.length === run.approvedAs.length) return run;
  const at = toIso(context.clock.now());
  await context.store.transaction(async (tables) => {
    await tables.runs.setApprovers(run.id, all);
    await tables.audit.append(
      { actor: context.options.actor, action: "run.approve", object: run.id, outcome: "ok", details: { as: names } },
      at,
    );
  });
  return { ...run, approvedAs: all };
}

/** Everything that must hold before a plan may begin; each refusal says what to do and changes nothing. */
async function refuseUnfit(context: UseCaseContext, plan: Plan): Promise<void> {
  const label = planLabel(plan.number);
  const { content } = plan;
  assertPlanIntact(plan);
  if (content.steps.length === 0) throw new AppError("usage", `${label} has no steps: there is nothing to apply`);
  if ((parseIso(content.expiresAt) ?? 0) <= context.clock.now()) {
    throw new AppError(
      "stale",
      `${label} has expired (${content.expiresAt}). Nothing was done. Plan again: tenure plan --from hr`,
    );
  }
  if (content.base.config !== context.deployment.policy.hash) {
    throw new AppError(
      "stale",
      `the configuration changed after ${label} was made. Nothing was done. Plan again: tenure plan --from hr`,
    );
  }
  const imports = new Set((await latestImports(context)).map((one) => one.id));
  if (content.base.imports.some((id) => !imports.has(id))) {
    throw new AppError(
      "stale",
      `the roster was imported again after ${label} was made. Nothing was done. Plan again: tenure plan --from hr`,
    );
  }
  const blocking = content.guards.filter((guard) => guard.state === "block");
  if (blocking.length > 0) {
    const why = blocking.map((guard) => guard.text).join("; ");
    throw new AppError("blocked", `a guard holds ${label}: ${why}. Nothing was done. See: tenure show ${label}`);
  }
}

async function latestImports(context: UseCaseContext): Promise<readonly { readonly id: string }[]> {
  const found = await Promise.all(
    [...new Set((await context.store.imports.all()).map((one) => one.source))].map((source) =>
      context.store.imports.latest(source),
    ),
  );
  return found.filter((one) => one !== null);
}

async function recordRun(context: UseCaseContext, plan: Plan, approvedAs: readonly string[]): Promise<Run> {
  const at = toIso(context.clock.now());
  const id = newId("run", context.clock, context.random);
  return context.store.transaction(async (tables) => {
    const run = await tables.runs.add({
      id,
      plan: plan.id,
      planHash: plan.hash,
      status: "waiting",
      actor: context.options.actor,
      approvedAs,
      startedAt: at,
      endedAt: null,
    });
    // Looked at when our own number is taken, so that of two who ask at the same time one sees the other.
    const other = (await tables.runs.byPlan(plan.id)).find((one) => one.id !== run.id);
    if (other !== undefined) {
      throw new AppError("busy", `${planLabel(plan.number)} is being applied already: ${runLabel(other.number)}`);
    }
    await tables.audit.append(
      {
        actor: context.options.actor,
        action: "run.start",
        object: id,
        outcome: "ok",
        details: { plan: plan.id, hash: plan.hash, approvedAs },
      },
      at,
    );
    // The start is written with the decision; whoever finds it after a crash starts the run (engine notes).
    await tables.outbox.add({ id: engineRunId(id, 1), topic: RUN_TOPIC, payload: { run: id, round: 1 }, at });
    return run;
  });
}

async function go(context: UseCaseContext, run: Run, round: number): Promise<RunResult> {
  let events = 0;
  const stopListening = context.runEvents.listen(run.id, (event) => {
    events += 1;
    context.options.onEvent(event);
  });
  try {
    const plan = await findPlan(context, run.plan);
    const steps = plan.content.steps.length;
    context.options.onEvent({ type: "run.started", run: run.id, label: runLabel(run.number), steps });
    await context.startWorker();
    await startApply(context.engine, run.id, round);
    await context.store.outbox.done(engineRunId(run.id, round));
    await waitForRun(context, run, round, () => events);
  } finally {
    stopListening();
  }
  return viewRun(context, await findRun(context, run.id));
}

/** Until the round has ended, waits for something far away, or the caller leaves. */
async function waitForRun(context: UseCaseContext, run: Run, round: number, countEvents: () => number): Promise<void> {
  let seen = 0;
  let pause = LOOK_MS;
  for (;;) {
    const engineRun = await context.engine.get(engineRunId(run.id, round));
    const ended = engineRun === null || engineRun.status === "done";
    if (ended) return;
    if (engineRun.status === "failed") {
      throw new AppError(
        "internal",
        `${runLabel(run.number)} broke off: ${engineRun.error ?? "no reason given"}. Resume it: tenure runs resume ${runLabel(run.number)}`,
      );
    }
    if (engineRun.status === "canceled") return;
    if (context.options.signal.aborted) {
      await cancelApply(context.engine, run.id, round);
      await context.store.runs.setStatus(run.id, "waiting", null);
      return;
    }
    if (await onlyFarSteps(context, run)) {
      await context.store.runs.setStatus(run.id, "waiting", null);
      return;
    }
    await refuseBrokenStore(context, run, round);
    await pauseUnlessLeft(context, pause);
    pause = countEvents() === seen ? Math.min(LONGEST_LOOK_MS, pause * 2) : LOOK_MS;
    seen = countEvents();
  }
}

/** A store that takes no more writes stops the run: its caller is told, instead of waiting for an engine that cannot go on. */
async function refuseBrokenStore(context: UseCaseContext, run: Run, round: number): Promise<void> {
  try {
    await context.store.outbox.done(engineRunId(run.id, round));
  } catch (error) {
    if (!isAppError(error, "storage")) throw error;
    const next = `What was sent is in the journal or will be looked for. When it is mended: tenure runs resume ${runLabel(run.number)}`;
    throw new AppError("storage", `${error.message}\n${next}`, { cause: error });
  }
}

/** Ends early when the caller leaves, so that nothing more is begun for them. */
async function pauseUnlessLeft(context: UseCaseContext, ms: number): Promise<void> {
  const { clock, signal, options } = context;
  try {
    await clock.sleep(ms, AbortSignal.any([signal, options.signal]));
  } catch (error) {
    if (signal.aborted || !options.signal.aborted) throw error;
  }
}

/** Nothing but long waits is left: the run goes on by itself in `tenure up`, or when it is resumed. */
async function onlyFarSteps(context: UseCaseContext, run: Run): Promise<boolean> {
  const nowMs = context.clock.now();
  const open = (await context.store.journal.all(run.id)).filter(
    (entry) => entry.state === "waiting" || entry.state === "running",
  );
  const far = open.filter((entry) => (parseIso(entry.nextAt ?? "") ?? 0) - nowMs > PATIENCE_MS);
  const held = open.filter((entry) => entry.state === "waiting" && entry.nextAt === null && entry.reason !== null);
  return far.length > 0 && far.length + held.length === open.length;
}
