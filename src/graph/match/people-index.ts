import { emailDomain, isPlainEmail, type EmailKey } from "../../kernel/email.ts";
import type { Person } from "../../model/person.ts";
import type { AccountNode, GraphInput, InvitationNode, PersonNode } from "../graph.ts";
import { byText, inOrder, localPart } from "../words.ts";
import { PUBLIC_DOMAINS } from "./mailboxes.data.ts";

/** How sure an address names a person: the person's own, a further one that the source gives, the same in another domain of the organisation. */
export type ClaimLevel = "email" | "alias" | "domain-map";

/** A person of the graph while it is made; what belongs to them is gathered here. */
export interface Slot extends PersonNode {
  accounts: readonly AccountNode[];
  possible: readonly AccountNode[];
  invitations: readonly InvitationNode[];
  seenAs: readonly Person[];
  directoryOnly: boolean;
  unmatched: readonly string[];
}

export interface Claim {
  readonly slot: Slot;
  readonly level: ClaimLevel;
}

export interface PeopleIndex {
  /** One for each human, by id, in the order of the ids. */
  readonly slots: ReadonlyMap<string, Slot>;
  /** Id of another record of a human → id of the human. */
  readonly sameAs: ReadonlyMap<string, string>;
  /** The human with this id, whichever source it is of. */
  find(person: string): Slot | null;
  /** The only one whom an address names, by being their own; null when it names nobody or more than one. */
  soleOwner(key: EmailKey): Slot | null;
  /** Everyone an address names: by own or further address, else by domain map. In the order of the ids. */
  claims(key: EmailKey): readonly Claim[];
  /** The organisation's own domains: those of the configured groups, or else those of the people's addresses. */
  isOwnDomain(domain: string): boolean;
}

const NONE: readonly never[] = [];

/** Values by key, nearly all keys having one: that one costs no list. */
class Multi<Key, Value> {
  readonly #first = new Map<Key, Value>();
  readonly #more = new Map<Key, readonly Value[]>();

  add(key: Key, value: Value): void {
    const first = this.#first.get(key);
    if (first === undefined) this.#first.set(key, value);
    else this.#more.set(key, [...(this.#more.get(key) ?? [first]), value]);
  }

  all(key: Key): readonly Value[] {
    const more = this.#more.get(key);
    if (more !== undefined) return more;
    const first = this.#first.get(key);
    return first === undefined ? NONE : [first];
  }

  /** The value of a key that has just one; null for none and for several. */
  only(key: Key): Value | null {
    const first = this.#first.get(key);
    return first === undefined || this.#more.has(key) ? null : first;
  }

  has(key: Key): boolean {
    return this.#first.has(key);
  }
}

/** Everybody in the order of trust: rosters before directories, those in the order of the configuration; each by id. */
function byTrust(input: GraphInput): { readonly rosters: readonly Person[]; readonly directories: readonly Person[] } {
  const directories = new Map<string, number>();
  for (const source of input.sources) if (source.kind === "directory") directories.set(source.name, directories.size);
  const byId = (left: Person, right: Person): number => byText(left.id, right.id);
  if (directories.size === 0) return { rosters: inOrder(input.people, byId), directories: [] };
  const place = (person: Person): number => directories.get(person.source) ?? -1;
  return {
    rosters: inOrder(
      input.people.filter((person) => !directories.has(person.source)),
      byId,
    ),
    directories: input.people
      .filter((person) => directories.has(person.source))
      .sort((left, right) => place(left) - place(right) || byId(left, right)),
  };
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
  readonly own: Multi<EmailKey, Slot>;
  readonly further: Multi<EmailKey, Slot>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

function mapped({ own, groups }: Addresses, key: EmailKey): readonly Slot[] {
  if (groups.size === 0) return NONE;
  const others = groups.get(emailDomain(key)) ?? NONE;
  return others.flatMap((domain) => own.all(`${localPart(key)}@${domain}` as EmailKey));
}

function claimsOf(addresses: Addresses, key: EmailKey): readonly Claim[] {
  const claims = new Map<Slot, Claim>();
  const add = (slots: readonly Slot[], level: ClaimLevel): void => {
    for (const slot of slots) if (!claims.has(slot)) claims.set(slot, { slot, level });
  };
  add(addresses.own.all(key), "email");
  add(addresses.further.all(key), "alias");
  if (claims.size === 0) add(mapped(addresses, key), "domain-map");
  return [...claims.values()].sort((left, right) => byText(left.slot.person.id, right.slot.person.id));
}

/** Someone of a more trusted source who is the same human as this record of a directory; null when nobody or several are. */
function sameHuman(addresses: Addresses, record: Person): Slot | null {
  const found = new Set(claimsOf(addresses, record.emailKey).map((claim) => claim.slot));
  if (found.size === 0) {
    for (const alias of record.aliases) for (const slot of addresses.own.all(alias)) found.add(slot);
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

/** Asked for few accounts only, so it is made when the first one asks. */
function ownDomainTest(input: GraphInput, slots: ReadonlyMap<string, Slot>): (domain: string) => boolean {
  let own: ReadonlySet<string> | null = null;
  return (domain) => {
    own ??= ownDomains(input, slots.values());
    return own.has(domain);
  };
}

function ownDomains(input: GraphInput, slots: Iterable<Slot>): ReadonlySet<string> {
  const configured = input.policy.domains.flat().map((domain) => domain.toLowerCase());
  if (configured.length > 0) return new Set(configured);
  const free = new Set(PUBLIC_DOMAINS);
  const used = new Set<string>();
  for (const { person } of slots) {
    const domain = emailDomain(person.emailKey);
    if (!free.has(domain) && isPlainEmail(person.emailKey)) used.add(domain);
  }
  return used;
}

function newSlot(person: Person): Slot {
  return {
    person,
    seenAs: NONE,
    directoryOnly: false,
    accounts: NONE,
    possible: NONE,
    invitations: NONE,
    unmatched: NONE,
  };
}

/** Brings the people of all sources together: one entry for each human, found by address. */
export function indexPeople(input: GraphInput): PeopleIndex {
  const { rosters, directories } = byTrust(input);
  const addresses: Addresses = { own: new Multi(), further: new Multi(), groups: domainGroups(input.policy.domains) };
  const slots: Slot[] = [];
  const sameAs = new Map<string, string>();
  const add = (person: Person): Slot => {
    const slot = newSlot(person);
    slots.push(slot);
    addresses.own.add(person.emailKey, slot);
    for (const alias of person.aliases) {
      if (alias !== person.emailKey) addresses.further.add(alias, slot);
    }
    return slot;
  };
  for (const person of rosters) add(person);
  const hasRoster = input.sources.some((source) => source.kind === "roster");
  for (const person of directories) {
    const same = sameHuman(addresses, person);
    if (same === null) {
      add(person).directoryOnly = hasRoster;
      continue;
    }
    sameAs.set(person.id, same.person.id);
    same.seenAs = [...same.seenAs, person];
    if (person.emailKey !== same.person.emailKey) addresses.further.add(person.emailKey, same);
  }
  const byId = new Map<string, Slot>();
  for (const slot of inOrder(slots, (left, right) => byText(left.person.id, right.person.id))) {
    byId.set(slot.person.id, slot);
  }
  return {
    slots: byId,
    sameAs,
    find: (person) => byId.get(person) ?? byId.get(sameAs.get(person) ?? "") ?? null,
    soleOwner: (key) => (addresses.further.has(key) ? null : addresses.own.only(key)),
    claims: (key) => claimsOf(addresses, key),
    isOwnDomain: ownDomainTest(input, byId),
  };
}
