import { canonicalEmail } from "../kernel/email.ts";
import { canonicalJson, isJsonObject, type JsonValue } from "../kernel/json.ts";
import type { Desired } from "../graph/expected.ts";
import type { AccountNode, PersonNode } from "../graph/graph.ts";
import { byText, foldPhone, foldValue, foldWords } from "../graph/words.ts";
import type { AccountRecord } from "../model/account.ts";
import type { Person } from "../model/person.ts";
import type { AppScene } from "./scene.ts";

/** One attribute that should be otherwise. */
export interface AttributeChange {
  /** As `Action.update` and `Traits.writable` name it. */
  readonly field: string;
  /** What is sent. */
  readonly value: JsonValue;
  /** As the image of the account shows it before and after. */
  readonly imageField: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
}

function joinNames(given: string, family: string): string {
  const [first, last] = [given.trim(), family.trim()];
  if (first === "") return last;
  return last === "" ? first : `${first} ${last}`;
}

/** "Given Family", as apps with one name field get it; never made into two names again. */
export function fullName(person: Person): string {
  return joinNames(person.givenName, person.familyName) || person.displayName.trim();
}

/**
 * Where the account's attributes differ from what the source and the rules say. Only differences that mean something
 * count, by the measures of the findings (graph): the writing of names and phone numbers does not; an attribute that the
 * source leaves empty is never cleared (FUB-37).
 */
export function attributeChanges(
  app: AppScene,
  node: PersonNode,
  account: AccountNode,
  desired: Desired,
): readonly AttributeChange[] {
  const changes: AttributeChange[] = [];
  addNames(changes, app, node.person, account.record);
  addPhone(changes, app, node.person, account.record);
  addEmail(changes, node, account);
  addTitle(changes, app, node.person, account.record);
  addGifts(changes, app, account.record, desired);
  return changes.length < 2 ? changes : changes.sort((left, right) => byText(left.field, right.field));
}

function plain(field: string, before: string | null, after: string): AttributeChange {
  return { field, value: after, imageField: field, before, after };
}

/** The name as one text: an app's single name is never parted back into fields. */
function nameOf(record: AccountRecord): string {
  return joinNames(record.givenName ?? "", record.familyName ?? "") || record.displayName;
}

function addNames(changes: AttributeChange[], app: AppScene, person: Person, record: AccountRecord): void {
  const wanted = fullName(person);
  const actual = nameOf(record);
  if (actual === wanted || wanted === "") return;
  const folded = foldWords(actual);
  if (folded === "" || folded === foldWords(wanted) || folded === foldWords(person.displayName)) return;
  if (app.traits.singleName) {
    changes.push(plain("displayName", record.displayName, wanted));
    return;
  }
  const given = person.givenName.trim();
  const family = person.familyName.trim();
  if (given !== "" && foldWords(given) !== foldWords(record.givenName ?? "")) {
    changes.push(plain("givenName", record.givenName, given));
  }
  if (family !== "" && foldWords(family) !== foldWords(record.familyName ?? "")) {
    changes.push(plain("familyName", record.familyName, family));
  }
}

/** An app that shows no number and takes none has no telephone; one that shows another number has the wrong one. */
function addPhone(changes: AttributeChange[], app: AppScene, person: Person, record: AccountRecord): void {
  const actual = record.phone ?? "";
  if (person.phone === null || person.phone === actual) return;
  if (actual === "" && !app.traits.writable.includes("phone")) return;
  if (actual !== "" && foldPhone(person.phone) === foldPhone(actual)) return;
  changes.push(plain("phone", record.phone, person.phone));
}

/**
 * An account whose address is none of the person's gets the address that the source gives: the account is changed, never
 * deleted and made again (safety B7). One that was tied by its domain, or carries the address of another source, keeps it.
 */
function addEmail(changes: AttributeChange[], node: PersonNode, account: AccountNode): void {
  const { person } = node;
  const written = account.record.email;
  if (written === null || written === person.emailKey) return;
  const actual = canonicalEmail(written);
  if (actual === null || actual === person.emailKey || person.aliases.includes(actual)) return;
  if (account.link?.evidence.method === "domain-map" || node.seenAs.some((other) => other.emailKey === actual)) return;
  changes.push(plain("email", actual, person.emailKey));
}

function addTitle(changes: AttributeChange[], app: AppScene, person: Person, record: AccountRecord): void {
  const actual = record.attributes["title"];
  if (person.title === null || typeof actual !== "string" || actual === "") return;
  if (foldValue(actual) === foldValue(person.title) || !app.traits.writable.includes("title")) return;
  const change = { field: "title", value: person.title, before: actual, after: person.title };
  changes.push({ ...change, imageField: "attributes.title" });
}

function addGifts(changes: AttributeChange[], app: AppScene, record: AccountRecord, desired: Desired): void {
  for (const [field, value] of Object.entries(desired.gift.attributes)) {
    const before = record.attributes[field] ?? null;
    // A map is laid over the one that is there: other people's fields stay (FRONT-A15).
    const after = isJsonObject(value) && isJsonObject(before) ? { ...before, ...value } : value;
    if (app.traits.writable.includes(field) && canonicalJson(after) !== canonicalJson(before)) {
      changes.push({ field, value, imageField: `attributes.${field}`, before, after });
    }
  }
}
