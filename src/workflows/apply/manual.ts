import type { JsonObject } from "../../kernel/json.ts";
import { pickImage } from "../../model/image.ts";
import type { ManualProof } from "../../model/plan.ts";
import type { JournalEntry } from "../../model/run.ts";
import { desiredHolds, movedFact, viewTarget, type View } from "./check.ts";
import type { StepContext, Verdict } from "./context.ts";
import { endWith, finish, receiptOf } from "./finish.ts";
import type { HeldLease } from "./lease.ts";
import { accountsWithEmail, readContext } from "./reads.ts";

interface Proven {
  readonly id: string | null;
  readonly seen: JsonObject;
  readonly view: View | null;
}

/** A person does it; the read closes it. Until then the step is parked with its instructions. */
export async function closeManual(context: StepContext, entry: JournalEntry, lease: HeldLease): Promise<Verdict> {
  const { action } = context.step;
  if (action.verb !== "manual") return finish(context, entry, lease, endWith("failed", "this is no step for a person"));
  const proof = await proveManual(context, action.proof);
  if (proof !== null) {
    return finish(context, { ...entry, accountId: proof.id }, lease, {
      state: "ok",
      reason: null,
      receipt: receiptOf(context, "verified", null, proof.seen, "done by hand, proven by a read"),
      view: proof.view,
    });
  }
  // Nobody is sent to do what the roster no longer asks for (safety A16).
  const moved = await movedFact(context);
  if (moved !== null) return finish(context, entry, lease, endWith("stale", moved));
  return finish(context, entry, lease, endWith("parked", action.instructions));
}

async function proveManual(context: StepContext, proof: ManualProof): Promise<Proven | null> {
  const known = context.targetId === null ? await idsByEmail(context) : [context.targetId];
  const [found, second] = known;
  // Several accounts under the address prove neither that it is there as wanted nor that it is gone.
  if (second !== undefined) return null;
  if (found === undefined) {
    const mayBeAbsent = proof.kind === "absent" || proof.kind === "gone";
    return mayBeAbsent && context.step.target.email !== null ? noAccount(null) : null;
  }
  const view = await viewTarget(context, found);
  switch (proof.kind) {
    case "absent":
      return view.record === null ? noAccount(found) : null;
    case "gone":
      return view.record === null ? noAccount(found) : gone(context, found, view);
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

/** Nobody can sign in any more; that a step of this plan has suspended the account does not show that it was removed. */
function gone(context: StepContext, id: string, view: View): Proven | null {
  const state = view.record?.state ?? null;
  const { plan, step } = context;
  const ours = plan.content.steps.some(
    (other) => other.app === step.app && other.target.id === id && other.action.verb === "suspend",
  );
  return state === "removed" || (state === "suspended" && !ours) ? { id, seen: { state }, view } : null;
}

function noAccount(id: string | null): Proven {
  const view = id === null ? null : { record: null, image: { exists: false } };
  return { id, seen: { exists: false }, view };
}

async function idsByEmail(context: StepContext): Promise<readonly string[]> {
  const { target } = context.step;
  if (target.email === null) return [];
  const found = await accountsWithEmail(context.connection, target.email, readContext(context));
  return found.map((record) => record.id);
}
