import { isZone } from "../../../kernel/dates.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../kernel/json.ts";
import type { Call, EmulatorRequest } from "../../../emulator-kit/contract.ts";
import type { FollowUpBossOptions, FollowUpBossShape, User } from "./entities.ts";

/** A refusal in the vendor's terms. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

export type Reading<T> = { readonly value: T } | { readonly refusal: Refusal };

function refuse(status: number, message: string): { readonly refusal: Refusal } {
  return { refusal: { status, message } };
}

/** The writable fields that a body names; null clears an optional one (FUB-A3). */
export interface UserFields {
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string | null;
  readonly role?: string | null;
  readonly isAdmin?: boolean | null;
  readonly teamId?: number | null;
  readonly avatar?: string | null;
  readonly timezone?: string | null;
  readonly activeFlag?: boolean | null;
}

/** FUB-12, FUB-19, FUB-20: assigned by the vendor; a client that sends them back whole changes nothing. */
const READ_ONLY = new Set(["id", "created", "updated"]);

const isText = (value: JsonValue): boolean => typeof value === "string";
const isTextOrNull = (value: JsonValue): boolean => value === null || typeof value === "string";
const isFlagOrNull = (value: JsonValue): boolean => value === null || typeof value === "boolean";

/** What each writable field may hold (FUB-13 to FUB-23). */
const WRITABLE: Readonly<Record<string, { readonly says: string; readonly test: (value: JsonValue) => boolean }>> = {
  name: { says: "a text that is not empty", test: (value) => isText(value) && value !== "" },
  email: { says: "an email address", test: (value) => typeof value === "string" && /^[^\s@]+@[^\s@]+$/.test(value) },
  phone: { says: "a text", test: isTextOrNull },
  role: { says: "a text", test: isTextOrNull },
  isAdmin: { says: "true or false", test: isFlagOrNull },
  teamId: { says: "a whole number", test: (value) => value === null || Number.isSafeInteger(value) },
  avatar: { says: "a URL", test: (value) => value === null || (typeof value === "string" && URL.canParse(value)) },
  timezone: { says: "an IANA zone", test: (value) => value === null || (typeof value === "string" && isZone(value)) },
  activeFlag: { says: "true or false", test: isFlagOrNull },
};

/** The JSON object of a write (FUB-31): in strict mode it must be called JSON, too. */
export function readBody(request: EmulatorRequest, isStrict: boolean): Reading<JsonObject> {
  const type = request.headers["content-type"] ?? "";
  if (isStrict && !/^application\/json\b/i.test(type)) return refuse(400, "Content-Type must be application/json");
  if (!isJsonObject(request.body)) return refuse(400, "The body must be a JSON object");
  return { value: request.body };
}

/** The fields of a user body. Wrong values are 422; unknown names are refused in strict mode and ignored otherwise. */
export function readUserFields(body: JsonObject, isStrict: boolean): Reading<UserFields> {
  const fields: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(body)) {
    if (READ_ONLY.has(name)) continue;
    const rule = WRITABLE[name];
    if (rule === undefined) {
      if (isStrict) return refuse(400, `Unknown field: ${name}`);
      continue;
    }
    if (!rule.test(value)) return refuse(422, `${name} must be ${rule.says}`);
    fields[name] = value;
  }
  // Each value passed the test of its own name above.
  return { value: fields };
}

/** Role and admin flag: both as sent; when one comes alone it decides the other (FUB-A1). */
export function rightsOf(
  fields: UserFields,
  before: Pick<User, "role" | "isAdmin"> | null,
): Pick<User, "role" | "isAdmin"> {
  const role = fields.role === null ? "Agent" : fields.role;
  const isAdmin = fields.isAdmin === null ? false : fields.isAdmin;
  if (role !== undefined && isAdmin !== undefined) return { role, isAdmin };
  if (role !== undefined) return { role, isAdmin: role === "Admin" };
  if (isAdmin === undefined) return { role: before?.role ?? "Agent", isAdmin: before?.isAdmin ?? false };
  if (isAdmin) return { role: "Admin", isAdmin };
  return { role: before === null || before.role === "Admin" ? "Agent" : before.role, isAdmin };
}

export interface Paging {
  readonly limit: number;
  readonly offset: number;
}

const PAGE_SIZE = 20;
const LARGEST_PAGE = 100;

/** FUB-27, FUB-48. More than 100 is answered with 100, and the echo says so. */
export function readPaging(
  call: Call<FollowUpBossShape, FollowUpBossOptions>,
  filters: readonly string[],
): Reading<Paging> {
  const { query } = call.request;
  const { strict, ignoreUnknownFilters } = call.options;
  const limit = readCount(query.get("limit"), PAGE_SIZE, 1);
  const offset = readCount(query.get("offset"), 0, 0);
  if (strict) {
    if (limit === null) return refuse(400, "limit must be a whole number from 1 to 100");
    if (offset === null) return refuse(400, "offset must be a whole number from 0");
    const unknown = [...query.keys()].find((name) => !["limit", "offset", ...filters].includes(name));
    if (unknown !== undefined && !ignoreUnknownFilters) return refuse(400, `Unknown parameter: ${unknown}`);
  }
  return { value: { limit: Math.min(limit ?? PAGE_SIZE, LARGEST_PAGE), offset: offset ?? 0 } };
}

function readCount(text: string | null, fallback: number, least: number): number | null {
  if (text === null) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  return value >= least ? value : null;
}
