import { parseIso, toIso } from "../../kernel/dates.ts";
import { deriveId } from "../../kernel/ids.ts";
import type { JsonObject } from "../../kernel/json.ts";
import { imageDifferences, pickImage } from "../../model/image.ts";
import type { ManualProof } from "../../model/plan.ts";
import type { JournalEntry, Receipt, StepState } from "../../model/run.ts";
import type { Tables } from "../../store/port.ts";
import { desiredHolds, precheck, viewTarget, type View } from "./check.ts";
import type { StepContext, Verdict } from "./context.ts";
import type { HeldLease } from "./lease.ts";
import { accountsWithEmail, listHoldings, membershipKind, readContext } from "./reads.ts";
import { answeredAttempt, finalEntry, openAttempt, withAnswer, withIntent, writeEntry } from "./record.ts";
import { sendAction } from "./send.ts";
import { settle } from "./settle.ts";
import { transferBatch, type TransferAction } from "./transfer.ts";

/** Reads after a write that still show the old state: how long to wait before each of them, then the settling time. */
const READ_BACK_PAUSES_MS: readonly number[] = [0, 250, 1_000, 3_000];

/** Goes on with a step from where the journal says it is. */
export async function workOnStep(context: StepContext, entry: JournalEntry, lease: HeldLease): Promise<Verdict> {
  const { action } = context.step;
  if (action.verb === "manual") return closeManual(context, entry, lease);
  if (action.verb === "transfer") return transferAll(context, action, entry, lease);
  if (action.verb === "verifyNone") return verifyNone(context, action.holding, entry, lease);
  if (answeredAttempt(entry) !== null) return readBack(context, entry, lease, "ok");
  const open = openAttempt(entry);
  if (open === null) return sendOnce(context, entry, lease);
  const settled = await settle(context, entry, open);
  switch (settled.kind) {
    case "wait":
      await writeEntry(
        context.deps,
        { ...entry, state: "running", nextAt: toIso(context.deps.clock.now() + settled.ms) },
        lease.handle(),
        null,
      );
      return { kind: "again", afterMs: settled.ms };
    case "resend":
      return sendOnce(
        context,
        withAnswer(entry, { ...closed(open.note), accountId: null }, context.deps.clock.now()),
        lease,
      );
    case "unknown":
      return finish(context, entry, lease, { state: "unknown", reason: settled.reason, receipt: null, view: null });
    case "effect":
      return adopt(context, { ...entry, accountId: settled.accountId }, lease, settled.view);
  }
}

/** A lost attempt keeps its outcome: the bound on sending again counts it. */
function closed(note: string | null): { readonly outcome: "unknown"; readonly note: string | null } {
  return { outcome: "unknown", note };
}

/** What a look has found is ours only if it is as planned; a stranger's account under the address is not adopted. */
async function adopt(context: StepContext, entry: JournalEntry, lease: HeldLease, view: View): Promise<Verdict> {
  const differences = imageDifferences(view.image, accountFields(context.step.after));
  if (context.step.action.verb === "create" && differences.length > 0) {
    return finish(context, entry, lease, {
      state: "stale",
      reason: `an account with this address is there, but not as planned (${differences.join(", ")}): plan again`,
      receipt: null,
      view,
    });
  }
  return finish(context, entry, lease, {
    state: "adopted",
    reason: "the answer was lost; a later read shows that it was carried out",
    receipt: receiptOf(context, "verified", null, pickImage(view.image, context.step.after), null),
    view,
  });
}

function accountFields(after: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(after).filter(([key]) => key !== "member" && key !== "notMember"));
}

