import { emailDomain, isPlainEmail, type EmailKey } from "../../kernel/email.ts";
import type { Person } from "../../model/person.ts";
import type { GraphInput, SourceInput } from "../graph.ts";
import { byText, localPart } from "../words.ts";
import { PUBLIC_DOMAINS } from "./mailboxes.data.ts";

/** How sure an address names a person: the person's own, a further one that the source gives, the same in another domain of the organisation. */
export type ClaimLevel = "email" | "alias" | "domain-map";

export interface Claim {
  readonly person: Person;
  readonly level: ClaimLevel;
}

export interface PeopleIndex {
  /** One for each human, in the order of the ids. */
  readonly people: readonly Person[];
  readonly byId: ReadonlyMap<string, Person>;
  /** Other records of the same human, by the id above. */
  readonly seenAs: ReadonlyMap<string, readonly Person[]>;
  /** Id of such a record → id of the human. */
  readonly sameAs: ReadonlyMap<string, string>;
  readonly directoryOnly: ReadonlySet<string>;
  /** Everyone an address names: by own or further address, else by domain map. In the order of the ids. */
  claims(key: EmailKey): readonly Claim[];
  /** Everyone who has exactly this address as their own. */
  owners(key: EmailKey): readonly Person[];
  /** The organisation's own domains: those of the configured groups, or else those of the people's addresses. */
  isOwnDomain(domain: string): boolean;
}

const NOBODY: readonly Person[] = [];

/** Values by key, most keys having one: a bare value costs no list. */
class Multi<Key, Value> {
  readonly #one = new Map<Key, Value>();
  readonly #more = new Map<Key, Value[]>();

  add(key: Key, value: Value): void {
    const before = this.#one.get(key);
    if (before === undefined) {
      this.#one.set(key, value);
      return;
    }
    const more = this.#more.get(key);
    if (more === undefined) this.#more.set(key, [before, value]);
    else more.push(value);
  }

  get(key: Key): readonly Value[] {
    const more = this.#more.get(key);
    if (more !== undefined) return more;
    const one = this.#one.get(key);
    return one === undefined ? [] : [one];
  }
}

function trustOf(sources: readonly SourceInput[]): ReadonlyMap<string, number> {
  const rosters = sources.filter((source) => source.kind === "roster");
  const directories = sources.filter((source) => source.kind === "directory");
  return new Map([...rosters, ...directories].map((source, index) => [source.name, index]));
}

/** Domain → the other domains of its group. */
function domainGroups(groups: readonly (readonly string[])[]): ReadonlyMap<string, readonly string[]> {
  const others = new Map<string, Set<string>>();
  for (const group of groups) {
    const small = group.map((domain) => domain.toLowerCase());
    for (const domain of small) {
      const set = others.get(domain) ?? new Set<string>();
      for (const other of small) if (other !== domain) set.add(other);
      others.set(domain, set);
    }
  }
  return new Map([...others].map(([domain, set]) => [domain, [...set].sort(byText)]));
}

interface Addresses {
  readonly own: Multi<EmailKey, Person>;
  readonly further: Multi<EmailKey, Person>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

function mapped({ own, groups }: Addresses, key: EmailKey): readonly Person[] {
  const others = groups.get(emailDomain(key));
  if (others === undefined) return NOBODY;
  return others.flatMap((domain) => own.get(`${localPart(key)}@${domain}` as EmailKey));
}

function claimsOf(addresses: Addresses, key: EmailKey): readonly Claim[] {
  const own = addresses.own.get(key);
  const further = addresses.further.get(key);
  if (own.length === 1 && further.length === 0) return own.map((person) => ({ person, level: "email" }));
  const claims = new Map<string, Claim>();
  const add = (people: readonly Person[], level: ClaimLevel): void => {
    for (const person of people) if (!claims.has(person.id)) claims.set(person.id, { person, level });
  };
  add(own, "email");
  add(further, "alias");
  if (claims.size === 0) add(mapped(addresses, key), "domain-map");
  return [...claims.values()].sort((left, right) => byText(left.person.id, right.person.id));
}

/** Someone of a more trusted source who is the same human as this record of a directory; null when nobody or several are. */
function sameHuman(addresses: Addresses, record: Person): Person | null {
  const found = new Set<Person>(claimsOf(addresses, record.emailKey).map((claim) => claim.person));
  if (found.size === 0) {
    for (const alias of record.aliases) for (const person of addresses.own.get(alias)) found.add(person);
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

function ownDomains(input: GraphInput, people: readonly Person[]): ReadonlySet<string> {
  const configured = input.policy.domains.flat().map((domain) => domain.toLowerCase());
  if (configured.length > 0) return new Set(configured);
  const free = new Set(PUBLIC_DOMAINS);
  const used = new Set<string>();
  for (const person of people) {
    const domain = emailDomain(person.emailKey);
    if (!free.has(domain) && isPlainEmail(person.emailKey)) used.add(domain);
  }
  return used;
}

/** Brings the people of all sources together: one entry for each human, found by address. */
export function indexPeople(input: GraphInput): PeopleIndex {
  const trust = trustOf(input.sources);
  const kinds = new Map(input.sources.map((source) => [source.name, source.kind]));
  const isDirectory = (person: Person): boolean => kinds.get(person.source) === "directory";
  const byTrust = (person: Person): number => trust.get(person.source) ?? -1;
  const sorted = input.people.toSorted(
    (left, right) =>
      Number(isDirectory(left)) - Number(isDirectory(right)) ||
      (isDirectory(left) ? byTrust(left) - byTrust(right) : 0) ||
      byText(left.id, right.id),
  );
  const addresses: Addresses = { own: new Multi(), further: new Multi(), groups: domainGroups(input.policy.domains) };
  const people: Person[] = [];
  const seenAs = new Map<string, Person[]>();
  const sameAs = new Map<string, string>();
  const directoryOnly = new Set<string>();
  const hasRoster = input.sources.some((source) => source.kind === "roster");
  for (const person of sorted) {
    const same = isDirectory(person) ? sameHuman(addresses, person) : null;
    if (same !== null) {
      sameAs.set(person.id, same.id);
      seenAs.set(same.id, [...(seenAs.get(same.id) ?? []), person]);
      if (person.emailKey !== same.emailKey) addresses.further.add(person.emailKey, same);
      continue;
    }
    people.push(person);
    addresses.own.add(person.emailKey, person);
    for (const alias of person.aliases) if (alias !== person.emailKey) addresses.further.add(alias, person);
    if (hasRoster && isDirectory(person)) directoryOnly.add(person.id);
  }
  people.sort((left, right) => byText(left.id, right.id));
  const own = ownDomains(input, people);
  return {
    people,
    byId: new Map(people.map((person) => [person.id, person])),
    seenAs,
    sameAs,
    directoryOnly,
    claims: (key) => claimsOf(addresses, key),
    owners: (key) => addresses.own.get(key),
    isOwnDomain: (domain) => own.has(domain),
  };
}
