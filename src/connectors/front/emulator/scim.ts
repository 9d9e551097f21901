import { empty, type EmulatorResponse } from "../../../emulator-kit/contract.ts";
import { scimRoute } from "./access.ts";
import { scimAnswer, scimProblem } from "./answers.ts";
import type { FrontCall, FrontRoute, Teammate } from "./entities.ts";
import { ADDRESS_TAKEN, addTeammate, changeTeammate, deactivate, hasFreeSeat, NO_SEAT } from "./lifecycle.ts";
import { findByEmail } from "./render.ts";
import {
  LIST_SCHEMA,
  readFilter,
  readPatch,
  readUser,
  USER_SCHEMA,
  userUrl,
  userView,
  type ScimChange,
  type ScimFilter,
} from "./scim-bodies.ts";

const MAX_COUNT = 100;

function people(call: FrontCall): readonly Teammate[] {
  return call.state.teammates.filter((one) => one.type === "user");
}

function matches(teammate: Teammate, filter: ScimFilter | null): boolean {
  if (filter === null) return true;
  if (filter.attribute === "externalId") return teammate.external_id === filter.value;
  return teammate.email.toLowerCase() === filter.value.toLowerCase();
}

function wholeNumber(textOrNull: string | null, missing: number): number | null {
  if (textOrNull === null) return missing;
  return /^-?\d{1,9}$/.test(textOrNull) ? Number(textOrNull) : null;
}

/** FRONT-53: blocked ones are listed with `active: false`. */
function list(call: FrontCall): EmulatorResponse {
  const { query } = call.request;
  const sent = query.get("filter");
  if (sent !== null && call.options.scimFilter === "400") {
    return scimProblem(400, "Filters are not supported.", "invalidFilter");
  }
  const filter = readFilter(call.options.scimFilter === "ignore" ? null : sent);
  if (!filter.ok) return scimProblem(400, filter.detail, filter.scimType);
  const startIndex = wholeNumber(query.get("startIndex"), 1);
  const count = wholeNumber(query.get("count"), MAX_COUNT);
  if (startIndex === null || count === null) {
    return scimProblem(400, "startIndex and count must be whole numbers.", "invalidValue");
  }
  const all = people(call).filter((one) => matches(one, filter.value));
  const first = Math.max(1, startIndex);
  const page = all.slice(first - 1, first - 1 + Math.min(Math.max(0, count), MAX_COUNT));
  return scimAnswer(200, {
    schemas: [LIST_SCHEMA],
    totalResults: all.length,
    startIndex: first,
    itemsPerPage: page.length,
    Resources: page.map((one) => userView(call, one)),
  });
}

/** FRONT-53 and FRONT-A18: a teammate without an invitation mail. */
function create(call: FrontCall): EmulatorResponse {
  const user = readUser(call);
  if (!user.ok) return scimProblem(400, user.detail, user.scimType);
  const { userName, givenName, familyName, externalId, active } = user.value;
  if (findByEmail(call, userName) !== null) return scimProblem(409, ADDRESS_TAKEN, "uniqueness");
  if (active && !hasFreeSeat(call)) return scimProblem(400, NO_SEAT);
  const draft = {
    email: userName,
    first_name: givenName,
    last_name: familyName,
    external_id: externalId,
    is_blocked: !active,
  };
  const teammate = addTeammate(call, draft, call.options.scimInvite);
  const answer = scimAnswer(201, userView(call, teammate));
  return { ...answer, headers: { ...answer.headers, Location: userUrl(call, teammate) } };
}

function withUser(call: FrontCall, work: (teammate: Teammate) => EmulatorResponse): EmulatorResponse {
  const id = call.params["id"] ?? "";
  const teammate = people(call).find((one) => one.id === id);
  return teammate === undefined ? scimProblem(404, `There is no user ${id}.`) : work(teammate);
}

