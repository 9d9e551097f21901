import type { AccountRecord, AccountRef, InvitationRecord, Observation, TeamRecord } from "../model/account.ts";
import type { Link } from "../model/link.ts";
import type { Person } from "../model/person.ts";
import type { Policy } from "../model/policy.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Noun, Traits } from "../model/traits.ts";
import { byText } from "./words.ts";

/** An observation with the snapshots in which it was so, as the store keeps it (`StoredObservation`). */
export interface Observed {
  readonly observation: Observation;
  readonly parent: string | null;
  readonly since: string;
  /** First snapshot whose complete listing no longer had it; null while it is there. */
  readonly goneIn: string | null;
  /** First incomplete listing that did not show it: no proof of anything. */
  readonly unseenIn: string | null;
}

/** What the graph is made of, per connection: everything that is there now and what has gone. */
export interface ConnectionInput {
  readonly name: string;
  readonly traits: Traits;
  /** Null: never read. Then nothing is said of what is missing there. */
  readonly snapshot: Snapshot | null;
  readonly current: readonly Observed[];
  /** Rows that a complete listing no longer had. */
  readonly gone: readonly Observed[];
}

/** A source of people; in the order of trust, a roster before a directory. */
export interface SourceInput {
  readonly name: string;
  readonly kind: "roster" | "directory";
}

export interface GraphInput {
  readonly people: readonly Person[];
  readonly sources: readonly SourceInput[];
  readonly connections: readonly ConnectionInput[];
  /** All stored links: confirmed, candidate and rejected. */
  readonly links: readonly Link[];
  readonly policy: Pick<Policy, "domains" | "autoLink">;
  /** Epoch milliseconds: the time of new links. */
  readonly now: number;
}

/**
 * Where an account stands. `linked`: tied to one person. `unlinked`: to nobody (candidates may wait). `disputed`: more
 * than one answer, or the tie contradicts what the app says now; only a human decides, and nothing is done with it.
 * `deleted`: it was linked and a complete listing no longer has it.
 */
export type Situation = "linked" | "unlinked" | "disputed" | "deleted";

/**
 * Why an account is disputed. `two-people`: its address is that of several people. `two-accounts`: several accounts with
 * one address. `duplicate`: its person has another account of the kind already. `moved`: it is linked to one person and
 * carries the address of another. `replaced`: its person was linked to an account that has gone (safety B12).
 * `after-leaving`: made after its person had left (recycled address, safety B5). `lost-person`: linked to somebody unknown.
 */
export type Dispute =
  | "two-people"
  | "two-accounts"
  | "duplicate"
  | "moved"
  | "replaced"
  | "after-leaving"
  | "lost-person";

/** From this score on a candidate is likely enough that no second account is made for the person. */
export const LIKELY_SCORE = 0.5;

/** A person an account may belong to, for a human to decide. */
export interface Candidate {
  readonly person: string;
  /** 0 to 1, below 1: a sure match is a link. */
  readonly score: number;
  /** Ready to be stored: state `candidate`, evidence with the reasons. Its id stays the same for the pair. */
  readonly link: Link;
}

export interface AccountNode {
  readonly ref: AccountRef;
  /** What the app said last. */
  readonly record: AccountRecord;
  readonly situation: Situation;
  readonly dispute: Dispute | null;
  /** The confirmed link, stored before or made now. */
  readonly link: Link | null;
  /** Person the link names: of `linked`, `deleted`, and of `disputed` when there is a link; else null. */
  readonly person: string | null;
  /** People it may be, best first; empty when it is linked. Those of a dispute are the ones who claim it. */
  readonly candidates: readonly Candidate[];
  /** Why it stands so, one sentence each, for evidence. */
  readonly notes: readonly string[];
  /** Its address is a role's (sales@): never tied to a person by us (safety B8). */
  readonly shared: boolean;
  /** Its address looks like that of this person but is another one (safety B3); null otherwise. */
  readonly resembles: string | null;
  /** Vendor ids of its teams; null when the app did not tell. */
  readonly teams: readonly string[] | null;
  /** First incomplete listing that did not show it; null when the last listing had it. */
  readonly unseenIn: string | null;
  /** Snapshot whose complete listing no longer had it. */
  readonly goneIn: string | null;
}

