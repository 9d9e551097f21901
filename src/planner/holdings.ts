import type { AccountRef } from "../model/account.ts";
import { handOverKinds, isOver } from "./leaver.ts";
import { accountsOf, leavingOf, type Pair } from "./pair.ts";
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
  const apps = buildScenes(request.graph, request.policy, request.off);
  const world = buildWorld({ ...request, holdings: [] }, apps);
  return selectPairs({ ...request, holdings: [] }, world).flatMap(({ pair }) => countFor(pair));
}

function countFor(pair: Pair): readonly HoldingToCount[] {
  const holdings = handOverKinds(pair.app);
  if (holdings.length === 0 || leavingOf(pair.world, pair.node) === null) return [];
  return accountsOf(pair)
    .filter((account) => !isOver(pair.app, account))
    .flatMap((account) => holdings.map((holding) => ({ account: account.ref, holding })));
}
