import { parseIso } from "../../kernel/dates.ts";
import { AppError } from "../../kernel/errors.ts";
import { planLabel } from "../../model/plan.ts";
import { isGood, runLabel, type JournalEntry, type Run } from "../../model/run.ts";
import type { UseCaseContext } from "../context.ts";
import type { PlanResult, RunResult, RunsResult } from "../contract.ts";
import { findPlan, viewPlan } from "./plan-view.ts";

export async function findRun(context: UseCaseContext, reference: string): Promise<Run> {
  const run = await context.store.runs.find(reference);
  if (run !== null) return run;
  const [newest] = await context.store.runs.recent(1);
  const next = newest === undefined ? "Runs appear when a plan is applied" : `The newest is ${runLabel(newest.number)}`;
  throw new AppError("missing", `there is no run ${reference}. ${next}`);
}

export async function showRun(context: UseCaseContext, input: { readonly run: string }): Promise<RunResult> {
  return viewRun(context, await findRun(context, input.run));
}

export async function listRuns(context: UseCaseContext, input: { readonly limit: number }): Promise<RunsResult> {
  const runs: RunsResult["runs"][number][] = [];
  for (const run of await context.store.runs.recent(Math.min(input.limit, 1000))) {
    const journal = await context.store.journal.all(run.id);
    const plan = await context.store.plans.find(run.plan);
    runs.push({
      run,
      label: runLabel(run.number),
      plan: plan === null ? run.plan : planLabel(plan.number),
      done: journal.filter((entry) => isGood(entry.state)).length,
      total: plan?.content.steps.length ?? journal.length,
    });
  }
  return { schema: "tenure.runs/v1", runs };
}

/** A run with its plan, its journal, what it deserves as an exit code and what to type next. */
export async function viewRun(context: UseCaseContext, run: Run): Promise<RunResult> {
  const plan = await viewPlan(context, await findPlan(context, run.plan));
  const order = new Map(plan.plan.content.steps.map((step) => [step.id, step.number]));
  const journal = [...(await context.store.journal.all(run.id))].sort(
    (left, right) => (order.get(left.step) ?? 0) - (order.get(right.step) ?? 0),
  );
  const counts = countJournal(journal);
  const exit = exitOf(run, journal);
  const endedMs = run.endedAt === null ? context.clock.now() : (parseIso(run.endedAt) ?? context.clock.now());
  return {
    schema: "tenure.run/v1",
    label: runLabel(run.number),
    run,
    plan,
    journal,
    counts,
    seconds: Math.max(0, (endedMs - (parseIso(run.startedAt) ?? endedMs)) / 1000),
    next: nextOf(run, plan, journal, exit),
    exit,
  };
}

function countJournal(journal: readonly JournalEntry[]): RunResult["counts"] {
  return {
    total: journal.length,
    proven: journal.filter((entry) => isGood(entry.state) && entry.receipt?.readBack === "verified").length,
    waiting: journal.filter((entry) => entry.state === "waiting" || entry.state === "running").length,
    failed: journal.filter((entry) => ["failed", "stale", "unknown", "parked"].includes(entry.state)).length,
  };
}

/** 0 all done; 6 nothing done because the world moved; 5 partly done; 8 waits for somebody; 1 failed. */
function exitOf(run: Run, journal: readonly JournalEntry[]): number {
  if (journal.length > 0 && journal.every((entry) => isGood(entry.state))) return 0;
  if (run.status === "canceled") return 5;
  const bad = journal.filter((entry) => ["failed", "stale", "unknown", "parked"].includes(entry.state));
  const good = journal.some((entry) => isGood(entry.state));
  if (bad.length === 0) return 8;
  if (bad.every((entry) => entry.state === "parked")) return 8;
  if (!good && bad.every((entry) => entry.state === "stale")) return 6;
  return good || bad.some((entry) => entry.state === "unknown") ? 5 : 1;
}

function nextOf(run: Run, plan: PlanResult, journal: readonly JournalEntry[], exit: number): readonly string[] {
  const label = runLabel(run.number);
  if (exit === 0) return [`tenure runs show ${label}`];
  const approvals = journal.some((entry) => entry.state === "waiting" && entry.reason?.startsWith("needs ") === true);
  const stale = journal.some((entry) => entry.state === "stale");
  return [
    `tenure runs show ${label}`,
    ...(approvals ? [`tenure apply ${plan.label} --approve-as <name> (in the sandbox)`] : []),
    ...(stale ? ["tenure sync && tenure plan --from hr"] : []),
    ...(approvals && !stale ? [] : [`tenure runs resume ${label}`]),
  ];
}
