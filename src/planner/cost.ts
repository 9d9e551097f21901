import type { Cost } from "../model/plan.ts";
import { keyOf, type AppScene } from "./scene.ts";
import { verbOf, type Draft } from "./steps.ts";

/** One way to the vendor and back, as assumed for estimates (performance notes, section 3). */
const ROUND_TRIP_MS = 150;

/** Requests in flight at once for bulk work, as apply sends them. */
const BULK_IN_FLIGHT = 10;

/** Stands for the listing before the creates of an app, among its accounts. */
const LISTING = "listing before creates";

/** Requests of one step, and how many of them must wait for each other. */
interface Calls {
  readonly requests: number;
  readonly depth: number;
}

function pagesOf(app: AppScene, kind: string, count: number): number {
  const size = app.traits.kinds[kind]?.maxPageSize ?? 100;
  return Math.max(1, Math.ceil(count / size));
}

/** What a connection may send in one window: its share of the declared quota, at least one request. */
function allowanceOf(app: AppScene): number {
  return Math.max(1, Math.floor(app.traits.quota.limit * app.policy.share));
}

/**
 * Milliseconds that so many requests take under the budget when nothing else uses it: full windows that must pass first,
 * and the round trips that wait for each other. The bound holds for every scheme of the vendors.
 */
export function durationMs(app: AppScene, calls: Calls): number {
  if (calls.requests === 0) return 0;
  const windows = Math.ceil(calls.requests / allowanceOf(app)) - 1;
  return windows * app.traits.quota.windowMs + calls.depth * ROUND_TRIP_MS;
}

function serial(requests: number): Calls {
  return { requests, depth: requests };
}

/** The read before the write (S5), the write, and the read that proves it. */
function callsOf(app: AppScene, draft: Draft): Calls {
  const { action } = draft;
  switch (action.verb) {
    case "manual":
    case "verifyNone":
      return serial(1);
    case "create":
      return serial((app.traits.verbs.create?.requests ?? 1) + 1);
    case "transfer": {
      const pages = pagesOf(app, action.holding, action.count);
      const writes = action.count * (app.traits.verbs.transfer?.requests ?? 1);
      return { requests: pages + writes, depth: pages + Math.ceil(writes / BULK_IN_FLIGHT) };
    }
    case "join":
    case "leave":
      return serial(readsOfMembers(app, action.team.id) + (app.traits.verbs[action.verb]?.requests ?? 1));
    default: {
      const verb = verbOf(action);
      const writes = verb === null ? 0 : (app.traits.verbs[verb]?.requests ?? 1);
      return serial(1 + draft.precondition.noHoldings.length + writes + 1);
    }
  }
}

/** Guard read and proof of a membership: the account itself, and the team's members where only they tell. */
function readsOfMembers(app: AppScene, team: string): number {
  if (app.traits.teams.toldBy === "account") return 2;
  const kind = Object.entries(app.traits.kinds).find(([, traits]) => traits.noun === "membership")?.[0];
  const members = app.teams.get(team)?.memberCount ?? 0;
  return 2 * (1 + (kind === undefined ? 1 : pagesOf(app, kind, members)));
}

/** Where the app's document promises no refusal of a second create, one fresh listing comes before a batch of creates. */
function listingBeforeCreates(app: AppScene): number {
  const { create } = app.traits;
  if (create === null || create.refusesDuplicates) return 0;
  const kinds = new Set([create.kind, ...create.emailUniqueAcross]);
  return [...kinds].reduce((sum, kind) => sum + pagesOf(app, kind, app.countByKind.get(kind) ?? 0), 0);
}

/** What an app has been asked so far, by the steps before. Accounts are worked on side by side, steps of one in a row. */
interface Used {
  requests: number;
  depth: number;
  longest: number;
  readonly depths: Map<string, number>;
}

function addCalls(used: Used, account: string, calls: Calls): void {
  const depth = (used.depths.get(account) ?? 0) + calls.depth;
  used.depths.set(account, depth);
  used.requests += calls.requests;
  used.depth += calls.depth;
  used.longest = Math.max(used.longest, depth);
}

function usedMs(app: AppScene, used: Used): number {
  const depth = Math.max(used.longest, Math.ceil(used.depth / BULK_IN_FLIGHT));
  return durationMs(app, { requests: used.requests, depth });
}

/**
 * Cost of each step in the order of the plan. Seconds are what the step adds to the work on its app: their sum is the time
 * of all of it, window edges included, so that the step whose requests cross an edge carries the wait.
 */
export function costSteps(drafts: readonly Draft[], apps: ReadonlyMap<string, AppScene>): ReadonlyMap<string, Cost> {
  const spent = new Map<string, Used>();
  const costs = new Map<string, Cost>();
  for (const draft of drafts) {
    const app = apps.get(draft.app);
    if (app === undefined) continue;
    const used = spent.get(app.name) ?? { requests: 0, depth: 0, longest: 0, depths: new Map<string, number>() };
    spent.set(app.name, used);
    const own = callsOf(app, draft);
    const pages = draft.action.verb === "create" && !used.depths.has(LISTING) ? listingBeforeCreates(app) : 0;
    const beforeMs = usedMs(app, used);
    if (draft.action.verb === "create") addCalls(used, LISTING, serial(pages));
    addCalls(used, draft.account === null ? (draft.target.email ?? draft.id) : keyOf(draft.account), own);
    const addedMs = usedMs(app, used) - beforeMs;
    costs.set(draft.id, { requests: own.requests + pages, seconds: addedMs / 1000 });
  }
  return costs;
}
