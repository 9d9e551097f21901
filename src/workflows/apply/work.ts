import { parseIso, toIso } from "../../kernel/dates.ts";
import { AppError } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { WriteAnswer } from "../../connector-kit/contract.ts";
import { imageDifferences, pickImage } from "../../model/image.ts";
import type { JournalEntry } from "../../model/run.ts";
import type { Verb } from "../../model/traits.ts";
import { alsoChanged, desiredHolds, precheck, viewTarget, type View } from "./check.ts";
import { offWords } from "./classify.ts";
import { FRESH_READ_MS, type StepContext, type Verdict } from "./context.ts";
import { afterSend } from "./failure.ts";
import { endWith, finish, receiptOf } from "./finish.ts";
import { topUp, transferAll, verifyNone } from "./handover.ts";
import type { HeldLease } from "./lease.ts";
import { closeManual } from "./manual.ts";
import { accountsWithEmail, readContext } from "./reads.ts";
import {
  answeredAttempt,
  openAttempt,
  refusedAfterLost,
  unknownSends,
  withAnswer,
  withIntent,
  writeEntry,
} from "./record.ts";
import { sendAction } from "./send.ts";
import { settle } from "./settle.ts";

/** Reads after a write that still show the old state: how long to wait before each of them, then the settling time. */
const READ_BACK_PAUSES_MS: readonly number[] = [0, 250, 1_000, 3_000];

/** Goes on with a step from where the journal says it is. */
export async function workOnStep(context: StepContext, entry: JournalEntry, lease: HeldLease): Promise<Verdict> {
  const { action } = context.step;
  if (action.verb === "manual") return closeManual(context, entry, lease);
  if (action.verb === "transfer") return transferAll(context, action, entry, lease);
  if (action.verb === "verifyNone") return verifyNone(context, action.holding, entry, lease);
  if (answeredAttempt(entry) !== null) return readBack(context, entry, lease, null);
  if (openAttempt(entry) === null && !refusedAfterLost(entry)) return sendOnce(context, entry, lease);
  return settleStep(context, entry, lease);
}

async function settleStep(context: StepContext, entry: JournalEntry, lease: HeldLease): Promise<Verdict> {
  const { deps } = context;
  const settled = await settle(context, entry);
  switch (settled.kind) {
    case "wait": {
      const nextAt = toIso(deps.clock.now() + settled.ms);
      await writeEntry(deps, { ...entry, state: "running", nextAt }, lease.handle(), null);
      return { kind: "again", afterMs: settled.ms };
    }
    case "resend": {
      // A lost attempt keeps its outcome: the bound on sending again counts it.
      const note = openAttempt(entry)?.note ?? null;
      return sendOnce(
        context,
        withAnswer(entry, { outcome: "unknown", note, accountId: null }, deps.clock.now()),
        lease,
      );
    }
    case "unknown":
      return finish(context, entry, lease, endWith("unknown", settled.reason));
    case "effect":
      return adopt(context, { ...entry, accountId: settled.accountId }, lease, settled.view);
  }
}

