import { domainToASCII, domainToUnicode } from "node:url";

/** The key under which addresses are compared: trimmed, lower-cased, domain as A-label. Made here only, never by SQL (safety B1, B2). */
export type EmailKey = string & { readonly emailKey: true };

/** Lower-cases A to Z and nothing else: full Unicode folding would merge addresses of different people (KELVIN SIGN, dotted I). */
function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * Composes what is composed differently, but leaves the few signs alone that composing would turn into ASCII
 * (KELVIN SIGN into K): they are another address, and stay visible as one.
 */
export function compose(text: string): string {
  return text.replace(/[^\u212a\u037e\u1fef]+/g, (part) => part.normalize("NFC"));
}

/** An address that is its own key once its letters are small: nearly all of them. No A-label, no numbers for a last label. */
const SIMPLE = /^[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}$/;

/**
 * The matching key of an address: no plus or dot folding. Null when it is no address.
 * The local part is folded for ASCII only; the domain is turned into its ASCII form.
 */
export function canonicalEmail(text: string): EmailKey | null {
  // The long way costs a call into ICU; for these the answer is the same (property in email.test.ts).
  const small = text.toLowerCase();
  if (text.length <= 254 && /^[\x21-\x7e]+$/.test(text) && SIMPLE.test(small) && !small.includes("xn--")) {
    return small as EmailKey;
  }
  return canonicalByRule(text);
}

/** The rule itself, without the short cut. */
export function canonicalByRule(text: string): EmailKey | null {
  const trimmed = compose(text).trim();
  const at = trimmed.lastIndexOf("@");
  if (at < 1 || at === trimmed.length - 1 || trimmed.length > 254) return null;
  const local = trimmed.slice(0, at);
  const domain = domainToASCII(trimmed.slice(at + 1));
  if (domain === "" || /[\s<>"(),:;\\]/.test(local) || local.includes("@")) return null;
  if (!/^[a-z0-9.-]+$/.test(domain) || domain.startsWith(".") || domain.endsWith(".")) return null;
  return `${foldAscii(local)}@${domain}` as EmailKey;
}

/** Whether an address may be linked without a human: its local part is plain ASCII (safety B2, B3). */
export function isPlainEmail(key: EmailKey): boolean {
  return /^[\x21-\x7e]+$/.test(key) && !key.includes("@xn--") && !key.includes(".xn--");
}

export function emailDomain(key: EmailKey): string {
  return key.slice(key.lastIndexOf("@") + 1);
}

/** The address as people read it, its domain in letters instead of A-labels: what a look-alike looks like. */
export function readableEmail(key: EmailKey): string {
  return key.includes("xn--") ? `${key.slice(0, key.lastIndexOf("@"))}@${domainToUnicode(emailDomain(key))}` : key;
}
