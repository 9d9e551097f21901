import { isJsonObject, type JsonObject, type JsonValue } from "../../../kernel/json.ts";
import type { Reading } from "./answers.ts";
import { isScalar, type CustomField, type CustomValues, type FrontCall, type Teammate } from "./entities.ts";

/** What a body says of a teammate; null = not sent. */
export interface TeammateFields {
  readonly email: string | null;
  readonly username: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly is_admin: boolean | null;
  readonly is_available: boolean | null;
  readonly is_blocked: boolean | null;
  readonly custom_fields: CustomValues | null;
}

const ON_CREATE = ["email", "username", "first_name", "last_name", "is_admin", "is_available", "custom_fields"];
const ON_UPDATE = [...ON_CREATE, "is_blocked"];
/** FRONT-D2: what the vendor's own update takes. */
const ON_VENDOR_UPDATE = ["username", "first_name", "last_name", "is_available", "custom_fields"];

/** The JSON object of the request. Strict mode wants it declared as JSON, as all of the guide's examples do. */
export function readObject(call: FrontCall): Reading<JsonObject> {
  const { body, bodyState, headers } = call.request;
  if (bodyState === "none") return { ok: false, details: ["body: is required"] };
  if (bodyState === "malformed") return { ok: false, details: ["body: is not valid JSON"] };
  if (!isJsonObject(body)) return { ok: false, details: ["body: must be an object"] };
  const type = headers["content-type"] ?? "";
  if (call.options.strict && !/^application\/([\w.-]+\+)?json\b/i.test(type)) {
    return { ok: false, details: ["headers.content-type: must be application/json"] };
  }
  return { ok: true, value: body };
}

class BodyReader {
  readonly problems: string[] = [];
  readonly #body: JsonObject;
  readonly #known: readonly string[];

  /** Members that may not be written are refused in strict mode and passed over otherwise. */
  constructor(body: JsonObject, known: readonly string[], strict: boolean) {
    this.#body = body;
    this.#known = known;
    if (!strict) return;
    for (const name of Object.keys(body)) {
      if (!known.includes(name)) this.problems.push(`body.${name}: cannot be written`);
    }
  }

  text(name: string): string | null {
    const value = this.#value(name);
    return value === undefined || typeof value === "string" ? (value ?? null) : this.#wrong(name, "a string");
  }

  flag(name: string): boolean | null {
    const value = this.#value(name);
    return value === undefined || typeof value === "boolean" ? (value ?? null) : this.#wrong(name, "a boolean");
  }

  object(name: string): JsonObject | null {
    const value = this.#value(name);
    return value === undefined || isJsonObject(value) ? (value ?? null) : this.#wrong(name, "an object");
  }

  #value(name: string): JsonValue | undefined {
    return this.#known.includes(name) ? this.#body[name] : undefined;
  }

  #wrong(name: string, wanted: string): null {
    this.problems.push(`body.${name}: must be ${wanted}`);
    return null;
  }
}

/** FRONT-20 and FRONT-A15: the whole map, and only fields that the company has set up. */
function checkCustomFields(call: FrontCall, sent: JsonObject, problems: string[]): CustomValues {
  const values: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(sent)) {
    const field = call.state.customFields.find((one) => one.name === name);
    if (field === null) problems.push(`body.custom_fields.${name}: is not a custom field of this company`);
    else if (!isScalar(value)) problems.push(`body.custom_fields.${name}: must be a single value`);
    else if (call.options.profile === "vendor" && !fits(field, value)) {
      problems.push(`body.custom_fields.${name}: must be of type ${field.type}`);
    } else values[name] = value;
  }
  return values;
}

function fits(field: CustomField, value: string | number | boolean | null): boolean {
  if (value === null) return true;
  switch (field.type) {
    case "number":
    case "datetime":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "string":
    case "enum":
      return typeof value === "string";
  }
}

export function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/.test(text);
}

/** The body of a create or an update; `known` are the fields that may be written. */
function readFields(call: FrontCall, known: readonly string[]): Reading<TeammateFields> {
  const body = readObject(call);
  if (!body.ok) return body;
  const read = new BodyReader(body.value, known, call.options.strict);
  const custom = read.object("custom_fields");
  const fields: TeammateFields = {
    email: read.text("email"),
    username: read.text("username"),
    first_name: read.text("first_name"),
    last_name: read.text("last_name"),
    is_admin: read.flag("is_admin"),
    is_available: read.flag("is_available"),
    is_blocked: read.flag("is_blocked"),
    custom_fields: custom === null ? null : checkCustomFields(call, custom, read.problems),
  };
  if (fields.email !== null && !isEmail(fields.email)) read.problems.push("body.email: is not an e-mail address");
  if (fields.username !== null && !isHandle(call, fields.username)) {
    read.problems.push("body.username: must be lower-case letters, digits and underscores");
  }
  return read.problems.length > 0 ? { ok: false, details: read.problems } : { ok: true, value: fields };
}

/** The vendor's rule for handles; the guide states none, so any handle that is not empty will do. */
function isHandle(call: FrontCall, handle: string): boolean {
  return call.options.profile === "vendor" ? /^[a-z0-9_]+$/.test(handle) : handle.trim() !== "";
}

/** FRONT-13 to FRONT-20 on create: the address is required, `is_blocked` is read-only. */
export function readCreate(call: FrontCall): Reading<TeammateFields & { readonly email: string }> {
  const fields = readFields(call, ON_CREATE);
  if (!fields.ok) return fields;
  const { email } = fields.value;
  if (email === null) return { ok: false, details: ["body.email: is required"] };
  return { ok: true, value: { ...fields.value, email } };
}

/** FRONT-30: only the fields that change. The vendor's own update takes fewer (FRONT-D2). */
export function readUpdate(call: FrontCall): Reading<TeammateFields> {
  return readFields(call, call.options.profile === "guide" ? ON_UPDATE : ON_VENDOR_UPDATE);
}

/** The teammate with these fields laid over it. */
export function withFields(teammate: Teammate, fields: TeammateFields): Teammate {
  return {
    ...teammate,
    email: fields.email ?? teammate.email,
    username: fields.username ?? teammate.username,
    first_name: fields.first_name ?? teammate.first_name,
    last_name: fields.last_name ?? teammate.last_name,
    is_admin: fields.is_admin ?? teammate.is_admin,
    is_available: fields.is_available ?? teammate.is_available,
    is_blocked: fields.is_blocked ?? teammate.is_blocked,
    custom_fields: fields.custom_fields ?? teammate.custom_fields,
  };
}
