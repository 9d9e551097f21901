import { canonicalEmail } from "../kernel/email.ts";
import { personId } from "../graph/diff-roster.ts";
import type { PersonNode } from "../graph/graph.ts";
import { refKey } from "../model/account.ts";
import { resolveEntitlements, teamsUnderRules, type Entitlements } from "./entitlements.ts";
import { holdingKey, leavingOf, type Leaving, type World } from "./pair.ts";
import type { PlanRequest } from "./request.ts";
import { selectedPerson } from "./selection.ts";
import { groupBy, lazy, type AppScene } from "./scene.ts";
import { nameKey, timeText } from "./words.ts";

/** Finds people by the key or the address that a source writes for a manager; a key wins over an address. */
function personFinder(people: ReadonlyMap<string, PersonNode>): World["findPerson"] {
  const byKey = lazy(() => {
    const known = new Map<string, PersonNode>();
    for (const node of people.values()) known.set(node.person.key.trim(), node);
    return known;
  });
  const byEmail = lazy(() => {
    const known = new Map<string, PersonNode>();
    for (const node of people.values()) known.set(node.person.emailKey, node);
    for (const node of people.values()) {
      for (const alias of node.person.aliases) if (!known.has(alias)) known.set(alias, node);
    }
    return known;
  });
  return (reference, from) => {
    // An id is made of source and key, so that most managers are found without an index of everybody.
    const found = people.get(personId(from.source, reference.trim())) ?? byKey().get(reference.trim());
    if (found !== undefined) return found;
    const email = canonicalEmail(reference);
    return email === null ? null : (byEmail().get(email) ?? null);
  };
}

/** Whether and why somebody leaves, worked out once a person: successors are asked about again and again. */
function leavingCache(now: number, offboard: ReadonlySet<string>): World["leaving"] {
  const known = new Map<string, Leaving | null>();
  const texts = new Map<string, string>();
  // Many leave on the same day, and making a text of a time asks the calendar.
  const say = (epochMs: number, zone: string): string => {
    const key = `${epochMs} ${zone}`;
    const text = texts.get(key) ?? timeText(epochMs, zone);
    texts.set(key, text);
    return text;
  };
  return (node) => {
    const { person } = node;
    if (person.accessEndsAt === null && person.status !== "terminated" && !offboard.has(person.id)) return null;
    const found = known.get(person.id);
    if (found !== undefined) return found;
    const leaving = leavingOf(person, now, { named: offboard.has(person.id), say });
    known.set(person.id, leaving);
    return leaving;
  };
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
  const person = selectedPerson(request);
  const offboard = selection.kind === "person" && selection.offboard && person !== null ? [person] : [];
  const byDepartment = lazy(() =>
    groupBy(people.values(), ({ person }) => (person.department === null ? null : nameKey(person.department))),
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
    leaving: leavingCache(request.now, new Set(offboard)),
    now: request.now,
  };
}
