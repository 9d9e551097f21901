import { empty, json, type Call, type EmulatorResponse, type Route } from "../../../emulator-kit/contract.ts";
import type { JsonObject } from "../../../kernel/json.ts";
import {
  isSameEmail,
  orphanLeads,
  vendorTime,
  type FollowUpBossOptions,
  type FollowUpBossShape,
  type Lead,
  type User,
} from "./entities.ts";
import {
  readBody,
  readPaging,
  readUserFields,
  rightsOf,
  type Paging,
  type Refusal,
  type UserFields,
} from "./fields.ts";
import { webhookRoutes } from "./webhooks.ts";

type FubCall = Call<FollowUpBossShape, FollowUpBossOptions>;
type FubRoute = Route<FollowUpBossShape, FollowUpBossOptions>;

/** The vendor's only error body, whatever the status. */
export function problem(status: number, errorMessage: string): EmulatorResponse {
  return json(status, { errorMessage });
}

function refused({ status, message }: Refusal): EmulatorResponse {
  return problem(status, message);
}

function listed(name: string, rows: readonly (User | Lead)[], { limit, offset }: Paging): EmulatorResponse {
  const page = rows.slice(offset, offset + limit).map((row): JsonObject => ({ ...row }));
  return json(200, { [name]: page, _metadata: { total: rows.length, limit, offset } });
}

function isActive(user: User): boolean {
  return user.activeFlag;
}

/** FUB-24 to FUB-28. Deactivated users are left out (FUB-26). */
function listUsers(call: FubCall): EmulatorResponse {
  const paging = readPaging(call, []);
  if ("refusal" in paging) return refused(paging.refusal);
  const users = call.options.listInactive ? call.state.users.list() : call.state.users.filter(isActive);
  return listed("users", users, paging.value);
}

function findUser(call: FubCall): User | null {
  const { id } = call.params;
  return /^[1-9]\d{0,14}$/.test(id ?? "") ? call.state.users.get(Number(id)) : null;
}

/** FUB-29, FUB-30. A deactivated user is still there by id (FUB-A2). */
function getUser(call: FubCall): EmulatorResponse {
  const user = findUser(call);
  return user === null ? problem(404, "User not found") : json(200, { ...user });
}

function createUser(call: FubCall): EmulatorResponse {
  const body = readBody(call.request, call.options.strict);
  if ("refusal" in body) return refused(body.refusal);
  const fields = readUserFields(body.value, call.options.strict);
  if ("refusal" in fields) return refused(fields.refusal);
  const { name, email } = fields.value;
  if (name === undefined) return problem(422, "name is required");
  if (email === undefined) return problem(422, "email is required");
  const conflict = findConflict(call, fields.value, null);
  if (conflict !== null) return refused(conflict);
  const { seatLimit, seatStatus } = call.options;
  if (seatLimit !== null && call.state.users.list().length >= seatLimit) {
    return problem(seatStatus, `Your account has reached its limit of ${seatLimit} users`);
  }
  const now = vendorTime(call.now);
  const user: User = {
    id: call.state.users.nextId(),
    ...defaults(),
    ...settled(fields.value),
    ...rightsOf(fields.value, null),
    name,
    email,
    created: now,
    updated: now,
  };
  return json(201, { ...call.state.users.insert(user) });
}

/** What an optional field holds when nobody gave it. */
function defaults(): Pick<User, "phone" | "teamId" | "avatar" | "timezone" | "activeFlag"> {
  return { phone: null, teamId: null, avatar: null, timezone: null, activeFlag: true };
}

/** The given fields as they are stored; rights are settled by themselves. */
function settled(fields: UserFields): Partial<User> {
  const { role: _role, isAdmin: _isAdmin, activeFlag, ...rest } = fields;
  return activeFlag === undefined ? rest : { ...rest, activeFlag: activeFlag ?? true };
}

/** A duplicate e-mail (FUB-33, FUB-A12), held by a deactivated user too, or a team that is not there (FUB-A8). */
function findConflict(call: FubCall, fields: UserFields, self: number | null): Refusal | null {
  const { email, teamId } = fields;
  const holder =
    email === undefined ? null : call.state.users.find((user) => user.id !== self && isSameEmail(user.email, email));
  if (holder !== null) return { status: 422, message: `A user with the email ${email} already exists` };
  if (teamId !== undefined && teamId !== null && call.state.teams.get(teamId) === null) {
    return { status: 422, message: `There is no team ${teamId}` };
  }
  return null;
}

