import { canonicalEmail } from "../kernel/email.ts";
import { canonicalJson, type JsonObject, type JsonValue } from "../kernel/json.ts";
import type { AccountRecord } from "./account.ts";

/**
 * An account as comparable fields: what preconditions (`Precondition.fields`), the state after a step (`Step.after`)
 * and receipts are written in. Keys: `exists`, `id`, `state`, `email` (canonical), `displayName`, `givenName`,
 * `familyName`, `phone`, `roles` (sorted), `privileged`, `owner`, `createdAt`, `teams` (sorted; left out when the app's
 * record does not tell), and `attributes.<name>`. An account that is not there is `{exists: false}`.
 */
export function accountImage(record: AccountRecord | null): JsonObject {
  if (record === null) return { exists: false };
  const image: Record<string, JsonValue> = {
    exists: true,
    id: record.id,
    state: record.state,
    email: record.email === null ? null : (canonicalEmail(record.email) ?? record.email),
    displayName: record.displayName,
    givenName: record.givenName,
    familyName: record.familyName,
    phone: record.phone,
    roles: [...record.roles].sort(),
    privileged: record.privileged,
    owner: record.owner,
    createdAt: record.createdAt,
  };
  if (record.teams !== null) image["teams"] = [...record.teams].sort();
  for (const [name, value] of Object.entries(record.attributes)) image[`attributes.${name}`] = value;
  return image;
}

/** The part of an image that `fields` speaks of, for receipts. */
export function pickImage(image: JsonObject, fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(fields).map((key) => [key, image[key] ?? null]));
}

/** Names of the fields in which the image differs from what was expected; empty: all as expected. */
export function imageDifferences(image: JsonObject, expected: JsonObject): readonly string[] {
  return Object.entries(expected)
    .filter(([key, value]) => canonicalJson(image[key] ?? null) !== canonicalJson(value))
    .map(([key]) => key);
}
