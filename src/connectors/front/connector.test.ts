import { runConnectorSuite, type Collections, type SuiteListing, type SuiteWrite } from "../../connector-kit/suite.ts";
import { present } from "../../kernel/assert.ts";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import { openTwin } from "../twin.suite.ts";
import manifest from "./index.ts";

function rows(count: number, make: (number: number) => JsonObject): readonly JsonObject[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}

const teammate = (id: number): JsonObject => ({
  id: `tea_${id}`,
  email: `mate${id}@example.com`,
  first_name: `Mate ${id}`,
  last_name: "Example",
});
const idsIn =
  (collection: string) =>
  (state: Collections): readonly string[] =>
    (state[collection] ?? []).map((row) => (typeof row["id"] === "string" ? row["id"] : ""));

const listings: readonly SuiteListing[] = [
  {
    kind: "teammate",
    parent: null,
    path: "^/teammates$",
    paged: true,
    proof: "cursor-end",
    data: (count) => ({ teammates: rows(count, teammate) }),
    ids: idsIn("teammates"),
  },
  {
    kind: "team",
    parent: null,
    path: "^/teams$",
    paged: false,
    proof: "cursor-end",
    data: (count) => ({ teams: rows(count, (id) => ({ id: `tim_${id}`, name: `Team ${id}` })) }),
    ids: idsIn("teams"),
  },
  {
    kind: "membership",
    parent: "tim_1",
    path: "^/teams/tim_1/teammates$",
    paged: false,
    proof: "cursor-end",
    data: (count) => ({
      teammates: rows(count + 1, teammate),
      teams: [{ id: "tim_1", name: "Support", teammate_ids: rows(count, teammate).map((row) => row["id"] ?? null) }],
    }),
    ids: (state) => (state["teams"]?.[0]?.["teammate_ids"] ?? []) as readonly string[],
  },
];

const teammates = (state: Collections): JsonValue => state["teammates"] ?? [];
const teams = (state: Collections): JsonValue => state["teams"] ?? [];
const key = { kind: "teammate", id: "tea_1" };
const onTeammate = { method: "PATCH", path: "^/teammates/tea_1$" };
const data = {
  teammates: [{ ...teammate(1), custom_fields: { title: "Agent", office: "Oakland" } }, teammate(2)],
  teams: [
    { id: "tim_1", name: "Support", teammate_ids: ["tea_1", "tea_2"] },
    { id: "tim_2", name: "Sales", teammate_ids: ["tea_2"] },
  ],
};
const newcomer = {
  email: "new@example.com",
  displayName: "New Person",
  givenName: "New",
  familyName: "Person",
  phone: null,
  role: null,
  teams: [],
  attributes: {},
};

const writes: readonly SuiteWrite[] = [
  {
    verb: "create",
    data,
    run: async (connector, context) => present(connector.create, "create")(newcomer, context),
    request: { method: "POST", path: "^/teammates$" },
    first: "invited",
    again: ["conflict"],
    effect: teammates,
  },
  {
    verb: "update",
    data,
    run: async (connector, context) => present(connector.update, "update")(key, { familyName: "Smith" }, context),
    request: onTeammate,
    first: "updated",
    again: ["updated"],
    effect: teammates,
  },
  {
    verb: "update",
    way: "custom fields",
    data,
    run: async (connector, context) =>
      present(connector.update, "update")(key, { customFields: { title: "Lead" } }, context),
    request: onTeammate,
    first: "updated",
    again: ["updated"],
    effect: teammates,
  },
  {
    verb: "remove",
    data,
    run: async (connector, context) => present(connector.remove, "remove")(key, context),
    request: { method: "DELETE", path: "^/teammates/tea_1$" },
    first: "removed",
    again: ["removed"],
    effect: teammates,
  },
  {
    verb: "join",
    data,
    run: async (connector, context) => present(connector.join, "join")(key, "tim_2", context),
    request: { method: "POST", path: "^/teams/tim_2/teammates$" },
    first: "joined",
    again: ["joined"],
    effect: teams,
  },
  {
    verb: "leave",
    data,
    run: async (connector, context) => present(connector.leave, "leave")(key, "tim_1", context),
    request: { method: "DELETE", path: "^/teams/tim_1/teammates$" },
    first: "left",
    again: ["left"],
    effect: teams,
  },
  {
    verb: "assignRole",
    data,
    run: async (connector, context) => present(connector.assignRole, "assignRole")(key, "Admin", context),
    request: onTeammate,
    first: "updated",
    again: ["updated"],
    effect: teammates,
  },
];

const silent = { provisioning: "scim" };
const byScim: readonly SuiteWrite[] = [
  {
    verb: "create",
    way: "by SCIM",
    data,
    run: async (connector, context) => present(connector.create, "create")(newcomer, context),
    request: { method: "POST", path: "^/scim/v2/Users$" },
    first: "created",
    again: ["conflict"],
    effect: teammates,
  },
  {
    verb: "remove",
    way: "by SCIM",
    data,
    run: async (connector, context) => present(connector.remove, "remove")(key, context),
    request: { method: "DELETE", path: "^/scim/v2/Users/[^/]+$" },
    first: "removed",
    again: ["was-absent"],
    effect: teammates,
  },
];

const accounts = { kind: "teammate", path: "^/teammates/tea_[a-z0-9]+$" };
runConnectorSuite({
  name: manifest.name,
  open: async (settings = {}) => openTwin(manifest, { settings }),
  listings,
  writes,
  accounts,
});
runConnectorSuite({
  name: `${manifest.name}, provisioning by SCIM`,
  open: async (settings = {}) => openTwin(manifest, { settings: { ...silent, ...settings } }),
  listings,
  writes: byScim,
  writesOnly: true,
  accounts,
});
