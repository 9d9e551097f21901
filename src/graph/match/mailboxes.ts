import type { EmailKey } from "../../kernel/email.ts";
import { localPart } from "../words.ts";
import { ROLE_COMPANIONS, ROLE_WORDS } from "./mailboxes.data.ts";

/** Tells addresses of roles from those of people. */
export type SharedMailboxTest = (key: EmailKey) => boolean;

/** Words of a role part at these signs. */
const SEPARATORS = /[._\-\d]+/;
const LONGEST_WORD = 32;

/** First letter and length of a word as one number; 0 for what no word here can have. */
function shapeOf(key: string, length: number): number {
  const letter = key.charCodeAt(0) - 96;
  return letter < 1 || letter > 26 || length >= LONGEST_WORD ? 0 : letter * LONGEST_WORD + length;
}

/** How many signs of the address are before the first separator, tag or the @. */
function firstWordLength(key: string): number {
  let length = 0;
  for (; length < key.length; length += 1) {
    const code = key.charCodeAt(length);
    if (code < 97 || code > 122) break;
  }
  return length;
}

/**
 * A test for addresses of roles (sales@, info@, support-eu@, leads+web@): every word of the local part is a role's or may
 * stand beside one, and at least one is a role's (safety B8).
 */
export function sharedMailboxTest(): SharedMailboxTest {
  const roles = new Set(ROLE_WORDS);
  const companions = new Set(ROLE_COMPANIONS);
  const shapes = new Uint8Array(27 * LONGEST_WORD);
  for (const word of [...roles, ...companions]) shapes[shapeOf(word, word.length)] = 1;
  return (key) => {
    // Letter and length of the first word tell nearly everybody apart without cutting a text out of the address.
    if (shapes[shapeOf(key, firstWordLength(key))] !== 1) return false;
    const words = (localPart(key).split("+")[0] ?? "").split(SEPARATORS).filter((word) => word !== "");
    return words.some((word) => roles.has(word)) && words.every((word) => roles.has(word) || companions.has(word));
  };
}
