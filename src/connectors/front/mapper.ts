import type { Changes } from "../../connector-kit/contract.ts";
import { withoutSecrets } from "../../connector-kit/parser.ts";
import { AppError } from "../../kernel/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../kernel/json.ts";
import type { AccountDraft, AccountRecord, AccountState, MembershipRecord, TeamRecord } from "../../model/account.ts";
import { ROLE_ADMIN, ROLE_TEAMMATE } from "./traits.ts";
import type { WireMember, WireTeam, WireTeammate } from "./wire.ts";

/** Members that nobody may keep, should an answer ever carry them. */
const SECRET_NAMES = ["token", "api_token", "scim_token", "password"];

function nameOf(teammate: WireTeammate): string {
  const parts = [teammate.first_name, teammate.last_name].filter((part) => typeof part === "string" && part !== "");
  return parts.length > 0 ? parts.join(" ") : (teammate.username ?? teammate.email ?? teammate.id);
}

function customFieldsOf(teammate: WireTeammate): JsonObject {
  return isJsonObject(teammate.custom_fields) ? teammate.custom_fields : {};
}

function attributesOf(teammate: WireTeammate): Readonly<Record<string, JsonValue>> {
  const attributes: Record<string, JsonValue> = {};
  if (teammate.username !== undefined) attributes["username"] = teammate.username;
  if (teammate.is_available !== undefined) attributes["available"] = teammate.is_available;
  if (teammate.custom_fields !== undefined) attributes["customFields"] = customFieldsOf(teammate);
  return attributes;
}

/** Blocked is deactivated: the record and its history stay, and no call brings the access back (FRONT-33, FRONT-34). */
function stateOf(teammate: WireTeammate): AccountState {
  return teammate.is_blocked === true ? "removed" : "active";
}

export function toAccount(teammate: WireTeammate): AccountRecord {
  const state = stateOf(teammate);
  // Bots, visitors and integrations are listed too; without a type it is a person (FRONT-D11).
  const human = teammate.type === undefined || teammate.type === null || teammate.type === "user";
  return {
    noun: "account",
    kind: "teammate",
    id: teammate.id,
    email: teammate.email,
    aliases: [],
    displayName: nameOf(teammate),
    givenName: teammate.first_name ?? null,
    familyName: teammate.last_name ?? null,
    phone: null,
    state,
    privileged: teammate.is_admin,
    owner: false,
    human,
    takesSeat: human && state !== "removed",
    roles: [teammate.is_admin ? ROLE_ADMIN : ROLE_TEAMMATE],
    // Only the team's own list tells its members (FRONT-42).
    teams: null,
    createdAt: null,
    updatedAt: null,
    invitedAt: null,
    attributes: attributesOf(teammate),
    oddities: [],
    raw: withoutSecrets(teammate as JsonObject, SECRET_NAMES),
  };
}

export function toTeam(team: WireTeam): TeamRecord {
  return { noun: "team", kind: "team", id: team.id, name: team.name, memberCount: null };
}

export function toMembership(member: WireMember, team: string): MembershipRecord {
  return { noun: "membership", kind: "membership", id: member.id, team };
}

/** Our field → the vendor's. `is_blocked` is not among them: false would not bring anybody back (FRONT-A1). */
const FIELDS: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
  givenName: { name: "first_name", type: "string" },
  familyName: { name: "last_name", type: "string" },
  email: { name: "email", type: "string" },
  username: { name: "username", type: "string" },
  available: { name: "is_available", type: "boolean" },
  customFields: { name: "custom_fields", type: "object" },
};

/** The changed fields and nothing else (FRONT-30). Custom fields must be the whole map already: `mergeCustomFields`. */
export function toUpdateBody(changes: Changes, writable: readonly string[]): JsonObject {
  const body: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(changes)) {
    const field = FIELDS[key];
    if (field === undefined || !writable.includes(key)) {
      throw new AppError("bad_input", `a Front teammate has no field ${key} that can be written by this connection`);
    }
    const isRight = typeof value === field.type && !Array.isArray(value);
    if ((value === null && (key === "email" || field.type !== "string")) || (value !== null && !isRight)) {
      throw new AppError("bad_input", `the field ${key} of a Front teammate must be a ${field.type}`);
    }
    body[field.name] = value;
  }
  return body;
}

/** A role name as the flag it stands for. */
export function toAdminFlag(role: string): boolean {
  if (role === ROLE_ADMIN) return true;
  if (role === ROLE_TEAMMATE) return false;
  throw new AppError("bad_input", `Front has the roles ${ROLE_ADMIN} and ${ROLE_TEAMMATE}, no ${role}`);
}

/** `is_admin` is always said, `is_blocked` never: it cannot be written on a create (FRONT-19, FRONT-58). */
export function toCreateBody(draft: AccountDraft, writable: readonly string[]): JsonObject {
  if (draft.teams.length > 0)
    throw new AppError("bad_input", "a Front teammate joins teams after the create, not with it");
  return {
    ...toUpdateBody(draft.attributes, writable),
    email: draft.email,
    ...(draft.givenName === null ? {} : { first_name: draft.givenName }),
    ...(draft.familyName === null ? {} : { last_name: draft.familyName }),
    is_admin: toAdminFlag(draft.role ?? ROLE_TEAMMATE),
  };
}

/**
 * Sending custom fields replaces all of them (FRONT-A15): the map as it was, with the change laid over it; null takes a
 * field away. Fields that are not set up in Front are refused when `known` says which are (FRONT-20).
 */
export function mergeCustomFields(
  current: WireTeammate | null,
  change: JsonValue,
  known: readonly string[] | null,
): JsonObject {
  if (!isJsonObject(change)) throw new AppError("bad_input", "customFields of a Front teammate must be an object");
  const unknown = known === null ? [] : Object.keys(change).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new AppError(
      "bad_input",
      `custom fields that are not set up in Front: ${unknown.join(", ")}; set them up there first`,
    );
  }
  const merged = { ...(current === null ? {} : customFieldsOf(current)), ...change };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}