/** FRONT-A11: the document lists no such operation. */
function get(call: FrontCall): EmulatorResponse {
  const answer = call.options.profile === "vendor" ? "on" : call.options.scimGetById;
  switch (answer) {
    case "404":
      return scimProblem(404, "There is no such endpoint.");
    case "501":
      return scimProblem(501, "Reading one user is not supported.");
    case "on":
      return withUser(call, (teammate) => scimAnswer(200, userView(call, teammate)));
  }
}

/**
 * FRONT-54 and FRONT-A10. `ignore`: `active: false` blocks, all else answers 200 and reaches nobody. `full`: names and
 * address too; a blocked one comes back in the vendor profile only (FRONT-34).
 */
function patch(call: FrontCall): EmulatorResponse {
  if (call.options.scimPatch === "501") return scimProblem(501, "PATCH is not supported.");
  return withUser(call, (teammate) => {
    const change = readPatch(call);
    if (!change.ok) return scimProblem(400, change.detail, change.scimType);
    return applyPatch(call, teammate, change.value);
  });
}

function applyPatch(call: FrontCall, before: Teammate, change: ScimChange): EmulatorResponse {
  const full = call.options.scimPatch === "full";
  const userName = full ? change.userName : null;
  const holder = userName === null ? null : findByEmail(call, userName);
  if (holder !== null && holder.id !== before.id) return scimProblem(409, ADDRESS_TAKEN, "uniqueness");
  const returns = full && call.options.profile === "vendor" && change.active === true && before.is_blocked;
  if (returns && !hasFreeSeat(call)) return scimProblem(400, NO_SEAT);
  const after: Teammate = {
    ...before,
    email: userName ?? before.email,
    first_name: full ? (change.givenName ?? before.first_name) : before.first_name,
    last_name: full ? (change.familyName ?? before.last_name) : before.last_name,
    is_blocked: change.active === false || (before.is_blocked && !returns),
  };
  return scimAnswer(200, userView(call, changeTeammate(call, before, after)));
}

/** FRONT-53: deactivates, as the REST call does; twice is once (FRONT-A2). */
function remove(call: FrontCall): EmulatorResponse {
  return withUser(call, (teammate) => {
    deactivate(call, teammate);
    return empty(204);
  });
}

/** Discovery of SCIM 2.0: what this server can do, as it is set. */
function config(call: FrontCall): EmulatorResponse {
  return scimAnswer(200, {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    patch: { supported: call.options.scimPatch !== "501" },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: call.options.scimFilter === "on", maxResults: MAX_COUNT },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: false },
    authenticationSchemes: [
      { type: "oauthbearertoken", name: "Bearer token", description: "The SCIM token of the company.", primary: true },
    ],
  });
}

function resourceTypes(): EmulatorResponse {
  const user = {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    id: "User",
    name: "User",
    endpoint: "/Users",
    schema: USER_SCHEMA,
  };
  return scimAnswer(200, {
    schemas: [LIST_SCHEMA],
    totalResults: 1,
    startIndex: 1,
    itemsPerPage: 1,
    Resources: [user],
  });
}

/** FRONT-55 and FRONT-A12: there are no groups here. */
function noGroups(): EmulatorResponse {
  return scimProblem(404, "Groups are not provisioned here.");
}

export const SCIM_ROUTES: readonly FrontRoute[] = [
  scimRoute("GET", "/Users", list),
  scimRoute("POST", "/Users", create),
  scimRoute("GET", "/Users/{id}", get),
  scimRoute("PUT", "/Users/{id}", () => scimProblem(501, "PUT is not supported.")),
  scimRoute("PATCH", "/Users/{id}", patch),
  scimRoute("DELETE", "/Users/{id}", remove),
  scimRoute("GET", "/ServiceProviderConfig", config),
  scimRoute("GET", "/ResourceTypes", resourceTypes),
  scimRoute("GET", "/Groups", noGroups),
  scimRoute("POST", "/Groups", noGroups),
];
