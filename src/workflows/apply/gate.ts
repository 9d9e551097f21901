import { parseIso } from "../../kernel/dates.ts";
import type { Plan, Step } from "../../model/plan.ts";
import { isFinal, isGood, type JournalEntry, type Run } from "../../model/run.ts";
import { NO_SEAT } from "./classify.ts";

/** Why a step cannot go on now; null: it can. */
export type Gate =
  | { readonly kind: "open" }
  | { readonly kind: "blocked"; readonly reason: string }
  | { readonly kind: "wait"; readonly ms: number; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/** What must be so before a step may start: approvals, the steps it depends on, its date, a seat. */
export function gateStep(
  run: Run,
  plan: Plan,
  step: Step,
  journal: ReadonlyMap<string, JournalEntry>,
  nowMs: number,
): Gate {
  if (step.approvals > run.approvedAs.length) {
    const people = step.approvals === 1 ? "1 approval" : `${step.approvals} approvals`;
    const why = step.undo === "never" ? "it cannot be undone" : "the policy asks for it";
    return { kind: "blocked", reason: `needs ${people}: ${why}` };
  }
  for (const id of step.dependsOn) {
    const before = journal.get(id);
    if (before !== undefined && isGood(before.state)) continue;
    const number = plan.content.steps.find((other) => other.id === id)?.number ?? 0;
    const state = before !== undefined && isFinal(before.state) ? `ended ${before.state}` : "has not been done";
    return { kind: "blocked", reason: `waits for step ${number}, which ${state}` };
  }
  if (step.notBefore !== null) {
    const at = parseIso(step.notBefore) ?? 0;
    if (at > nowMs) return { kind: "wait", ms: at - nowMs, reason: `waits until ${step.notBefore}` };
  }
  if (step.action.verb === "create" && seatRefused(plan, step, journal)) {
    return { kind: "refused", reason: `${step.appName} has refused a seat in this run already: not tried` };
  }
  return { kind: "open" };
}

function seatRefused(plan: Plan, step: Step, journal: ReadonlyMap<string, JournalEntry>): boolean {
  return plan.content.steps.some(
    (other) =>
      other.app === step.app && other.action.verb === "create" && journal.get(other.id)?.receipt?.note === NO_SEAT,
  );
}
