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

/** Open addressing over the keys of one roster: position + 1, or 0 for empty. */
function tableOf(prints: RosterPrints): Int32Array {
  let size = 16;
  while (size < prints.count * 2) size *= 2;
  const table = new Int32Array(size);
  const { words } = prints;
  for (let position = 0; position < prints.count; position += 1) {
    let slot = (words[position * 4] ?? 0) & (size - 1);
    while (table[slot] !== 0) slot = (slot + 1) & (size - 1);
    table[slot] = position + 1;
  }
  return table;
}

/** Position in `prints` of the person at `at` (index of words) of another roster, or -1. */
function findKey(prints: RosterPrints, table: Int32Array, words: Uint32Array, at: number): number {
  const mask = table.length - 1;
  const [left, right] = [words[at] ?? 0, words[at + 1] ?? 0];
  for (let slot = left & mask; ; slot = (slot + 1) & mask) {
    const position = (table[slot] ?? 0) - 1;
    if (position === -1) return -1;
    if (prints.words[position * 4] === left && prints.words[position * 4 + 1] === right) return position;
  }
}

/** Compares two rosters, in any order of their people, in time and memory that grow with their length only. */
export function diffPrints(before: RosterPrints, after: RosterPrints): PrintsDiff {
  assert(
    before.words.length === before.count * 4 && after.words.length === after.count * 4,
    "prints have four words each",
  );
  const table = tableOf(before);
  const seen = new Uint8Array(before.count);
  const added: number[] = [];
  const changed: number[] = [];
  for (let position = 0; position < after.count; position += 1) {
    const at = position * 4;
    const found = findKey(before, table, after.words, at);
    if (found === -1) {
      added.push(position);
      continue;
    }
    seen[found] = 1;
    const same =
      before.words[found * 4 + 2] === after.words[at + 2] && before.words[found * 4 + 3] === after.words[at + 3];
    if (!same) changed.push(position);
  }
  const vanished: number[] = [];
  for (let position = 0; position < before.count; position += 1) if (seen[position] === 0) vanished.push(position);
  return { added: Uint32Array.from(added), changed: Uint32Array.from(changed), vanished: Uint32Array.from(vanished) };
}
