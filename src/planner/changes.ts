import { canonicalEmail, emailDomain, type EmailKey } from "../kernel/email.ts";
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "../kernel/json.ts";
import type { Desired } from "../graph/expected.ts";
import type { AccountNode } from "../graph/graph.ts";
import { foldPhone, foldValue } from "../graph/words.ts";
import { accountImage } from "../model/image.ts";
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

/** "Given Family", as apps with one name field get it; never made into two names again. */
export function fullName(person: Person): string {
  const parts = [person.givenName, person.familyName].map((part) => part.trim()).filter((part) => part !== "");
  return parts.length === 0 ? person.displayName.trim() : parts.join(" ");
}

/**
 * Where the account's attributes differ from what the source and the rules say. Only differences that mean something
 * count: spacing, case and composed letters of names, the writing of phone numbers do not; an attribute that the source
 * leaves empty is never cleared (FUB-37).
 */
export function attributeChanges(
  app: AppScene,
  person: Person,
  account: AccountNode,
  desired: Desired,
  domains: readonly (readonly string[])[],
): readonly AttributeChange[] {
  const image = accountImage(account.record);
  const changes = [
    ...nameChanges(app, person, image),
    ...phoneChange(app, person, image),
    ...emailChange(person, account, image, domains),
    ...giftChanges(app, image, desired),
  ];
  return changes.sort((left, right) => (left.field < right.field ? -1 : 1));
}

function plain(field: string, value: string, image: JsonObject): AttributeChange {
  return { field, value, imageField: field, before: image[field] ?? null, after: value };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function nameChanges(app: AppScene, person: Person, image: JsonObject): readonly AttributeChange[] {
  const wanted: readonly (readonly [string, string])[] = app.traits.singleName
    ? [["displayName", fullName(person)]]
    : [
        ["givenName", person.givenName.trim()],
        ["familyName", person.familyName.trim()],
      ];
  return wanted
    .filter(([field, name]) => name !== "" && foldValue(name) !== foldValue(textOf(image[field])))
    .map(([field, name]) => plain(field, name, image));
}

function phoneChange(app: AppScene, person: Person, image: JsonObject): readonly AttributeChange[] {
  if (person.phone === null || !app.traits.writable.includes("phone")) return [];
  const wanted = foldPhone(person.phone);
  if (wanted === null || wanted === foldPhone(textOf(image["phone"]))) return [];
  return [plain("phone", person.phone, image)];
}

/**
 * An address follows the source only where the tie was made by that address: then the difference is a change of address,
 * and the account is changed, never deleted and made again (safety B7). An account that was tied under another address,
 * an alias or a sister domain keeps it.
 */
function emailChange(
  person: Person,
  account: AccountNode,
  image: JsonObject,
  domains: readonly (readonly string[])[],
): readonly AttributeChange[] {
  const actual = account.record.email === null ? null : canonicalEmail(account.record.email);
  const method = account.link?.evidence.method ?? null;
  if (actual === null || actual === person.emailKey || (method !== "email" && method !== "created-by-us")) return [];
  if (person.aliases.includes(actual) || areSisters(actual, person.emailKey, domains)) return [];
  return [plain("email", person.emailKey, image)];
}

function areSisters(left: EmailKey, right: EmailKey, domains: readonly (readonly string[])[]): boolean {
  const [one, other] = [emailDomain(left), emailDomain(right)];
  if (left.slice(0, -one.length) !== right.slice(0, -other.length)) return false;
  return domains.some((group) => group.includes(one) && group.includes(other));
}

function giftChanges(app: AppScene, image: JsonObject, desired: Desired): readonly AttributeChange[] {
  const changes: AttributeChange[] = [];
  for (const [field, value] of Object.entries(desired.gift.attributes)) {
    const imageField = `attributes.${field}`;
    const before = image[imageField] ?? null;
    // A map is laid over the one that is there: other people's fields stay (FRONT-A15).
    const after = isJsonObject(value) && isJsonObject(before) ? { ...before, ...value } : value;
    if (app.traits.writable.includes(field) && canonicalJson(after) !== canonicalJson(before)) {
      changes.push({ field, value, imageField, before, after });
    }
  }
  return changes;
}
