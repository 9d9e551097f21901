import { AppError, isAppError } from "../../kernel/errors.ts";
import type { HoldingRecord } from "../../model/account.ts";
import type { Action } from "../../model/plan.ts";
import type { JournalEntry } from "../../model/run.ts";
import type { StepContext } from "./context.ts";
import type { HeldLease } from "./lease.ts";
import { listHoldings, readContext, writeContext } from "./reads.ts";
import { withAnswer, withIntent, writeEntry } from "./record.ts";

/** Requests in flight at once: enough to hide the way to the vendor, few enough not to flood it. */
const IN_FLIGHT = 10;

/** Records of one journal batch: at most so many are sent again after a crash, and sending again is harmless here. */
const BATCH = 100;

export type TransferAction = Extract<Action, { readonly verb: "transfer" }>;

export interface TransferPart {
  readonly entry: JournalEntry;
  /** How many are still with the old owner after this part; 0 is the proof. */
  readonly left: number;
}

/**
 * Hands over one journal batch of what the account still owns: lists what is left, writes the intent, sends one call a
 * record. Each record says itself who owns it; one that belongs to neither side is left alone. Called until
 * nothing is left; the listing that finds nothing is the proof.
 */
export async function transferBatch(
  context: StepContext,
  action: TransferAction,
  start: JournalEntry,
  lease: HeldLease,
): Promise<TransferPart> {
  const from = { kind: context.step.target.kind, id: context.targetId ?? "" };
  const to = { kind: action.to.kind, id: action.to.id ?? "" };
  const left = await listHoldings(context.connection, action.holding, from, readContext(context));
  if (left.length === 0) return { entry: start, left: 0 };
  const done = start.progress?.done ?? 0;
  let entry: JournalEntry = { ...start, progress: { done, total: done + left.length } };
  let moved = 0;
  for (let first = 0; first < left.length; first += BATCH) {
    const batch = left.slice(first, first + BATCH);
    await context.deps.onPoint("before-intent", context.step);
    entry = await writeEntry(context.deps, withIntent(entry, context.deps.clock.now()), lease.handle(), {
      action: "step.send",
      details: { holding: action.holding, count: batch.length, to: to.id },
    });
    await context.deps.onPoint("after-intent", context.step);
    moved += await sendBatch(context, action, batch, { from, to });
    await context.deps.onPoint("after-answer", context.step);
    const progress = { done: done + moved, total: Math.max(action.count, done + left.length) };
    const note = `${batch.length} records`;
    entry = withAnswer(
      { ...entry, progress },
      { outcome: "answered", note, accountId: null },
      context.deps.clock.now(),
    );
    entry = await writeEntry(context.deps, trimAttempts(entry), lease.handle(), null);
    context.deps.onEvent(context.run.id, {
      type: "step.progress",
      step: context.step.id,
      number: context.step.number,
      app: context.step.app,
      title: context.step.title,
      ...progress,
    });
  }
  return { entry, left: left.length - moved };
}

/** A journal entry keeps the last attempts only: 5,000 leads must not make it grow without end. */
function trimAttempts(entry: JournalEntry): JournalEntry {
  return entry.attempts.length <= 20 ? entry : { ...entry, attempts: entry.attempts.slice(-20) };
}

async function sendBatch(
  context: StepContext,
  action: TransferAction,
  batch: readonly HoldingRecord[],
  sides: {
    readonly from: { readonly kind: string; readonly id: string };
    readonly to: { readonly kind: string; readonly id: string };
  },
): Promise<number> {
  const { connector } = context.connection;
  if (connector.transfer === undefined) {
    throw new AppError("unsupported", `${context.connection.name} cannot transfer ${action.holding} by API`);
  }
  const { transfer } = connector;
  const queue = [...batch];
  let moved = 0;
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let record = queue.shift(); record !== undefined && failures.length === 0; record = queue.shift()) {
      if (record.owner === null) continue;
      try {
        await transfer(
          { holding: action.holding, id: record.id, owner: record.owner, ...sides },
          writeContext(context),
        );
        moved += 1;
      } catch (error) {
        // A lost answer is settled by the next listing; a record that went elsewhere meanwhile is no longer ours.
        if (!isAppError(error, "outcome_unknown", "conflict", "not_found")) failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, batch.length) }, work));
  if (failures.length > 0) throw failures[0];
  return moved;
}
