import { canonicalEmail } from "../../kernel/email.ts";
import { parseIso, toIso } from "../../kernel/dates.ts";
import type { Target } from "../../model/plan.ts";
import type { JournalEntry } from "../../model/run.ts";
import { precheck } from "./check.ts";
import type { StepContext, Verdict } from "./context.ts";
import { endWith, finish, receiptOf, type Ending } from "./finish.ts";
import type { HeldLease } from "./lease.ts";
import { listHoldings, readContext } from "./reads.ts";
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
  const before = await listHoldings(context.connection, action.holding, sides.from, readContext(context));
  if (before.length === 0) return handedOver(context, action, entry, lease);
  const refusal = await guardTransfer(context, action);
  if (refusal !== null) return finish(context, entry, lease, refusal);
  const known = entry.progress ?? { done: 0, total: action.count };
  // What a crash left unrecorded shows as less left than was counted.
  const done = Math.max(known.done, entry.attempts.length === 0 ? 0 : known.total - before.length);
  const start: JournalEntry = { ...entry, progress: { done, total: done + before.length } };
  const round = await runRound({ context, action, sides, lease, journaled: true }, start, before);
  if (round.left === 0) return handedOver(context, action, round.entry, lease);
  return goOn(context, round, lease, before.length);
}

async function handedOver(
  context: StepContext,
  action: TransferAction,
  entry: JournalEntry,
  lease: HeldLease,
): Promise<Verdict> {
  const known = entry.progress;
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

/** Sends everything that was listed, in batches of which each is in the journal before it is sent, and lists again. */
async function runRound(
  parts: RoundParts,
  start: JournalEntry,
  listed: Awaited<ReturnType<typeof listHoldings>>,
): Promise<Round> {
  const { context, action, sides } = parts;
  const moved = new Set<string>();
  let entry = start;
  for (let first = 0; first < listed.length; first += BATCH) {
    const batch = listed.slice(first, first + BATCH);
    await context.deps.onPoint("before-intent", context.step);
    entry = await writeIntent(parts, entry, batch.length);
    await context.deps.onPoint("after-intent", context.step);
    const sent = await sendBatch(context, action, batch, sides);
    for (const id of sent.moved) moved.add(id);
    await context.deps.onPoint("after-answer", context.step);
    if (sent.failure !== null) throw sent.failure;
    entry = await writeAnswers(parts, entry, { sent: batch.length, moved: sent.moved.size });
    await context.deps.onPoint("after-record", context.step);
  }
  const after = await listHoldings(context.connection, action.holding, sides.from, readContext(context));
  return { entry, left: after.length, resisted: after.filter((record) => moved.has(record.id)).length };
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
  // Something got on: what failed before it no longer counts as failing in a row.
  const fresh = count.moved > 0 ? { ...answered, tries: 0, triesSince: null } : answered;
  const written = await writeEntry(deps, trimAttempts(fresh), lease.handle(), null);
  const { id, number, app, title } = step;
  deps.onEvent(run.id, { type: "step.progress", step: id, number, app, title, ...progress });
  return written;
}

/** A journal entry keeps the last attempts only: 5,000 leads must not make it grow without end. */
function trimAttempts(entry: JournalEntry): JournalEntry {
  return entry.attempts.length <= 20 ? entry : { ...entry, attempts: entry.attempts.slice(-20) };
}

/** After a round that left something: at once while it gets less, then with pauses, and not for longer than a read may lag. */
async function goOn(context: StepContext, round: Round, lease: HeldLease, before: number): Promise<Verdict> {
  const { deps, connection } = context;
  const { entry, left, resisted } = round;
  const nowMs = deps.clock.now();
  const stuck = left >= before;
  const sinceMs = stuck && entry.triesSince !== null ? (parseIso(entry.triesSince) ?? nowMs) : nowMs;
  if (stuck && nowMs - sinceMs >= connection.traits.settleMs) return giveUp(context, round, lease);
  const tries = stuck ? entry.tries + 1 : 0;
  const pause = resisted === 0 && !stuck ? 0 : (STUCK_PAUSES_MS[Math.min(tries, STUCK_PAUSES_MS.length - 1)] ?? 0);
  const triesSince = stuck ? toIso(sinceMs) : null;
  await writeEntry(deps, { ...entry, tries, triesSince }, lease.handle(), null);
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
  const listed = await listHoldings(connection, left.holding, sides.from, readContext(context));
  const tries = since === null ? 0 : entry.tries;
  const start: JournalEntry = { ...entry, reason: TOP_UP, tries: tries + 1, triesSince: toIso(sinceMs) };
  const round = await runRound({ context, action: handOver, sides, lease, journaled: false }, start, listed);
  await writeEntry(deps, round.entry, lease.handle(), null);
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
