import type { AccountRef } from "../model/account.ts";
import { handOverKinds, isOver } from "./leaver.ts";
import { accountsOf, type Pair } from "./pair.ts";
import type { PlanRequest } from "./request.ts";
import { buildScenes } from "./scene.ts";
import { selectPairs } from "./selection.ts";
import { buildWorld } from "./world.ts";

export interface HoldingToCount {
  readonly account: AccountRef;
  readonly holding: string;
}

/**
 * What has to be counted just before planning, so that the plan can say what changes hands: the holdings of leavers'
 * accounts, in apps where they must have another owner first.
 */
export function holdingsToCount(request: Omit<PlanRequest, "holdings">): readonly HoldingToCount[] {
  const whole = { ...request, holdings: [] };
  const world = buildWorld(whole, buildScenes(whole));
  const wanted: HoldingToCount[] = [];
  for (const { pair, leaving } of selectPairs(whole, world)) {
    if (leaving !== null) wanted.push(...countFor(pair));
  }
  return wanted;
}

function countFor(pair: Pair): readonly HoldingToCount[] {
  const holdings = handOverKinds(pair.app);
  return accountsOf(pair)
    .filter((account) => !isOver(pair.app, account))
    .flatMap((account) => holdings.map((holding) => ({ account: account.ref, holding })));
}
