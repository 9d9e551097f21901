import { assert } from "../../kernel/assert.ts";
import { isPlainEmail, type EmailKey } from "../../kernel/email.ts";
import { canonicalJson, toJson } from "../../kernel/json.ts";
import type { Link } from "../../model/link.ts";
import { accountKey, LIKELY_SCORE, type AccountNode, type Candidate, type ConnectionInput } from "../graph.ts";
import { byText, inOrder } from "../words.ts";
import { findCandidates } from "./candidates.ts";
import { emailOf, gather, type AccountRow, type Gathered } from "./gather.ts";
import { skeleton, type LookAlikes } from "./look-alike.ts";
import type { Claim, Slot } from "./people-index.ts";
import {
  checkStored,
  matchSurely,
  placeOfAccount,
  type KindLinks,
  type MatchContext,
  type Matching,
  type Place,
} from "./sure-links.ts";
import { byScore, makeLink, newVerdict, placeOf } from "./verdict.ts";

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
  /** The person whose address has letters beyond ASCII and looks like this one. */
  odd(email: EmailKey): Slot | null;
}

/** One connection while its accounts are matched. */
interface Scene {
  readonly gathered: Gathered;
  readonly links: ConnectionLinks;
  readonly index: LookAlikeIndex;
  readonly context: MatchContext;
}

const NO_LINKS: KindLinks = { confirmed: new Map(), rejected: new Map() };
const NONE: readonly never[] = [];

/** The person whose address this one imitates: looks the same and is another (safety B3). */
function imitated(email: EmailKey, claims: readonly Claim[], { index, context }: Scene): Slot | null {
  if (claims.length > 0) return null;
  if (isPlainEmail(email)) return index.odd(email);
  const owner = context.people
    .claims(skeleton(email, index.table) as EmailKey)
    .find((claim) => claim.level === "email");
  return owner?.slot ?? null;
}

function startMatching({ observation: record }: AccountRow, links: KindLinks, scene: Scene): Matching {
  const { context, gathered } = scene;
  const email = emailOf(record);
  const found = { ref: { connection: gathered.input.name, kind: record.kind, id: record.id }, record, email };
  const verdict = newVerdict();
  const shared = email !== null && context.isShared(email);
  if (shared) verdict.notes = [`${record.email} is the address of a role, not of a person`];
  if (email === null || shared) return { found, verdict, claims: NONE, shared };
  const all = context.people.claims(email);
  const rejected = links.rejected.get(record.id);
  const claims = rejected === undefined ? all : all.filter((claim) => !rejected.has(claim.slot));
  const twin = imitated(email, all, scene);
  if (twin !== null) {
    verdict.resembles = twin.person.id;
    verdict.notes = [`its address looks like ${twin.person.email} of ${placeOf(twin.person)} and is another one`];
  }
  return { found, verdict, claims, shared };
}

/** What nearly all accounts are at every reading but the first: linked to the one person who has its address. */
function settledNode(row: AccountRow, links: KindLinks, { context, gathered }: Scene): AccountNode | null {
  const record = row.observation;
  const link = links.confirmed.get(record.id);
  const email = link === undefined ? null : emailOf(record);
  if (link === undefined || email === null || context.isShared(email)) return null;
  const owner = context.people.soleOwner(email);
  if (owner === null || owner !== context.people.find(link.person)) return null;
  const node: AccountNode = {
    ref: link.account,
    record,
    situation: "linked",
    dispute: null,
    link,
    person: owner.person.id,
    candidates: NONE,
    notes: NONE,
    shared: false,
    resembles: null,
    teams: gathered.teamsOf(record),
    unseenIn: row.unseenIn,
    goneIn: null,
  };
  owner.accounts = [...owner.accounts, node];
  return node;
}

/** Whose place in this kind is taken: by an account that is there, or by a stored link to one that is not. */
function takenPlaces(
  links: KindLinks,
  settled: readonly (AccountNode | null)[],
  matchings: readonly Matching[],
  { context, gathered }: Scene,
): Map<Slot, Place> {
  const taken = new Map<Slot, Place>();
  for (const [id, { person, account }] of links.confirmed) {
    const slot = context.people.find(person);
    const record = gathered.gone.get(accountKey(account.kind, id))?.observation ?? null;
    if (slot !== null) taken.set(slot, { record, id, there: false });
  }
  for (const node of settled) {
    const slot = node === null ? null : context.people.find(node.person ?? "");
    if (slot !== null && node !== null) taken.set(slot, placeOfAccount(node.record));
  }
  for (const { verdict, found } of matchings) {
    if (verdict.owner !== null) taken.set(verdict.owner, placeOfAccount(found.record));
  }
  return taken;
}

