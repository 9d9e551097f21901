import { isJsonObject, type JsonObject, type JsonValue } from "../../../kernel/json.ts";
import { isEmail, readObject } from "./bodies.ts";
import type { FrontCall, FrontContext, Teammate } from "./entities.ts";

export const USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";
export const LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** Either what was read, or RFC 7644's word for what is wrong and a sentence. */
export type ScimReading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly scimType: string; readonly detail: string };

function wrong(detail: string, scimType = "invalidValue"): { ok: false; scimType: string; detail: string } {
  return { ok: false, scimType, detail };
}

export function userUrl(context: FrontContext, teammate: Teammate): string {
  return `${context.origin}/scim/v2/Users/${teammate.id}`;
}

/** FRONT-68: userName is the address, name.givenName and name.familyName the two names. */
export function userView(context: FrontContext, teammate: Teammate): JsonObject {
  return {
    schemas: [USER_SCHEMA],
    id: teammate.id,
    ...(teammate.external_id === null ? {} : { externalId: teammate.external_id }),
    userName: teammate.email,
    name: { givenName: teammate.first_name, familyName: teammate.last_name },
    emails: [{ value: teammate.email, type: "work", primary: true }],
    active: !teammate.is_blocked,
    meta: { resourceType: "User", location: userUrl(context, teammate) },
  };
}

export interface ScimUser {
  readonly userName: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly externalId: string | null;
  readonly active: boolean;
}

function readSchema(call: FrontCall, schema: string): ScimReading<JsonObject> {
  const body = readObject(call);
  if (!body.ok) return wrong(body.details.join("; "), "invalidSyntax");
  const { schemas } = body.value;
  const named = Array.isArray(schemas) && (schemas as readonly JsonValue[]).includes(schema);
  if (call.options.strict && !named) return wrong(`schemas must name ${schema}`, "invalidSyntax");
  return body;
}

function text(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

/** FRONT-53. Attributes that Front does not keep are passed over, as SCIM servers do. */
export function readUser(call: FrontCall): ScimReading<ScimUser> {
  const body = readSchema(call, USER_SCHEMA);
  if (!body.ok) return body;
  const { userName, name, externalId, active } = body.value;
  if (typeof userName !== "string") return wrong("userName is required");
  if (!isEmail(userName)) return wrong("userName must be an e-mail address");
  if (active !== undefined && typeof active !== "boolean") return wrong("active must be true or false");
  const names = isJsonObject(name) ? name : {};
  const user: ScimUser = {
    userName,
    givenName: text(names["givenName"]) ?? "",
    familyName: text(names["familyName"]) ?? "",
    externalId: text(externalId),
    active: active ?? true,
  };
  return { ok: true, value: user };
}

/** What a PATCH asks for: null = not mentioned. What else it names is in nobody's interest here. */
export interface ScimChange {
  readonly active: boolean | null;
  readonly userName: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  /** Whether it names anything but `active`. */
  readonly more: boolean;
}

/** Entra writes booleans as text and verbs with a capital letter. */
function readActive(value: JsonValue): boolean | null {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") return null;
  const word = value.toLowerCase();
  return word === "true" ? true : word === "false" ? false : null;
}

/** The operation as pairs of attribute path and value; null when it is no operation. */
function assignments(operation: JsonValue): readonly (readonly [string, JsonValue])[] | null {
  if (!isJsonObject(operation)) return null;
  const verb = text(operation["op"])?.toLowerCase();
  if (verb !== "add" && verb !== "replace" && verb !== "remove") return null;
  const path = operation["path"];
  const value = operation["value"] ?? null;
  if (path === undefined) return verb !== "remove" && isJsonObject(value) ? flatten(value) : null;
  if (typeof path !== "string") return null;
  if (path.toLowerCase() === "name" && isJsonObject(value)) return flatten({ name: value });
  return [[path, verb === "remove" ? null : value]];
}

function flatten(value: JsonObject): readonly (readonly [string, JsonValue])[] {
  return Object.entries(value).flatMap(([name, member]): readonly (readonly [string, JsonValue])[] =>
    name === "name" && isJsonObject(member)
      ? Object.entries(member).map(([part, text]) => [`name.${part}`, text] as const)
      : [[name, member]],
  );
}

export function readPatch(call: FrontCall): ScimReading<ScimChange> {
  const body = readSchema(call, PATCH_SCHEMA);
  if (!body.ok) return body;
  const operations = body.value["Operations"];
  if (!Array.isArray(operations) || operations.length === 0) return wrong("Operations is required", "invalidSyntax");
  const pairs: (readonly [string, JsonValue])[] = [];
  for (const operation of operations as readonly JsonValue[]) {
    const found = assignments(operation);
    if (found === null) return wrong("an operation needs op (add, replace, remove), path and value", "invalidSyntax");
    pairs.push(...found);
  }
  const last = (path: string): JsonValue | undefined =>
    pairs.findLast(([name]) => name.toLowerCase() === path.toLowerCase())?.[1];
  const active = last("active");
  if (active !== undefined && readActive(active) === null) return wrong("active must be true or false");
  const userName = text(last("userName"));
  if (userName !== null && !isEmail(userName)) return wrong("userName must be an e-mail address");
  return {
    ok: true,
    value: {
      active: active === undefined ? null : readActive(active),
      userName,
      givenName: text(last("name.givenName")),
      familyName: text(last("name.familyName")),
      more: pairs.some(([name]) => name.toLowerCase() !== "active"),
    },
  };
}

export interface ScimFilter {
  readonly attribute: "userName" | "externalId";
  readonly value: string;
}

/** `userName eq "…"` or `externalId eq "…"`, all that an identity provider asks; null = none was sent. */
export function readFilter(filter: string | null): ScimReading<ScimFilter | null> {
  if (filter === null || filter.trim() === "") return { ok: true, value: null };
  const match = /^\s*(userName|externalId)\s+eq\s+"((?:[^"\\]|\\["\\])*)"\s*$/i.exec(filter);
  const [, attribute, quoted] = match ?? [];
  if (attribute === undefined || quoted === undefined) return wrong("this filter is not supported", "invalidFilter");
  const name = attribute.toLowerCase() === "username" ? "userName" : "externalId";
  return { ok: true, value: { attribute: name, value: quoted.replace(/\\(["\\])/g, "$1") } };
}
