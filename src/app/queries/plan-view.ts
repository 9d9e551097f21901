import { parseIso } from "../../kernel/dates.ts";
import { planLabel, planTotals, type Plan } from "../../model/plan.ts";
import { isGood, type Run } from "../../model/run.ts";
import { AppError } from "../../kernel/errors.ts";
import type { UseCaseContext } from "../context.ts";
import type { PlanResult } from "../contract.ts";

/** The plan of that id, number or label; `missing` with what to do otherwise. */
export async function findPlan(context: UseCaseContext, reference: string): Promise<Plan> {
  const plan = await context.store.plans.find(reference);
  if (plan !== null) return plan;
  const [newest] = await context.store.plans.recent(1);
  const next = newest === undefined ? "Make one: tenure plan --from hr" : `The newest is ${planLabel(newest.number)}`;
  throw new AppError("missing", `there is no plan ${reference}. ${next}`);
}

/** A plan as every surface shows it: numbers counted once, state from its runs. */
export async function viewPlan(
  context: UseCaseContext,
  plan: Plan,
  read: PlanResult["read"] = [],
): Promise<PlanResult> {
  const runs = await context.store.runs.byPlan(plan.id);
  return {
    schema: "tenure.plan-view/v1",
    label: planLabel(plan.number),
    plan,
    totals: planTotals(plan.content),
    people: await peopleOf(context, plan),
    read,
    runs,
    state: await stateOf(context, plan, runs),
  };
}

async function peopleOf(context: UseCaseContext, plan: Plan): Promise<PlanResult["people"]> {
  const rows: PlanResult["people"][number][] = [];
  for (const step of plan.content.steps) {
    if (step.person === null || rows.some((row) => row.id === step.person)) continue;
    const person = await context.store.people.get(step.person);
    const label = person?.displayName ?? step.personLabel ?? step.person;
    rows.push({ id: step.person, label, email: person?.email ?? "", why: step.reason.text });
  }
  return rows;
}

async function stateOf(context: UseCaseContext, plan: Plan, runs: readonly Run[]): Promise<PlanResult["state"]> {
  const { content } = plan;
  if (content.steps.length === 0) return "empty";
  const [latest] = runs;
  if (latest !== undefined) {
    const journal = await context.store.journal.all(latest.id);
    return journal.length > 0 && journal.every((entry) => isGood(entry.state)) ? "applied" : "partly-applied";
  }
  if (content.guards.some((guard) => guard.state === "block")) return "blocked";
  if ((parseIso(content.expiresAt) ?? 0) <= context.clock.now()) return "stale";
  return content.steps.some((step) => step.approvals > 0) ? "needs-approval" : "ready";
}
