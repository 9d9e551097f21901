import { canonicalEmail, type EmailKey } from "../../kernel/email.ts";
import type { AccountRecord } from "../../model/account.ts";
import type { Person } from "../../model/person.ts";
import { foldPhone, foldWords, localPart } from "../words.ts";

/** The kinds of trace by which a person and an account may be brought together. */
export const TRACES = ["name", "family", "local", "phone", "address"] as const;
export type Trace = (typeof TRACES)[number];

/** A local part without its tag and its dots: plus and dot variants of one address have one (a suggestion only, safety B4). */
export function bareLocal(key: EmailKey): string {
  return (localPart(key).split("+")[0] ?? "").replace(/[._-]/g, "");
}

/** Words of a name in alphabetical order: "Okafor, Maya" and "Maya Okafor" have one. */
function sortedWords(folded: string): string {
  return folded.includes(" ") ? folded.split(" ").sort().join(" ") : folded;
}

/** First letter of the first word and the last word: "m okafor" of Maya Okafor, M. Okafor and Mia Okafor. */
function initialAndLast(folded: string): string | null {
  const words = folded.split(" ");
  const [first, last] = [words[0], words.at(-1)];
  return words.length < 2 || first === undefined || last === undefined ? null : `${first.charAt(0)} ${last}`;
}

/** Local parts that organisations make of a name, without separators. */
export function localPatterns(
  given: string,
  family: string,
): readonly { readonly local: string; readonly full: boolean }[] {
  const first = (given.split(" ")[0] ?? "").replaceAll(" ", "");
  const last = family.replaceAll(" ", "");
  if (first === "" || last === "") return [];
  return [
    { local: `${first}${last}`, full: true },
    { local: `${last}${first}`, full: true },
    { local: `${first.charAt(0)}${last}`, full: false },
    { local: `${first}${last.charAt(0)}`, full: false },
    { local: `${last}${first.charAt(0)}`, full: false },
  ];
}

export interface FoldedNames {
  readonly full: string;
  readonly given: string;
  readonly family: string;
}

export function personNames(person: Person): FoldedNames {
  const [given, family] = [foldWords(person.givenName), foldWords(person.familyName)];
  return { full: [given, family].filter((part) => part !== "").join(" "), given, family };
}

export function accountName(record: AccountRecord): string {
  const parts = foldWords([record.givenName ?? "", record.familyName ?? ""].join(" "));
  return parts === "" ? foldWords(record.displayName) : parts;
}

/** Further addresses that the app keeps: hints, never keys. */
export function accountAliases(record: AccountRecord): readonly EmailKey[] {
  return record.aliases.flatMap((alias) => canonicalEmail(alias) ?? []);
}

export type Emit = (trace: Trace, value: string) => void;

/** Every trace by which an account could be found. */
export function accountTraces(record: AccountRecord, email: EmailKey | null, emit: Emit): void {
  const name = accountName(record);
  if (name !== "") emit("name", sortedWords(name));
  const short = initialAndLast(name);
  if (short !== null) emit("family", short);
  if (email !== null) {
    const local = bareLocal(email);
    if (local.length > 2) emit("local", local);
    emit("address", email);
  }
  for (const alias of accountAliases(record)) emit("address", alias);
  const phone = record.phone === null ? null : foldPhone(record.phone);
  if (phone !== null) emit("phone", phone);
}

/** The same for a person. */
export function personTraces(person: Person, emit: Emit): void {
  const names = personNames(person);
  if (names.full !== "") emit("name", sortedWords(names.full));
  const display = foldWords(person.displayName);
  if (display !== "" && display !== names.full) emit("name", sortedWords(display));
  const short = initialAndLast(names.full);
  if (short !== null) emit("family", short);
  const own = bareLocal(person.emailKey);
  emit("local", own);
  for (const { local } of localPatterns(names.given, names.family)) if (local !== own) emit("local", local);
  emit("address", person.emailKey);
  for (const alias of person.aliases) {
    emit("address", alias);
    emit("local", bareLocal(alias));
  }
  const phone = person.phone === null ? null : foldPhone(person.phone);
  if (phone !== null) emit("phone", phone);
}
