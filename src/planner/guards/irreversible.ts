import type { Guard } from "../../model/plan.ts";
import type { Draft } from "../steps.ts";
import { countText } from "../words.ts";

/** Steps that nothing takes back, said before anyone says yes (FUB-40). */
export function checkIrreversible(drafts: readonly Draft[], approvalsOf: (draft: Draft) => number): readonly Guard[] {
  const final = drafts.filter((draft) => draft.undo === "never" && draft.destructive);
  if (final.length === 0) return [];
  const need = Math.max(0, ...final.map(approvalsOf));
  const who = need === 0 ? "no approval asked for" : countText(need, { one: "approver", many: "approvers" });
  const text = `${countText(final.length, { one: "step", many: "steps" })} cannot be undone: ${who}`;
  return [{ name: "irreversible", state: "warn", app: null, text, steps: final.map((draft) => draft.id) }];
}
