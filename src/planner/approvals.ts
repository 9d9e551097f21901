import type { Policy } from "../model/policy.ts";
import type { Action } from "../model/plan.ts";
import type { Undo } from "../model/traits.ts";

/**
 * How many people must say yes before the step, by the policy: the strictest rule that fits decides. A check changes
 * nothing and needs nobody. Making someone an administrator always needs one (safety G13).
 */
export function approvalsFor(
  step: { readonly app: string; readonly undo: Undo; readonly action: Action; readonly elevates?: boolean },
  policy: Policy,
): number {
  if (step.action.verb === "verifyNone") return 0;
  const needs = policy.approvals
    .filter((rule) => (rule.undo === null || rule.undo === step.undo) && (rule.app === null || rule.app === step.app))
    .map((rule) => rule.need);
  return Math.max(step.elevates === true ? 1 : 0, ...needs);
}
