import type { HeldBack } from "../../model/plan.ts";
import type { Draft } from "../steps.ts";

export interface Withheld {
  readonly kept: readonly Draft[];
  readonly heldBack: readonly HeldBack[];
}

/**
 * Takes steps out of the plan, by step id with the reason, and with them their whole group and whatever depends on one of
 * them: half of a plan for an account is worse than none (safety F11).
 */
export function withhold(drafts: readonly Draft[], reasons: ReadonlyMap<string, string>): Withheld {
  if (reasons.size === 0) return { kept: drafts, heldBack: [] };
  const byGroup = new Map<string, Draft[]>();
  const dependents = new Map<string, Draft[]>();
  for (const draft of drafts) {
    push(byGroup, draft.group, draft);
    for (const id of draft.dependsOn) push(dependents, id, draft);
  }
  const out = new Set<string>();
  const queue = drafts.filter((draft) => reasons.has(draft.id));
  const heldBack = queue.map((draft): HeldBack => ({
    app: draft.app,
    person: draft.person,
    label: draft.personLabel ?? draft.target.label,
    reason: reasons.get(draft.id) ?? "",
  }));
  for (let draft = queue.pop(); draft !== undefined; draft = queue.pop()) {
    if (out.has(draft.id)) continue;
    out.add(draft.id);
    queue.push(...(byGroup.get(draft.group) ?? []), ...(dependents.get(draft.id) ?? []));
  }
  return { kept: drafts.filter((draft) => !out.has(draft.id)), heldBack };
}

function push(map: Map<string, Draft[]>, key: string, draft: Draft): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [draft]);
  else list.push(draft);
}
