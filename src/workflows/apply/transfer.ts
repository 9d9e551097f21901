import { AppError, isAppError } from "../../kernel/errors.ts";
import type { HoldingRecord } from "../../model/account.ts";
import type { Action } from "../../model/plan.ts";
import type { StepContext } from "./context.ts";
import { writeContext } from "./reads.ts";

/** Requests in flight at once: enough to hide the way to the vendor, few enough not to flood it. */
const IN_FLIGHT = 10;

/** Records of one journal batch: at most so many are sent again after a crash, and sending again is harmless here. */
export const BATCH = 100;

export type TransferAction = Extract<Action, { readonly verb: "transfer" }>;

/** Who gives and who gets. */
export interface Sides {
  readonly from: { readonly kind: string; readonly id: string };
  readonly to: { readonly kind: string; readonly id: string };
}

/** What became of a batch: the records that the app says are given over, and what ended it early. */
export interface Sent {
  readonly moved: ReadonlySet<string>;
  readonly failure: unknown;
}

/**
 * Sends one call for each record. Each record says itself who owns it; one that belongs to neither side is left
 * alone. Never throws for what an app does: what was not moved is listed again.
 */
export async function sendBatch(
  context: StepContext,
  action: TransferAction,
  batch: readonly HoldingRecord[],
  sides: Sides,
): Promise<Sent> {
  const { connector } = context.connection;
  if (connector.transfer === undefined) {
    throw new AppError("unsupported", `${context.connection.name} cannot transfer ${action.holding} by API`);
  }
  const { transfer } = connector;
  const queue = batch.filter((record) => record.owner === sides.from.id);
  const moved = new Set<string>();
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let record = queue.shift(); record !== undefined && failures.length === 0; record = queue.shift()) {
      const { id, owner } = record;
      if (owner === null) continue;
      try {
        await transfer({ holding: action.holding, id, owner, ...sides }, writeContext(context));
        moved.add(id);
      } catch (error) {
        // A lost answer is settled by the next listing; a record that went elsewhere meanwhile is no longer ours.
        if (!isAppError(error, "outcome_unknown", "conflict", "not_found")) failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, batch.length) }, work));
  return { moved, failure: failures[0] ?? null };
}
