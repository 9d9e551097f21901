import { canonicalEmail } from "../../kernel/email.ts";
import { toIso } from "../../kernel/dates.ts";
import { present } from "../../kernel/assert.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Plan, Step } from "../../model/plan.ts";
import { isSettled, type JournalEntry, type Run } from "../../model/run.ts";
import { laneOf, type ApplyDeps, type StepContext, type Verdict } from "./context.ts";
import { afterFailure } from "./failure.ts";
import { gateStep } from "./gate.ts";
import { withLease, type HeldLease } from "./lease.ts";
import { announce, finalEntry, firstEntry, writeEntry } from "./record.ts";
import { workOnStep } from "./work.ts";

/** How long to leave an account that another worker writes to. */
const LEASED_MS = 1_000;

/**
 * One try at one step, from whatever the journal says of it: a finished step is left alone, a lost answer is looked
 * for, an answered one is read back, a new one is checked, recorded, sent and read back. Safe to call at any time and
 * from any process; never throws for what an app does.
 */
export async function performStep(deps: ApplyDeps, run: Run, plan: Plan, step: Step): Promise<Verdict> {
  const startedAtMs = deps.clock.now();
  const journal = new Map((await deps.store.journal.all(run.id)).map((entry) => [entry.step, entry]));
  const known = journal.get(step.id) ?? firstEntry(run.id, step, startedAtMs);
  if (isSettled(known.state)) return { kind: "final", entry: known };
  const gate = gateStep(run, plan, step, journal, startedAtMs);
  const connection = deps.connections.get(step.app);
  if (gate.kind === "blocked" || gate.kind === "wait") {
    const nextAt = gate.kind === "wait" ? toIso(startedAtMs + gate.ms) : null;
    await writeEntry(deps, { ...known, state: "waiting", reason: gate.reason, nextAt }, null, null);
    return gate.kind === "wait" ? { kind: "again", afterMs: gate.ms } : { kind: "blocked" };
  }
  if (gate.kind === "refused" || connection === undefined) {
    const reason = gate.kind === "refused" ? gate.reason : `the connection ${step.app} is no longer configured`;
    const entry = await writeEntry(deps, finalEntry(known, "failed", reason, null), null, {
      action: "step.done",
      details: { reason },
    });
    return { kind: "final", entry };
  }
  const targetId = targetOf(step, known, journal);
  const part = { deps, run, plan, step, connection, lane: laneOf(step), targetId };
  const verdict = await withLease(deps, leaseKey(step, targetId), (lease) =>
    tryStep({ ...part, fence: lease.fence }, lease, startedAtMs),
  );
  return verdict ?? { kind: "again", afterMs: LEASED_MS };
}

function targetOf(step: Step, entry: JournalEntry, journal: ReadonlyMap<string, JournalEntry>): string | null {
  if (step.target.id !== null) return step.target.id;
  if (step.target.madeBy !== null) return journal.get(step.target.madeBy)?.accountId ?? null;
  return entry.accountId;
}

/** One writer an account: by its id, or by its address while it has none. */
function leaseKey(step: Step, targetId: string | null): string {
  if (targetId !== null) return `account:${step.app}/${step.target.kind}/${targetId}`;
  const email = step.target.email ?? step.target.label;
  return `account:${step.app}/email/${canonicalEmail(email) ?? email}`;
}

async function tryStep(context: StepContext, lease: HeldLease, startedAtMs: number): Promise<Verdict> {
  const { deps, run, step } = context;
  // Under the lease the journal is read again: another worker may have gone on meanwhile.
  const entry = (await deps.store.journal.get(run.id, step.id)) ?? firstEntry(run.id, step, startedAtMs);
  if (isSettled(entry.state)) return { kind: "final", entry };
  deps.onEvent(run.id, {
    type: "step.started",
    step: step.id,
    number: step.number,
    app: step.app,
    title: step.title,
  });
  let verdict: Verdict;
  try {
    verdict = await workOnStep(resolveTransfer(context, await transferTarget(context)), entry, lease);
  } catch (error) {
    verdict = await afterFailure(context, lease, error);
  }
  if (verdict.kind === "final") announce(context, verdict.entry, startedAtMs);
  return verdict;
}

/** The successor's account may have been made by a step of the same run. */
async function transferTarget(context: StepContext): Promise<string | null> {
  const { action } = context.step;
  if (action.verb !== "transfer" || action.to.id !== null) return null;
  const maker = present(action.to.madeBy, "the step that makes the successor's account");
  const entry = await context.deps.store.journal.get(context.run.id, maker);
  if (entry?.accountId === undefined || entry.accountId === null) {
    throw new AppError("stale", "the account that shall take over was not made: plan again");
  }
  return entry.accountId;
}

function resolveTransfer(context: StepContext, successor: string | null): StepContext {
  const { step } = context;
  if (successor === null || step.action.verb !== "transfer") return context;
  const to = { ...step.action.to, id: successor };
  return { ...context, step: { ...step, action: { ...step.action, to } } };
}
