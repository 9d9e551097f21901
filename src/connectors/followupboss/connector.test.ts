import { runConnectorSuite, type Collections, type SuiteListing, type SuiteWrite } from "../../connector-kit/suite.ts";
import { present } from "../../kernel/assert.ts";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import { openTwin } from "../twin.suite.ts";
import manifest from "./index.ts";

function rows(count: number, make: (number: number) => JsonObject): readonly JsonObject[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}

const user = (id: number): JsonObject => ({ id, name: `User ${id}`, email: `user${id}@example.com` });
const idsIn =
  (collection: string, keep: (row: JsonObject) => boolean = () => true) =>
  (state: Collections): readonly string[] =>
    (state[collection] ?? []).filter(keep).map((row) => JSON.stringify(row["id"]));

const listings: readonly SuiteListing[] = [
  {
    kind: "user",
    parent: null,
    path: "^/v1/users$",
    paged: true,
    proof: "two-walks",
    data: (count) => ({ users: rows(count, user) }),
    ids: idsIn("users", (row) => row["activeFlag"] === true),
  },
  {
    kind: "team",
    parent: null,
    path: "^/v1/teams$",
    paged: false,
    proof: "two-walks",
    data: (count) => ({ teams: rows(count, (id) => ({ id, name: `Team ${id}` })) }),
    ids: idsIn("teams"),
  },
  {
    kind: "lead",
    parent: "1",
    path: "^/v1/people$",
    paged: true,
    proof: "two-walks",
    data: (count) => ({
      users: [user(1), user(2)],
      people: [{ id: 900, ownerId: 2 }, ...rows(count, (id) => ({ id, ownerId: 1 }))],
    }),
    ids: idsIn("people", (row) => row["ownerId"] === 1),
  },
];

/** The records of a collection without the times of their changes. */
function plain(collection: string): (state: Collections) => JsonValue {
  return (state) => (state[collection] ?? []).map(({ updated: _updated, created: _created, ...rest }) => rest);
}

const key = { kind: "user", id: "1" };
const onUser = { method: "PUT", path: "^/v1/users/1$" };
const data = {
  users: [{ ...user(1), teamId: 5, phone: "+15550100" }, user(2), { ...user(3), activeFlag: false }],
  teams: [
    { id: 5, name: "East" },
    { id: 6, name: "West" },
  ],
  people: [{ id: 70, name: "A lead", ownerId: 1 }],
};
const newcomer = {
  email: "new@example.com",
  displayName: "New Person",
  givenName: null,
  familyName: null,
  phone: null,
  role: "Agent",
  teams: ["6"],
  attributes: {},
};
const handOver = { holding: "lead", id: "70", owner: "1", from: key, to: { kind: "user", id: "2" } };

const writes: readonly SuiteWrite[] = [
  {
    verb: "create",
    data,
    run: async (connector, context) => present(connector.create, "create")(newcomer, context),
    request: { method: "POST", path: "^/v1/users$" },
    first: "created",
    again: ["invalid"],
    effect: plain("users"),
  },
  {
    verb: "update",
    data,
    run: async (connector, context) => present(connector.update, "update")(key, { phone: "+15550199" }, context),
    request: onUser,
    first: "updated",
    again: ["updated"],
    effect: plain("users"),
  },
  {
    verb: "suspend",
    data,
    run: async (connector, context) => present(connector.suspend, "suspend")(key, context),
    request: onUser,
    first: "suspended",
    again: ["suspended"],
    effect: plain("users"),
  },
  {
    verb: "reactivate",
    data,
    run: async (connector, context) => present(connector.reactivate, "reactivate")({ ...key, id: "3" }, context),
    request: { method: "PUT", path: "^/v1/users/3$" },
    first: "reactivated",
    again: ["reactivated"],
    effect: plain("users"),
  },
  {
    verb: "join",
    data,
    run: async (connector, context) => present(connector.join, "join")(key, "6", context),
    request: onUser,
    first: "joined",
    again: ["joined"],
    effect: plain("users"),
  },
  {
    verb: "leave",
    data,
    run: async (connector, context) => present(connector.leave, "leave")(key, "5", context),
    request: onUser,
    first: "left",
    again: ["was-no-member"],
    effect: plain("users"),
  },
  {
    verb: "assignRole",
    data,
    run: async (connector, context) => present(connector.assignRole, "assignRole")(key, "Admin", context),
    request: onUser,
    first: "updated",
    again: ["updated"],
    effect: plain("users"),
  },
  {
    verb: "transfer",
    data,
    run: async (connector, context) => present(connector.transfer, "transfer")(handOver, context),
    request: { method: "PUT", path: "^/v1/people/70$" },
    first: "transferred",
    again: ["transferred"],
    effect: plain("people"),
  },
  {
    verb: "remove",
    data,
    run: async (connector, context) => present(connector.remove, "remove")(key, context),
    request: { method: "DELETE", path: "^/v1/users/1$" },
    first: "removed",
    again: ["was-absent"],
    effect: plain("users"),
  },
];

runConnectorSuite({
  name: manifest.name,
  open: async (settings = {}) => openTwin(manifest, { settings }),
  listings,
  writes,
  accounts: { kind: "user", path: "^/v1/users/\\d+$" },
});
