import { empty, json, type EmulatorResponse } from "../../../emulator-kit/contract.ts";
import type { JsonValue } from "../../../kernel/json.ts";
import { restRoute } from "./access.ts";
import { badRequest, notFound, wrongVerb, type Reading } from "./answers.ts";
import { readObject } from "./bodies.ts";
import type { FrontCall, FrontRoute, Team } from "./entities.ts";
import { answerPage } from "./paging.ts";
import { findTeammate, linkBase, membersOf, teammateView, teamView } from "./render.ts";

/** FRONT-35 and FRONT-36: one list without `_pagination` (FRONT-A4). */
function list(call: FrontCall): EmulatorResponse {
  const teams = call.state.teams.list();
  if (call.options.teamPages === "cursor") return answerPage(call, teams, (team) => teamView(call, team));
  const rows = teams.map((team) => teamView(call, team));
  if (call.options.profile === "guide") return json(200, { _results: rows });
  return json(200, { _links: { self: `${linkBase(call)}/teams` }, _results: rows });
}

function withTeam(call: FrontCall, work: (team: Team) => EmulatorResponse): EmulatorResponse {
  const team = call.state.teams.get(call.params["id"] ?? "");
  return team === null ? notFound("Team") : work(team);
}

/** FRONT-42 and FRONT-A3. Not in the vendor's own API (FRONT-D1). */
function members(call: FrontCall): EmulatorResponse {
  if (call.options.profile === "vendor") return wrongVerb("GET");
  return withTeam(call, (team) => {
    const rows = membersOf(call, team);
    if (call.options.teamPages === "cursor") return answerPage(call, rows, (row) => teammateView(call, row));
    return json(200, { _pagination: { next: null }, _results: rows.map((row) => teammateView(call, row)) });
  });
}

/** FRONT-D1 and FRONT-D5: the vendor's way to the members. The guide does not have it. */
function get(call: FrontCall): EmulatorResponse {
  if (call.options.profile === "guide" && call.options.strict) return notFound("Resource");
  return withTeam(call, (team) => {
    const rows = membersOf(call, team).map((row) => teammateView(call, row));
    return json(200, { ...teamView(call, team), inboxes: [], members: rows });
  });
}

/** FRONT-38 to FRONT-41 and FRONT-A16: a list of ids that all exist, or nothing happens. */
function readIds(call: FrontCall): Reading<readonly string[]> {
  const body = readObject(call);
  if (!body.ok) return body;
  const sent = body.value["teammate_ids"];
  if (!Array.isArray(sent)) return { ok: false, details: ["body.teammate_ids: must be a list of teammate ids"] };
  const details: string[] = [];
  const others = Object.keys(body.value).filter((name) => name !== "teammate_ids");
  if (call.options.strict) details.push(...others.map((name) => `body.${name}: cannot be written`));
  const ids: string[] = [];
  for (const [place, one] of (sent as readonly JsonValue[]).entries()) {
    const teammate = typeof one === "string" ? findTeammate(call, one) : null;
    if (teammate === null) details.push(`body.teammate_ids[${place}]: is not a teammate of this company`);
    else ids.push(teammate.id);
  }
  return details.length > 0 ? { ok: false, details } : { ok: true, value: ids };
}

function changeMembers(
  call: FrontCall,
  change: (members: readonly string[], ids: readonly string[]) => readonly string[],
): EmulatorResponse {
  return withTeam(call, (team) => {
    const ids = readIds(call);
    if (!ids.ok) return badRequest(ids.details);
    const after = change(team.teammate_ids, ids.value);
    if (after.join(" ") !== team.teammate_ids.join(" ")) call.state.teams.replace({ ...team, teammate_ids: after });
    return empty(204);
  });
}

export const TEAM_ROUTES: readonly FrontRoute[] = [
  restRoute("GET", "/teams", "teams:read", list),
  restRoute("GET", "/teams/{id}", "teams:read", get),
  restRoute("GET", "/teams/{id}/teammates", "teams:read", members),
  restRoute("POST", "/teams/{id}/teammates", "teams:write", (call) =>
    changeMembers(call, (before, ids) => [...new Set([...before, ...ids])]),
  ),
  restRoute("DELETE", "/teams/{id}/teammates", "teams:write", (call) =>
    changeMembers(call, (before, ids) => before.filter((member) => !ids.includes(member))),
  ),
];
