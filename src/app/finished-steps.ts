import { refKey, type AccountRef } from "../model/account.ts";
import type { Step } from "../model/plan.ts";
import { isGood, type JournalEntry } from "../model/run.ts";
import type { UseCaseContext } from "./context.ts";

/** A step of ours that had an effect, with the account that it touched. */
export interface FinishedStep {
  readonly step: Step;
  readonly entry: JournalEntry;
  readonly account: AccountRef;
}

/** What runs have done since then (ISO 8601); steps that found nothing to do are not among it. */
export async function finishedSteps(context: UseCaseContext, since: string): Promise<readonly FinishedStep[]> {
  const found: FinishedStep[] = [];
  const steps = new Map<string, ReadonlyMap<string, Step>>();
  for (const entry of await context.store.journal.finishedSince(since)) {
    if (!isGood(entry.state) || entry.state === "skipped" || entry.accountId === null) continue;
    const known = steps.get(entry.run) ?? (await stepsOfRun(context, entry.run));
    steps.set(entry.run, known);
    const step = known.get(entry.step);
    if (step === undefined) continue;
    found.push({ step, entry, account: { connection: step.app, kind: step.target.kind, id: entry.accountId } });
  }
  return found;
}

async function stepsOfRun(context: UseCaseContext, id: string): Promise<ReadonlyMap<string, Step>> {
  const run = await context.store.runs.find(id);
  const plan = run === null ? null : await context.store.plans.find(run.plan);
  return new Map((plan?.content.steps ?? []).map((step) => [step.id, step]));
}

/** `refKey` of accounts that runs of ours took away: that they are gone is no news. */
export async function removedByUs(context: UseCaseContext): Promise<ReadonlySet<string>> {
  const steps = await finishedSteps(context, "1970-01-01T00:00:00.000Z");
  return new Set(steps.filter(({ step }) => step.action.verb === "remove").map(({ account }) => refKey(account)));
}
