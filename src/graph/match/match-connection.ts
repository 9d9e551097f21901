import { isPlainEmail, type EmailKey } from "../../kernel/email.ts";
import { canonicalJson, toJson } from "../../kernel/json.ts";
import type { Link } from "../../model/link.ts";
import type { Person } from "../../model/person.ts";
import { accountKey, type AccountNode, type Candidate, type ConnectionInput } from "../graph.ts";
import { byText } from "../words.ts";
import { findCandidates } from "./candidates.ts";
import { gather, type Found, type Gathered } from "./gather.ts";
import { skeleton, type LookAlikes } from "./look-alike.ts";
import type { Claim } from "./people-index.ts";
import { matchSurely, type MatchContext, type Matching, type StoredLinks } from "./sure-links.ts";
import { makeLink, newVerdict, placeOf, type Verdict } from "./verdict.ts";

/** What the links stored for one connection say, with those that wait. */
export interface ConnectionLinks extends StoredLinks {
  /** Candidates stored before, by link id. */
  readonly candidates: ReadonlyMap<string, Link>;
}

export interface Matched {
  readonly gathered: Gathered;
  readonly nodes: readonly AccountNode[];
  readonly newLinks: readonly Link[];
}

export interface LookAlikeIndex {
  readonly table: LookAlikes;
  /** Skeleton → people whose address has letters beyond ASCII. */
  readonly odd: ReadonlyMap<string, Person>;
}

/** The person whose address this one imitates: looks the same and is another (safety B3). */
function imitated(
  email: EmailKey,
  claims: readonly Claim[],
  index: LookAlikeIndex,
  context: MatchContext,
): Person | null {
  if (claims.length > 0) return null;
  if (!isPlainEmail(email)) return context.people.owners(skeleton(email, index.table) as EmailKey)[0] ?? null;
  return index.odd.size === 0 ? null : (index.odd.get(email) ?? null);
}

function startMatching(found: Found, links: ConnectionLinks, index: LookAlikeIndex, context: MatchContext): Matching {
  const key = accountKey(found.ref.kind, found.ref.id);
  const { email } = found;
  const verdict = newVerdict();
  const shared = email !== null && context.isShared(email);
  const all = email === null || shared ? [] : context.people.claims(email);
  const rejected = links.rejected.get(key);
  const claims = rejected === undefined ? all : all.filter((claim) => !rejected.has(claim.person.id));
  if (shared) verdict.notes.push(`${found.record.email} is the address of a role, not of a person`);
  const twin = email === null || shared ? null : imitated(email, all, index, context);
  if (twin !== null) {
    verdict.resembles = twin.id;
    verdict.notes.push(`its address looks like ${twin.email} of ${placeOf(twin)} and is another one`);
  }
  return { found, key, verdict, claims, shared };
}

function addCandidates(matchings: readonly Matching[], links: ConnectionLinks, context: MatchContext): void {
  const taken = new Set<string>();
  for (const { verdict, found } of matchings) {
    if (verdict.person !== null && verdict.dispute === null) taken.add(`${found.ref.kind} ${verdict.person.id}`);
  }
  const open = matchings.filter(
    ({ verdict, found, shared }) =>
      verdict.link === null && verdict.dispute === null && !shared && found.record.state !== "removed",
  );
  findCandidates(
    open,
    context.people,
    (person, kind) => taken.has(`${kind} ${person}`),
    (matching, person) => links.rejected.get(matching.key)?.has(person) === true,
  );
}

/** The stored candidate while nothing about it changed, so that the same graph again writes nothing. */
function candidateLink(link: Link, links: ConnectionLinks): Link {
  const before = links.candidates.get(link.id);
  if (before === undefined) return link;
  return canonicalJson(toJson(before.evidence)) === canonicalJson(toJson(link.evidence))
    ? before
    : { ...link, decidedAt: before.decidedAt };
}

function candidatesOf(verdict: Verdict, found: Found, links: ConnectionLinks, nowIso: string): readonly Candidate[] {
  if (verdict.waiting.length === 0) return [];
  return verdict.waiting
    .toSorted((left, right) => right.evidence.score - left.evidence.score || byText(left.person.id, right.person.id))
    .map(({ person, evidence }) => ({
      person: person.id,
      score: evidence.score,
      link: candidateLink(makeLink(person, found.ref, "candidate", evidence, nowIso), links),
    }));
}

function toNode(matching: Matching, links: ConnectionLinks, nowIso: string): AccountNode {
  const { found, verdict, shared } = matching;
  const situation = verdict.dispute !== null ? "disputed" : verdict.link === null ? "unlinked" : "linked";
  return {
    ref: found.ref,
    record: found.record,
    situation,
    dispute: verdict.dispute,
    link: verdict.link,
    person: verdict.person?.id ?? null,
    candidates: situation === "linked" ? [] : candidatesOf(verdict, found, links, nowIso),
    notes: verdict.notes,
    shared,
    resembles: verdict.resembles,
    teams: found.teams,
    unseenIn: found.unseenIn,
    goneIn: null,
  };
}

/** Linked accounts that a complete listing no longer had. */
function goneNodes(gathered: Gathered, links: ConnectionLinks, context: MatchContext): readonly AccountNode[] {
  const there = new Set(gathered.accounts.map((found) => accountKey(found.ref.kind, found.ref.id)));
  const nodes: AccountNode[] = [];
  for (const [key, link] of links.confirmed) {
    const found = gathered.gone.get(key);
    if (found === undefined || there.has(key)) continue;
    const person = context.people.sameAs.get(link.person) ?? link.person;
    nodes.push({
      ref: found.ref,
      record: found.record,
      situation: "deleted",
      dispute: null,
      link,
      person: context.people.byId.has(person) ? person : null,
      candidates: [],
      notes: [],
      shared: false,
      resembles: null,
      teams: null,
      unseenIn: null,
      goneIn: found.goneIn,
    });
  }
  return nodes;
}

/** Matches the accounts of one connection with the people. */
export function matchConnection(
  input: ConnectionInput,
  links: ConnectionLinks,
  index: LookAlikeIndex,
  context: MatchContext,
): Matched {
  const gathered = gather(input);
  const matchings = gathered.accounts.map((found) => startMatching(found, links, index, context));
  matchSurely(gathered, links, matchings, context);
  addCandidates(matchings, links, context);
  const nodes = matchings.map((matching) => toNode(matching, links, context.nowIso));
  const all = [...nodes, ...goneNodes(gathered, links, context)];
  all.sort((left, right) => byText(left.ref.kind, right.ref.kind) || byText(left.ref.id, right.ref.id));
  const newLinks = matchings.flatMap(({ verdict }) => (verdict.isNew && verdict.link !== null ? [verdict.link] : []));
  return { gathered, nodes: all, newLinks };
}
