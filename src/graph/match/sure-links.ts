import { emailDomain, isPlainEmail, type EmailKey } from "../../kernel/email.ts";
import { parseIso } from "../../kernel/dates.ts";
import type { Link } from "../../model/link.ts";
import type { Person } from "../../model/person.ts";
import { accountKey } from "../graph.ts";
import type { Found, Gathered } from "./gather.ts";
import type { Claim, ClaimLevel, PeopleIndex } from "./people-index.ts";
import { evidenceOf, makeLink, placeOf, type Verdict } from "./verdict.ts";

/** Links stored before, of one connection. */
export interface StoredLinks {
  /** Confirmed ones by `accountKey`. */
  readonly confirmed: ReadonlyMap<string, Link>;
  /** `accountKey` → people a human said it is not. */
  readonly rejected: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface MatchContext {
  readonly people: PeopleIndex;
  readonly autoLink: "exact" | "never";
  readonly isShared: (key: EmailKey) => boolean;
  readonly now: number;
  /** ISO 8601 of `now`. */
  readonly nowIso: string;
}

/** What is known of one account while it is matched. */
export interface Matching {
  readonly found: Found;
  readonly key: string;
  readonly verdict: Verdict;
  /** Without people it was rejected for. */
  readonly claims: readonly Claim[];
  readonly shared: boolean;
}

const LEVELS: readonly ClaimLevel[] = ["email", "alias", "domain-map"];

/** How long an account may be younger than its owner's last moment and still be theirs: records written late. */
const LATE_RECORD_MS = 24 * 3_600_000;

/** Made after its person had left: the address was given to somebody else (safety B5). */
function madeAfterLeaving(person: Person, found: Found, now: number): boolean {
  const made = found.record.createdAt === null ? null : parseIso(found.record.createdAt);
  const left = person.accessEndsAt === null ? null : parseIso(person.accessEndsAt);
  return made !== null && left !== null && left <= now && made > left + LATE_RECORD_MS;
}

/** Why a claim waits for a human instead of becoming a link; null when nothing stands against it. */
function objection({ found }: Matching, claim: Claim, context: MatchContext): string | null {
  const email = found.email;
  if (context.autoLink === "never") return "autoLink is never: every link waits for a human";
  if (email === null || !isPlainEmail(email) || !isPlainEmail(claim.person.emailKey)) {
    return "the address holds letters beyond plain ASCII, which can look like others";
  }
  const { privileged, owner } = found.record;
  if (!privileged && !owner) return null;
  if (claim.level !== "email") return "it administers the app: only its person's own address would link it";
  return context.people.isOwnDomain(emailDomain(email))
    ? null
    : `it administers the app, and ${emailDomain(email)} is not a domain of the organisation`;
}

function wait(matching: Matching, claim: Claim, note: string | null): void {
  const { found, verdict } = matching;
  const evidence = evidenceOf(claim.level, found.record.email ?? "", claim.person);
  const reasons = note === null ? evidence.reasons : [...evidence.reasons, note];
  verdict.waiting.push({
    person: claim.person,
    evidence: { ...evidence, score: Math.min(evidence.score, 0.99), reasons },
  });
}

function dispute(matching: Matching, kind: NonNullable<Verdict["dispute"]>, note: string): void {
  matching.verdict.dispute = kind;
  matching.verdict.notes.push(note);
  for (const claim of matching.claims) wait(matching, claim, null);
}

/** Holds a stored link against what the app and the sources say now (safety B5, B9: the link wins, unless it contradicts). */
function checkStored(matching: Matching, link: Link, context: MatchContext): void {
  const { found, verdict, claims } = matching;
  verdict.link = link;
  const { people } = context;
  const person = people.byId.get(people.sameAs.get(link.person) ?? link.person) ?? null;
  verdict.person = person;
  if (person === null) {
    dispute(matching, "lost-person", "it is linked to somebody whom no source knows any more");
    return;
  }
  const others = claims.filter((claim) => claim.person.id !== person.id);
  if (others.length === 0) return;
  const names = others.map((claim) => placeOf(claim.person)).join(" and ");
  const own = claims.length > others.length;
  if (!own) {
    dispute(
      matching,
      "moved",
      `it is linked to ${placeOf(person)} and carries the address ${found.record.email} of ${names}`,
    );
  } else if (link.evidence.method !== "human") {
    dispute(matching, "two-people", `its address ${found.record.email} is that of ${placeOf(person)} and of ${names}`);
  }
}

/** An account that takes a person's place in its kind: nothing else is tied to the person there by us. */
interface Place {
  /** Null when not even its last record is known. */
  readonly found: Found | null;
  readonly id: string;
  readonly there: boolean;
}

/** Everything of one kind of account in one connection. */
interface Kind {
  /** Person id → the account that takes the person's place in this kind. */
  readonly taken: Map<string, Place>;
  readonly context: MatchContext;
}

function label(found: Found): string {
  return `${found.record.displayName} (${found.ref.kind} ${found.ref.id})`;
}

function placeLabel({ found, id }: Place): string {
  return found === null ? `account ${id}` : label(found);
}

function place(found: Found): Place {
  return { found, id: found.ref.id, there: found.record.state !== "removed" };
}

function link(matching: Matching, claim: Claim, context: MatchContext): void {
  const { found, verdict } = matching;
  const evidence = evidenceOf(claim.level, found.record.email ?? "", claim.person);
  verdict.link = makeLink(claim.person, found.ref, "confirmed", evidence, context.nowIso);
  verdict.isNew = true;
  verdict.person = claim.person;
}

/** Decides about the accounts that claim one person at one level. */
function decide(kind: Kind, person: Person, group: readonly { matching: Matching; claim: Claim }[]): void {
  const before = kind.taken.get(person.id);
  if (before !== undefined) {
    for (const { matching } of group) {
      if (before.there) dispute(matching, "duplicate", `${placeOf(person)} has ${placeLabel(before)} already`);
      else
        dispute(
          matching,
          "replaced",
          `${placeOf(person)} was linked to ${placeLabel(before)}, which is no longer there; this one has the same address`,
        );
    }
    return;
  }
  const [first] = group;
  if (first === undefined) return;
  kind.taken.set(person.id, place(first.matching.found));
  if (group.length > 1) {
    const names = group.map(({ matching }) => label(matching.found)).join(" and ");
    for (const { matching } of group)
      dispute(matching, "two-accounts", `${names} carry one address, that of ${placeOf(person)}`);
    return;
  }
  const { matching, claim } = first;
  if (madeAfterLeaving(person, matching.found, kind.context.now)) {
    dispute(
      matching,
      "after-leaving",
      `it was made ${matching.found.record.createdAt}, after ${placeOf(person)} had left`,
    );
    return;
  }
  const why = objection(matching, claim, kind.context);
  if (why === null) link(matching, claim, kind.context);
  else wait(matching, claim, why);
}

function byPerson(open: readonly Matching[], level: ClaimLevel): Map<string, { matching: Matching; claim: Claim }[]> {
  const groups = new Map<string, { matching: Matching; claim: Claim }[]>();
  for (const matching of open) {
    const [claim] = matching.claims;
    if (claim?.level !== level) continue;
    const group = groups.get(claim.person.id);
    if (group === undefined) groups.set(claim.person.id, [{ matching, claim }]);
    else group.push({ matching, claim });
  }
  return groups;
}

function matchOpen(kind: Kind, open: readonly Matching[]): void {
  const single: Matching[] = [];
  for (const matching of open) {
    if (matching.claims.length === 1) single.push(matching);
    else if (matching.claims.length > 1) {
      const names = matching.claims.map((claim) => placeOf(claim.person)).join(" and ");
      dispute(matching, "two-people", `its address ${matching.found.record.email} is that of ${names}`);
    }
  }
  for (const level of LEVELS) {
    for (const group of byPerson(single, level).values()) {
      const [first] = group;
      if (first !== undefined) decide(kind, first.claim.person, group);
    }
  }
}

/** A deactivated record that the vendor keeps: tied quietly when its person has nothing else there, never disputed. */
function matchRemoved(kind: Kind, removed: readonly Matching[]): void {
  for (const level of LEVELS) {
    for (const group of byPerson(
      removed.filter((matching) => matching.claims.length === 1),
      level,
    ).values()) {
      const [first] = group;
      if (first === undefined || group.length > 1 || kind.taken.has(first.claim.person.id)) continue;
      const { matching, claim } = first;
      if (
        objection(matching, claim, kind.context) !== null ||
        madeAfterLeaving(claim.person, matching.found, kind.context.now)
      )
        continue;
      link(matching, claim, kind.context);
      kind.taken.set(claim.person.id, place(matching.found));
    }
  }
}

function taken(
  gathered: Gathered,
  stored: StoredLinks,
  matchings: readonly Matching[],
  kind: string,
  context: MatchContext,
): Kind["taken"] {
  const map: Kind["taken"] = new Map();
  const { sameAs } = context.people;
  for (const link of stored.confirmed.values()) {
    if (link.account.kind !== kind) continue;
    const found = gathered.gone.get(accountKey(kind, link.account.id)) ?? null;
    map.set(sameAs.get(link.person) ?? link.person, { found, id: link.account.id, there: false });
  }
  for (const { verdict, found } of matchings) {
    if (verdict.person !== null) map.set(verdict.person.id, place(found));
  }
  return map;
}

/**
 * Ties accounts to people as far as it is sure: the stored link first, then address, further address and domain map, each
 * for all accounts before the next, so that the order in which they come changes nothing (safety M2). A person gets one
 * account of a kind this way and no second one. What contradicts is disputed.
 */
export function matchSurely(
  gathered: Gathered,
  stored: StoredLinks,
  matchings: readonly Matching[],
  context: MatchContext,
): void {
  for (const matching of matchings) {
    const link = stored.confirmed.get(matching.key);
    if (link !== undefined) checkStored(matching, link, context);
  }
  const kinds = new Set(matchings.map((matching) => matching.found.ref.kind));
  for (const name of kinds) {
    const ofKind = matchings.filter((matching) => matching.found.ref.kind === name);
    const kind: Kind = { taken: taken(gathered, stored, ofKind, name, context), context };
    const open = ofKind.filter((matching) => matching.verdict.link === null && !matching.shared);
    matchOpen(
      kind,
      open.filter((matching) => matching.found.record.state !== "removed"),
    );
    matchRemoved(
      kind,
      open.filter((matching) => matching.found.record.state === "removed"),
    );
  }
}
