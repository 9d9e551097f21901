import { emailDomain, isPlainEmail, type EmailKey } from "../../kernel/email.ts";
import { parseIso } from "../../kernel/dates.ts";
import type { AccountRecord } from "../../model/account.ts";
import type { Link } from "../../model/link.ts";
import type { Person } from "../../model/person.ts";
import type { Found } from "./gather.ts";
import type { Claim, ClaimLevel, PeopleIndex, Slot } from "./people-index.ts";
import { evidenceOf, makeLink, placeOf, type Verdict } from "./verdict.ts";

/** Links stored before, of one kind of account in one connection, by vendor id. */
export interface KindLinks {
  readonly confirmed: ReadonlyMap<string, Link>;
  /** People a human said it is not. */
  readonly rejected: ReadonlyMap<string, ReadonlySet<Slot>>;
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
  if (email === null || !isPlainEmail(email) || !isPlainEmail(claim.slot.person.emailKey)) {
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
  const evidence = evidenceOf(claim.level, found.record.email ?? "", claim.slot.person);
  const reasons = note === null ? evidence.reasons : [...evidence.reasons, note];
  const waiting = { slot: claim.slot, evidence: { ...evidence, score: Math.min(evidence.score, 0.99), reasons } };
  verdict.waiting = [...verdict.waiting, waiting];
}

function dispute(matching: Matching, kind: NonNullable<Verdict["dispute"]>, note: string): void {
  matching.verdict.dispute = kind;
  matching.verdict.notes = [...matching.verdict.notes, note];
  for (const claim of matching.claims) wait(matching, claim, null);
}

/** Holds a stored link against what the app and the sources say now (safety B5, B9: the link wins, unless it contradicts). */
export function checkStored(matching: Matching, link: Link, context: MatchContext): void {
  const { found, verdict, claims } = matching;
  verdict.link = link;
  const owner = context.people.find(link.person);
  verdict.owner = owner;
  if (owner === null) {
    dispute(matching, "lost-person", "it is linked to somebody whom no source knows any more");
    return;
  }
  const [first] = claims;
  if (first === undefined || (claims.length === 1 && first.slot === owner)) return;
  const others = claims.filter((claim) => claim.slot !== owner);
  const names = others.map((claim) => placeOf(claim.slot.person)).join(" and ");
  const mine = placeOf(owner.person);
  if (claims.length === others.length) {
    dispute(matching, "moved", `it is linked to ${mine} and carries the address ${found.record.email} of ${names}`);
  } else if (link.evidence.method !== "human") {
    dispute(matching, "two-people", `its address ${found.record.email} is that of ${mine} and of ${names}`);
  }
}

/** An account that takes a person's place in its kind: nothing else is tied to the person there by us. */
export interface Place {
  /** Null when not even its last record is known. */
  readonly record: AccountRecord | null;
  readonly id: string;
  readonly there: boolean;
}

/** Everything of one kind of account in one connection. */
interface Kind {
  /** The account that takes a person's place in this kind. */
  readonly taken: Map<Slot, Place>;
  readonly context: MatchContext;
}

function label(record: AccountRecord): string {
  return `${record.displayName} (${record.kind} ${record.id})`;
}

function placeLabel({ record, id }: Place): string {
  return record === null ? `account ${id}` : label(record);
}

/** The place that an account takes by being there. */
export function placeOfAccount(record: AccountRecord): Place {
  return { record, id: record.id, there: record.state !== "removed" };
}

function link(matching: Matching, claim: Claim, context: MatchContext): void {
  const { found, verdict } = matching;
  const evidence = evidenceOf(claim.level, found.record.email ?? "", claim.slot.person);
  verdict.link = makeLink(claim.slot.person, found.ref, "confirmed", evidence, context.nowIso);
  verdict.isNew = true;
  verdict.owner = claim.slot;
}

/** Decides about the accounts that claim one person at one level. */
function decide(kind: Kind, slot: Slot, group: readonly { matching: Matching; claim: Claim }[]): void {
  const { person } = slot;
  const before = kind.taken.get(slot);
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
  kind.taken.set(slot, placeOfAccount(first.matching.found.record));
  if (group.length > 1) {
    const names = group.map(({ matching }) => label(matching.found.record)).join(" and ");
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

function byPerson(open: readonly Matching[], level: ClaimLevel): Map<Slot, { matching: Matching; claim: Claim }[]> {
  const groups = new Map<Slot, { matching: Matching; claim: Claim }[]>();
  for (const matching of open) {
    const [claim] = matching.claims;
    if (claim?.level !== level) continue;
    const group = groups.get(claim.slot);
    if (group === undefined) groups.set(claim.slot, [{ matching, claim }]);
    else group.push({ matching, claim });
  }
  return groups;
}

function matchOpen(kind: Kind, open: readonly Matching[]): void {
  const single: Matching[] = [];
  for (const matching of open) {
    if (matching.claims.length === 1) single.push(matching);
    else if (matching.claims.length > 1) {
      const names = matching.claims.map((claim) => placeOf(claim.slot.person)).join(" and ");
      dispute(matching, "two-people", `its address ${matching.found.record.email} is that of ${names}`);
    }
  }
  for (const level of LEVELS) {
    for (const [slot, group] of byPerson(single, level)) decide(kind, slot, group);
  }
}

/** A deactivated record that the vendor keeps: tied quietly when its person has nothing else there, never disputed. */
function matchRemoved(kind: Kind, removed: readonly Matching[]): void {
  const single = removed.filter((matching) => matching.claims.length === 1);
  for (const level of LEVELS) {
    for (const [slot, [first, ...more]] of byPerson(single, level)) {
      if (first === undefined || more.length > 0 || kind.taken.has(slot)) continue;
      const { matching, claim } = first;
      if (objection(matching, claim, kind.context) !== null) continue;
      if (madeAfterLeaving(slot.person, matching.found, kind.context.now)) continue;
      link(matching, claim, kind.context);
      kind.taken.set(slot, placeOfAccount(matching.found.record));
    }
  }
}

/**
 * Ties accounts of one kind without a link to people as far as it is sure: by address, further address and domain map, each
 * for all accounts before the next, so that the order in which they come changes nothing (safety M2). A person gets one
 * account of a kind this way and no second one. What contradicts is disputed. `taken` grows by the people who get one.
 */
export function matchSurely(open: readonly Matching[], taken: Map<Slot, Place>, context: MatchContext): void {
  const kind: Kind = { taken, context };
  const named = open.filter((matching) => !matching.shared);
  matchOpen(
    kind,
    named.filter((matching) => matching.found.record.state !== "removed"),
  );
  matchRemoved(
    kind,
    named.filter((matching) => matching.found.record.state === "removed"),
  );
}
