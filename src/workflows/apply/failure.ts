import { parseIso, toIso } from "../../kernel/dates.ts";
import { type AppError, toAppError } from "../../kernel/errors.ts";
import { errorFields } from "../../kernel/log.ts";
import type { JournalEntry, Receipt, StepState } from "../../model/run.ts";
import { classifyRead, classifyRefusal } from "./classify.ts";
import { GIVE_UP_MS, type StepContext, type Verdict } from "./context.ts";
import type { HeldLease } from "./lease.ts";
import { listHoldings, readContext } from "./reads.ts";
import { finalEntry, firstEntry, refusedAfterLost, unknownSends, withAnswer, writeEntry } from "./record.ts";
import { resendOf } from "./settle.ts";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** How often a call whose answer was lost is sent again by itself where that does no harm. */
const MOST_RESENDS = 12;

/**
 * A read before or after the sending failed: what is known of the sending stays as it was. Recorded with the next human
 * action in words, or tried again later within bounds. Throws only what is not the app's: a stop of the process, a broken
 * store.
 */
export async function afterRead(context: StepContext, lease: HeldLease, thrown: unknown): Promise<Verdict> {
  const error = toAppError(thrown);
  if (error.code === "fenced") return { kind: "again", afterMs: FIRST_PAUSE_MS };
  if (error.code === "canceled" || error.code === "storage") throw error;
  const { deps, run, step } = context;
  const entry = (await deps.store.journal.get(run.id, step.id)) ?? firstEntry(run.id, step, deps.clock.now());
  note(context, error);
  if (isPassing(error)) return tryLater(context, lease, entry, error);
  const { state, reason } = classifyRead(context, error);
  return end(context, lease, entry, { state: isOpen(context, entry) ? "unknown" : state, reason });
}

/** The one call of a step failed; `intent` is the entry as it was written before it. */
export async function afterSend(
  context: StepContext,
  lease: HeldLease,
  intent: JournalEntry,
  thrown: unknown,
): Promise<Verdict> {
  const error = toAppError(thrown);
  // Nothing was sent, and without the lease nothing may be written: whoever holds it now finds an open attempt and looks.
  if (error.code === "fenced") return { kind: "again", afterMs: FIRST_PAUSE_MS };
  if (error.code === "canceled" || error.code === "storage") throw error;
  note(context, error);
  const nowMs = context.deps.clock.now();
  const words = `${error.code}: ${error.message}`;
  if (error.code === "outcome_unknown") return lostAnswer(context, lease, intent, error);
  if (error.code === "internal") {
    const entry = withAnswer(intent, { outcome: "unknown", note: words, accountId: null }, nowMs);
    return end(context, lease, entry, { ...classifyRead(context, error), state: "unknown" });
  }
  if (isPassing(error)) {
    const entry = withAnswer(intent, { outcome: "not-sent", note: words, accountId: null }, nowMs);
    return tryLater(context, lease, entry, error);
  }
  const closed = withAnswer(intent, { outcome: "refused", note: words, accountId: null }, nowMs);
  return refused(context, lease, closed, error);
}

/** The app is away, wants us to wait, or gave no answer that a read can use. */
function isPassing(error: AppError): boolean {
  return ["rate_limited", "unavailable", "timeout", "bad_response", "busy"].includes(error.code);
}

/** Whether a sending is out of which nobody knows what came; hand-overs are told by their next listing instead. */
function isOpen(context: StepContext, entry: JournalEntry): boolean {
  return context.step.action.verb !== "transfer" && unknownSends(entry) > 0;
}

function note(context: StepContext, error: AppError): void {
  const { deps, run, step } = context;
  const level = error.code === "internal" ? "error" : "debug";
  deps.log[level]("step failed", { run: run.id, step: step.id, ...errorFields(error) });
}

/** The app said no. After an answer that was lost, that may speak of what the first sending made: then a look decides. */
async function refused(
  context: StepContext,
  lease: HeldLease,
  closed: JournalEntry,
  error: AppError,
): Promise<Verdict> {
  const { deps, run, step } = context;
  const isCreate = step.action.verb === "create";
  if (isCreate) deps.seats.doubt(run.id, step.app);
  let noSeat = false;
  try {
    if (isCreate && refusedAfterLost(closed)) {
      await writeEntry(deps, { ...closed, state: "running", reason: error.message }, lease.handle(), null);
      return { kind: "again", afterMs: 0 };
    }
    // Refused because something arrived in the last moment (D13): the next look finds it and hands it over first.
    if (error.code === "conflict" && (await isStillHolding(context))) {
      await writeEntry(deps, { ...closed, state: "running", reason: error.message }, lease.handle(), null);
      return { kind: "again", afterMs: 0 };
    }
    const refusal = await classifyRefusal(context, error);
    noSeat = refusal.noSeat;
    return await end(context, lease, closed, refusal);
  } catch (thrown) {
    // The look at what the refusal means failed: the refusal itself is kept, and nothing is sent again by itself.
    const failed = toAppError(thrown);
    if (!isPassing(failed)) throw failed;
    const reason = `${context.connection.appName} refused it: ${error.message} (and could not be read afterwards)`;
    return await end(context, lease, closed, { state: "parked", reason });
  } finally {
    if (isCreate) deps.seats.settle(run.id, step.app, noSeat);
  }
}

