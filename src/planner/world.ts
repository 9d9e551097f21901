import { canonicalEmail } from "../kernel/email.ts";
import type { AccountNode, PersonNode } from "../graph/graph.ts";
import { refKey } from "../model/account.ts";
import { teamsUnderRules } from "./entitlements.ts";
import { holdingKey, type World } from "./pair.ts";
import type { PlanRequest } from "./request.ts";
import type { AppScene } from "./scene.ts";
import { nameKey } from "./words.ts";

function addTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Accounts that are nobody's for sure, by each person whose they may be. */
function claimsOf(apps: ReadonlyMap<string, AppScene>): ReadonlyMap<string, readonly AccountNode[]> {
  const claims = new Map<string, AccountNode[]>();
  for (const app of apps.values()) {
    for (const account of app.graph.accounts) {
      if (account.situation !== "disputed" && account.situation !== "unlinked") continue;
      const people = new Set(account.candidates.map((candidate) => candidate.person));
      if (account.person !== null) people.add(account.person);
      for (const person of people) addTo(claims, person, account);
    }
  }
  return claims;
}

/** Finds people by the key or the address that a source writes for a manager. */
function personFinder(people: ReadonlyMap<string, PersonNode>): (reference: string) => PersonNode | null {
  const byReference = new Map<string, PersonNode>();
  for (const node of people.values()) {
    byReference.set(node.person.emailKey, node);
    for (const alias of node.person.aliases) if (!byReference.has(alias)) byReference.set(alias, node);
  }
  // A source's own key wins over an address that happens to look the same.
  for (const node of people.values()) byReference.set(node.person.key.trim(), node);
  return (reference) => byReference.get(reference.trim()) ?? byReference.get(canonicalEmail(reference) ?? "") ?? null;
}

/** Everything that all pairs share, indexed once. */
export function buildWorld(request: PlanRequest, apps: ReadonlyMap<string, AppScene>): World {
  const { people } = request.graph;
  const byDepartment = new Map<string, PersonNode[]>();
  let listedPeople = 0;
  for (const node of people.values()) {
    if (node.person.listed) listedPeople += 1;
    if (node.person.department !== null) addTo(byDepartment, nameKey(node.person.department), node);
  }
  const { selection } = request;
  const offboard = selection.kind === "person" && selection.offboard ? [selection.person] : [];
  return {
    apps,
    people,
    findPerson: personFinder(people),
    byDepartment,
    holdings: new Map(request.holdings.map((held) => [holdingKey(refKey(held.account), held.holding), held])),
    claims: claimsOf(apps),
    answers: request.answers,
    governs: teamsUnderRules(request.policy.rules),
    domains: request.policy.domains,
    offboard: new Set(offboard),
    listedPeople,
    now: request.now,
  };
}
