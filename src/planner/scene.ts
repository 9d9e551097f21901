import { assert } from "../kernel/assert.ts";
import { canonicalEmail } from "../kernel/email.ts";
import type { AccountNode, ConnectionGraph, Graph } from "../graph/graph.ts";
import { foldValue } from "../graph/words.ts";
import { refKey, type TeamRecord } from "../model/account.ts";
import type { ConnectionPolicy, Policy } from "../model/policy.ts";
import type { Traits, Verb } from "../model/traits.ts";

/** One connection as the planner sees it, indexed once. */
export interface AppScene {
  readonly name: string;
  readonly appName: string;
  readonly policy: ConnectionPolicy;
  readonly traits: Traits;
  /** Verbs that this connection does not have after all, though its app does. */
  readonly off: ReadonlySet<Verb>;
  readonly graph: ConnectionGraph;
  /** Accounts that are there, by canonical address. */
  readonly byEmail: ReadonlyMap<string, readonly AccountNode[]>;
  /** Accounts that are there, by `refKey`. */
  readonly byKey: ReadonlyMap<string, AccountNode>;
  /** Accounts by the vendor id of their team. */
  readonly members: ReadonlyMap<string, readonly AccountNode[]>;
  readonly teams: ReadonlyMap<string, TeamRecord>;
  /** By folded name: more than one where the app has several teams of a name. */
  readonly teamsByName: ReadonlyMap<string, readonly TeamRecord[]>;
  /** How many accounts of each kind are there. */
  readonly countByKind: ReadonlyMap<string, number>;
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

function addTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/**
 * The connections that have both a policy and a place in the graph, by name. `off` names the verbs that a connection
 * has lost (`ConnectionState.off`).
 */
export function buildScenes(
  graph: Graph,
  policy: Policy,
  off: Readonly<Record<string, readonly Verb[]>>,
): ReadonlyMap<string, AppScene> {
  const scenes = new Map<string, AppScene>();
  for (const connection of [...policy.connections].sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const known = graph.connections.get(connection.name);
    assert(known !== undefined, `the graph has no connection ${connection.name}`);
    scenes.set(connection.name, buildScene(known, connection, off[connection.name] ?? []));
  }
  return scenes;
}

function buildScene(graph: ConnectionGraph, policy: ConnectionPolicy, off: readonly Verb[]): AppScene {
  const byEmail = new Map<string, AccountNode[]>();
  const byKey = new Map<string, AccountNode>();
  const members = new Map<string, AccountNode[]>();
  const countByKind = new Map<string, number>();
  for (const node of graph.accounts) {
    if (!isThere(node)) continue;
    for (const team of node.teams ?? []) addTo(members, team, node);
    byKey.set(keyOf(node), node);
    countByKind.set(node.ref.kind, (countByKind.get(node.ref.kind) ?? 0) + 1);
    const email = node.record.email === null ? null : canonicalEmail(node.record.email);
    if (email !== null) addTo(byEmail, email, node);
  }
  const teamsByName = new Map<string, TeamRecord[]>();
  for (const team of graph.teams.values()) addTo(teamsByName, foldValue(team.name), team);
  return {
    name: policy.name,
    appName: policy.appName,
    policy,
    traits: graph.traits,
    off: new Set(off),
    graph,
    byEmail,
    byKey,
    members,
    teams: graph.teams,
    teamsByName,
    countByKind,
  };
}
