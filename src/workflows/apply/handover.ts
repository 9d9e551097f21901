import { canonicalEmail } from "../../kernel/email.ts";
import { parseIso, toIso } from "../../kernel/dates.ts";
import type { HoldingRecord } from "../../model/account.ts";
import type { Target } from "../../model/plan.ts";
import type { JournalEntry } from "../../model/run.ts";
import { precheck } from "./check.ts";
import type { StepContext, Verdict } from "./context.ts";
import { endWith, finish, receiptOf, type Ending } from "./finish.ts";
import type { HeldLease } from "./lease.ts";
import { listHoldings, nextHoldings, readContext } from "./reads.ts";
import { unknownSends, withAnswer, withIntent, writeEntry } from "./record.ts";
import { BATCH, sendBatch, type Sides, type TransferAction } from "./transfer.ts";

/** How long to wait before a round that follows one in which nothing got less. */
const STUCK_PAUSES_MS: readonly number[] = [0, 1_000, 3_000, 5_000];

/** What one round of a hand-over came to. */
interface Round {
  readonly entry: JournalEntry;
  /** How many are with the old owner after it, by a fresh listing; 0 is the proof. */
  readonly left: number;
  /** How many of those the app has said yes to in this round. */
  readonly resisted: number;
}

/** Hands over until a listing shows nothing more; bounded, also when the app says yes and does nothing. */
export async function transferAll(
  context: StepContext,
  action: TransferAction,
  entry: JournalEntry,
  lease: HeldLease,
): Promise<Verdict> {
  const sides = sidesOf(context, action);
  const first = await firstHoldings(context, action, sides);
  if (first.length === 0) return handedOver(context, action, entry, lease);
  const refusal = await guardTransfer(context, action);
  if (refusal !== null) return finish(context, entry, lease, refusal);
  const start: JournalEntry = { ...entry, progress: entry.progress ?? { done: 0, total: action.count } };
  const round = await runRound({ context, action, sides, lease, journaled: true }, start, first);
  if (round.left === 0) return handedOver(context, action, round.entry, lease);
  return goOn(context, round, lease, start);
}

async function firstHoldings(
  context: StepContext,
  action: TransferAction,
  sides: Sides,
): Promise<readonly HoldingRecord[]> {
  const { connection } = context;
  const wanted = { tried: new Set<string>(), most: BATCH };
  const { fresh, pages } = await nextHoldings(connection, action.holding, sides.from, wanted, readContext(context));
  // Nothing in one pass over several pages is no proof yet (safety C1).
  if (fresh.length > 0 || pages === 1) return fresh;
  return (await listHoldings(connection, action.holding, sides.from, readContext(context))).slice(0, BATCH);
}

async function handedOver(
  context: StepContext,
  action: TransferAction,
  entry: JournalEntry,
  lease: HeldLease,
): Promise<Verdict> {
  const known = entry.progress;
  // What a crash left unrecorded shows as gone from the listing.
  const done = known === null ? 0 : Math.max(known.done, known.total);
  const none = done === 0 && unknownSends(entry) === 0;
  return finish(context, { ...entry, accountId: context.targetId }, lease, {
    state: none ? "skipped" : "ok",
    reason: none ? "nothing was left to hand over" : null,
    receipt: receiptOf(context, "verified", { holdings: action.count }, { holdings: 0 }, `${done} handed over`),
    view: null,
  });
}

function sidesOf(context: StepContext, action: TransferAction): Sides {
  return {
    from: { kind: context.step.target.kind, id: context.targetId ?? "" },
    to: { kind: action.to.kind, id: action.to.id ?? "" },
  };
}

/** The accounts on both sides as they are now: only what the plan saw is acted on (S5, S6), and only for who can take over. */
async function guardTransfer(context: StepContext, action: TransferAction): Promise<Ending | null> {
  const check = await precheck(context);
  if (check.kind === "stale") return endWith("stale", check.reason);
  if (check.kind === "refused") return endWith("parked", check.reason);
  return guardSuccessor(context, action.to);
}

async function guardSuccessor(context: StepContext, to: Target): Promise<Ending | null> {
  const { connection } = context;
  const record = await connection.connector.get({ kind: to.kind, id: to.id ?? "" }, readContext(context));
  if (record === null || record.state === "suspended" || record.state === "removed") {
    const state = record === null ? "is no longer there" : `is ${record.state}`;
    return endWith("stale", `${to.label}, who shall take over in ${connection.appName}, ${state}: plan again`);
  }
  const email = record.email === null ? null : canonicalEmail(record.email);
  if (to.email === null || email === canonicalEmail(to.email)) return null;
  return endWith(
    "stale",
    `account ${record.id}, which shall take over, has another address than the plan saw: plan again`,
  );
}

