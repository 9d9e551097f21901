import { withoutSecrets } from "../../connector-kit/parser.ts";
import { AppError } from "../../kernel/errors.ts";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import type { Changes } from "../../connector-kit/contract.ts";
import type { AccountDraft, AccountRecord, AccountState, HoldingRecord, TeamRecord } from "../../model/account.ts";
import { idNumber, type WirePerson, type WireTeam, type WireUpdatedUser, type WireUser } from "./wire.ts";

/** Members that answers of this vendor are known to carry and nobody may keep. */
const SECRET_NAMES = ["apiKey", "algoliaKey", "password", "accessToken", "refreshToken"];

/** Which roles administer the app; by profile. */
export interface RoleMap {
  readonly privileged: readonly string[];
}

function stateOf(user: WireUser): AccountState {
  if (typeof user.activeFlag === "boolean") return user.activeFlag ? "active" : "suspended";
  switch (user.status) {
    case "Deleted":
      return "removed";
    case "Invited":
      return "invited";
    default:
      // A record that does not tell is of somebody who can log in: only the opposite is marked.
      return "active";
  }
}

function teamsOf(user: WireUser): readonly string[] {
  if (user.teamIds !== undefined) return user.teamIds.map(String);
  return user.teamId === null || user.teamId === undefined ? [] : [String(user.teamId)];
}

/** FUB-A1: role and admin flag can both be written and so can contradict each other. */
function odditiesOf(user: WireUser, isAdminRole: boolean): readonly string[] {
  if (typeof user.isAdmin !== "boolean" || typeof user.role !== "string" || user.isAdmin === isAdminRole) return [];
  return [`role mismatch: role is ${user.role}, but isAdmin is ${String(user.isAdmin)}`];
}

function attributesOf(user: WireUser): Readonly<Record<string, JsonValue>> {
  const attributes: Record<string, JsonValue> = {};
  if (user.timezone !== undefined) attributes["timezone"] = user.timezone;
  if (user.avatar !== undefined) attributes["avatar"] = user.avatar;
  if (user.isAdmin !== undefined) attributes["isAdmin"] = user.isAdmin;
  return attributes;
}

export function toAccount(user: WireUser, roles: RoleMap): AccountRecord {
  const state = stateOf(user);
  const isAdminRole = typeof user.role === "string" && roles.privileged.includes(user.role);
  return {
    noun: "account",
    kind: "user",
    id: String(user.id),
    email: user.email,
    aliases: [],
    displayName: user.name,
    // One name is all there is, and it is never split.
    givenName: null,
    familyName: null,
    phone: user.phone ?? null,
    state,
    privileged: user.isAdmin === true || isAdminRole,
    owner: user.isOwner === true,
    human: true,
    takesSeat: state !== "removed",
    roles: typeof user.role === "string" ? [user.role] : [],
    teams: teamsOf(user),
    createdAt: user.created ?? null,
    updatedAt: user.updated ?? null,
    invitedAt: null,
    attributes: attributesOf(user),
    oddities: odditiesOf(user, isAdminRole),
    raw: withoutSecrets(user, SECRET_NAMES),
  };
}

/** The account as the answer to a write showed it; null when the answer shows only a part of it. */
export function toAccountIfWhole(user: WireUpdatedUser, roles: RoleMap): AccountRecord | null {
  const { name, email } = user;
  if (name === undefined || email === undefined || user.role === undefined) return null;
  if (user.teamId === undefined && user.teamIds === undefined) return null;
  return toAccount({ ...user, name, email }, roles);
}

export function toTeam(team: WireTeam): TeamRecord {
  return { noun: "team", kind: "team", id: String(team.id), name: team.name, memberCount: team.memberCount ?? null };
}

/** The owner as the record itself says; null when it does not say. */
export function ownerOf(person: WirePerson): string | null {
  const owner = person.ownerId ?? person.assignedUserId ?? null;
  return owner === null ? null : String(owner);
}

export function toLead(person: WirePerson): HoldingRecord {
  const id = String(person.id);
  return { noun: "holding", kind: "lead", id, owner: ownerOf(person), label: person.name ?? `lead ${id}` };
}

/** Our field → the vendor's. What is not here cannot be written by `update`. */
const FIELDS: Readonly<Record<string, { readonly name: string; readonly clearable: boolean; readonly type: string }>> =
  {
    displayName: { name: "name", clearable: false, type: "string" },
    email: { name: "email", clearable: false, type: "string" },
    phone: { name: "phone", clearable: true, type: "string" },
    timezone: { name: "timezone", clearable: true, type: "string" },
    avatar: { name: "avatar", clearable: true, type: "string" },
    isAdmin: { name: "isAdmin", clearable: false, type: "boolean" },
  };

/** The changed fields and nothing else; null clears, "" is sent as it is, what is not named is not sent. */
export function toUpdateBody(changes: Changes): JsonObject {
  const body: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(changes)) {
    const field = FIELDS[key];
    if (field === undefined) throw new AppError("bad_input", `Follow Up Boss has no field ${key} that can be written`);
    if (value === null && !field.clearable) {
      throw new AppError("bad_input", `the field ${key} of a Follow Up Boss user cannot be cleared`);
    }
    if (value !== null && typeof value !== field.type) {
      throw new AppError("bad_input", `the field ${key} of a Follow Up Boss user must be a ${field.type}`);
    }
    body[field.name] = value;
  }
  return body;
}

export function toCreateBody(draft: AccountDraft): JsonObject {
  if (draft.displayName.trim() === "") throw new AppError("bad_input", "a Follow Up Boss user needs a name");
  if (draft.teams.length > 1) throw new AppError("bad_input", "a Follow Up Boss user can be in one team only");
  const [team] = draft.teams;
  return {
    ...toUpdateBody(draft.attributes),
    name: draft.displayName,
    email: draft.email,
    ...(draft.phone === null ? {} : { phone: draft.phone }),
    ...(draft.role === null ? {} : { role: draft.role }),
    ...(team === undefined ? {} : { teamId: idNumber(team) }),
  };
}

/** All fields that a PUT may write, as the account has them: what `replace` semantics need beside the change (FUB-36). */
const WRITABLE = ["name", "email", "phone", "role", "isAdmin", "teamId", "avatar", "timezone", "activeFlag"] as const;

export function toWholeBody(user: WireUser, change: JsonObject, roles: RoleMap): JsonObject {
  const body: Record<string, JsonValue> = {};
  for (const name of WRITABLE) {
    const value = user[name];
    if (value !== undefined) body[name] = value;
  }
  const role = change["role"];
  // The old flag beside a new role would be a contradiction of our own making (FUB-A1).
  if (typeof role === "string" && body["isAdmin"] !== undefined) body["isAdmin"] = roles.privileged.includes(role);
  return { ...body, ...change };
}