/** What a look has found is ours only if it is as planned; a stranger's account under the address is not adopted. */
async function adopt(context: StepContext, entry: JournalEntry, lease: HeldLease, view: View): Promise<Verdict> {
  const differences = imageDifferences(view.image, accountFields(context.step.after));
  if (context.step.action.verb === "create" && differences.length > 0) {
    const reason = `an account with this address is there, but not as planned (${differences.join(", ")}): plan again`;
    return finish(context, entry, lease, { ...endWith("stale", reason), view });
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
  const { deps, step, connection } = context;
  const checkedAtMs = deps.clock.now();
  const check = await precheck(context);
  switch (check.kind) {
    case "already":
      return finish(context, { ...entry, accountId: context.targetId }, lease, {
        state: unknownSends(entry) > 0 ? "adopted" : "skipped",
        reason: unknownSends(entry) > 0 ? "a later read shows that it was carried out" : "already so: nothing was sent",
        receipt: receiptOf(context, "verified", null, check.seen, null),
        view: check.view,
      });
    case "stale":
      return finish(context, entry, lease, endWith("stale", check.reason));
    case "refused":
      return finish(context, entry, lease, endWith("parked", check.reason));
    case "holdings":
      return topUp(context, entry, lease, check);
    case "go":
      break;
  }
  const off = (await deps.store.connections.get(connection.name))?.off[step.action.verb];
  if (off !== undefined) return finish(context, entry, lease, endWith("parked", offWords(context, off)));
  await deps.onPoint("before-intent", step);
  const intent = await writeEntry(deps, withIntent(entry, deps.clock.now()), lease.handle(), {
    action: "step.send",
    details: { verb: step.action.verb, target: context.targetId ?? "" },
  });
  await deps.onPoint("after-intent", step);
  let answer: WriteAnswer;
  try {
    answer = await sendAction({ ...context, fence: sendFence(context, checkedAtMs) });
  } catch (error) {
    return afterSend(context, lease, intent, error);
  }
  await deps.onPoint("after-answer", step);
  const answered = withAnswer(
    { ...intent, receipt: { readBack: "unverified", readAt: null, before: check.before, after: null, note: null } },
    { outcome: "answered", note: answer.outcome, accountId: answer.id ?? context.targetId },
    deps.clock.now(),
  );
  await deps.onPoint("before-record", step);
  const recorded = await writeEntry(deps, answered, lease.handle(), null);
  await deps.onPoint("after-record", step);
  return readBack(context, recorded, lease, check.image);
}

/** Checked in the tick of the send: the lease, the age of the read that the step rests on (S5), a seat (S22). */
function sendFence(context: StepContext, checkedAtMs: number): () => void {
  const { deps, run, step, connection } = context;
  const traits = connection.traits.verbs[step.action.verb as Verb];
  const strict = step.destructive || step.action.verb === "create" || traits?.resend !== "safe";
  return () => {
    context.fence();
    if (strict && deps.clock.now() - checkedAtMs > FRESH_READ_MS) {
      throw new AppError("busy", "it had to wait for so long that what was read before is too old: it is read again");
    }
    if (step.action.verb === "create" && (traits?.seat ?? 0) > 0) deps.seats.check(run.id, step.app);
  };
}

/**
 * The proof: a later read shows the fields of the step. A silent no-op is a failure, a read that fails is not proof.
 * `before`: the account as read before the write, to see what else has changed; null after a crash.
 */
async function readBack(
  context: StepContext,
  entry: JournalEntry,
  lease: HeldLease,
  before: JsonObject | null,
): Promise<Verdict> {
  const { deps } = context;
  const id = await answeredId(context, entry);
  if (id === null) {
    const reason = "the app did not say which account it made, and none can be seen: look for it by hand, then resume";
    return isSettling(context, entry)
      ? { kind: "again", afterMs: READ_BACK_PAUSES_MS.at(-1) ?? 0 }
      : finish(context, entry, lease, endWith("unknown", reason));
  }
  let differences: readonly string[] = [];
  for (const pause of READ_BACK_PAUSES_MS) {
    if (pause > 0) await deps.clock.sleep(pause, deps.signal);
    const view = await viewTarget(context, id);
    const desired = await desiredHolds(context, id, view);
    if (desired.holds) {
      const more = before === null ? [] : alsoChanged(context, before, view);
      const reason = more.length === 0 ? null : `done, but the account changed in more than that: ${more.join("; ")}`;
      if (reason !== null)
        deps.log.warn("a write changed more than it named", { run: context.run.id, step: context.step.id });
      const receipt = receiptOf(context, "verified", entry.receipt?.before ?? null, desired.seen, reason);
      return finish(context, { ...entry, accountId: id }, lease, { state: "ok", reason, receipt, view });
    }
    differences = desired.differences;
  }
  if (isSettling(context, entry)) return { kind: "again", afterMs: READ_BACK_PAUSES_MS.at(-1) ?? 0 };
  const reason = `${context.connection.appName} said yes, but a later read does not show it (${differences.join(", ")})`;
  const receipt = receiptOf(context, "mismatch", entry.receipt?.before ?? null, null, differences.join(", "));
  return finish(context, entry, lease, { state: "failed", reason, receipt, view: null });
}

/** The account that the answer named; where it named none, the one that has the new address now (a create by SCIM). */
async function answeredId(context: StepContext, entry: JournalEntry): Promise<string | null> {
  const id = entry.accountId ?? context.targetId;
  const { email } = context.step.target;
  if (id !== null || context.step.action.verb !== "create" || email === null) return id;
  const found = await accountsWithEmail(context.connection, email, readContext(context));
  return found.length === 1 ? (found[0]?.id ?? null) : null;
}

/** Whether a read may still show the old state. */
function isSettling(context: StepContext, entry: JournalEntry): boolean {
  const answeredAt = parseIso(entry.attempts.at(-1)?.answeredAt ?? entry.updatedAt) ?? 0;
  return context.deps.clock.now() - answeredAt < context.connection.traits.settleMs;
}
