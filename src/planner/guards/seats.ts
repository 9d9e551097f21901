import { toIso } from "../../kernel/dates.ts";
import { byText } from "../../graph/words.ts";
import type { Guard } from "../../model/plan.ts";
import { placeOf } from "../order.ts";
import { PLAN_LIFE_MS } from "../pair.ts";
import type { AppScene } from "../scene.ts";
import type { Draft } from "../steps.ts";
import { countText, listText } from "../words.ts";

/** How the seats of one app work out. */
interface Reservation {
  readonly app: AppScene;
  readonly seats: number;
  readonly taken: number;
  /** Step that takes a seat → steps that free it first. */
  readonly waits: ReadonlyMap<string, readonly string[]>;
  readonly lacking: ReadonlyMap<string, string>;
  readonly net: number;
}

export interface SeatPlan {
  /** Steps for which there is no seat, with the reason. */
  readonly reasons: ReadonlyMap<string, string>;
  /** The same steps, those that need a freed seat waiting for the step that frees it. */
  readonly reserve: (drafts: readonly Draft[]) => readonly Draft[];
  /** The guards, once the steps have numbers. */
  readonly lines: (numberOf: (step: string) => number) => readonly Guard[];
}

const SEATS = { one: "seat", many: "seats" };
const MOST_PAIRS_SHOWN = 5;

/**
 * Reserves seats before anything is sent (S22, safety G6, FUB-57): free seats go first, then those that this plan frees,
 * each to one step; for the rest there is none, and they are not in the plan. Apps whose seats nobody knows are not checked.
 */
export function planSeats(drafts: readonly Draft[], apps: ReadonlyMap<string, AppScene>, now: number): SeatPlan {
  const byApp = new Map<string, Draft[]>();
  for (const draft of drafts) {
    const list = draft.seat === 0 ? undefined : byApp.get(draft.app);
    if (list !== undefined) list.push(draft);
    else if (draft.seat !== 0) byApp.set(draft.app, [draft]);
  }
  const plans = [...apps.values()].flatMap((app) => {
    const { seats } = app.policy;
    return seats === null ? [] : [reserveIn(app, seats, byApp.get(app.name) ?? [], now)];
  });
  const waits = new Map(plans.flatMap((plan) => [...plan.waits]));
  return {
    reasons: new Map(plans.flatMap((plan) => [...plan.lacking])),
    reserve: (all) =>
      all.map((draft) => {
        const first = waits.get(draft.id);
        return first === undefined
          ? draft
          : { ...draft, dependsOn: [...new Set([...draft.dependsOn, ...first])].sort() };
      }),
    lines: (numberOf) => plans.flatMap((plan) => lineOf(plan, numberOf)),
  };
}

function reserveIn(app: AppScene, seats: number, drafts: readonly Draft[], now: number): Reservation {
  const sorted = drafts
    .map((draft) => ({ draft, place: placeOf(draft) }))
    .sort((left, right) => byText(left.place, right.place));
  const needs = sorted.filter(({ draft }) => draft.seat === 1).map(({ draft }) => draft);
  // A seat that is freed after the plan has run out is not one to count on.
  const frees = sorted
    .map(({ draft }) => draft)
    .filter((draft) => draft.seat === -1 && (draft.notBefore ?? "") <= toIso(now + PLAN_LIFE_MS))
    .sort((left, right) => byText(left.notBefore ?? "", right.notBefore ?? ""));
  const taken = app.graph.seatsUsed;
  const free = seats - taken;
  const debt = frees.slice(0, Math.max(0, -free)).map((draft) => draft.id);
  const waits = new Map<string, readonly string[]>();
  const lacking = new Map<string, string>();
  let net = 0;
  for (const [place, need] of needs.entries()) {
    const freed = place < free ? null : frees[place - free];
    if (freed === undefined) {
      const full = `${app.appName} has no seat left (${taken} of ${seats} taken)`;
      lacking.set(need.id, `${full}: buy one or free one, then plan again`);
      continue;
    }
    net += 1;
    if (freed !== null) waits.set(need.id, [...debt, freed.id]);
  }
  return { app, seats, taken, waits, lacking, net: net - frees.length };
}

function lineOf(plan: Reservation, numberOf: (step: string) => number): readonly Guard[] {
  const { app, seats, taken, waits, lacking } = plan;
  const now = `${app.appName} ${taken >= seats ? "is full" : "has free seats"} (${taken} of ${seats})`;
  const parts: string[] = [];
  if (waits.size > 0) {
    const pairs = [...waits].map(([need, frees]) => {
      const freed = frees.map(numberOf).sort((left, right) => left - right);
      const what = `${freed.length === 1 ? "step" : "steps"} ${listText(freed.map(String))}`;
      return `${what} ${freed.length === 1 ? "frees" : "free"} the seat that step ${numberOf(need)} takes`;
    });
    const shown = pairs.slice(0, MOST_PAIRS_SHOWN);
    const more = pairs.length - shown.length;
    parts.push(listText(more === 0 ? shown : [...shown, `${more} more`]));
  }
  if (lacking.size > 0)
    parts.push(`${countText(lacking.size, SEATS)} short: buy ${lacking.size === 1 ? "one" : "them"} or free some`);
  const steps = [...waits].flatMap(([need, frees]) => [need, ...frees]);
  if (parts.length > 0) {
    return [
      {
        name: "seats",
        state: "warn",
        app: app.name,
        text: `${now}: ${parts.join("; ")}`,
        steps: [...new Set(steps)].sort(),
      },
    ];
  }
  const then = plan.net === 0 ? "" : `, ${taken + plan.net} after this plan`;
  return [
    {
      name: "seats",
      state: "pass",
      app: app.name,
      text: `${app.appName}: ${taken} of ${seats} seats taken${then}`,
      steps: [],
    },
  ];
}