/** FUB-35, FUB-36, FUB-38: any subset of fields; what becomes of the others is `putMode` (FUB-A3). */
function updateUser(call: FubCall): EmulatorResponse {
  const user = findUser(call);
  if (user === null) return problem(404, "User not found");
  const body = readBody(call.request, call.options.strict);
  if ("refusal" in body) return refused(body.refusal);
  const fields = readUserFields(body.value, call.options.strict);
  if ("refusal" in fields) return refused(fields.refusal);
  const conflict = findConflict(call, fields.value, user.id);
  if (conflict !== null) return refused(conflict);
  const isReplace = call.options.putMode === "replace";
  const updated: User = {
    ...user,
    ...(isReplace ? defaults() : {}),
    ...settled(fields.value),
    ...rightsOf(fields.value, isReplace ? null : user),
    updated: vendorTime(call.now),
  };
  return json(200, { ...call.state.users.replace(updated) });
}

/** FUB-39, FUB-40. Leads that are left are orphaned or hold the deletion up (FUB-A11). */
function deleteUser(call: FubCall): EmulatorResponse {
  const user = findUser(call);
  if (user === null) return problem(404, "User not found");
  const leads = call.state.people.filter((lead) => lead.ownerId === user.id).length;
  if (leads > 0 && call.options.deleteWithLeads === "reject") {
    return problem(409, `${user.name} still owns ${leads} people: reassign them first`);
  }
  orphanLeads(call.state.people, user.id, call.now);
  call.state.users.remove(user.id);
  return empty(204);
}

/** FUB-42, FUB-43: all teams at once (FUB-A7). Membership is the user's `teamId`; there is no way to it from here (FUB-44). */
function listTeams(call: FubCall): EmulatorResponse {
  const users = call.state.users.list();
  const teams = call.state.teams.list().map((team) => ({
    id: team.id,
    name: team.name,
    memberCount: users.filter((user) => user.teamId === team.id).length,
  }));
  return json(200, { teams });
}

/** FUB-59. With `ignoreUnknownFilters` the filter is passed over, as at a vendor that does not know it. */
function listPeople(call: FubCall): EmulatorResponse {
  const paging = readPaging(call, ["userId"]);
  if ("refusal" in paging) return refused(paging.refusal);
  const owner = call.options.ignoreUnknownFilters ? null : call.request.query.get("userId");
  const people =
    owner === null ? call.state.people.list() : call.state.people.filter((lead) => String(lead.ownerId) === owner);
  return listed("people", people, paging.value);
}

/** FUB-60: one lead a call. */
function updatePerson(call: FubCall): EmulatorResponse {
  const { id } = call.params;
  const lead = /^[1-9]\d{0,14}$/.test(id ?? "") ? call.state.people.get(Number(id)) : null;
  if (lead === null) return problem(404, "Person not found");
  const body = readBody(call.request, call.options.strict);
  if ("refusal" in body) return refused(body.refusal);
  const { ownerId, name } = body.value;
  if (ownerId !== undefined && (typeof ownerId !== "number" || call.state.users.get(ownerId) === null)) {
    return problem(422, "ownerId must be the id of a user");
  }
  if (name !== undefined && typeof name !== "string") return problem(422, "name must be a text");
  const updated: Lead = {
    ...lead,
    name: name ?? lead.name,
    ownerId: ownerId ?? lead.ownerId,
    updated: vendorTime(call.now),
  };
  call.state.people.replace(updated);
  call.emit("lead.updated", { id: lead.id });
  return json(200, { ...updated });
}

export const ROUTES: readonly FubRoute[] = [
  { method: "GET", path: "/v1/users", handle: listUsers },
  { method: "POST", path: "/v1/users", handle: createUser },
  { method: "GET", path: "/v1/users/{id}", handle: getUser },
  { method: "PUT", path: "/v1/users/{id}", handle: updateUser },
  { method: "DELETE", path: "/v1/users/{id}", handle: deleteUser },
  { method: "GET", path: "/v1/teams", handle: listTeams },
  { method: "GET", path: "/v1/people", handle: listPeople },
  { method: "PUT", path: "/v1/people/{id}", handle: updatePerson },
  ...webhookRoutes(problem),
];
