import { assert } from "../kernel/assert.ts";
import type { RosterEntry } from "../model/person.ts";

/**
 * 128 bits a person: half for who it is, half for what is said of them. Made while a roster is read and kept with the
 * import, they tell the next import what differs without loading the people of before: 16 bytes each instead of a record.
 */
export interface RosterPrints {
  readonly count: number;
  /** Four numbers a person: key (2), content (2). */
  readonly words: Uint32Array;
}

/** Positions, in the order of their roster. */
export interface PrintsDiff {
  /** In the later roster: not in the earlier one. */
  readonly added: Uint32Array;
  /** In the later roster: same key, other content. */
  readonly changed: Uint32Array;
  /** In the earlier roster: not in the later one. */
  readonly vanished: Uint32Array;
}

/** Two running 32-bit hashes (multiply and rotate), mixed at the end: no help against malice, none is needed here. */
class Hash {
  #left = 0x9e3779b9;
  #right = 0x85ebca6b;

  reset(): void {
    this.#left = 0x9e3779b9;
    this.#right = 0x85ebca6b;
  }

  add(text: string): void {
    let left = this.#left;
    let right = this.#right;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      left = Math.imul(left ^ code, 0x85ebca77);
      right = Math.imul(right ^ code, 0xc2b2ae3d);
      left ^= left >>> 15;
      right = (right << 13) | (right >>> 19);
    }
    // The length parts one field from the next: "ab","c" is not "a","bc".
    this.#left = Math.imul(left ^ text.length ^ 0x1f, 0x27d4eb2f);
    this.#right = Math.imul(right ^ text.length ^ 0x3d, 0x165667b1);
  }

  write(words: Uint32Array, at: number): void {
    let left = this.#left ^ (this.#right >>> 13);
    let right = this.#right ^ (this.#left >>> 16);
    left = Math.imul(left ^ (left >>> 16), 0x85ebca6b);
    right = Math.imul(right ^ (right >>> 13), 0xc2b2ae35);
    words[at] = (left ^ (right >>> 15)) >>> 0;
    words[at + 1] = (right ^ (left >>> 16)) >>> 0;
  }
}

function addContent(hash: Hash, entry: RosterEntry): void {
  hash.add(entry.email);
  hash.add(entry.givenName);
  hash.add(entry.familyName);
  hash.add(entry.displayName);
  hash.add(entry.status);
  hash.add(entry.zone);
  const optional = [
    entry.startDate,
    entry.lastDay,
    entry.accessEndsAt,
    entry.department,
    entry.title,
    entry.office,
    entry.workerType,
    entry.manager,
    entry.phone,
  ];
  for (const value of optional) hash.add(value ?? "\u0000");
  for (const alias of entry.aliases) hash.add(alias);
}

/** Prints of the entries, in their order. The row number is not part of them. */
export function printRoster(entries: readonly RosterEntry[]): RosterPrints {
  const words = new Uint32Array(entries.length * 4);
  const hash = new Hash();
  let at = 0;
  for (const entry of entries) {
    hash.reset();
    hash.add(entry.key);
    hash.write(words, at);
    hash.reset();
    addContent(hash, entry);
    hash.write(words, at + 2);
    at += 4;
  }
  return { count: entries.length, words };
}

/** Parts into which the people of both rosters go by their key, so that each part fits into the processor's cache. */
const PARTS = 256;

/** The people of one roster sorted into parts: the same four words each, and where each one stood. */
interface Parted {
  /** Part → place of its first person; one more for the end. */
  readonly starts: Uint32Array;
  readonly words: Uint32Array;
  readonly positions: Uint32Array;
}

function partOf(word: number): number {
  return word >>> 24;
}

