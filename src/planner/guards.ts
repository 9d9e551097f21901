import type { Guard, HeldBack, Question } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { approvalsFor } from "./approvals.ts";
import { checkCreates, checkRemovals } from "./guards/brakes.ts";
import { checkCompleteness } from "./guards/completeness.ts";
import { checkFreshness } from "./guards/freshness.ts";
import type { Objection } from "./guards/guard.ts";
import { checkHandover } from "./guards/handover.ts";
import { checkIrreversible } from "./guards/irreversible.ts";
import { checkKeyOwner, checkLastAdmin, checkProtected } from "./guards/protected.ts";
import { checkRosterShrink } from "./guards/roster-shrink.ts";
import { planSeats, type SeatPlan } from "./guards/seats.ts";
import { withhold } from "./guards/withhold.ts";
import type { ImportCounts, RecentRemoval } from "./request.ts";
import type { AppScene } from "./scene.ts";
import type { Draft } from "./steps.ts";

/** What is left of the plan once no single account is touched that must not be. */
export interface Sifted {
  readonly drafts: readonly Draft[];
  readonly heldBack: readonly HeldBack[];
  readonly guards: readonly Guard[];
  readonly seats: SeatPlan;
}

/**
 * Guards that speak of single accounts: what they object to is taken out of the plan, with everything that belongs to it,
 * and its people are held back with the reason, so that one protected account does not stop the rest. Seats come last,
 * when it is known which steps free them.
 */
export function siftDrafts(drafts: readonly Draft[], apps: ReadonlyMap<string, AppScene>, now: number): Sifted {
  let left = drafts;
  const heldBack: HeldBack[] = [];
  const guards: Guard[] = [];
  const apply = (objection: Objection): void => {
    const sifted = withhold(left, objection.reasons);
    left = sifted.kept;
    heldBack.push(...sifted.heldBack);
    guards.push(...objection.guards);
  };
  for (const check of [checkCompleteness, checkProtected, checkKeyOwner, checkLastAdmin]) apply(check(left, apps));
  // Steps that take a seat belong to joiners, steps that free one to leavers: taking the former out loses none of the latter.
  const seats = planSeats(left, apps, now);
  apply({ reasons: seats.reasons, guards: [] });
  return { drafts: seats.reserve(left), heldBack, guards, seats };
}

export interface WholePlan {
  /** In the order of the plan. */
  readonly drafts: readonly Draft[];
  readonly questions: readonly Question[];
  readonly apps: ReadonlyMap<string, AppScene>;
  readonly policy: Policy;
  readonly imports: readonly ImportCounts[];
  readonly recentRemovals: readonly RecentRemoval[];
  readonly listedPeople: number;
  readonly now: number;
}

/** Guards that speak of the plan as a whole. One that blocks names its steps; apply refuses the plan then. */
export function judgePlan(plan: WholePlan, sifted: Pick<Sifted, "guards" | "seats">): readonly Guard[] {
  const { drafts, apps, policy, recentRemovals: recent, listedPeople, now } = plan;
  const numbers = new Map(drafts.map((draft, place) => [draft.id, place + 1]));
  return [
    ...checkRemovals(drafts, { apps, policy: policy.guards, recent, listedPeople }),
    ...checkCreates(drafts, apps, policy.guards),
    ...sifted.seats.lines((step) => numbers.get(step) ?? 0),
    ...checkFreshness(drafts, apps, { snapshotAgeMs: policy.guards.snapshotAgeMs, now }),
    ...checkRosterShrink(drafts, plan.imports, policy.guards),
    ...checkIrreversible(drafts, (draft) => approvalsFor(draft, policy)),
    ...checkHandover(drafts, plan.questions, apps),
    ...sifted.guards,
  ];
}
