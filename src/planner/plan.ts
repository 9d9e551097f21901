import { AppError } from "../kernel/errors.ts";
import { toIso } from "../kernel/dates.ts";
import { hashJson } from "../kernel/hash.ts";
import { toJson } from "../kernel/json.ts";
import { byText } from "../graph/words.ts";
import type { HeldBack, Plan, PlanContent, Step } from "../model/plan.ts";
import { present } from "../kernel/assert.ts";
import { approvalsFor } from "./approvals.ts";
import { costSteps } from "./cost.ts";
import { judgePlan, siftDrafts } from "./guards.ts";
import { orderSteps } from "./order.ts";
import { joinPlans, PLAN_LIFE_MS, type PairPlan, type World } from "./pair.ts";
import { planPair } from "./person.ts";
import type { PlanRequest } from "./request.ts";
import { reviewItems } from "./review.ts";
import { selectPairs } from "./selection.ts";
import { buildScenes, type AppScene } from "./scene.ts";
import type { Draft } from "./steps.ts";
import { buildWorld } from "./world.ts";

/**
 * Makes the plan: what has to be done, in which order, why, at what cost and with what in its way. Pure: the same request
 * gives the same bytes, in whatever order its lists come (M2). Throws `bad_input` for a selection that names nothing.
 */
export function makePlan(request: PlanRequest): PlanContent {
  const { policy, now } = request;
  const apps = buildScenes(request);
  const world = buildWorld(request, apps);
  const planned = joinPlans(planPairs(request, world));
  const sifted = siftDrafts(planned.drafts, apps, now);
  const drafts = orderSteps(sifted.drafts);
  const questions = [...planned.questions].sort((left, right) => byText(left.id, right.id));
  const guards = judgePlan(
    {
      drafts,
      questions,
      apps,
      policy,
      imports: request.imports,
      recentRemovals: request.recentRemovals,
      listedPeople: countListed(world),
      now,
    },
    sifted,
  );
  return {
    schema: "tenure.plan/v1",
    trigger: triggerOf(request),
    base: baseOf(request, apps),
    steps: numberSteps(drafts, world, request),
    guards,
    questions: unique(questions, (question) => question.id),
    heldBack: sortHeld([...planned.heldBack, ...sifted.heldBack, ...reviewItems(request, world)]),
    madeAt: toIso(now),
    expiresAt: toIso(now + PLAN_LIFE_MS),
  };
}

function* planPairs(request: PlanRequest, world: World): Generator<PairPlan> {
  for (const { pair, leaving, alone } of selectPairs(request, world)) yield planPair(pair, leaving, alone);
}

function countListed(world: World): number {
  let count = 0;
  for (const node of world.people.values()) if (node.person.listed) count += 1;
  return count;
}

function numberSteps(drafts: readonly Draft[], world: World, request: PlanRequest): readonly Step[] {
  const costs = costSteps(drafts, world.apps);
  return drafts.map((draft, place) => {
    const { rank: _rank, group: _group, account: _account, elevates: _elevates, makes: _makes, ...step } = draft;
    return {
      ...step,
      number: place + 1,
      cost: present(costs.get(draft.id), `the cost of ${draft.title}`),
      approvals: approvalsFor(draft, request.policy),
    };
  });
}

function triggerOf(request: PlanRequest): PlanContent["trigger"] {
  const { selection, actor, imports } = request;
  switch (selection.kind) {
    case "hr":
      return { kind: "hr", ref: idsOf(imports).join(" "), actor };
    case "findings":
      return {
        kind: "findings",
        ref: selection.findings === null ? "all" : [...selection.findings].sort().join(" "),
        actor,
      };
    case "person":
      return { kind: "person", ref: selection.person, actor };
  }
}

function idsOf(imports: PlanRequest["imports"]): readonly string[] {
  return imports.map((record) => record.id).sort(byText);
}

function baseOf(request: PlanRequest, apps: ReadonlyMap<string, AppScene>): PlanContent["base"] {
  const snapshots = [...apps.values()].flatMap((app) => {
    const { snapshot } = app.graph;
    return snapshot === null ? [] : [{ connection: app.name, snapshot: snapshot.id, readAt: snapshot.startedAt }];
  });
  return { snapshots, imports: idsOf(request.imports), config: request.policy.hash };
}

function unique<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

function sortHeld(heldBack: readonly HeldBack[]): readonly HeldBack[] {
  const keyed = heldBack.map((item) => ({
    item,
    key: [item.label, item.person ?? "", item.app ?? "", item.reason].join("\u0000"),
  }));
  keyed.sort((left, right) => byText(left.key, right.key));
  return unique(keyed, ({ key }) => key).map(({ item }) => item);
}

/** SHA-256 over the canonical JSON of the content: what an approval is bound to (S3). */
export function hashPlan(content: PlanContent): string {
  return hashJson(toJson(content));
}

/** Throws `stale` when the stored plan is not the one that was hashed (safety F2): any changed byte voids it. */
export function assertPlanIntact(plan: Plan): void {
  if (hashPlan(plan.content) === plan.hash) return;
  throw new AppError("stale", `plan PL-${plan.number} is not what it was when it was made: make a new plan`, {
    details: { plan: plan.id, hash: plan.hash },
  });
}