async function sendOnce(context: StepContext, entry: JournalEntry, lease: HeldLease): Promise<Verdict> {
  const { deps, step } = context;
  const check = await precheck(context);
  switch (check.kind) {
    case "already":
      return finish(context, { ...entry, accountId: context.targetId }, lease, {
        state: entry.attempts.some((attempt) => attempt.outcome === "unknown") ? "adopted" : "skipped",
        reason: "already so: nothing was sent",
        receipt: receiptOf(context, "verified", null, check.seen, null),
        view: check.view,
      });
    case "stale":
      return finish(context, entry, lease, { state: "stale", reason: check.reason, receipt: null, view: null });
    case "refused":
      return finish(context, entry, lease, { state: "parked", reason: check.reason, receipt: null, view: null });
    case "holdings":
      return topUp(context, entry, lease, check);
    case "go":
      break;
  }
  await deps.onPoint("before-intent", step);
  const intent = await writeEntry(deps, withIntent(entry, deps.clock.now()), lease.handle(), {
    action: "step.send",
    details: { verb: step.action.verb, target: context.targetId ?? "" },
  });
  await deps.onPoint("after-intent", step);
  const answer = await sendAction(context);
  await deps.onPoint("after-answer", step);
  const answered = withAnswer(
    { ...intent, receipt: { readBack: "unverified", readAt: null, before: check.before, after: null, note: null } },
    { outcome: "answered", note: answer.outcome, accountId: answer.id ?? context.targetId },
    deps.clock.now(),
  );
  await deps.onPoint("before-record", step);
  const recorded = await writeEntry(deps, answered, lease.handle(), null);
  await deps.onPoint("after-record", step);
  return readBack(context, recorded, lease, "ok");
}

/** The proof: a later read shows the fields of the step. A silent no-op is a failure, a read that fails is not proof. */
async function readBack(
  context: StepContext,
  entry: JournalEntry,
  lease: HeldLease,
  state: "ok" | "adopted",
): Promise<Verdict> {
  const { deps } = context;
  const id = entry.accountId ?? context.targetId;
  if (id === null) {
    return finish(context, entry, lease, {
      state: "unknown",
      reason: "the app did not say which account it made: look for it by hand",
      receipt: null,
      view: null,
    });
  }
  let differences: readonly string[] = [];
  for (const pause of READ_BACK_PAUSES_MS) {
    if (pause > 0) await deps.clock.sleep(pause, deps.signal);
    const view = await viewTarget(context, id);
    const desired = await desiredHolds(context, id, view);
    if (desired.holds) {
      const receipt = receiptOf(context, "verified", entry.receipt?.before ?? null, desired.seen, null);
      return finish(context, { ...entry, accountId: id }, lease, { state, reason: null, receipt, view });
    }
    differences = desired.differences;
  }
  const answeredAt = parseIso(entry.attempts.at(-1)?.answeredAt ?? entry.updatedAt) ?? 0;
  if (deps.clock.now() - answeredAt < context.connection.traits.settleMs) {
    return { kind: "again", afterMs: READ_BACK_PAUSES_MS.at(-1) ?? 0 };
  }
  const reason = `${context.connection.appName} said yes, but a later read does not show it (${differences.join(", ")})`;
  const receipt = receiptOf(context, "mismatch", entry.receipt?.before ?? null, null, differences.join(", "));
  return finish(context, entry, lease, { state: "failed", reason, receipt, view: null });
}

async function transferAll(
  context: StepContext,
  action: TransferAction,
  entry: JournalEntry,
  lease: HeldLease,
): Promise<Verdict> {
  const part = await transferBatch(context, action, entry, lease);
  if (part.left > 0 || part.entry !== entry) return { kind: "again", afterMs: 0 };
  const done = entry.progress?.done ?? 0;
  return finish(context, { ...entry, accountId: context.targetId }, lease, {
    state: done === 0 ? "skipped" : "ok",
    reason: done === 0 ? "nothing was left to hand over" : null,
    receipt: receiptOf(context, "verified", { holdings: action.count }, { holdings: 0 }, `${done} handed over`),
    view: null,
  });
}