function sortIntoParts({ count, words }: RosterPrints): Parted {
  const starts = new Uint32Array(PARTS + 1);
  for (let at = 0; at < words.length; at += 4) {
    const next = partOf(words[at] ?? 0) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let index = 1; index <= PARTS; index += 1) starts[index] = (starts[index] ?? 0) + (starts[index - 1] ?? 0);
  const places = starts.slice();
  const sorted = new Uint32Array(words.length);
  const positions = new Uint32Array(count);
  for (let position = 0; position < count; position += 1) {
    const from = position * 4;
    const own = partOf(words[from] ?? 0);
    const place = places[own] ?? 0;
    places[own] = place + 1;
    positions[place] = position;
    const to = place * 4;
    sorted[to] = words[from] ?? 0;
    sorted[to + 1] = words[from + 1] ?? 0;
    sorted[to + 2] = words[from + 2] ?? 0;
    sorted[to + 3] = words[from + 3] ?? 0;
  }
  return { starts, words: sorted, positions };
}

/** What became of somebody of the later roster. */
const SAME = 0;
const CHANGED = 1;
const ADDED = 2;

interface Marks {
  /** Of the earlier roster: 1 for who is in the later one. */
  readonly seen: Uint8Array;
  /** Of the later roster. */
  readonly fate: Uint8Array;
}

/** Open addressing over one part of the earlier roster: place + 1, or 0 for empty. */
function fillTable(table: Int32Array, mask: number, before: Parted, from: number, to: number): void {
  table.fill(0, 0, mask + 1);
  for (let place = from; place < to; place += 1) {
    let slot = (before.words[place * 4 + 1] ?? 0) & mask;
    while (table[slot] !== 0) slot = (slot + 1) & mask;
    table[slot] = place + 1;
  }
}

function findPlace(table: Int32Array, mask: number, before: Parted, left: number, right: number): number {
  for (let slot = right & mask; ; slot = (slot + 1) & mask) {
    const place = (table[slot] ?? 0) - 1;
    if (place === -1) return -1;
    if (before.words[place * 4] === left && before.words[place * 4 + 1] === right) return place;
  }
}

function comparePart(table: Int32Array, before: Parted, after: Parted, index: number, marks: Marks): void {
  const [from, to] = [before.starts[index] ?? 0, before.starts[index + 1] ?? 0];
  let size = 16;
  while (size < (to - from) * 2) size *= 2;
  fillTable(table, size - 1, before, from, to);
  const end = after.starts[index + 1] ?? 0;
  for (let place = after.starts[index] ?? 0; place < end; place += 1) {
    const at = place * 4;
    const found = findPlace(table, size - 1, before, after.words[at] ?? 0, after.words[at + 1] ?? 0);
    const position = after.positions[place] ?? 0;
    if (found === -1) {
      marks.fate[position] = ADDED;
      continue;
    }
    marks.seen[before.positions[found] ?? 0] = 1;
    const other = found * 4;
    const same = before.words[other + 2] === after.words[at + 2] && before.words[other + 3] === after.words[at + 3];
    marks.fate[position] = same ? SAME : CHANGED;
  }
}

/** Positions with this mark, in their order. */
function marked(marks: Uint8Array, mark: number): Uint32Array {
  let count = 0;
  for (const one of marks) if (one === mark) count += 1;
  const positions = new Uint32Array(count);
  let next = 0;
  for (let position = 0; next < count; position += 1) {
    if (marks[position] !== mark) continue;
    positions[next] = position;
    next += 1;
  }
  return positions;
}

function largestPart({ starts }: Parted): number {
  let largest = 0;
  for (let index = 0; index < PARTS; index += 1) {
    largest = Math.max(largest, (starts[index + 1] ?? 0) - (starts[index] ?? 0));
  }
  return largest;
}

/** Compares two rosters, in any order of their people, in time and memory that grow with their length only. */
export function diffPrints(before: RosterPrints, after: RosterPrints): PrintsDiff {
  for (const { words, count } of [before, after]) assert(words.length === count * 4, "prints have four words each");
  const [old, now] = [sortIntoParts(before), sortIntoParts(after)];
  let size = 16;
  while (size < largestPart(old) * 2) size *= 2;
  const table = new Int32Array(size);
  const marks = { seen: new Uint8Array(before.count), fate: new Uint8Array(after.count) };
  for (let index = 0; index < PARTS; index += 1) comparePart(table, old, now, index, marks);
  return { added: marked(marks.fate, ADDED), changed: marked(marks.fate, CHANGED), vanished: marked(marks.seen, 0) };
}
