import type { Step } from "../../model/plan.ts";

/**
 * Splits a plan into groups that do not depend on each other, so that one sick app or one waiting step holds up nothing
 * else (safety L2). Inside a group the plan's order is kept.
 */
export function splitIntoGroups(steps: readonly Step[]): readonly (readonly Step[])[] {
  const root = new Map<string, string>();
  const find = (id: string): string => {
    let current = id;
    for (let above = root.get(current) ?? current; above !== current; above = root.get(current) ?? current) {
      current = above;
    }
    return current;
  };
  for (const step of steps) root.set(step.id, step.id);
  for (const step of steps) for (const other of step.dependsOn) root.set(find(step.id), find(other));
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const key = find(step.id);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [step]);
    else group.push(step);
  }
  return [...groups.values()];
}
