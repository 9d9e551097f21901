import { Type, type Static } from "typebox";
import { bodyParser, textAt } from "../../connector-kit/parser.ts";
import { AppError } from "../../kernel/errors.ts";
import type { JsonValue } from "../../kernel/json.ts";
import { path } from "../../transport/path.ts";

/** Numbers, and their text where a number would lose digits. */
const Id = Type.Union([Type.Integer(), Type.String({ minLength: 1 })]);
const OptionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const OptionalFlag = Type.Optional(Type.Union([Type.Boolean(), Type.Null()]));
const OptionalId = Type.Optional(Type.Union([Id, Type.Null()]));

/** FUB-12 to FUB-23; beside the first three everything may be missing, as in the document's own examples. */
const userFields = {
  phone: OptionalText,
  isAdmin: OptionalFlag,
  teamId: OptionalId,
  created: OptionalText,
  updated: OptionalText,
  avatar: OptionalText,
  timezone: OptionalText,
  activeFlag: OptionalFlag,
  // Profile `vendor` (FUB-D4 to FUB-D6).
  status: OptionalText,
  teamIds: Type.Optional(Type.Array(Id)),
  isOwner: OptionalFlag,
};
const User = Type.Object({
  id: Id,
  name: Type.String(),
  email: Type.Union([Type.String(), Type.Null()]),
  role: OptionalText,
  ...userFields,
});
/** A listed user carries its role too (FUB-28). */
const ListedUser = Type.Object({ ...User.properties, role: Type.Union([Type.String(), Type.Null()]) });
/** The answer to a PUT may show no more than what was changed (FUB-38). */
const UpdatedUser = Type.Object({
  id: Id,
  name: Type.Optional(Type.String()),
  email: OptionalText,
  role: OptionalText,
  ...userFields,
});
const Metadata = Type.Object({
  total: Type.Integer({ minimum: 0 }),
  limit: Type.Integer({ minimum: 1 }),
  offset: Type.Integer({ minimum: 0 }),
  next: OptionalText,
});
const UserPage = Type.Object({ users: Type.Array(ListedUser), _metadata: Metadata });
const Team = Type.Object({
  id: Id,
  name: Type.String(),
  memberCount: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
});
const TeamPage = Type.Object({ teams: Type.Array(Team), _metadata: Type.Optional(Metadata) });
const Person = Type.Object({ id: Id, name: OptionalText, ownerId: OptionalId, assignedUserId: OptionalId });
const PersonPage = Type.Object({ people: Type.Array(Person), _metadata: Metadata });
const Identity = Type.Object({ user: Type.Object({ id: Id }) });

export type WireUser = Static<typeof User>;
export type WireUpdatedUser = Static<typeof UpdatedUser>;
export type WireUserPage = Static<typeof UserPage>;
export type WireMetadata = Static<typeof Metadata>;
export type WireTeam = Static<typeof Team>;
export type WireTeamPage = Static<typeof TeamPage>;
export type WirePerson = Static<typeof Person>;
export type WirePersonPage = Static<typeof PersonPage>;

export const parseUser = bodyParser("a Follow Up Boss user", User);
export const parseUpdatedUser = bodyParser("an updated Follow Up Boss user", UpdatedUser);
export const parseUserPage = bodyParser("a page of Follow Up Boss users", UserPage);
export const parseTeamPage = bodyParser("a page of Follow Up Boss teams", TeamPage);
export const parsePerson = bodyParser("a Follow Up Boss lead", Person);
export const parsePersonPage = bodyParser("a page of Follow Up Boss leads", PersonPage);
export const parseIdentity = bodyParser("the identity of a Follow Up Boss key", Identity);

/** All the calls that are made, and no others: `/me` answers with secrets and is never called. */
export const ENDPOINTS = {
  listUsers: { method: "GET", path: () => "/users" },
  getUser: { method: "GET", path: (id: string) => path`/users/${numericId(id)}` },
  createUser: { method: "POST", path: () => "/users" },
  updateUser: { method: "PUT", path: (id: string) => path`/users/${numericId(id)}` },
  deleteUser: { method: "DELETE", path: (id: string) => path`/users/${numericId(id)}` },
  listTeams: { method: "GET", path: () => "/teams" },
  listPeople: { method: "GET", path: () => "/people" },
  updatePerson: { method: "PUT", path: (id: string) => path`/people/${numericId(id)}` },
  /** Profile `vendor` only (FUB-D9). */
  identity: { method: "GET", path: () => "/identity" },
} as const;

/** An id as it may stand in a path; anything else would name another resource (safety D18). */
export function numericId(id: string): string {
  if (/^\d{1,19}$/.test(id)) return id;
  throw new AppError(
    "bad_input",
    "an id of Follow Up Boss is a whole number: read the app again and use the id it shows",
  );
}

/** An id as the JSON of a body wants it. */
export function idNumber(id: string): number {
  const number = Number(numericId(id));
  if (Number.isSafeInteger(number)) return number;
  throw new AppError("bad_input", `the id ${id} is too large to be written as a JSON number without losing digits`);
}

/** Words of an error body: `{"errorMessage": …}`, or `{"error": …}` on some routes. */
export function readError(body: JsonValue): string | null {
  return textAt(body, "errorMessage") ?? textAt(body, "error");
}
