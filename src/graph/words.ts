import type { EmailKey } from "../kernel/email.ts";

/** Whether a text is plain ASCII: then most of the folding below has nothing to do. */
const ASCII = /^[\x20-\x7e]*$/;

/**
 * A name or other words for comparing: one space between words, no case, no accents, no punctuation. Two texts
 * with the same words in the same order are equal. For comparing only: what is shown is what was written.
 */
export function foldWords(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize("NFKD").replace(/\p{M}+/gu, "");
  return plain
    .toLowerCase()
    .replace(/['’`´]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** A field's value for comparing with a rule: composed, trimmed, one space between words, no case. */
export function foldValue(text: string): string {
  const composed = ASCII.test(text) ? text : text.normalize("NFC");
  return composed.trim().replace(/\s+/g, " ").toLowerCase();
}

/** Digits of a phone number, the last ten when there are more: with and without a country code are one number. Null when there are under seven. */
export function foldPhone(text: string): string | null {
  const digits = text.replace(/\D+/g, "");
  return digits.length < 7 ? null : digits.slice(-10);
}

export function localPart(key: EmailKey): string {
  return key.slice(0, key.lastIndexOf("@"));
}

/** Sorts texts by code unit, so that the order is the same on every machine. */
export function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Sorts, unless the list is in order already, as lists from a store mostly are: then it is given back as it is. */
export function inOrder<T>(list: readonly T[], compare: (left: T, right: T) => number): readonly T[] {
  for (let index = 1; index < list.length; index += 1) {
    const [before, after] = [list[index - 1], list[index]];
    if (before !== undefined && after !== undefined && compare(before, after) > 0) return list.toSorted(compare);
  }
  return list;
}
