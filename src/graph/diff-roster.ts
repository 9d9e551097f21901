import { deriveId } from "../kernel/ids.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { Person, RosterEntry } from "../model/person.ts";
import { byText } from "./words.ts";

export interface FieldChange {
  readonly field: string;
  readonly from: JsonValue;
  readonly to: JsonValue;
}

export interface PersonDiff {
  /** As the person shall be stored. */
  readonly person: Person;
  /** As stored before; null for a new person. */
  readonly before: Person | null;
  /** Fields that differ, without the row number; for a new person all that say something. */
  readonly fields: readonly FieldChange[];
}

export interface RosterDiffInput {
  /** Name of the source in the configuration. */
  readonly source: string;
  readonly importId: string;
  /** The stored people of this source, by key. */
  readonly previous: ReadonlyMap<string, Person>;
  readonly entries: readonly RosterEntry[];
  /**
   * Every row of the file is among the entries. False when rows with errors were left out: then nobody is taken to have
   * vanished, because the missing may be among those rows.
   */
  readonly whole: boolean;
}

export interface RosterDiff {
  /** Each in the order of the keys. */
  readonly added: readonly PersonDiff[];
  readonly changed: readonly PersonDiff[];
  /** No longer in a whole file: a review item, never by itself a reason to take anything away (safety A8, S7). */
  readonly vanished: readonly PersonDiff[];
  readonly unchanged: number;
  /**
   * What the store must write: the people above, and those of whom only the row number changed. Empty for the same
   * file again.
   */
  readonly writes: readonly Person[];
}

/** Fields in which people are compared. The row is not among them: a sorted file is the same roster (safety M2). */
const FIELDS = [
  "email",
  "emailKey",
  "givenName",
  "familyName",
  "displayName",
  "status",
  "startDate",
  "lastDay",
  "accessEndsAt",
  "zone",
  "department",
  "title",
  "office",
  "workerType",
  "manager",
  "phone",
] as const satisfies readonly (keyof RosterEntry)[];

function sameAliases(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((alias, index) => alias === right[index]);
}

function isSame(before: Person, entry: RosterEntry): boolean {
  for (const field of FIELDS) if (before[field] !== entry[field]) return false;
  return before.listed && sameAliases(before.aliases, entry.aliases);
}

function changes(before: Person | null, after: Person): readonly FieldChange[] {
  const all: FieldChange[] = [];
  for (const field of FIELDS) {
    const from = before?.[field] ?? null;
    // The key of an address changes with it: one line is enough.
    if (field !== "emailKey" && from !== after[field]) all.push({ field, from, to: after[field] });
  }
  if (!sameAliases(before?.aliases ?? [], after.aliases)) {
    all.push({ field: "aliases", from: [...(before?.aliases ?? [])], to: [...after.aliases] });
  }
  if (before !== null && before.listed !== after.listed) {
    all.push({ field: "listed", from: before.listed, to: after.listed });
  }
  return all;
}

/** The id of the person with this key in this source: the same for ever, whatever else changes (safety B7). */
export function personId(source: string, key: string): string {
  return deriveId("per", source, key);
}

function toPerson(input: RosterDiffInput, entry: RosterEntry, id: string): Person {
  return { ...entry, id, source: input.source, importId: input.importId, listed: true };
}

function inOrder(diffs: PersonDiff[]): readonly PersonDiff[] {
  return diffs.sort((left, right) => byText(left.person.key, right.person.key));
}

/**
 * What an import changes: people are told apart by their key in the source, never by address (safety B7: a marriage is no
 * leaver and joiner). Entries have distinct keys (the reader saw to it). Costs one look-up and one comparison a row.
 */
export function diffRoster(input: RosterDiffInput): RosterDiff {
  const added: PersonDiff[] = [];
  const changed: PersonDiff[] = [];
  const moved: Person[] = [];
  const seen = new Set<string>();
  for (const entry of input.entries) {
    seen.add(entry.key);
    const before = input.previous.get(entry.key);
    if (before === undefined) {
      const person = toPerson(input, entry, personId(input.source, entry.key));
      added.push({ person, before: null, fields: changes(null, person) });
    } else if (!isSame(before, entry)) {
      const person = toPerson(input, entry, before.id);
      changed.push({ person, before, fields: changes(before, person) });
    } else if (before.row !== entry.row) {
      moved.push(toPerson(input, entry, before.id));
    }
  }
  const vanished: PersonDiff[] = [];
  for (const before of input.whole ? input.previous.values() : []) {
    if (!before.listed || seen.has(before.key)) continue;
    const person = { ...before, listed: false, importId: input.importId };
    vanished.push({ person, before, fields: changes(before, person) });
  }
  const diffs = [...added, ...changed, ...vanished];
  return {
    added: inOrder(added),
    changed: inOrder(changed),
    vanished: inOrder(vanished),
    unchanged: input.entries.length - added.length - changed.length,
    writes: [...diffs.map((diff) => diff.person), ...moved],
  };
}

/** Classes counted for one field beyond these are too many to guard one by one. */
const MOST_CLASSES = 200;

/**
 * How many people with access a source lists, in all and by class (`department:Sales`), for the guard against a class that
 * vanishes or changes all at once (safety A3, A4). Leavers are not counted. A field with too many values is left out.
 */
export function countClasses(people: readonly RosterEntry[]): Readonly<Record<string, number>> {
  const present = people.filter((person) => person.status !== "terminated");
  const counts: Record<string, number> = { all: present.length };
  for (const field of ["workerType", "department", "office"] as const) {
    const values = new Map<string, number>();
    for (const person of present) {
      const value = person[field];
      if (value !== null) values.set(value, (values.get(value) ?? 0) + 1);
    }
    if (values.size > MOST_CLASSES) continue;
    for (const value of [...values.keys()].sort(byText)) counts[`${field}:${value}`] = values.get(value) ?? 0;
  }
  return counts;
}