export interface PersonNode {
  readonly person: Person;
  /** The same human in other sources (a directory beside the roster). */
  readonly seenAs: readonly Person[];
  /** Nobody but a directory knows this person, though there is a roster. */
  readonly directoryOnly: boolean;
  /** Linked accounts, deleted ones among them; never disputed ones. */
  readonly accounts: readonly AccountNode[];
  /**
   * Accounts that may be this person's and wait for a human: disputed ones that name the person, and unlinked ones with the
   * person among the likely candidates. Nothing is created for the person in those connections meanwhile.
   */
  readonly possible: readonly AccountNode[];
  /** Open invitations to one of this person's addresses that are records of their own. */
  readonly invitations: readonly InvitationNode[];
  /** Connections without an account of this person that is there. */
  readonly unmatched: readonly string[];
}

export interface InvitationNode {
  readonly connection: string;
  readonly record: InvitationRecord;
}

export interface ConnectionGraph {
  readonly name: string;
  readonly traits: Traits;
  readonly snapshot: Snapshot | null;
  /** Accounts of humans, in the order of their kind and id. */
  readonly accounts: readonly AccountNode[];
  readonly invitations: readonly InvitationNode[];
  /** By vendor id. What a team of this app means is `traits.teams.meaning`; never an org unit. */
  readonly teams: ReadonlyMap<string, TeamRecord>;
  /** Records that are no person's (bots, visitors): counted, otherwise left alone. */
  readonly machines: number;
  /** Seats that accounts take now. */
  readonly seatsUsed: number;
}

/** Who has an account where, and how we know. Made anew from the store each time; it is never edited. */
export interface Graph {
  /** By person id, in the order of the ids. */
  readonly people: ReadonlyMap<string, PersonNode>;
  /** Id of a person in a second source → id of the same human in `people`. */
  readonly sameAs: ReadonlyMap<string, string>;
  /** In the order of their names. */
  readonly connections: ReadonlyMap<string, ConnectionGraph>;
  readonly sources: readonly SourceInput[];
  /** Confirmed links that were not stored yet. */
  readonly newLinks: readonly Link[];
  /** All candidates, best first within an account. */
  readonly candidates: readonly Link[];
}

/** Key of an account within its connection. */
export function accountKey(kind: string, id: string): string {
  return `${kind}/${id}`;
}

/** The account of a graph, or null; found by halving, because accounts stand in order. */
export function findAccount(graph: Graph, ref: AccountRef): AccountNode | null {
  const accounts = graph.connections.get(ref.connection)?.accounts ?? [];
  let [low, high] = [0, accounts.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const node = accounts[middle];
    if (node === undefined) return null;
    const order = byText(node.ref.kind, ref.kind) || byText(node.ref.id, ref.id);
    if (order === 0) return node;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

type Listed = Pick<ConnectionGraph, "snapshot" | "traits">;

/** Whether the last listing of every kind that holds accounts came with a proof, so that absence counts there (safety S15). */
export function accountsAreComplete(connection: Listed): boolean {
  return nounIsComplete(connection, "account") && nounIsComplete(connection, "invitation");
}

/** The same for who is in which team. */
export function membersAreComplete(connection: Listed): boolean {
  switch (connection.traits.teams.toldBy) {
    case "account":
      return accountsAreComplete(connection);
    case "members":
      return nounIsComplete(connection, "team") && nounIsComplete(connection, "membership");
  }
}

function nounIsComplete({ snapshot, traits }: Listed, noun: Noun): boolean {
  if (snapshot === null) return false;
  return Object.entries(traits.kinds)
    .filter(([, kind]) => kind.noun === noun)
    .every(([name, kind]) => {
      const listings = snapshot.listings.filter((listing) => listing.kind === name);
      // A kind that is listed inside its parents has no listing at all when there are no parents.
      return (listings.length > 0 || kind.per !== null) && listings.every((listing) => listing.proof !== null);
    });
}

/** Whether the listings of accounts may leave out suspended or removed ones: then absence is no proof of deletion. */
export function mayHideInactive(traits: Traits): boolean {
  return Object.values(traits.kinds).some((kind) => kind.noun === "account" && kind.hidesInactive);
}
