import type { Guard } from "../../model/plan.ts";
import type { GuardPolicy } from "../../model/policy.ts";
import { byText } from "../../graph/words.ts";
import type { ImportCounts } from "../request.ts";
import type { Draft } from "../steps.ts";
import { listText, percentText } from "../words.ts";
import { limitOf } from "./brakes.ts";

/** People move between departments and offices as a matter of course: a class may shrink more than the whole. */
const CLASS_FACTOR = 5;

interface Shrink {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** Classes of people that shrank more than allowed: the whole file, and each class alone (safety A3, A4). */
function shrinks(record: ImportCounts, policy: GuardPolicy): readonly Shrink[] {
  return Object.entries(record.previous ?? {})
    .map(([name, before]) => ({ name, before, after: record.counts[name] ?? 0 }))
    .filter(({ name, before, after }) => {
      const percent = policy.rosterShrinkPercent * (name === "all" ? 1 : CLASS_FACTOR);
      const limit = limitOf({ percent, floor: policy.removals.floor }, before);
      // A class that is gone altogether is suspicious even when it was small (safety A4).
      return before - after > limit || (after === 0 && before >= Math.max(2, policy.removals.floor));
    })
    .sort((left, right) => byText(left.name, right.name));
}

/**
 * A file that lost many people at once is more likely a bad file than a bad day. Nothing follows from the rows that are
 * missing anyway (S7); but what else the file says is not acted on before somebody has accepted it.
 */
export function checkRosterShrink(
  drafts: readonly Draft[],
  imports: readonly ImportCounts[],
  policy: GuardPolicy,
): readonly Guard[] {
  const guards: Guard[] = [];
  for (const record of [...imports].sort((left, right) => byText(left.source, right.source))) {
    const found = shrinks(record, policy);
    if (found.length === 0) continue;
    const words = found.map(({ name, before, after }) => {
      const what = name === "all" ? "the file" : name.replace(":", " ");
      return `${what} fell from ${before} to ${after} (${percentText(before - after, before)} fewer)`;
    });
    const limit = `limit ${policy.rosterShrinkPercent} % or ${policy.removals.floor}`;
    const todo = `Compare with tenure roster diff, import a right file, or take this one as it is: tenure roster import --accept-shrink (${record.id})`;
    const text = `${record.source}: ${listText(words)}; ${limit}. ${todo}`;
    guards.push({ name: "roster-shrink", state: "block", app: null, text, steps: drafts.map((draft) => draft.id) });
  }
  return guards;
}
