import { canonicalEmail, isPlainEmail } from "../kernel/email.ts";
import { toIso } from "../kernel/dates.ts";
import type { Link } from "../model/link.ts";
import type { Person } from "../model/person.ts";
import {
  accountKey,
  LIKELY_SCORE,
  type AccountNode,
  type ConnectionGraph,
  type Graph,
  type GraphInput,
  type InvitationNode,
  type PersonNode,
} from "./graph.ts";
import { lookAlikes, skeleton } from "./match/look-alike.ts";
import { sharedMailboxTest } from "./match/mailboxes.ts";
import { matchConnection, type ConnectionLinks, type LookAlikeIndex, type Matched } from "./match/match-connection.ts";
import { indexPeople, type PeopleIndex } from "./match/people-index.ts";
import { byText } from "./words.ts";

interface MutableLinks {
  readonly confirmed: Map<string, Link>;
  readonly rejected: Map<string, Set<string>>;
  readonly candidates: Map<string, Link>;
}

function linksByConnection(links: readonly Link[], people: PeopleIndex): ReadonlyMap<string, ConnectionLinks> {
  const all = new Map<string, MutableLinks>();
  for (const link of links) {
    const { connection, kind, id } = link.account;
    const of = all.get(connection) ?? { confirmed: new Map(), rejected: new Map(), candidates: new Map() };
    all.set(connection, of);
    const key = accountKey(kind, id);
    switch (link.state) {
      case "confirmed":
        of.confirmed.set(key, link);
        break;
      case "candidate":
        of.candidates.set(link.id, link);
        break;
      case "rejected": {
        const rejected = of.rejected.get(key) ?? new Set<string>();
        rejected.add(people.sameAs.get(link.person) ?? link.person);
        of.rejected.set(key, rejected);
        break;
      }
    }
  }
  return all;
}

const NO_LINKS: ConnectionLinks = { confirmed: new Map(), rejected: new Map(), candidates: new Map() };

function lookAlikeIndex(people: readonly Person[]): LookAlikeIndex {
  const table = lookAlikes();
  const odd = new Map<string, Person>();
  for (const person of people) {
    if (!isPlainEmail(person.emailKey)) odd.set(skeleton(person.emailKey, table), person);
  }
  return { table, odd };
}

/** Everyone's accounts, deleted ones too; an account in dispute is nobody's. */
function accountsByPerson(connections: ReadonlyMap<string, ConnectionGraph>): Map<string, AccountNode[]> {
  const all = new Map<string, AccountNode[]>();
  for (const { accounts } of connections.values()) {
    for (const node of accounts) {
      if (node.person === null || (node.situation !== "linked" && node.situation !== "deleted")) continue;
      const own = all.get(node.person);
      if (own === undefined) all.set(node.person, [node]);
      else own.push(node);
    }
  }
  return all;
}

/** Accounts that wait for a human, by everyone whose they may be. */
function possibleByPerson(connections: ReadonlyMap<string, ConnectionGraph>): Map<string, AccountNode[]> {
  const all = new Map<string, AccountNode[]>();
  const add = (person: string, node: AccountNode): void => {
    const nodes = all.get(person);
    if (nodes === undefined) all.set(person, [node]);
    else if (nodes.at(-1) !== node) nodes.push(node);
  };
  for (const { accounts } of connections.values()) {
    for (const node of accounts) {
      if (node.situation === "disputed" && node.person !== null) add(node.person, node);
      for (const candidate of node.candidates) {
        if (node.situation === "disputed" || candidate.score >= LIKELY_SCORE) add(candidate.person, node);
      }
    }
  }
  return all;
}

function invitationsByPerson(
  connections: ReadonlyMap<string, ConnectionGraph>,
  people: PeopleIndex,
): Map<string, InvitationNode[]> {
  const all = new Map<string, InvitationNode[]>();
  for (const { invitations } of connections.values()) {
    for (const invitation of invitations) {
      const key = canonicalEmail(invitation.record.email);
      const claims = key === null || invitation.record.state !== "pending" ? [] : people.claims(key);
      const [claim] = claims;
      if (claim === undefined || claims.length > 1) continue;
      all.set(claim.person.id, [...(all.get(claim.person.id) ?? []), invitation]);
    }
  }
  return all;
}

/** Connections in which none of these accounts is there. The few different answers are shared by all people. */
function unmatchedLists(names: readonly string[]): (accounts: readonly AccountNode[]) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (accounts) => {
    const there = new Set<string>();
    for (const { situation, record, ref } of accounts) {
      if (situation === "linked" && record.state !== "removed") there.add(ref.connection);
    }
    const rest = names.filter((name) => !there.has(name));
    const key = rest.join("\u0000");
    const before = known.get(key);
    if (before !== undefined) return before;
    known.set(key, rest);
    return rest;
  };
}

const NONE: readonly never[] = [];

function personNodes(
  people: PeopleIndex,
  connections: ReadonlyMap<string, ConnectionGraph>,
): ReadonlyMap<string, PersonNode> {
  const accounts = accountsByPerson(connections);
  const invitations = invitationsByPerson(connections, people);
  const possible = possibleByPerson(connections);
  const unmatched = unmatchedLists([...connections.keys()]);
  const nodes = new Map<string, PersonNode>();
  for (const person of people.people) {
    const own = accounts.get(person.id) ?? NONE;
    nodes.set(person.id, {
      person,
      seenAs: people.seenAs.get(person.id) ?? NONE,
      directoryOnly: people.directoryOnly.has(person.id),
      accounts: own,
      possible: possible.get(person.id) ?? NONE,
      invitations: invitations.get(person.id) ?? NONE,
      unmatched: unmatched(own),
    });
  }
  return nodes;
}

function connectionGraph({ gathered, nodes }: Matched): ConnectionGraph {
  const { name, traits, snapshot } = gathered.input;
  return {
    name,
    traits,
    snapshot,
    accounts: nodes,
    byKey: new Map(nodes.map((node) => [accountKey(node.ref.kind, node.ref.id), node])),
    invitations: gathered.invitations.map((record) => ({ connection: name, record })),
    teams: gathered.teams,
    machines: gathered.machines,
    seatsUsed: gathered.seatsUsed,
  };
}

/**
 * Who has an account where. The stored link comes first and stays, whatever happens to addresses; then the person's own
 * address, further addresses and the domain map make links by themselves; everything less sure waits for a human with its
 * reasons (X-04, safety part B). The answer does not depend on the order of people, accounts or connections, and costs
 * about n log n.
 */
export function resolveGraph(input: GraphInput): Graph {
  const people = indexPeople(input);
  const links = linksByConnection(input.links, people);
  const index = lookAlikeIndex(people.people);
  const isShared = sharedMailboxTest();
  const context = { people, autoLink: input.policy.autoLink, isShared, now: input.now, nowIso: toIso(input.now) };
  const connections = new Map<string, ConnectionGraph>();
  const newLinks: Link[] = [];
  for (const connection of input.connections.toSorted((left, right) => byText(left.name, right.name))) {
    const matched = matchConnection(connection, links.get(connection.name) ?? NO_LINKS, index, context);
    connections.set(connection.name, connectionGraph(matched));
    for (const link of matched.newLinks) newLinks.push(link);
  }
  const candidates = [...connections.values()].flatMap(({ accounts }) =>
    accounts.flatMap((node) => node.candidates.map((candidate) => candidate.link)),
  );
  return {
    people: personNodes(people, connections),
    sameAs: people.sameAs,
    connections,
    sources: input.sources,
    newLinks,
    candidates,
  };
}
