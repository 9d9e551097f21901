import type { PeopleIndex, Slot } from "./people-index.ts";
import { scorePair } from "./score.ts";
import type { Matching } from "./sure-links.ts";
import { byScore, type Waiting } from "./verdict.ts";
import { accountTraces, personTraces, TRACES, type Trace } from "./traces.ts";

/** A trace that leads to more accounts or people than this says nothing (John Smith, +1 800 …). */
const MOST_OF_A_TRACE = 25;
/** Candidates shown for one account. */
const MOST_CANDIDATES = 5;

interface Bucket {
  readonly accounts: Matching[];
  people: Slot[];
  /** Too many accounts or people: it tells nothing. */
  crowded: boolean;
}

type Buckets = Readonly<Record<Trace, Map<string, Bucket>>>;

function emptyBuckets(): Buckets {
  return { name: new Map(), family: new Map(), local: new Map(), phone: new Map(), address: new Map() };
}

function addAccounts(buckets: Buckets, open: readonly Matching[]): void {
  for (const matching of open) {
    accountTraces(matching.found.record, matching.found.email, (trace, value) => {
      const bucket = buckets[trace].get(value);
      if (bucket === undefined) buckets[trace].set(value, { accounts: [matching], people: [], crowded: false });
      else if (bucket.accounts.at(-1) !== matching) {
        bucket.accounts.push(matching);
        if (bucket.accounts.length > MOST_OF_A_TRACE) bucket.crowded = true;
      }
    });
  }
}

function addPeople(buckets: Buckets, people: Iterable<Slot>): void {
  for (const slot of people) {
    personTraces(slot.person, (trace, value) => {
      const bucket = buckets[trace].get(value);
      if (bucket === undefined || bucket.crowded || bucket.people.at(-1) === slot) return;
      bucket.people.push(slot);
      if (bucket.people.length > MOST_OF_A_TRACE) {
        bucket.crowded = true;
        bucket.people = [];
      }
    });
  }
}

/** Pairs that share a trace, each once. */
function pairs(buckets: Buckets): ReadonlyMap<Matching, ReadonlySet<Slot>> {
  const all = new Map<Matching, Set<Slot>>();
  for (const trace of TRACES) {
    for (const bucket of buckets[trace].values()) {
      if (bucket.crowded || bucket.people.length === 0) continue;
      for (const matching of bucket.accounts) {
        const people = all.get(matching) ?? new Set<Slot>();
        all.set(matching, people);
        for (const slot of bucket.people) people.add(slot);
      }
    }
  }
  return all;
}

/**
 * Proposes people for accounts that nothing ties to anybody, by traces they share: the same name, initials and last name, a
 * local part made of the name, a phone number, a further address. Only pairs that share a trace are scored, and a trace
 * that fits many says nothing, so the cost grows with the accounts and people and not with their product.
 */
export function findCandidates(
  open: readonly Matching[],
  people: PeopleIndex,
  isTaken: (slot: Slot, kind: string) => boolean,
  isRejected: (matching: Matching, slot: Slot) => boolean,
): void {
  if (open.length === 0) return;
  const buckets = emptyBuckets();
  addAccounts(buckets, open);
  addPeople(buckets, people.slots.values());
  for (const [matching, possible] of pairs(buckets)) {
    const { verdict, found } = matching;
    const known = new Set(verdict.waiting.map((one) => one.slot));
    const scored: Waiting[] = [];
    for (const slot of possible) {
      if (known.has(slot) || isRejected(matching, slot)) continue;
      const evidence = scorePair(found, slot.person, people, isTaken(slot, found.ref.kind));
      if (evidence !== null) scored.push({ slot, evidence });
    }
    scored.sort(byScore);
    if (scored.length > 0) verdict.waiting = [...verdict.waiting, ...scored.slice(0, MOST_CANDIDATES)];
  }
}
