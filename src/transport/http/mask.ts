/** Takes secrets out of a text and makes it fit for one line of an error. */
export type Mask = (text: string) => string;

/** Shorter ones would blot out ordinary words; no vendor's key is that short. */
const SHORTEST_SECRET = 6;
const LONGEST_TEXT = 300;
// Control characters, line separators and the marks that turn the direction of a text (safety C18, T18).
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** Vendors echo keys in their error texts: nothing of theirs is shown before it went through here. */
export function createMask(secrets: readonly string[]): Mask {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    forms.add(secret);
    forms.add(encodeURIComponent(secret));
    forms.add(JSON.stringify(secret).slice(1, -1));
  }
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const form of longestFirst) clean = clean.replaceAll(form, "[secret]");
    clean = clean.replaceAll(UNPRINTABLE, " ").trim();
    return clean.length > LONGEST_TEXT ? `${clean.slice(0, LONGEST_TEXT - 1)}…` : clean;
  };
}
