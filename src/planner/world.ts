import { canonicalEmail } from "../kernel/email.ts";
import type { PersonNode } from "../graph/graph.ts";
import { refKey } from "../model/account.ts";
import { resolveEntitlements, teamsUnderRules, type Entitlements } from "./entitlements.ts";
import { holdingKey, type World } from "./pair.ts";
import type { PlanRequest } from "./request.ts";
import { groupBy, lazy, type AppScene } from "./scene.ts";
import { nameKey } from "./words.ts";

/** Finds people by the key or the address that a source writes for a manager. */
function personFinder(people: ReadonlyMap<string, PersonNode>): (reference: string) => PersonNode | null {
  const byReference = lazy(() => {
    const known = new Map<string, PersonNode>();
    for (const node of people.values()) {
      known.set(node.person.emailKey, node);
      for (const alias of node.person.aliases) if (!known.has(alias)) known.set(alias, node);
    }
    // A source's own key wins over an address that happens to look the same.
    for (const node of people.values()) known.set(node.person.key.trim(), node);
    return known;
  });
  return (reference) =>
    byReference().get(reference.trim()) ?? byReference().get(canonicalEmail(reference) ?? "") ?? null;
}

/** Many people get the same from the same rules: what that is in an app is looked up once. */
function entitlementsCache(): World["entitlements"] {
  const known = new Map<string, Entitlements>();
  return (app, desired) => {
    if (desired.unfilled.length > 0) return resolveEntitlements(app, desired);
    const key = [app.name, desired.rule.name, desired.gift.role ?? "", ...desired.gift.teams].join("\u0000");
    const found = known.get(key) ?? resolveEntitlements(app, desired);
    known.set(key, found);
    return found;
  };
}

/** Everything that all pairs share. */
export function buildWorld(request: PlanRequest, apps: ReadonlyMap<string, AppScene>): World {
  const { people } = request.graph;
  const { selection } = request;
  const offboard = selection.kind === "person" && selection.offboard ? [selection.person] : [];
  const byDepartment = lazy(() =>
    groupBy(people.values(), ({ person }) => (person.department === null ? [] : [nameKey(person.department)])),
  );
  return {
    apps,
    people,
    findPerson: personFinder(people),
    colleaguesIn: (department) => byDepartment().get(nameKey(department)) ?? [],
    holdings: new Map(request.holdings.map((held) => [holdingKey(refKey(held.account), held.holding), held])),
    entitlements: entitlementsCache(),
    answers: request.answers,
    governs: teamsUnderRules(request.policy.rules),
    offboard: new Set(offboard),
    now: request.now,
  };
}
