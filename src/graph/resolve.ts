import { canonicalEmail, isPlainEmail } from "../kernel/email.ts";
import { toIso } from "../kernel/dates.ts";
import type { Link } from "../model/link.ts";
import type { AccountNode, ConnectionGraph, Graph, GraphInput, InvitationNode } from "./graph.ts";
import { lookAlikes, skeleton } from "./match/look-alike.ts";
import { sharedMailboxTest } from "./match/mailboxes.ts";
import { matchConnection, type ConnectionLinks, type LookAlikeIndex, type Matched } from "./match/match-connection.ts";
import { indexPeople, type PeopleIndex, type Slot } from "./match/people-index.ts";
import { byText } from "./words.ts";

interface MutableKind {
  readonly confirmed: Map<string, Link>;
  readonly rejected: Map<string, Set<Slot>>;
}

interface MutableLinks {
  readonly kinds: Map<string, MutableKind>;
  readonly candidates: Map<string, Link>;
}

function addLink(into: MutableLinks, link: Link, people: PeopleIndex): void {
  const { kind, id } = link.account;
  const of = into.kinds.get(kind) ?? { confirmed: new Map<string, Link>(), rejected: new Map<string, Set<Slot>>() };
  into.kinds.set(kind, of);
  switch (link.state) {
    case "confirmed":
      of.confirmed.set(id, link);
      return;
    case "candidate":
      into.candidates.set(link.id, link);
      return;
    case "rejected": {
      const slot = people.find(link.person);
      if (slot === null) return;
      const rejected = of.rejected.get(id) ?? new Set<Slot>();
      of.rejected.set(id, rejected.add(slot));
      return;
    }
  }
}

function linksByConnection(links: readonly Link[], people: PeopleIndex): ReadonlyMap<string, ConnectionLinks> {
  const all = new Map<string, MutableLinks>();
  for (const link of links) {
    const { connection } = link.account;
    const of = all.get(connection) ?? { kinds: new Map<string, MutableKind>(), candidates: new Map<string, Link>() };
    all.set(connection, of);
    addLink(of, link, people);
  }
  return all;
}

const NO_LINKS: ConnectionLinks = { kinds: new Map(), candidates: new Map() };

/** Few accounts ask it anything, so the people are gone through when the first one does. */
function lookAlikeIndex(people: PeopleIndex): LookAlikeIndex {
  const table = lookAlikes();
  let odd: Map<string, Slot> | null = null;
  const build = (): Map<string, Slot> => {
    const found = new Map<string, Slot>();
    for (const slot of people.slots.values()) {
      if (!isPlainEmail(slot.person.emailKey)) found.set(skeleton(slot.person.emailKey, table), slot);
    }
    return found;
  };
  return {
    table,
    odd(email) {
      odd ??= build();
      return odd.get(email) ?? null;
    },
  };
}

/** Open invitations go to the one person whose address they carry. */
function handInvitations(invitations: readonly InvitationNode[], people: PeopleIndex): void {
  for (const invitation of invitations) {
    const key = canonicalEmail(invitation.record.email);
    const [claim, ...more] = key === null || invitation.record.state !== "pending" ? [] : people.claims(key);
    if (claim !== undefined && more.length === 0) claim.slot.invitations = [...claim.slot.invitations, invitation];
  }
}

/** Names of the connections in which one of these accounts is there, each once: accounts come by connection. */
function connectionsOf(accounts: readonly AccountNode[]): readonly string[] {
  const names: string[] = [];
  for (const { situation, record, ref } of accounts) {
    if (situation === "linked" && record.state !== "removed" && names.at(-1) !== ref.connection)
      names.push(ref.connection);
  }
  return names;
}

/** Tells everyone in which connections they have no account that is there. The few different answers are shared by all. */
function tellUnmatched(slots: Iterable<Slot>, names: readonly string[]): void {
  const known = new Map<string, readonly string[]>();
  for (const slot of slots) {
    const there = connectionsOf(slot.accounts);
    if (there.length === names.length) continue;
    const key = there.join("\u0000");
    const rest = known.get(key) ?? names.filter((name) => !there.includes(name));
    known.set(key, rest);
    slot.unmatched = rest;
  }
}

function connectionGraph({ gathered, nodes }: Matched): ConnectionGraph {
  const { name, traits, snapshot } = gathered.input;
  return {
    name,
    traits,
    snapshot,
    accounts: nodes,
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
  const index = lookAlikeIndex(people);
  const isShared = sharedMailboxTest();
  const context = { people, autoLink: input.policy.autoLink, isShared, now: input.now, nowIso: toIso(input.now) };
  const connections = new Map<string, ConnectionGraph>();
  const newLinks: Link[] = [];
  for (const connection of input.connections.toSorted((left, right) => byText(left.name, right.name))) {
    const matched = matchConnection(connection, links.get(connection.name) ?? NO_LINKS, index, context);
    const graph = connectionGraph(matched);
    connections.set(connection.name, graph);
    handInvitations(graph.invitations, people);
    for (const link of matched.newLinks) newLinks.push(link);
  }
  const candidates: Link[] = [];
  for (const { accounts } of connections.values()) {
    for (const node of accounts) for (const candidate of node.candidates) candidates.push(candidate.link);
  }
  tellUnmatched(people.slots.values(), [...connections.keys()]);
  return {
    people: people.slots,
    sameAs: people.sameAs,
    connections,
    sources: input.sources,
    newLinks,
    candidates,
  };
}
