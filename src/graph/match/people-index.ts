import { emailDomain, isPlainEmail, type EmailKey } from "../../kernel/email.ts";
import type { Person } from "../../model/person.ts";
import type { AccountNode, GraphInput, InvitationNode } from "../graph.ts";
import { byText, inOrder, localPart } from "../words.ts";
import { PUBLIC_DOMAINS } from "./mailboxes.data.ts";

/** How sure an address names a person: the person's own, a further one that the source gives, the same in another domain of the organisation. */
export type ClaimLevel = "email" | "alias" | "domain-map";

/** A human while the graph is made; what belongs to them is gathered here. */
export interface Slot {
  readonly person: Person;
  accounts: readonly AccountNode[];
  possible: readonly AccountNode[];
  invitations: readonly InvitationNode[];
  /** Other records of the same human. */
  seenAs: readonly Person[];
  directoryOnly: boolean;
}

export interface Claim {
  readonly slot: Slot;
  readonly level: ClaimLevel;
}

export interface PeopleIndex {
  /** One for each human, in the order of the ids. */
  readonly slots: readonly Slot[];
  /** Id of another record of a human → id of the human. */
  readonly sameAs: ReadonlyMap<string, string>;
  /** The human with this id, whichever source it is of. */
  find(person: string): Slot | null;
  /** Everyone an address names: by own or further address, else by domain map. In the order of the ids. */
  claims(key: EmailKey): readonly Claim[];
  /** The organisation's own domains: those of the configured groups, or else those of the people's addresses. */
  isOwnDomain(domain: string): boolean;
}

const NONE: readonly never[] = [];

/** Values by key. */
class Multi<Key, Value> {
  readonly #lists = new Map<Key, readonly Value[]>();

  add(key: Key, value: Value): void {
    const before = this.#lists.get(key);
    this.#lists.set(key, before === undefined ? [value] : [...before, value]);
  }

  get(key: Key): readonly Value[] {
    return this.#lists.get(key) ?? NONE;
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
  readonly own: Multi<EmailKey, Claim>;
  readonly further: Multi<EmailKey, Claim>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

function mapped({ own, groups }: Addresses, key: EmailKey): readonly Claim[] {
  if (groups.size === 0) return NONE;
  const others = groups.get(emailDomain(key)) ?? NONE;
  return others
    .flatMap((domain) => own.get(`${localPart(key)}@${domain}` as EmailKey))
    .map(({ slot }) => ({ slot, level: "domain-map" }));
}

function claimsOf(addresses: Addresses, key: EmailKey): readonly Claim[] {
  const own = addresses.own.get(key);
  const further = addresses.further.get(key);
  if (own.length === 1 && further.length === 0) return own;
  const claims = new Map<Slot, Claim>();
  const sure = [...own, ...further];
  for (const claim of sure.length > 0 ? sure : mapped(addresses, key)) {
    if (!claims.has(claim.slot)) claims.set(claim.slot, claim);
  }
  return [...claims.values()].sort((left, right) => byText(left.slot.person.id, right.slot.person.id));
}

/** Someone of a more trusted source who is the same human as this record of a directory; null when nobody or several are. */
function sameHuman(addresses: Addresses, record: Person): Slot | null {
  const found = new Set(claimsOf(addresses, record.emailKey).map((claim) => claim.slot));
  if (found.size === 0) {
    for (const alias of record.aliases) for (const { slot } of addresses.own.get(alias)) found.add(slot);
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

/** Asked for few accounts only, so it is made when the first one asks. */
function ownDomainTest(input: GraphInput, slots: readonly Slot[]): (domain: string) => boolean {
  let own: ReadonlySet<string> | null = null;
  return (domain) => {
    own ??= ownDomains(input, slots);
    return own.has(domain);
  };
}

function ownDomains(input: GraphInput, slots: readonly Slot[]): ReadonlySet<string> {
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
  return { person, accounts: NONE, possible: NONE, invitations: NONE, seenAs: NONE, directoryOnly: false };
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
    addresses.own.add(person.emailKey, { slot, level: "email" });
    for (const alias of person.aliases) {
      if (alias !== person.emailKey) addresses.further.add(alias, { slot, level: "alias" });
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
    if (person.emailKey !== same.person.emailKey)
      addresses.further.add(person.emailKey, { slot: same, level: "alias" });
  }
  const ordered = inOrder(slots, (left, right) => byText(left.person.id, right.person.id));
  const byId = new Map<string, Slot>();
  for (const slot of ordered) byId.set(slot.person.id, slot);
  return {
    slots: ordered,
    sameAs,
    find: (person) => byId.get(person) ?? byId.get(sameAs.get(person) ?? "") ?? null,
    claims: (key) => claimsOf(addresses, key),
    isOwnDomain: ownDomainTest(input, ordered),
  };
}
