import { toIso } from "../../kernel/dates.ts";
import { deriveId } from "../../kernel/ids.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { JournalEntry, Receipt, StepState } from "../../model/run.ts";
import type { Tables } from "../../store/port.ts";
import type { View } from "./check.ts";
import type { StepContext, Verdict } from "./context.ts";
import type { HeldLease } from "./lease.ts";
import { membershipKind } from "./reads.ts";
import { finalEntry, writeEntry } from "./record.ts";

/** How a step ends. */
export interface Ending {
  readonly state: StepState;
  readonly reason: string | null;
  readonly receipt: Receipt | null;
  /** The account as last read, to bring our picture up to date. */
  readonly view: View | null;
}

/** An ending without proof. */
export function endWith(state: StepState, reason: string): Ending {
  return { state, reason, receipt: null, view: null };
}

export function receiptOf(
  context: StepContext,
  readBackWord: Receipt["readBack"],
  before: JsonObject | null,
  after: JsonObject | null,
  note: string | null,
): Receipt {
  return { readBack: readBackWord, readAt: toIso(context.deps.clock.now()), before, after, note };
}

/** Records the end, the audit record, what was read and a new link in one transaction. */
export async function finish(
  context: StepContext,
  entry: JournalEntry,
  lease: HeldLease,
  ending: Ending,
): Promise<Verdict> {
  const { deps, step } = context;
  const receipt = ending.receipt ?? entry.receipt;
  const final = finalEntry(entry, ending.state, ending.reason, receipt);
  const details = { verb: step.action.verb, proof: receipt?.readBack ?? "none", reason: ending.reason ?? "" };
  await deps.onPoint("before-end", step);
  const written = await writeEntry(deps, final, lease.handle(), { action: "step.done", details }, (tables) =>
    keepPicture(context, final, ending.view, tables),
  );
  await deps.onPoint("after-end", step);
  return { kind: "final", entry: written };
}

/** Our picture of the app follows what was read, so that planning again does not need a new listing. */
async function keepPicture(
  context: StepContext,
  entry: JournalEntry,
  view: View | null,
  tables: Tables,
): Promise<void> {
  const { step, connection, deps } = context;
  const id = entry.accountId ?? context.targetId;
  if (view === null || id === null) return;
  const snapshot = await tables.snapshots.latest(connection.name);
  if (snapshot === null) return;
  const seen = { connection: connection.name, snapshot: snapshot.id };
  await tables.snapshots.observe({ ...seen, kind: step.target.kind, parent: null, id, observation: view.record });
  const kind = membershipKind(connection);
  const { action } = step;
  const good = entry.state === "ok" || entry.state === "adopted" || entry.state === "skipped";
  if (kind !== null && (action.verb === "join" || action.verb === "leave") && good) {
    const observation = action.verb === "join" ? { noun: "membership" as const, kind, id, team: action.team.id } : null;
    await tables.snapshots.observe({ ...seen, kind, parent: action.team.id, id, observation });
  }
  const made = entry.state === "ok" || entry.state === "adopted";
  if (action.verb !== "create" || step.person === null || !made) return;
  const account = { connection: connection.name, kind: step.target.kind, id };
  if ((await tables.links.confirmed(account)) !== null) return;
  await tables.links.put({
    id: deriveId("lnk", step.person, account.connection, account.kind, account.id),
    person: step.person,
    account,
    state: "confirmed",
    evidence: { method: "created-by-us", score: 1, reasons: [`made by step ${step.number} of ${context.run.id}`] },
    decidedBy: "worker",
    decidedAt: toIso(deps.clock.now()),
  });
}
