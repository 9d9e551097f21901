import { Type, type Static } from "typebox";
import { bodyParser, textAt } from "../../connector-kit/parser.ts";
import { AppError } from "../../kernel/errors.ts";
import type { JsonValue } from "../../kernel/json.ts";
import { path } from "../../transport/path.ts";

const OptionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const OptionalFlag = Type.Optional(Type.Union([Type.Boolean(), Type.Null()]));
const TeammateId = Type.String({ pattern: "^tea_[A-Za-z0-9]+$" });
const TeamId = Type.String({ pattern: "^tim_[A-Za-z0-9]+$" });

/** FRONT-12 to FRONT-21; the document's own examples show subsets, so that little is required. */
const Teammate = Type.Object({
  id: TeammateId,
  email: Type.Union([Type.String(), Type.Null()]),
  is_admin: Type.Boolean(),
  username: OptionalText,
  first_name: OptionalText,
  last_name: OptionalText,
  is_available: OptionalFlag,
  is_blocked: OptionalFlag,
  custom_fields: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  // Profile `vendor` (FRONT-D11).
  type: OptionalText,
  license_type: OptionalText,
});
/** Absent, null, or a link to the next page (FRONT-A4). */
const Pagination = Type.Optional(Type.Union([Type.Object({ next: OptionalText }), Type.Null()]));
const TeammatePage = Type.Object({ _pagination: Pagination, _results: Type.Array(Teammate) });
const Team = Type.Object({ id: TeamId, name: Type.String() });
const TeamPage = Type.Object({ _pagination: Pagination, _results: Type.Array(Team) });
const Member = Type.Object({ id: TeammateId });
const MemberPage = Type.Object({ _pagination: Pagination, _results: Type.Array(Member) });
const TeamWithMembers = Type.Object({ ...Team.properties, members: Type.Array(Member) });

export type WireTeammate = Static<typeof Teammate>;
export type WireTeammatePage = Static<typeof TeammatePage>;
export type WireTeam = Static<typeof Team>;
export type WireTeamPage = Static<typeof TeamPage>;
export type WireMember = Static<typeof Member>;
export type WireMemberPage = Static<typeof MemberPage>;
export type WireTeamWithMembers = Static<typeof TeamWithMembers>;

export const parseTeammate = bodyParser("a Front teammate", Teammate);
export const parseTeammatePage = bodyParser("a page of Front teammates", TeammatePage);
export const parseTeamPage = bodyParser("a page of Front teams", TeamPage);
export const parseMemberPage = bodyParser("a page of members of a Front team", MemberPage);
export const parseTeamWithMembers = bodyParser("a Front team", TeamWithMembers);

/** All the calls that are made to the REST API, and no others. */
export const ENDPOINTS = {
  listTeammates: { method: "GET", path: () => "/teammates" },
  getTeammate: { method: "GET", path: (id: string) => path`/teammates/${teammateId(id)}` },
  createTeammate: { method: "POST", path: () => "/teammates" },
  updateTeammate: { method: "PATCH", path: (id: string) => path`/teammates/${teammateId(id)}` },
  deleteTeammate: { method: "DELETE", path: (id: string) => path`/teammates/${teammateId(id)}` },
  listTeams: { method: "GET", path: () => "/teams" },
  getTeam: { method: "GET", path: (id: string) => path`/teams/${teamId(id)}` },
  listMembers: { method: "GET", path: (id: string) => path`/teams/${teamId(id)}/teammates` },
  addMembers: { method: "POST", path: (id: string) => path`/teams/${teamId(id)}/teammates` },
  removeMembers: { method: "DELETE", path: (id: string) => path`/teams/${teamId(id)}/teammates` },
} as const;

/** An id as it may stand in a path: never an address (FRONT-26). */
export function teammateId(id: string): string {
  if (/^tea_[A-Za-z0-9]{1,64}$/.test(id)) return id;
  throw new AppError(
    "bad_input",
    "an id of a Front teammate begins with tea_: an e-mail address cannot be used in its place",
  );
}

export function teamId(id: string): string {
  if (/^tim_[A-Za-z0-9]{1,64}$/.test(id)) return id;
  throw new AppError("bad_input", "an id of a Front team begins with tim_: read the app again and use the id it shows");
}

/** Words of an error body: `{"_error": {status, title, message, details?}}`. */
export function readError(body: JsonValue): string | null {
  return textAt(body, "_error", "message") ?? textAt(body, "_error", "title");
}