interface RoundParts {
  readonly context: StepContext;
  readonly action: TransferAction;
  readonly sides: Sides;
  readonly lease: HeldLease;
  /** Whether the batches are attempts of this very step; else they are a part of its preparation. */
  readonly journaled: boolean;
}

/**
 * Sends what is listed, in batches of which each is read just before and in the journal before it is sent, then lists
 * again. One round sends each record once and not much more than was counted: what keeps arriving is for the next one.
 */
async function runRound(parts: RoundParts, start: JournalEntry, first: readonly HoldingRecord[]): Promise<Round> {
  const { context, action, sides } = parts;
  const { connection, step, deps } = context;
  const tried = new Set<string>();
  const moved = new Set<string>();
  const expected = (start.progress?.total ?? 0) - (start.progress?.done ?? 0);
  let entry = start;
  for (let batch = first; batch.length > 0;) {
    const fresh = batch;
    await deps.onPoint("before-intent", step);
    entry = await writeIntent(parts, entry, fresh.length);
    await deps.onPoint("after-intent", step);
    const sent = await sendBatch(context, action, fresh, sides);
    for (const record of fresh) tried.add(record.id);
    for (const id of sent.moved) moved.add(id);
    await deps.onPoint("after-answer", step);
    entry = await writeAnswers(parts, entry, { sent: fresh.length, moved: sent.moved.size });
    if (sent.failure !== null) throw sent.failure;
    await deps.onPoint("after-record", step);
    if (tried.size >= expected) break;
    const wanted = { tried, most: BATCH };
    batch = (await nextHoldings(connection, action.holding, sides.from, wanted, readContext(context))).fresh;
  }
  const after = await listHoldings(connection, action.holding, sides.from, readContext(context));
  const resisted = after.filter((record) => moved.has(record.id)).length;
  // Only what the listing no longer shows was handed over, whatever the app has said.
  const done = (start.progress?.done ?? 0) + moved.size - resisted;
  return { entry: { ...entry, progress: { done, total: done + after.length } }, left: after.length, resisted };
}

function writeIntent(parts: RoundParts, entry: JournalEntry, count: number): Promise<JournalEntry> {
  const { context, action, sides, lease, journaled } = parts;
  const { deps } = context;
  const intent: JournalEntry = journaled ? withIntent(entry, deps.clock.now()) : { ...entry, state: "running" };
  const details = { holding: action.holding, count, to: sides.to.id };
  return writeEntry(deps, intent, lease.handle(), { action: journaled ? "step.send" : "step.topup", details });
}

async function writeAnswers(
  parts: RoundParts,
  entry: JournalEntry,
  count: { readonly sent: number; readonly moved: number },
): Promise<JournalEntry> {
  const { context, lease, journaled } = parts;
  const { deps, run, step } = context;
  if (!journaled) return entry;
  const known = entry.progress ?? { done: 0, total: count.sent };
  const progress = { done: known.done + count.moved, total: Math.max(known.total, known.done + count.moved) };
  const answer = { outcome: "answered", note: `${count.moved} of ${count.sent} records`, accountId: null } as const;
  const answered = withAnswer({ ...entry, progress }, answer, deps.clock.now());
  const written = await writeEntry(deps, trimAttempts(answered), lease.handle(), null);
  const { id, number, app, title } = step;
  deps.onEvent(run.id, { type: "step.progress", step: id, number, app, title, ...progress });
  return written;
}

/** A journal entry keeps the last attempts only: 5,000 leads must not make it grow without end. */
function trimAttempts(entry: JournalEntry): JournalEntry {
  return entry.attempts.length <= 20 ? entry : { ...entry, attempts: entry.attempts.slice(-20) };
}

/** Marks a hand-over of which nothing gets less, so that this is counted apart from other failures. */
const STUCK = "what is handed over does not get less";

/** After a round that left something: at once while it gets less, then with pauses, and not for longer than a read may lag. */
async function goOn(context: StepContext, round: Round, lease: HeldLease, start: JournalEntry): Promise<Verdict> {
  const { deps, connection } = context;
  const { entry, left, resisted } = round;
  const nowMs = deps.clock.now();
  const before = (start.progress?.total ?? 0) - (start.progress?.done ?? 0);
  const stuck = left >= before;
  const known = stuck && start.reason === STUCK;
  const sinceMs = known ? (parseIso(start.triesSince ?? "") ?? nowMs) : nowMs;
  if (known && nowMs - sinceMs >= connection.traits.settleMs) return giveUp(context, round, lease);
  const tries = stuck ? (known ? start.tries : 0) + 1 : 0;
  const pause = resisted === 0 && !stuck ? 0 : (STUCK_PAUSES_MS[Math.min(tries, STUCK_PAUSES_MS.length - 1)] ?? 0);
  const next: JournalEntry = {
    ...entry,
    reason: stuck ? STUCK : null,
    tries,
    triesSince: stuck ? toIso(sinceMs) : null,
  };
  await writeEntry(deps, next, lease.handle(), null);
  return { kind: "again", afterMs: pause };
}