async function isStillHolding(context: StepContext): Promise<boolean> {
  const { step, connection, targetId } = context;
  if (targetId === null) return false;
  for (const holding of step.precondition.noHoldings) {
    const owner = { kind: step.target.kind, id: targetId };
    if ((await listHoldings(connection, holding, owner, readContext(context))).length > 0) return true;
  }
  return false;
}

async function end(
  context: StepContext,
  lease: HeldLease,
  entry: JournalEntry,
  ending: { readonly state: StepState; readonly reason: string; readonly receipt?: Receipt | null },
): Promise<Verdict> {
  const final = finalEntry(entry, ending.state, ending.reason, ending.receipt ?? entry.receipt);
  const details = { reason: ending.reason };
  const written = await writeEntry(context.deps, final, lease.handle(), { action: "step.done", details });
  return { kind: "final", entry: written };
}

/**
 * Nobody knows whether it happened: from here on only a look decides, never a blind repeat. Where sending again does no
 * harm, each further try waits longer, and in the end a human is asked.
 */
async function lostAnswer(
  context: StepContext,
  lease: HeldLease,
  intent: JournalEntry,
  error: AppError,
): Promise<Verdict> {
  const { deps } = context;
  const nowMs = deps.clock.now();
  const words = `${error.code}: ${error.message}`;
  const open = withAnswer(intent, { outcome: "unknown", note: words, accountId: null }, nowMs);
  const sinceMs = sinceOf(intent, nowMs);
  if (intent.tries >= MOST_RESENDS || nowMs - sinceMs > GIVE_UP_MS) {
    const reason = `no answer ever came whole (${error.message}): look at it, then run: tenure runs resume`;
    return end(context, lease, open, { state: "unknown", reason });
  }
  const first = intent.tries === 0 || resendOf(context) !== "safe";
  const wait = first ? 0 : pauseOf(intent.tries, error, deps.random.next());
  const waiting: JournalEntry = {
    ...open,
    state: "running",
    reason: "the answer was lost: looking whether it happened",
    tries: intent.tries + 1,
    triesSince: toIso(sinceMs),
    nextAt: wait === 0 ? null : toIso(nowMs + wait),
  };
  await writeEntry(deps, waiting, lease.handle(), { action: "step.unknown", details: { note: words } });
  return { kind: "again", afterMs: wait };
}

function sinceOf(entry: JournalEntry, nowMs: number): number {
  return entry.triesSince === null ? nowMs : (parseIso(entry.triesSince) ?? nowMs);
}

/** The same step later, until a human is asked. */
async function tryLater(
  context: StepContext,
  lease: HeldLease,
  entry: JournalEntry,
  error: AppError,
): Promise<Verdict> {
  const { deps, run, step } = context;
  const nowMs = deps.clock.now();
  const open = isOpen(context, entry);
  const sinceMs = sinceOf(entry, nowMs);
  if (nowMs - sinceMs > GIVE_UP_MS) {
    const reason = `${error.message}. Tried for 6 hours; when the app is back run: tenure runs resume`;
    return end(context, lease, entry, { state: open ? "unknown" : "parked", reason });
  }
  const wait = pauseOf(entry.tries, error, deps.random.next());
  const waiting: JournalEntry = {
    ...entry,
    state: open || entry.receipt !== null ? "running" : "waiting",
    reason: error.message,
    tries: entry.tries + 1,
    triesSince: toIso(sinceMs),
    nextAt: toIso(nowMs + wait),
  };
  await writeEntry(deps, waiting, lease.handle(), null);
  const { id, number, app, title } = step;
  const about = { step: id, number, app, title };
  deps.onEvent(run.id, { type: "step.retry", ...about, reason: error.message, waitMs: wait });
  return { kind: "again", afterMs: wait };
}

/** The vendor's own wait where it gave one; else longer each time, spread so that workers do not come back together. */
function pauseOf(tries: number, error: AppError, chance: number): number {
  const stated = error.details["retryAfterMs"];
  if (typeof stated === "number") return Math.max(FIRST_PAUSE_MS, stated);
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * chance);
}
