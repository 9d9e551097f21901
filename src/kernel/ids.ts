import { hash } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/** What an id stands for: person, account, link, snapshot, finding, plan, step, run, event, audit record, roster import. */
export type IdPrefix = "per" | "acc" | "lnk" | "snp" | "fnd" | "pln" | "stp" | "run" | "evt" | "aud" | "imp";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

function encodeTime(epochMs: number): string {
  let left = epochMs;
  let text = "";
  for (let index = 0; index < 10; index += 1) {
    text = (ALPHABET[left % 32] ?? "0") + text;
    left = Math.floor(left / 32);
  }
  return text;
}

/**
 * A prefix and that many letters, one a byte, as one piece of text: put together letter by letter, each of hundreds of
 * thousands of ids would keep all its pieces in memory (700 bytes instead of 50).
 */
function encodeBytes(prefix: string, bytes: Uint8Array, length: number): string {
  const text = Buffer.alloc(prefix.length + length);
  text.write(prefix, "latin1");
  for (let index = 0; index < length; index += 1) {
    text[prefix.length + index] = ALPHABET.charCodeAt((bytes[index] ?? 0) % 32);
  }
  return text.toString("latin1");
}

/** A new id: `<prefix>_` and 26 characters, the first ten of them the time, so that ids sort by age. */
export function newId(prefix: IdPrefix, clock: Clock, random: Random): string {
  return encodeBytes(`${prefix}_${encodeTime(clock.now())}`, random.bytes(16), 16);
}

/** The id of a derived thing: the same parts give the same id for ever (finding, step, event). */
export function deriveId(prefix: IdPrefix, ...parts: readonly string[]): string {
  const digest = hash("sha256", JSON.stringify([prefix, ...parts]), "buffer");
  return encodeBytes(`${prefix}_`, digest, 26);
}

export function isId(prefix: IdPrefix, text: string): boolean {
  return text.length === prefix.length + 27 && text.startsWith(`${prefix}_`) && /^[0-9a-z]+$/.test(text.slice(-26));
}
