import { empty, json, type EmulatorResponse } from "../../../emulator-kit/contract.ts";
import { restRoute } from "./access.ts";
import { badRequest, conflict, notFound, wrongVerb } from "./answers.ts";
import { readCreate, readUpdate, withFields } from "./bodies.ts";
import type { FrontCall, FrontRoute, Teammate } from "./entities.ts";
import { ADDRESS_TAKEN, addTeammate, changeTeammate, deactivate, hasFreeSeat, listed, NO_SEAT } from "./lifecycle.ts";
import { answerPage } from "./paging.ts";
import { findByEmail, findTeammate, linkBase, teammateView } from "./render.ts";

/** FRONT-22 to FRONT-24: everybody, blocked or not. The vendor's own listing has no pages (FRONT-D4). */
function list(call: FrontCall): EmulatorResponse {
  const rows = listed(call);
  if (call.options.profile === "guide") return answerPage(call, rows, (row) => teammateView(call, row));
  const self = `${linkBase(call)}/teammates`;
  return json(200, { _links: { self }, _results: rows.map((row) => teammateView(call, row)) });
}

function withTeammate(call: FrontCall, work: (teammate: Teammate) => EmulatorResponse): EmulatorResponse {
  const teammate = findTeammate(call, call.params["id"] ?? "");
  return teammate === null ? notFound("Teammate") : work(teammate);
}

/** FRONT-27 to FRONT-29. FRONT-A14: the address of a blocked teammate is taken too. */
function create(call: FrontCall): EmulatorResponse {
  if (call.options.profile === "vendor") return wrongVerb("POST");
  const body = readCreate(call);
  if (!body.ok) return badRequest(body.details);
  if (findByEmail(call, body.value.email) !== null) return conflict(ADDRESS_TAKEN);
  // The document names no status for a company without a seat: a plain 400, which says it in words only.
  if (!hasFreeSeat(call)) return badRequest([NO_SEAT]);
  const { email, username, first_name, last_name, is_admin, is_available, custom_fields } = body.value;
  const draft = {
    email,
    ...(username === null ? {} : { username }),
    first_name: first_name ?? "",
    last_name: last_name ?? "",
    is_admin: is_admin ?? false,
    is_available: is_available ?? true,
    custom_fields: custom_fields ?? {},
  };
  return json(201, teammateView(call, addTeammate(call, draft, true)));
}

/** FRONT-30 and FRONT-31. FRONT-A1: `is_blocked: false` never brings a blocked teammate back. */
function update(call: FrontCall): EmulatorResponse {
  return withTeammate(call, (teammate) => {
    const body = readUpdate(call);
    if (!body.ok) return badRequest(body.details);
    const { email, username, is_blocked } = body.value;
    if (is_blocked === false && teammate.is_blocked) {
      return badRequest(["body.is_blocked: a blocked teammate can be reactivated in the settings pages only"]);
    }
    const holder = email === null ? null : findByEmail(call, email);
    if (holder !== null && holder.id !== teammate.id) return conflict(ADDRESS_TAKEN);
    if (call.options.profile === "vendor" && username !== null && isTaken(call, username, teammate)) {
      return conflict("A teammate with this username exists already.");
    }
    changeTeammate(call, teammate, withFields(teammate, body.value));
    return empty(204);
  });
}

function isTaken(call: FrontCall, username: string, by: Teammate): boolean {
  return call.state.teammates.find((one) => one.username === username && one.id !== by.id) !== null;
}

/** FRONT-32 to FRONT-34. */
function remove(call: FrontCall): EmulatorResponse {
  if (call.options.profile === "vendor") return wrongVerb("DELETE");
  return withTeammate(call, (teammate) => {
    deactivate(call, teammate);
    return empty(204);
  });
}

/** FRONT-D3. The guide does not have it, so strict mode takes the path for an id. */
function customFields(call: FrontCall): EmulatorResponse {
  if (call.options.profile === "guide" && call.options.strict) return notFound("Teammate");
  const base = linkBase(call);
  const rows = call.state.customFields.list().map((field) => ({
    _links: { self: `${base}/custom_fields/${field.id}` },
    id: field.id,
    name: field.name,
    description: "",
    type: field.type,
  }));
  return json(200, { _links: { self: `${base}/teammates/custom_fields` }, _results: rows });
}

export const TEAMMATE_ROUTES: readonly FrontRoute[] = [
  restRoute("GET", "/teammates", "teammates:read", list),
  restRoute("POST", "/teammates", "teammates:write", create),
  restRoute("GET", "/teammates/custom_fields", "teammates:read", customFields),
  restRoute("GET", "/teammates/{id}", "teammates:read", (call) =>
    withTeammate(call, (teammate) => json(200, teammateView(call, teammate))),
  ),
  restRoute("PATCH", "/teammates/{id}", "teammates:write", update),
  restRoute("DELETE", "/teammates/{id}", "teammates:write", remove),
];