function giveUp(context: StepContext, round: Round, lease: HeldLease): Promise<Verdict> {
  const { step, connection } = context;
  const { entry, left, resisted } = round;
  const words = `${left} ${holdingWords(context, left)}`;
  if (resisted > 0) {
    const reason = `${connection.appName} said yes, but ${words} are still listed with ${step.target.label}`;
    const receipt = receiptOf(context, "mismatch", null, { holdings: left }, `${resisted} of ${left} were given over`);
    return finish(context, entry, lease, { state: "failed", reason, receipt, view: null });
  }
  const reason = `${words} are still with ${step.target.label}, and as many keep coming: stop that, then resume`;
  return finish(context, entry, lease, endWith("parked", reason));
}

function holdingWords({ connection, step }: StepContext, count: number): string {
  const { action } = step;
  const kind = action.verb === "transfer" || action.verb === "verifyNone" ? action.holding : null;
  const [holding] = kind === null ? step.precondition.noHoldings : [kind];
  const words = connection.traits.kinds[holding ?? ""];
  return (count === 1 ? words?.one : words?.many) ?? "records";
}

export async function verifyNone(
  context: StepContext,
  holding: string,
  entry: JournalEntry,
  lease: HeldLease,
): Promise<Verdict> {
  const owner = { kind: context.step.target.kind, id: context.targetId ?? "" };
  const left = await listHoldings(context.connection, holding, owner, readContext(context));
  if (left.length > 0) return topUp(context, entry, lease, { holding, count: left.length });
  return finish(context, { ...entry, accountId: context.targetId }, lease, {
    state: "ok",
    reason: null,
    receipt: receiptOf(context, "verified", null, { holdings: 0 }, null),
    view: null,
  });
}

/** Marks a step that hands over what came late, so that its rounds are counted apart from other failures. */
const TOP_UP = "handing over what arrived after the hand-over";

/** Something new arrived at the leaver after the hand-over (D13): the plan's own hand-over is done again for it. */
export async function topUp(
  context: StepContext,
  entry: JournalEntry,
  lease: HeldLease,
  left: { readonly holding: string; readonly count: number },
): Promise<Verdict> {
  const { deps, step, connection } = context;
  const words = `${left.count} ${holdingWords(context, left.count)}`;
  const handOver = await plannedHandOver(context, left.holding);
  if (handOver === null) {
    const reason = `${words} are still with ${step.target.label}: plan again to hand them over`;
    return finish(context, entry, lease, endWith("stale", reason));
  }
  const nowMs = deps.clock.now();
  const since = entry.reason === TOP_UP ? entry.triesSince : null;
  const sinceMs = parseIso(since ?? "") ?? nowMs;
  if (nowMs - sinceMs >= connection.traits.settleMs) {
    const reason = `${words} are with ${step.target.label}, and more keep coming: stop that, then resume`;
    return finish(context, entry, lease, endWith("parked", reason));
  }
  const refusal = await guardTransfer(context, handOver);
  if (refusal !== null) return finish(context, entry, lease, refusal);
  const sides = sidesOf(context, handOver);
  const tries = since === null ? 0 : entry.tries;
  const start: JournalEntry = { ...entry, reason: TOP_UP, tries: tries + 1, triesSince: toIso(sinceMs) };
  const first = await firstHoldings(context, handOver, sides);
  const round = await runRound({ context, action: handOver, sides, lease, journaled: false }, start, first);
  await writeEntry(deps, { ...round.entry, progress: null }, lease.handle(), null);
  return { kind: "again", afterMs: STUCK_PAUSES_MS[Math.min(tries, STUCK_PAUSES_MS.length - 1)] ?? 0 };
}

/** The plan's hand-over of this account, with the successor's id, which a step of the same run may have made. */
async function plannedHandOver(context: StepContext, holding: string): Promise<TransferAction | null> {
  const { plan, step, deps, run } = context;
  for (const other of plan.content.steps) {
    const { action } = other;
    if (other.app !== step.app || action.verb !== "transfer" || action.holding !== holding) continue;
    if (other.target.id !== step.target.id || other.target.madeBy !== step.target.madeBy) continue;
    if (action.to.id !== null) return action;
    const made = action.to.madeBy === null ? null : await deps.store.journal.get(run.id, action.to.madeBy);
    if (made?.accountId !== undefined && made.accountId !== null) {
      return { ...action, to: { ...action.to, id: made.accountId } };
    }
  }
  return null;
}
