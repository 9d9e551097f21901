import { parseIso } from "../../kernel/dates.ts";
import type { Plan, Step } from "../../model/plan.ts";
import { isFinal, isGood, type JournalEntry, type Run } from "../../model/run.ts";
import { mayHaveActed } from "./record.ts";
import type { SeatWatch } from "./seats.ts";

/** Why a step cannot go on now; `open`: it can. */
export type Gate =
  | { readonly kind: "open" }
  | { readonly kind: "blocked"; readonly reason: string }
  | { readonly kind: "wait"; readonly ms: number; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/** The step's own journal entry and those of the steps that it depends on, by step id. */
export type NearEntries = ReadonlyMap<string, JournalEntry>;

/** What must be so before a step may start: approvals, the steps it depends on, its date, a seat. */
export function gateStep(run: Run, plan: Plan, step: Step, near: NearEntries, seats: SeatWatch, nowMs: number): Gate {
  const own = near.get(step.id);
  // Something of it may be out already: then only a look decides how it ends, whatever the gates say now.
  if (own !== undefined && mayHaveActed(own)) return { kind: "open" };
  if (step.approvals > run.approvedAs.length) {
    const people = step.approvals === 1 ? "1 approval" : `${step.approvals} approvals`;
    const why = step.undo === "never" ? "it cannot be undone" : "the policy asks for it";
    return { kind: "blocked", reason: `needs ${people}: ${why}` };
  }
  for (const id of step.dependsOn) {
    const before = near.get(id);
    if (before !== undefined && isGood(before.state)) continue;
    const number = plan.content.steps.find((other) => other.id === id)?.number ?? 0;
    const state = before !== undefined && isFinal(before.state) ? `ended ${before.state}` : "has not been done";
    return { kind: "blocked", reason: `waits for step ${number}, which ${state}` };
  }
  if (step.notBefore !== null) {
    const at = parseIso(step.notBefore) ?? 0;
    if (at > nowMs) return { kind: "wait", ms: at - nowMs, reason: `waits until ${step.notBefore}` };
  }
  if (step.action.verb === "create" && seats.isFull(run.id, step.app)) {
    return { kind: "refused", reason: `${step.appName} has refused a seat in this run already: not tried` };
  }
  return { kind: "open" };
}