async function verifyNone(
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

/** Something new arrived at the leaver after the hand-over (D13): the plan's own hand-over is done again for it. */
async function topUp(
  context: StepContext,
  entry: JournalEntry,
  lease: HeldLease,
  left: { readonly holding: string; readonly count: number },
): Promise<Verdict> {
  const handOver = context.plan.content.steps.find(
    (step) =>
      step.app === context.step.app &&
      step.target.id === context.step.target.id &&
      step.action.verb === "transfer" &&
      step.action.holding === left.holding,
  );
  if (handOver === undefined || handOver.action.verb !== "transfer" || handOver.action.to.id === null) {
    const many = context.connection.traits.kinds[left.holding]?.many ?? left.holding;
    const reason = `${left.count} ${many} are still with ${context.step.target.label}: plan again to hand them over`;
    return finish(context, entry, lease, { state: "stale", reason, receipt: null, view: null });
  }
  const part = await transferBatch(context, handOver.action, { ...entry, progress: null }, lease);
  await writeEntry(context.deps, { ...part.entry, state: "running", progress: null, attempts: [] }, lease.handle(), {
    action: "step.topup",
    details: { holding: left.holding, count: left.count },
  });
  return { kind: "again", afterMs: 0 };
}

/** A person does it; the read closes it. Until then the step is parked with its instructions. */
async function closeManual(context: StepContext, entry: JournalEntry, lease: HeldLease): Promise<Verdict> {
  const { action } = context.step;
  const proof = action.verb === "manual" ? await proveManual(context, action.proof) : null;
  if (proof === null) {
    return finish(context, entry, lease, {
      state: "parked",
      reason: instructionsOf(context),
      receipt: null,
      view: null,
    });
  }
  return finish(context, { ...entry, accountId: proof.id }, lease, {
    state: "ok",
    reason: null,
    receipt: receiptOf(context, "verified", null, proof.seen, "done by hand, proven by a read"),
    view: proof.view,
  });
}

async function proveManual(
  context: StepContext,
  proof: ManualProof,
): Promise<{ readonly id: string | null; readonly seen: JsonObject; readonly view: View | null } | null> {
  const { target } = context.step;
  const found = context.targetId ?? (await idByEmail(context));
  const mayBeAbsent = proof.kind === "absent" || proof.kind === "gone";
  if (found === null) return mayBeAbsent && target.email !== null ? noAccount(null) : null;
  const view = await viewTarget(context, found);
  switch (proof.kind) {
    case "absent":
      return view.record === null ? noAccount(found) : null;
    case "gone": {
      if (view.record === null) return noAccount(found);
      const { state } = view.record;
      return state === "suspended" || state === "removed" ? { id: found, seen: { state }, view } : null;
    }
    case "exists":
      return view.record === null ? null : { id: found, seen: pickImage(view.image, { exists: true }), view };
    case "state":
      return view.record?.state === proof.state ? { id: found, seen: { state: proof.state }, view } : null;
    case "after": {
      const desired = await desiredHolds(context, found, view);
      return desired.holds ? { id: found, seen: desired.seen, view } : null;
    }
  }
}

function noAccount(id: string | null): {
  readonly id: string | null;
  readonly seen: JsonObject;
  readonly view: View | null;
} {
  const view = id === null ? null : { record: null, image: { exists: false } };
  return { id, seen: { exists: false }, view };
}

async function idByEmail(context: StepContext): Promise<string | null> {
  const { target } = context.step;
  if (target.email === null) return null;
  const found = await accountsWithEmail(context.connection, target.email, readContext(context));
  return found.length === 1 ? (found[0]?.id ?? null) : null;
}

function instructionsOf(context: StepContext): string {
  return context.step.action.verb === "manual" ? context.step.action.instructions : "";
}

function receiptOf(
  context: StepContext,
  readBackWord: Receipt["readBack"],
  before: JsonObject | null,
  after: JsonObject | null,
  note: string | null,
): Receipt {
  return { readBack: readBackWord, readAt: toIso(context.deps.clock.now()), before, after, note };
}

interface Ending {
  readonly state: StepState;
  readonly reason: string | null;
  readonly receipt: Receipt | null;
  /** The account as last read, to bring our picture up to date. */
  readonly view: View | null;
}

/** Records the end, the audit record, what was read and a new link in one transaction. */
async function finish(context: StepContext, entry: JournalEntry, lease: HeldLease, ending: Ending): Promise<Verdict> {
  const { deps } = context;
  const receipt = ending.receipt ?? entry.receipt;
  const final = finalEntry(entry, ending.state, ending.reason, receipt);
  const details = { verb: context.step.action.verb, proof: receipt?.readBack ?? "none", reason: ending.reason ?? "" };
  const written = await writeEntry(deps, final, lease.handle(), { action: "step.done", details }, (tables) =>
    keepPicture(context, final, ending.view, tables),
  );
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
  if (kind !== null && (action.verb === "join" || action.verb === "leave") && entry.state !== "stale") {
    const observation = action.verb === "join" ? { noun: "membership" as const, kind, id, team: action.team.id } : null;
    await tables.snapshots.observe({ ...seen, kind, parent: action.team.id, id, observation });
  }
  const good = entry.state === "ok" || entry.state === "adopted";
  if (action.verb !== "create" || step.person === null || !good) return;
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
