import { canonicalEmail } from "../../kernel/email.ts";
import { parseIso, toIso } from "../../kernel/dates.ts";
import { present } from "../../kernel/assert.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Plan, Step } from "../../model/plan.ts";
import { isFinal, isSettled, type JournalEntry, type Run } from "../../model/run.ts";
import { laneOf, type ApplyWorker, type StepContext, type Verdict } from "./context.ts";
import { afterRead } from "./failure.ts";
import { gateStep, type Gate, type NearEntries } from "./gate.ts";
import { withLease, type HeldLease } from "./lease.ts";
import { announce, finalEntry, firstEntry, mayHaveActed, writeEntry } from "./record.ts";
import { workOnStep } from "./work.ts";

/** How long to leave an account that another worker writes to. */
const LEASED_MS = 1_000;

/** One round of a run: `since` (ISO 8601) is when it began. */
export interface Round {
  readonly run: Run;
  readonly plan: Plan;
  readonly since: string;
}

/**
 * One try at one step, from whatever the journal says of it: a finished step is left alone, a lost answer is looked
 * for, an answered one is read back, a new one is checked, recorded, sent and read back. Safe to call at any time and
 * from any process; never throws for what an app does.
 */
export async function performStep(deps: ApplyWorker, round: Round, step: Step): Promise<Verdict> {
  const { run, plan } = round;
  const startedAtMs = deps.clock.now();
  const near = await readNear(deps, run, step);
  const known = near.get(step.id) ?? firstEntry(run.id, step, startedAtMs);
  if (isSettled(known.state)) return { kind: "final", entry: known };
  if (step.action.verb === "create" && !deps.seats.knows(run.id)) {
    deps.seats.open(run.id, plan, await deps.store.journal.all(run.id));
  }
  const gate = gateStep(run, plan, step, near, deps.seats, startedAtMs);
  const connection = deps.connections.get(step.app);
  const targetId = targetOf(step, known, near);
  const key = leaseKey(step, targetId);
  if (gate.kind !== "open" || connection === undefined) return keepOut(deps, known, step, { gate, key });
  // A wait that was decided on in this round; a resumed run does not sit out what an earlier one waited for.
  const restMs = known.updatedAt < round.since ? 0 : (parseIso(known.nextAt ?? "") ?? 0) - startedAtMs;
  if (restMs > 0) return { kind: "again", afterMs: restMs };
  const part = { deps, run, plan, step, connection, lane: laneOf(step), targetId };
  const verdict = await withLease(deps, key, (lease) => tryStep({ ...part, fence: lease.fence }, lease, startedAtMs));
  return verdict ?? { kind: "again", afterMs: LEASED_MS };
}

/** The entries that decide about this step: reading all of a large run for each of its steps would never end. */
async function readNear(deps: ApplyWorker, run: Run, step: Step): Promise<NearEntries> {
  const near = new Map<string, JournalEntry>();
  const ids = new Set([step.id, ...step.dependsOn, ...(step.target.madeBy === null ? [] : [step.target.madeBy])]);
  for (const id of ids) {
    const entry = await deps.store.journal.get(run.id, id);
    if (entry !== null) near.set(id, entry);
  }
  return near;
}

/**
 * Writes down why the step does not go on, once for each reason; under the lease, so that it never overwrites what
 * another worker has written meanwhile.
 */
async function keepOut(
  deps: ApplyWorker,
  known: JournalEntry,
  step: Step,
  { gate, key }: { readonly gate: Gate; readonly key: string },
): Promise<Verdict> {
  const out = outcomeOf(known, step, gate, deps.clock.now());
  const { state, reason, nextAt } = out.entry;
  if (known.state === state && known.reason === reason && known.nextAt === nextAt) return out.verdict;
  const verdict = await withLease(deps, key, async (lease): Promise<Verdict> => {
    const now = await deps.store.journal.get(known.run, step.id);
    if (now !== null && (isSettled(now.state) || now.attempts.length !== known.attempts.length)) {
      return { kind: "again", afterMs: 0 };
    }
    const audit = isFinal(state) ? { action: "step.done", details: { reason: reason ?? "" } } : null;
    await writeEntry(deps, out.entry, lease.handle(), audit);
    return out.verdict;
  });
  return verdict ?? { kind: "again", afterMs: LEASED_MS };
}

interface KeptOut {
  readonly entry: JournalEntry;
  readonly verdict: Verdict;
}

function outcomeOf(known: JournalEntry, step: Step, gate: Gate, nowMs: number): KeptOut {
  switch (gate.kind) {
    case "blocked":
      return {
        entry: { ...known, state: "waiting", reason: gate.reason, nextAt: null },
        verdict: { kind: "blocked" },
      };
    case "wait": {
      const entry: JournalEntry = { ...known, state: "waiting", reason: gate.reason, nextAt: toIso(nowMs + gate.ms) };
      return { entry, verdict: { kind: "again", afterMs: gate.ms } };
    }
    case "refused": {
      const entry = finalEntry(known, "failed", gate.reason, null);
      return { entry, verdict: { kind: "final", entry } };
    }
    case "open": {
      // Not for ever: the step goes on when the run is resumed with the connection back in the configuration.
      const reason = `the connection ${step.app} is no longer configured: put it back, then resume, or plan again`;
      const entry = finalEntry(known, mayHaveActed(known) ? "unknown" : "parked", reason, known.receipt);
      return { entry, verdict: { kind: "final", entry } };
    }
  }
}

function targetOf(step: Step, entry: JournalEntry, near: NearEntries): string | null {
  if (step.target.id !== null) return step.target.id;
  if (step.target.madeBy !== null) return near.get(step.target.madeBy)?.accountId ?? null;
  return entry.accountId;
}

/** One writer an account: by its id, or by its address while it has none. A create keeps its key when the id is known. */
function leaseKey(step: Step, targetId: string | null): string {
  if (targetId !== null && step.action.verb !== "create") {
    return `account:${step.app}/${step.target.kind}/${targetId}`;
  }
  const email = step.target.email ?? step.target.label;
  return `account:${step.app}/email/${canonicalEmail(email) ?? email}`;
}

async function tryStep(context: StepContext, lease: HeldLease, startedAtMs: number): Promise<Verdict> {
  const { deps, run, step } = context;
  // Under the lease the journal is read again: another worker may have gone on meanwhile.
  const entry = (await deps.store.journal.get(run.id, step.id)) ?? firstEntry(run.id, step, startedAtMs);
  if (isSettled(entry.state)) return { kind: "final", entry };
  if (entry.state !== "running") {
    const { id, number, app, title } = step;
    deps.onEvent(run.id, { type: "step.started", step: id, number, app, title });
  }
  let verdict: Verdict;
  try {
    verdict = await workOnStep(resolveTransfer(context, await transferTarget(context)), entry, lease);
  } catch (error) {
    verdict = await afterRead(context, lease, error);
  }
  if (verdict.kind === "final") announce(context, verdict.entry, startedAtMs);
  return verdict;
}

/** The successor's account may have been made by a step of the same run. */
async function transferTarget(context: StepContext): Promise<string | null> {
  const { action } = context.step;
  if (action.verb !== "transfer" || action.to.id !== null) return null;
  return madeAccount(context, present(action.to.madeBy, "the step that makes the successor's account"));
}

async function madeAccount(context: StepContext, maker: string): Promise<string> {
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
