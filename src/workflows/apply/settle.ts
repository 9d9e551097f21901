import { parseIso } from "../../kernel/dates.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { JournalEntry } from "../../model/run.ts";
import type { Resend, Verb } from "../../model/traits.ts";
import { desiredHolds, movedFields, viewTarget, type View } from "./check.ts";
import type { StepContext } from "./context.ts";
import { accountsWithEmail, readContext } from "./reads.ts";
import { refusedAfterLost, unknownSends } from "./record.ts";

/** What a bounded look has shown of a write whose answer was lost (table 2.1 of the safety notes). */
export type Settled =
  | { readonly kind: "effect"; readonly accountId: string; readonly seen: JsonObject; readonly view: View }
  | { readonly kind: "resend" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "unknown"; readonly reason: string };

const SHORTEST_LOOK_MS = 1_000;

/** How long to wait before the next look: longer each time, but never past the settling time. */
function nextLook(sinceMs: number, settleMs: number, nowMs: number): number {
  const elapsed = nowMs - sinceMs;
  return Math.max(SHORTEST_LOOK_MS, Math.min(elapsed, settleMs - elapsed));
}

/** What the app's traits say about sending this step's call again. */
export function resendOf(context: StepContext): Resend {
  const verb = context.step.action.verb as Verb;
  return context.connection.traits.verbs[verb]?.resend ?? "never";
}

/** A bounded look at whether a write of which nobody knows the outcome was carried out. */
export async function settle(context: StepContext, entry: JournalEntry): Promise<Settled> {
  const settleMs = context.connection.traits.settleMs;
  const nowMs = context.deps.clock.now();
  const last = entry.attempts.at(-1);
  const sinceMs = parseIso(last?.answeredAt ?? last?.intentAt ?? "") ?? nowMs;
  const waited = nowMs - sinceMs >= settleMs;
  const look = nextLook(sinceMs, settleMs, nowMs);
  if (context.step.action.verb === "create") return settleCreate(context, entry, { waited, look });
  const id = context.targetId;
  if (id === null) return { kind: "unknown", reason: "the account of this step is not known: look at it by hand" };
  const view = await viewTarget(context, id);
  const desired = await desiredHolds(context, id, view);
  if (desired.holds) return { kind: "effect", accountId: id, seen: desired.seen, view };
  if (movedFields(context, view).length > 0) {
    return {
      kind: "unknown",
      reason: "the answer was lost and someone else has changed the account since: compare by hand, then plan again",
    };
  }
  if (resendOf(context) === "safe") return { kind: "resend" };
  if (!waited) return { kind: "wait", ms: look };
  return resendOrUnknown(context, entry, "the account is unchanged");
}

async function settleCreate(
  context: StepContext,
  entry: JournalEntry,
  timing: { readonly waited: boolean; readonly look: number },
): Promise<Settled> {
  const { step, connection } = context;
  const email = step.target.email ?? "";
  const found = await accountsWithEmail(connection, email, readContext(context));
  const [first, second] = found;
  if (first !== undefined && second !== undefined) {
    return {
      kind: "unknown",
      reason: `${found.length} accounts have this address now: decide by hand which one stays`,
    };
  }
  if (first !== undefined) {
    const view = await viewTarget(context, first.id);
    if (view.record !== null) return { kind: "effect", accountId: first.id, seen: view.image, view };
  }
  if (!timing.waited) return { kind: "wait", ms: timing.look };
  if (refusedAfterLost(entry)) {
    return {
      kind: "unknown",
      reason:
        `the answer was lost, a second sending was refused (${entry.attempts.at(-1)?.note ?? ""}), and no account with ` +
        `this address can be seen: it may be held by one that is hidden. Look in ${connection.appName}, then resume`,
    };
  }
  return resendOrUnknown(context, entry, "no account with this address can be seen");
}

function resendOrUnknown(context: StepContext, entry: JournalEntry, seen: string): Settled {
  if (resendOf(context) === "once" && unknownSends(entry) < 2) return { kind: "resend" };
  return {
    kind: "unknown",
    reason:
      `the answer was lost and ${seen}; sending again could do it twice. ` +
      `Look in ${context.connection.appName}, then run: tenure runs resume`,
  };
}
