import { isPlainEmail, type EmailKey } from "../../kernel/email.ts";
import { canonicalJson, toJson } from "../../kernel/json.ts";
import type { Link } from "../../model/link.ts";
import { LIKELY_SCORE, type AccountNode, type Candidate, type ConnectionInput } from "../graph.ts";
import { byText, inOrder } from "../words.ts";
import { findCandidates } from "./candidates.ts";
import { gather, type Found, type Gathered } from "./gather.ts";
import { skeleton, type LookAlikes } from "./look-alike.ts";
import type { Claim, Slot } from "./people-index.ts";
import { matchSurely, type KindLinks, type MatchContext, type Matching } from "./sure-links.ts";
import { byScore, makeLink, newVerdict, placeOf, type Verdict } from "./verdict.ts";

/** What the links stored for one connection say. */
export interface ConnectionLinks {
  /** By the app's word for the kind of account. */
  readonly kinds: ReadonlyMap<string, KindLinks>;
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
  readonly odd: ReadonlyMap<string, Slot>;
}

const NO_LINKS: KindLinks = { confirmed: new Map(), rejected: new Map() };
const NONE: readonly never[] = [];

/** The person whose address this one imitates: looks the same and is another (safety B3). */
function imitated(
  email: EmailKey,
  claims: readonly Claim[],
  index: LookAlikeIndex,
  context: MatchContext,
): Slot | null {
  if (claims.length > 0) return null;
  if (isPlainEmail(email)) return index.odd.get(email) ?? null;
  const owner = context.people
    .claims(skeleton(email, index.table) as EmailKey)
    .find((claim) => claim.level === "email");
  return owner?.slot ?? null;
}

function startMatching(found: Found, links: KindLinks, index: LookAlikeIndex, context: MatchContext): Matching {
  const { email } = found;
  const verdict = newVerdict();
  const shared = email !== null && context.isShared(email);
  if (shared) verdict.notes = [`${found.record.email} is the address of a role, not of a person`];
  if (email === null || shared) return { found, verdict, claims: NONE, shared };
  const all = context.people.claims(email);
  const rejected = links.rejected.get(found.ref.id);
  const claims = rejected === undefined ? all : all.filter((claim) => !rejected.has(claim.slot));
  const twin = imitated(email, all, index, context);
  if (twin !== null) {
    verdict.resembles = twin.person.id;
    verdict.notes = [`its address looks like ${twin.person.email} of ${placeOf(twin.person)} and is another one`];
  }
  return { found, verdict, claims, shared };
}

function addCandidates(matchings: readonly Matching[], links: KindLinks, context: MatchContext): void {
  const open = matchings.filter(
    ({ verdict, found, shared }) =>
      verdict.link === null && verdict.dispute === null && !shared && found.record.state !== "removed",
  );
  if (open.length === 0) return;
  const taken = new Set<Slot>();
  for (const { verdict } of matchings) if (verdict.owner !== null && verdict.dispute === null) taken.add(verdict.owner);
  findCandidates(
    open,
    context.people,
    (slot) => taken.has(slot),
    (matching, slot) => links.rejected.get(matching.found.ref.id)?.has(slot) === true,
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
  if (verdict.waiting.length === 0) return NONE;
  return verdict.waiting.toSorted(byScore).map(({ slot, evidence }) => ({
    person: slot.person.id,
    score: evidence.score,
    link: candidateLink(makeLink(slot.person, found.ref, "candidate", evidence, nowIso), links),
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
    person: verdict.owner?.person.id ?? null,
    candidates: situation === "linked" ? NONE : candidatesOf(verdict, found, links, nowIso),
    notes: verdict.notes,
    shared,
    resembles: verdict.resembles,
    teams: found.teams,
    unseenIn: found.unseenIn,
    goneIn: null,
  };
}

/** Hands the node to its person, or to everyone who may be its person. */
function hand({ verdict }: Matching, node: AccountNode): void {
  const { owner } = verdict;
  if (node.situation === "linked" && owner !== null) {
    owner.accounts = [...owner.accounts, node];
    return;
  }
  const disputed = node.situation === "disputed";
  const likely = verdict.waiting.filter(({ evidence }) => disputed || evidence.score >= LIKELY_SCORE);
  const people = new Set(likely.map(({ slot }) => slot));
  if (disputed && owner !== null) people.add(owner);
  for (const slot of people) slot.possible = [...slot.possible, node];
}

/** Linked accounts that a complete listing no longer had. */
function goneNodes(gathered: Gathered, links: ConnectionLinks, context: MatchContext): readonly AccountNode[] {
  if (gathered.gone.size === 0) return NONE;
  const there = new Set(gathered.accounts.map((found) => `${found.ref.kind}/${found.ref.id}`));
  const nodes: AccountNode[] = [];
  for (const [key, found] of gathered.gone) {
    const link = links.kinds.get(found.ref.kind)?.confirmed.get(found.ref.id);
    if (link === undefined || there.has(key)) continue;
    const owner = context.people.find(link.person);
    const node: AccountNode = {
      ref: found.ref,
      record: found.record,
      situation: "deleted",
      dispute: null,
      link,
      person: owner?.person.id ?? null,
      candidates: NONE,
      notes: NONE,
      shared: false,
      resembles: null,
      teams: null,
      unseenIn: null,
      goneIn: found.goneIn,
    };
    nodes.push(node);
    if (owner !== null) owner.accounts = [...owner.accounts, node];
  }
  return nodes;
}

/** The accounts of one kind after the other; they come sorted by kind. */
function* byKind(accounts: readonly Found[]): Generator<readonly Found[]> {
  for (let from = 0; from < accounts.length;) {
    const kind = accounts[from]?.ref.kind;
    let to = from + 1;
    while (to < accounts.length && accounts[to]?.ref.kind === kind) to += 1;
    yield from === 0 && to === accounts.length ? accounts : accounts.slice(from, to);
    from = to;
  }
}

/** Matches the accounts of one connection with the people. */
export function matchConnection(
  input: ConnectionInput,
  links: ConnectionLinks,
  index: LookAlikeIndex,
  context: MatchContext,
): Matched {
  const gathered = gather(input);
  const nodes: AccountNode[] = [];
  const newLinks: Link[] = [];
  for (const accounts of byKind(gathered.accounts)) {
    const own = links.kinds.get(accounts[0]?.ref.kind ?? "") ?? NO_LINKS;
    const matchings = accounts.map((found) => startMatching(found, own, index, context));
    matchSurely(gathered, own, matchings, context);
    addCandidates(matchings, own, context);
    for (const matching of matchings) {
      const node = toNode(matching, links, context.nowIso);
      nodes.push(node);
      hand(matching, node);
      if (matching.verdict.isNew && node.link !== null) newLinks.push(node.link);
    }
  }
  const gone = goneNodes(gathered, links, context);
  const all = inOrder(
    gone.length === 0 ? nodes : [...nodes, ...gone],
    (left, right) => byText(left.ref.kind, right.ref.kind) || byText(left.ref.id, right.ref.id),
  );
  return { gathered, nodes: all, newLinks };
}