function matchTheRest(
  links: KindLinks,
  settled: readonly (AccountNode | null)[],
  matchings: readonly Matching[],
  scene: Scene,
): void {
  const { context } = scene;
  for (const matching of matchings) {
    const link = links.confirmed.get(matching.found.ref.id);
    if (link !== undefined) checkStored(matching, link, context);
  }
  const unlinked = matchings.filter(({ verdict }) => verdict.link === null);
  if (unlinked.length === 0) return;
  const taken = takenPlaces(links, settled, matchings, scene);
  matchSurely(unlinked, taken, context);
  const open = unlinked.filter(
    ({ verdict, found, shared }) =>
      verdict.link === null && verdict.dispute === null && !shared && found.record.state !== "removed",
  );
  findCandidates(
    open,
    context.people,
    (slot) => taken.get(slot)?.there === true,
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

function candidatesOf({ verdict, found }: Matching, { links, context }: Scene): readonly Candidate[] {
  if (verdict.waiting.length === 0) return NONE;
  return verdict.waiting.toSorted(byScore).map(({ slot, evidence }) => ({
    person: slot.person.id,
    score: evidence.score,
    link: candidateLink(makeLink(slot.person, found.ref, "candidate", evidence, context.nowIso), links),
  }));
}

function toNode(matching: Matching, row: AccountRow, scene: Scene): AccountNode {
  const { found, verdict, shared } = matching;
  const situation = verdict.dispute !== null ? "disputed" : verdict.link === null ? "unlinked" : "linked";
  return {
    ref: found.ref,
    record: found.record,
    situation,
    dispute: verdict.dispute,
    link: verdict.link,
    person: verdict.owner?.person.id ?? null,
    candidates: situation === "linked" ? NONE : candidatesOf(matching, scene),
    notes: verdict.notes,
    shared,
    resembles: verdict.resembles,
    teams: scene.gathered.teamsOf(found.record),
    unseenIn: row.unseenIn,
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

/** The accounts of one kind, matched; new links are added to the list. */
function matchKind(rows: readonly AccountRow[], scene: Scene, newLinks: Link[]): readonly AccountNode[] {
  const links = scene.links.kinds.get(rows[0]?.observation.kind ?? "") ?? NO_LINKS;
  const settled = rows.map((row) => settledNode(row, links, scene));
  const matchings: Matching[] = [];
  for (const [place, row] of rows.entries()) {
    if (settled[place] === null) matchings.push(startMatching(row, links, scene));
  }
  matchTheRest(links, settled, matchings, scene);
  let next = 0;
  return rows.map((row, place) => {
    const before = settled[place] ?? null;
    if (before !== null) return before;
    const matching = matchings[next];
    next += 1;
    assert(matching !== undefined, "every account is settled or matched");
    const node = toNode(matching, row, scene);
    hand(matching, node);
    if (matching.verdict.isNew && node.link !== null) newLinks.push(node.link);
    return node;
  });
}

/** Linked accounts that a complete listing no longer had. */
function goneNodes({ gathered, links, context }: Scene): readonly AccountNode[] {
  if (gathered.gone.size === 0) return NONE;
  const there = new Set(gathered.accounts.map(({ observation }) => accountKey(observation.kind, observation.id)));
  const nodes: AccountNode[] = [];
  for (const [key, { observation: record, goneIn }] of gathered.gone) {
    const link = links.kinds.get(record.kind)?.confirmed.get(record.id);
    if (link === undefined || there.has(key)) continue;
    const owner = context.people.find(link.person);
    const node: AccountNode = {
      ref: link.account,
      record,
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
      goneIn,
    };
    nodes.push(node);
    if (owner !== null) owner.accounts = [...owner.accounts, node];
  }
  return nodes;
}

/** The accounts of one kind after the other; they come sorted by kind. */
function* byKind(rows: readonly AccountRow[]): Generator<readonly AccountRow[]> {
  for (let from = 0; from < rows.length;) {
    const kind = rows[from]?.observation.kind;
    let to = from + 1;
    while (to < rows.length && rows[to]?.observation.kind === kind) to += 1;
    yield from === 0 && to === rows.length ? rows : rows.slice(from, to);
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
  const scene: Scene = { gathered, links, index, context };
  const newLinks: Link[] = [];
  const parts: (readonly AccountNode[])[] = [];
  for (const rows of byKind(gathered.accounts)) parts.push(matchKind(rows, scene, newLinks));
  const gone = goneNodes(scene);
  if (gone.length > 0) parts.push(gone);
  const [only] = parts;
  const nodes = parts.length === 1 && only !== undefined ? only : parts.flat();
  return {
    gathered,
    nodes: inOrder(
      nodes,
      ({ ref: left }, { ref: right }) => byText(left.kind, right.kind) || byText(left.id, right.id),
    ),
    newLinks,
  };
}
