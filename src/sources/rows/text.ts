import { compose } from "../../kernel/email.ts";

/** Longest text that a cell of a person may hold. */
export const LONGEST_TEXT = 500;

/** Signs that make a spreadsheet take a cell for a formula, full-width forms too. */
const FORMULA = /^\s*[=+\-@\t\r\u0000＝＋－＠]/;
const BIDI = /[\u202A-\u202E\u2066-\u2069\u200E\u200F]/;
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/;
const ASCII = /^[\x00-\x7f]*$/;
const SPACE_RUN = /[\t\r\n]|\s\s/;

/** What makes a text odd enough to tell the person who imports it. */
export type Oddity = "formula" | "direction";

export interface CleanText {
  /** Composed (NFC), trimmed, one space between words; empty when there is nothing. */
  readonly text: string;
  /** Why it cannot be taken, or null. */
  readonly fault: string | null;
  readonly oddity: Oddity | null;
}

/**
 * Takes back what an export of ours put in front of a cell that a spreadsheet would run as a formula (safety T13, A17):
 * one apostrophe, and only before such a sign.
 */
export function unescapeCell(text: string): string {
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}

/** Printable ASCII that starts with a letter or a digit, without spaces to fold: nearly every cell, and nothing is to be done with it. */
function isPlain(raw: string): boolean {
  return /^[A-Za-z0-9][\x20-\x7E]*$/.test(raw) && !raw.includes("  ") && !raw.endsWith(" ");
}

/** A cell as text. Whatever stands in it stays text: nothing is evaluated, and signs in front are kept (phone numbers). */
export function cleanText(raw: string): CleanText {
  if (raw.length <= LONGEST_TEXT && isPlain(raw)) return { text: raw, fault: null, oddity: null };
  const bare = unescapeCell(raw);
  const text = ASCII.test(bare) ? bare : compose(bare);
  if (text.length > LONGEST_TEXT) {
    return {
      text: "",
      fault: `the cell holds ${text.length} characters, more than ${LONGEST_TEXT}; shorten it`,
      oddity: null,
    };
  }
  if (CONTROL.test(text)) return { text: "", fault: "the cell holds control characters; type it anew", oddity: null };
  const clean = (SPACE_RUN.test(text) ? text.replace(/\s+/g, " ") : text).trim();
  const formula = /^[=@＝＠]/.test(clean);
  return { text: clean, fault: null, oddity: formula ? "formula" : BIDI.test(clean) ? "direction" : null };
}

/** Cells that people write to say "nothing". */
export function isBlank(text: string): boolean {
  return text === "" || /^(?:-+|–|—|n\/a|na|null|none|#n\/a)$/i.test(text);
}
