import { parseIso, toIso } from "../../kernel/dates.ts";
import { type AppError, toAppError } from "../../kernel/errors.ts";
import { errorFields } from "../../kernel/log.ts";
import type { JournalEntry } from "../../model/run.ts";
import { classifyRefusal } from "./classify.ts";
import { GIVE_UP_MS, type StepContext, type Verdict } from "./context.ts";
import type { HeldLease } from "./lease.ts";
import { finalEntry, firstEntry, openAttempt, withAnswer, writeEntry } from "./record.ts";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * What an error leaves behind: recorded, with the next human action in words, or tried again later within bounds.
 * Throws only what is not the app's: a lost lease, a stop of the process, a broken store.
 */
export async function afterFailure(context: StepContext, lease: HeldLease, thrown: unknown): Promise<Verdict> {
  const error = toAppError(thrown);
  if (error.code === "fenced") return { kind: "again", afterMs: FIRST_PAUSE_MS };
  if (error.code === "canceled" || error.code === "storage" || error.code === "internal") throw error;
  const { deps, run, step } = context;
  const stored = (await deps.store.journal.get(run.id, step.id)) ?? firstEntry(run.id, step, deps.clock.now());
  deps.log.debug("step failed", { run: run.id, step: step.id, ...errorFields(error) });
  switch (error.code) {
    case "outcome_unknown":
      return lostAnswer(context, lease, stored, error);
    case "rate_limited":
    case "unavailable":
    case "timeout":
    case "bad_response":
    case "busy":
      return tryLater(context, lease, stored, error);
    case "stale": {
      const entry = finalEntry(closeAttempt(context, stored, error), "stale", error.message, null);
      return end(context, lease, entry);
    }
    default: {
      const refusal = await classifyRefusal(context, error);
      const receipt =
        refusal.note === null
          ? null
          : { readBack: "unverified" as const, readAt: null, before: null, after: null, note: refusal.note };
      const entry = finalEntry(closeAttempt(context, stored, error), refusal.state, refusal.reason, receipt);
      return end(context, lease, entry);
    }
  }
}

function closeAttempt(context: StepContext, entry: JournalEntry, error: AppError): JournalEntry {
  if (openAttempt(entry)?.outcome !== "pending") return entry;
  const note = `${error.code}: ${error.message}`;
  return withAnswer(entry, { outcome: "refused", note, accountId: null }, context.deps.clock.now());
}

async function end(context: StepContext, lease: HeldLease, entry: JournalEntry): Promise<Verdict> {
  const details = { reason: entry.reason ?? "" };
  const written = await writeEntry(context.deps, entry, lease.handle(), { action: "step.done", details });
  return { kind: "final", entry: written };
}

/** Nobody knows whether it happened: from here on only a look decides, never a blind repeat. */
async function lostAnswer(
  context: StepContext,
  lease: HeldLease,
  entry: JournalEntry,
  error: AppError,
): Promise<Verdict> {
  const nowMs = context.deps.clock.now();
  const note = `${error.code}: ${error.message}`;
  const open = withAnswer(entry, { outcome: "unknown", note, accountId: null }, nowMs);
  const waiting: JournalEntry = {
    ...open,
    state: "running",
    reason: "the answer was lost: looking whether it happened",
  };
  await writeEntry(context.deps, waiting, lease.handle(), { action: "step.unknown", details: { note } });
  return { kind: "again", afterMs: 0 };
}

/** The app is away or wants us to wait: the same step later, until a human is asked. */
async function tryLater(
  context: StepContext,
  lease: HeldLease,
  stored: JournalEntry,
  error: AppError,
): Promise<Verdict> {
  const { deps, step } = context;
  const nowMs = deps.clock.now();
  const entry =
    openAttempt(stored)?.outcome === "pending"
      ? withAnswer(stored, { outcome: "not-sent", note: error.message, accountId: null }, nowMs)
      : stored;
  const sinceMs = entry.triesSince === null ? nowMs : (parseIso(entry.triesSince) ?? nowMs);
  if (nowMs - sinceMs > GIVE_UP_MS) {
    const reason = `${error.message}. Tried for 6 hours; when the app is back run: tenure runs resume`;
    return end(context, lease, finalEntry(entry, openAttempt(entry) === null ? "parked" : "unknown", reason, null));
  }
  const wait = pauseOf(entry.tries, error, deps.random.next());
  await writeEntry(
    deps,
    {
      ...entry,
      state: openAttempt(entry) === null ? "waiting" : "running",
      reason: error.message,
      tries: entry.tries + 1,
      triesSince: toIso(sinceMs),
      nextAt: toIso(nowMs + wait),
    },
    lease.handle(),
    null,
  );
  deps.onEvent(context.run.id, {
    type: "step.retry",
    step: step.id,
    number: step.number,
    app: step.app,
    title: step.title,
    reason: error.message,
    waitMs: wait,
  });
  return { kind: "again", afterMs: wait };
}

/** The vendor's own wait where it gave one; else longer each time, spread so that workers do not come back together. */
function pauseOf(tries: number, error: AppError, chance: number): number {
  const stated = error.details["retryAfterMs"];
  if (typeof stated === "number") return Math.max(FIRST_PAUSE_MS, stated);
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * chance);
}
