import type { Desired } from "../graph/expected.ts";
import type { AccountNode } from "../graph/graph.ts";
import { planJoiner, planReturn } from "./joiner.ts";
import { planLeaver } from "./leaver.ts";
import { planMover } from "./mover.ts";
import { accountsOf, hold, joinPlans, NOTHING, type Leaving, type Pair, type PairPlan } from "./pair.ts";
import { timeText } from "./words.ts";
import { parseIso } from "../kernel/dates.ts";

const NONE: readonly string[] = [];

/** What is to be done for one person in one app. `alone`: the plan is about this person only, so it also says why nothing is done. */
export function planPair(pair: Pair, leaving: Leaving | null, alone: boolean): PairPlan {
  if (leaving !== null) return planLeaver(pair, leaving, accountsOf(pair));
  const { person } = pair.node;
  if (person.status === "terminated") return accountsOf(pair).length === 0 ? NOTHING : leavesLater(pair);
  // Who is no longer in the file, or known to a directory alone, is a question for a human (safety A8).
  if (!person.listed || pair.node.directoryOnly) return NOTHING;
  if (pair.desired !== null) return planStay(pair, pair.desired);
  return alone && accountsOf(pair).length > 0 ? noRule(pair) : NOTHING;
}

function planStay(pair: Pair, desired: Desired): PairPlan {
  const kind = pair.app.traits.create?.kind ?? null;
  const plans: PairPlan[] = [];
  let closed: AccountNode | null = null;
  for (const account of accountsOf(pair)) {
    if (kind !== null && account.ref.kind !== kind) continue;
    const { state } = account.record;
    if (state === "suspended" || state === "removed") closed ??= account;
    else plans.push(planMover(pair, desired, { account, rank: "mover", after: NONE, notBefore: null }));
  }
  const [only] = plans;
  if (only !== undefined) return plans.length === 1 ? only : joinPlans(plans);
  return closed === null ? planJoiner(pair, desired) : planReturn(pair, desired, closed);
}

function leavesLater(pair: Pair): PairPlan {
  const { person } = pair.node;
  const endsAt = person.accessEndsAt === null ? null : parseIso(person.accessEndsAt);
  const when = endsAt === null ? "later" : timeText(endsAt, person.zone);
  return { drafts: [], heldBack: [hold(pair, `access ends ${when}: plan again that day`)], questions: [] };
}

/** Nobody loses an account because a rule no longer fits: that takes a human's word (S7). */
function noRule(pair: Pair): PairPlan {
  return {
    drafts: [],
    heldBack: [hold(pair, "has an account, though no rule gives one: it is left alone")],
    questions: [],
  };
}
