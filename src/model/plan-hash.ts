import { hashJson } from "../kernel/hash.ts";
import { toJson } from "../kernel/json.ts";
import type { Plan, PlanContent } from "./plan.ts";

/** SHA-256 over the canonical JSON of everything that decides what will be done; approvals are bound to it. */
export function hashPlan(content: PlanContent): string {
  return hashJson(toJson(content));
}

/** Whether the stored plan still is what its hash says: one changed byte and it is not. */
export function isPlanIntact(plan: Plan): boolean {
  return hashPlan(plan.content) === plan.hash;
}
