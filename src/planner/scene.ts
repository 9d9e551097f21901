import { assert } from "../kernel/assert.ts";
import { AppError } from "../kernel/errors.ts";
import { canonicalEmail } from "../kernel/email.ts";
import type { AccountNode, ConnectionGraph } from "../graph/graph.ts";
import { byText, foldValue } from "../graph/words.ts";
import { refKey, type TeamRecord } from "../model/account.ts";
import type { ConnectionPolicy } from "../model/policy.ts";
import type { Traits, Verb } from "../model/traits.ts";
import type { PlanRequest } from "./request.ts";

/** One connection as the planner sees it. Indexes that only some plans need are made when they are first asked for. */
export interface AppScene {
  readonly name: string;
  readonly appName: string;
  readonly policy: ConnectionPolicy;
  readonly traits: Traits;
  /** Verbs that this connection does not have after all, though its app does. */
  readonly off: ReadonlySet<Verb>;
  readonly graph: ConnectionGraph;
  /** Accounts that are there with this canonical address. */
  readonly withEmail: (email: string) => readonly AccountNode[];
  /** Accounts of the team with this vendor id. */
  readonly membersOf: (team: string) => readonly AccountNode[];
  readonly teams: ReadonlyMap<string, TeamRecord>;
  /** Teams of this name, however it is written: more than one where the app has several. */
  readonly teamsNamed: (name: string) => readonly TeamRecord[];
  /** How many accounts of each kind are there. */
  readonly countByKind: ReadonlyMap<string, number>;
  /** How many accounts are there. */
  readonly accountCount: number;
}

/** The key of an account in maps and groups. */
export function keyOf(node: AccountNode): string {
  return refKey(node.ref);
}

/** Whether the connection can do it: the app has the verb and nothing has switched it off. */
export function can(app: AppScene, verb: Verb): boolean {
  return app.traits.verbs[verb] !== undefined && !app.off.has(verb);
}

export function teamName(app: AppScene, id: string): string {
  return app.teams.get(id)?.name ?? id;
}

/** An account that is there now: not one that a complete listing no longer had. */
export function isThere(node: AccountNode): boolean {
  return node.situation !== "deleted";
}

/** Groups things by a key, in the order in which they come; things without a key are left out. */
export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string | null): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== null) addTo(groups, key, item);
  }
  return groups;
}

function addTo<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}

/** A value that is made when it is first asked for, and once. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The apps that a plan is about, by name. Throws `missing` for a name that no connection has. */
export function buildScenes(
  request: Pick<PlanRequest, "graph" | "policy" | "off" | "selection">,
): ReadonlyMap<string, AppScene> {
  const { graph, policy, off } = request;
  const { connections: names } = request.selection;
  const [unknown] = (names ?? []).filter((name) => !policy.connections.some((one) => one.name === name));
  if (unknown !== undefined) throw new AppError("missing", `there is no app ${unknown}: see tenure apps list`);
  const scenes = new Map<string, AppScene>();
  for (const connection of [...policy.connections].sort((left, right) => byText(left.name, right.name))) {
    if (names !== null && !names.includes(connection.name)) continue;
    const known = graph.connections.get(connection.name);
    assert(known !== undefined, `the graph has no connection ${connection.name}`);
    scenes.set(connection.name, buildScene(known, connection, off[connection.name] ?? []));
  }
  return scenes;
}

function addressOf(node: AccountNode): string | null {
  return node.record.email === null || !isThere(node) ? null : canonicalEmail(node.record.email);
}

/** Accounts by address. Nearly every address has one account, so that only the others get a list. */
function byAddress(accounts: readonly AccountNode[]): (email: string) => readonly AccountNode[] {
  const first = new Map<string, AccountNode>();
  const all = new Map<string, AccountNode[]>();
  for (const node of accounts) {
    const email = addressOf(node);
    if (email === null) continue;
    const other = first.get(email);
    if (other === undefined) first.set(email, node);
    else if (all.has(email)) addTo(all, email, node);
    else all.set(email, [other, node]);
  }
  return (email) => {
    const only = first.get(email);
    return all.get(email) ?? (only === undefined ? [] : [only]);
  };
}

function byTeamOf(accounts: readonly AccountNode[]): ReadonlyMap<string, readonly AccountNode[]> {
  const groups = new Map<string, AccountNode[]>();
  for (const node of accounts) {
    if (!isThere(node)) continue;
    for (const team of node.teams ?? []) addTo(groups, team, node);
  }
  return groups;
}

function buildScene(graph: ConnectionGraph, policy: ConnectionPolicy, off: readonly Verb[]): AppScene {
  const countByKind = new Map<string, number>();
  for (const node of graph.accounts) {
    if (isThere(node)) countByKind.set(node.ref.kind, (countByKind.get(node.ref.kind) ?? 0) + 1);
  }
  const byEmail = lazy(() => byAddress(graph.accounts));
  const byTeam = lazy(() => byTeamOf(graph.accounts));
  const byName = groupBy(graph.teams.values(), (team) => foldValue(team.name));
  return {
    name: policy.name,
    appName: policy.appName,
    policy,
    traits: graph.traits,
    off: new Set(off),
    graph,
    withEmail: (email) => byEmail()(email),
    membersOf: (team) => byTeam().get(team) ?? [],
    teams: graph.teams,
    teamsNamed: (name) => byName.get(foldValue(name)) ?? [],
    countByKind,
    accountCount: [...countByKind.values()].reduce((sum, count) => sum + count, 0),
  };
}
