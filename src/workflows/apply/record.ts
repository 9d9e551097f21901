import { toIso } from "../../kernel/dates.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { Step } from "../../model/plan.ts";
import type { Attempt, JournalEntry, Receipt, StepState } from "../../model/run.ts";
import type { LeaseHandle, Tables } from "../../store/port.ts";
import type { ApplyDeps, StepContext } from "./context.ts";

/** The journal as it stands before anything was done. */
export function firstEntry(run: string, step: Step, atMs: number): JournalEntry {
  return {
    version: 1,
    run,
    step: step.id,
    state: "waiting",
    reason: null,
    attempts: [],
    accountId: step.target.id,
    progress: null,
    receipt: null,
    tries: 0,
    triesSince: null,
    nextAt: null,
    epoch: 0,
    updatedAt: toIso(atMs),
  };
}

/** Writes the entry and what it did to the audit log together; with a lease, only while that lease is ours. */
export async function writeEntry(
  deps: ApplyDeps,
  entry: JournalEntry,
  lease: LeaseHandle | null,
  audit: { readonly action: string; readonly details: JsonObject } | null,
  also: ((tables: Tables) => Promise<void>) | null = null,
): Promise<JournalEntry> {
  const at = toIso(deps.clock.now());
  const stamped: JournalEntry = { ...entry, epoch: lease?.epoch ?? entry.epoch, updatedAt: at };
  await deps.store.transaction(async (tables) => {
    await tables.journal.put(stamped, lease);
    if (audit !== null) {
      await tables.audit.append(
        {
          actor: "worker",
          action: audit.action,
          object: `${entry.run}/${entry.step}`,
          outcome: stamped.state,
          details: audit.details,
        },
        at,
      );
    }
    if (also !== null) await also(tables);
  });
  return stamped;
}

/** Adds an attempt whose answer is still to come: the intent, durable before anything is sent (S2). */
export function withIntent(entry: JournalEntry, atMs: number): JournalEntry {
  const attempt: Attempt = {
    number: (entry.attempts.at(-1)?.number ?? 0) + 1,
    intentAt: toIso(atMs),
    outcome: "pending",
    answeredAt: null,
    note: null,
  };
  return { ...entry, state: "running", reason: null, nextAt: null, attempts: [...entry.attempts, attempt] };
}

/** Closes the last attempt. */
export function withAnswer(
  entry: JournalEntry,
  answer: { readonly outcome: Attempt["outcome"]; readonly note: string | null; readonly accountId: string | null },
  atMs: number,
): JournalEntry {
  const last = entry.attempts.at(-1);
  if (last === undefined) return entry;
  const closed: Attempt = { ...last, outcome: answer.outcome, answeredAt: toIso(atMs), note: answer.note };
  return {
    ...entry,
    attempts: [...entry.attempts.slice(0, -1), closed],
    accountId: answer.accountId ?? entry.accountId,
  };
}

/** The last attempt, when nobody knows what became of it: after a crash or a lost answer. */
export function openAttempt(entry: JournalEntry): Attempt | null {
  const last = entry.attempts.at(-1);
  return last !== undefined && (last.outcome === "pending" || last.outcome === "unknown") ? last : null;
}

/** The last attempt, when its answer is stored but no read has proven it: also of a step that was parked meanwhile. */
export function answeredAttempt(entry: JournalEntry): Attempt | null {
  const last = entry.attempts.at(-1);
  return last !== undefined && last.outcome === "answered" ? last : null;
}

/** How often the step was sent without anyone knowing what came of it. */
export function unknownSends(entry: JournalEntry): number {
  return entry.attempts.filter((attempt) => attempt.outcome === "unknown" || attempt.outcome === "pending").length;
}

/** Whether something of this step may have reached the app: then only a look decides how it ends. */
export function mayHaveActed(entry: JournalEntry): boolean {
  return unknownSends(entry) > 0 || answeredAttempt(entry) !== null;
}

/** Sent again after a lost answer and then refused: the refusal may speak of what the first sending made. */
export function refusedAfterLost(entry: JournalEntry): boolean {
  return entry.attempts.at(-1)?.outcome === "refused" && unknownSends(entry) > 0;
}

export function finalEntry(
  entry: JournalEntry,
  state: StepState,
  reason: string | null,
  receipt: Receipt | null,
): JournalEntry {
  return { ...entry, state, reason, receipt, tries: 0, triesSince: null, nextAt: null };
}

/** Tells the listeners of this process; the journal is what counts. */
export function announce(context: StepContext, entry: JournalEntry, startedAtMs: number): void {
  const { deps, step } = context;
  deps.onEvent(context.run.id, {
    type: "step.done",
    step: step.id,
    number: step.number,
    app: step.app,
    title: step.title,
    state: entry.state,
    reason: entry.reason,
    seconds: (deps.clock.now() - startedAtMs) / 1000,
    verified: entry.receipt?.readBack === "verified",
  });
}
