import { emailDomain } from "../../kernel/email.ts";
import type { Evidence } from "../../model/link.ts";
import type { Person } from "../../model/person.ts";
import { foldPhone, foldWords, localPart } from "../words.ts";
import type { Found } from "./gather.ts";
import type { PeopleIndex } from "./people-index.ts";
import { accountAliases, accountName, bareLocal, localPatterns, personNames, type FoldedNames } from "./traces.ts";
import { placeOf } from "./verdict.ts";

/** Below this a human has better things to do. */
const LEAST_SCORE = 0.4;
/** Only a sure match has 1. */
const MOST_SCORE = 0.99;
/** A person who has an account of the kind already can hardly have another one. */
const TAKEN_MOST = 0.6;

interface Part {
  readonly score: number;
  readonly reason: string;
}

function nameScore(account: string, names: FoldedNames, display: string): Part | null {
  if (account === "") return null;
  if (account === names.full || account === display) return { score: 0.55, reason: "the names are the same" };
  const words = account.split(" ");
  if (words.toSorted().join(" ") === names.full.split(" ").toSorted().join(" ")) {
    return { score: 0.5, reason: "the names are the same in another order" };
  }
  const [first, last] = [words[0] ?? "", words.at(-1) ?? ""];
  if (words.length < 2 || last !== names.family || names.given === "") return null;
  if (first.length === 1 && first === names.given.charAt(0)) {
    return { score: 0.35, reason: "the last names are the same, and the initial fits" };
  }
  if (first.charAt(0) === names.given.charAt(0)) {
    return { score: 0.3, reason: "the last names are the same, and the first names begin alike" };
  }
  return null;
}

function localScore(found: Found, person: Person, names: FoldedNames): Part | null {
  const { email } = found;
  if (email === null) return null;
  const [local, own] = [bareLocal(email), bareLocal(person.emailKey)];
  const same = emailDomain(email) === emailDomain(person.emailKey);
  if (local === own) {
    if (same) return { score: 0.45, reason: `${email} is ${person.email} with other dots or a tag` };
    const exact = localPart(email) === localPart(person.emailKey);
    return {
      score: 0.35,
      reason: `${exact ? "the part before the @ is the same" : "the parts before the @ are alike"}, at another domain`,
    };
  }
  const pattern = localPatterns(names.given, names.family).find((one) => one.local === local);
  if (pattern === undefined) return null;
  return pattern.full
    ? { score: 0.3, reason: `${localPart(email)} is made of the first and last name` }
    : { score: 0.25, reason: `${localPart(email)} is made of the name and an initial` };
}

function hintScore(found: Found, person: Person): Part | null {
  const addresses = accountAliases(found.record);
  const known = new Set([person.emailKey, ...person.aliases]);
  return addresses.some((address) => known.has(address))
    ? { score: 0.6, reason: "a further address in the app is that of the person" }
    : null;
}

function phoneScore(found: Found, person: Person): Part | null {
  const phone = found.record.phone === null ? null : foldPhone(found.record.phone);
  return phone !== null && person.phone !== null && foldPhone(person.phone) === phone
    ? { score: 0.3, reason: "the phone numbers are the same" }
    : null;
}

function domainScore(found: Found, people: PeopleIndex): Part | null {
  return found.email !== null && people.isOwnDomain(emailDomain(found.email))
    ? { score: 0.13, reason: `${emailDomain(found.email)} is a domain of the organisation` }
    : null;
}

/**
 * How likely the account is the person's, with the reasons in words; null below what is worth showing. Never 1: what is
 * found by likeness waits for a human.
 */
export function scorePair(found: Found, person: Person, people: PeopleIndex, taken: boolean): Evidence | null {
  const names = personNames(person);
  const parts = [
    nameScore(accountName(found.record), names, foldWords(person.displayName)),
    localScore(found, person, names),
    hintScore(found, person),
    phoneScore(found, person),
  ].filter((part) => part !== null);
  if (parts.length === 0) return null;
  const domain = domainScore(found, people);
  if (domain !== null) parts.push(domain);
  const sum = parts.reduce((total, part) => total + part.score, 0);
  const score = Math.round(Math.min(sum, taken ? TAKEN_MOST : MOST_SCORE) * 100) / 100;
  if (score < LEAST_SCORE) return null;
  const reasons = [`${placeOf(person)}: ${parts.map((part) => part.reason).join("; ")}`];
  if (taken) reasons.push("the person has another account of this kind already");
  return { method: "score", score, reasons };
}
