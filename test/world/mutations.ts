import type { JsonObject, JsonValue } from "../../src/kernel/json.ts";
import type { Resend } from "../../src/model/traits.ts";
import type { Step } from "../../src/model/plan.ts";
import type { World } from "../world.ts";
import type { AppId } from "./connect.ts";
import { draftOf, makeStep } from "./steps.ts";

/** One documented mutation of an app: the state it starts from, the step that does it, and how its effect is seen. */
export interface Mutation {
  readonly name: string;
  readonly app: AppId;
  readonly step: Step;
  readonly request: { readonly method: string; readonly path: string };
  /** What table 2.1 of the safety notes says about sending it again. */
  readonly resend: Resend;
  /** What the app holds of it. */
  effect(world: World): JsonValue;
}

export const MAYA = "maya.okafor@example.com";
export const KIM = "kim.ito@example.com";
export const NEW = "ana.diaz@example.com";
export const LEE = "lee.empty@example.com";

const user = (id: number, email: string, change: JsonObject = {}): JsonObject => ({
  id,
  name: email.split("@")[0] ?? "",
  email,
  role: "Agent",
  created: "2024-01-02T00:00:00Z",
  ...change,
});

/** What both emulators hold before each mutation. */
export const DATA: Readonly<Record<AppId, JsonObject>> = {
  followupboss: {
    users: [
      user(1, "owner@example.com", { role: "Admin", isAdmin: true }),
      user(7, MAYA, { phone: "+1 510 555 0101", teamId: 1 }),
      user(8, KIM, { teamId: 1 }),
      user(9, LEE),
    ],
    teams: [
      { id: 1, name: "East" },
      { id: 2, name: "West" },
    ],
    people: Array.from({ length: 5 }, (_, index) => ({ id: 101 + index, name: `Lead ${index + 1}`, ownerId: 7 })),
  },
  front: {
    teammates: [
      { id: "tea_1", email: "owner@example.com", is_admin: true },
      { id: "tea_7", email: MAYA, first_name: "Maya", last_name: "Okafor" },
      { id: "tea_8", email: KIM, first_name: "Kim", last_name: "Ito" },
    ],
    teams: [
      { id: "tim_1", name: "Support", teammate_ids: ["tea_7", "tea_8"] },
      { id: "tim_2", name: "Sales", teammate_ids: ["tea_8"] },
    ],
  },
};

const fubMaya = { id: "7", email: MAYA };
const frontMaya = { id: "tea_7", email: MAYA };
const users = (world: World): JsonValue =>
  world.rows("followupboss", "users").map(({ updated: _updated, created: _created, ...rest }) => rest);
const teammates = (world: World): JsonValue => world.rows("front", "teammates");
const teams = (world: World): JsonValue => world.rows("front", "teams");
const leads = (world: World): JsonValue =>
  world.rows("followupboss", "people").map(({ id, ownerId }) => ({ id: id ?? null, ownerId: ownerId ?? null }));

const ON_USER = { method: "PUT", path: "^/v1/users/7$" };
const ON_TEAMMATE = { method: "PATCH", path: "^/teammates/tea_7$" };

const followUpBoss: readonly Mutation[] = [
  {
    name: "POST /users",
    app: "followupboss",
    step: makeStep({
      app: "followupboss",
      target: { email: NEW, label: "Ana Diaz" },
      action: { verb: "create", draft: draftOf(NEW, { role: "Agent", teams: ["1"] }) },
      after: { exists: true, email: NEW, displayName: "ana diaz", state: "active", roles: ["Agent"], teams: ["1"] },
    }),
    request: { method: "POST", path: "^/v1/users$" },
    resend: "once",
    effect: users,
  },
  {
    name: "PUT /users/{id} (fields)",
    app: "followupboss",
    step: makeStep({
      app: "followupboss",
      target: fubMaya,
      action: { verb: "update", changes: { phone: "+1 510 555 0199" } },
      precondition: { fields: { phone: "+1 510 555 0101" } },
      after: { phone: "+1 510 555 0199" },
    }),
    request: ON_USER,
    resend: "safe",
    effect: users,
  },
  {
    name: "PUT /users/{id} (activeFlag)",
    app: "followupboss",
    step: makeStep({
      app: "followupboss",
      target: fubMaya,
      action: { verb: "suspend" },
      precondition: { fields: { state: "active" } },
      after: { state: "suspended" },
    }),
    request: ON_USER,
    resend: "safe",
    effect: users,
  },
  {
    name: "PUT /users/{id} (teamId)",
    app: "followupboss",
    step: makeStep({
      app: "followupboss",
      target: fubMaya,
      action: { verb: "join", team: { id: "2", name: "West" } },
      precondition: { fields: { teams: ["1"] } },
      after: { teams: ["2"] },
    }),
    request: ON_USER,
    resend: "safe",
    effect: users,
  },
  {
    name: "PUT /users/{id} (role)",
    app: "followupboss",
    step: makeStep({
      app: "followupboss",
      target: fubMaya,
      action: { verb: "assignRole", role: "Admin" },
      precondition: { fields: { roles: ["Agent"] } },
      after: { roles: ["Admin"], privileged: true },
    }),
    request: ON_USER,
    resend: "safe",
    effect: users,
  },
  {
    name: "DELETE /users/{id}",
    app: "followupboss",
    step: makeStep({
      app: "followupboss",
      target: { id: "9", email: LEE },
      action: { verb: "remove" },
      precondition: { fields: { state: "active" }, noHoldings: ["lead"] },
      after: { exists: false },
      undo: "never",
    }),
    request: { method: "DELETE", path: "^/v1/users/9$" },
    resend: "once",
    effect: users,
  },
  {
    name: "PUT /people/{id} (ownerId)",
    app: "followupboss",
    step: makeStep({
      app: "followupboss",
      target: fubMaya,
      action: {
        verb: "transfer",
        holding: "lead",
        to: { kind: "user", id: "8", madeBy: null, email: KIM, label: "Kim Ito" },
        count: 5,
      },
      after: { holdings: 0 },
    }),
    request: { method: "PUT", path: "^/v1/people/103$" },
    resend: "safe",
    effect: leads,
  },
];

const front: readonly Mutation[] = [
  {
    name: "POST /teammates",
    app: "front",
    step: makeStep({
      app: "front",
      target: { email: NEW, label: "Ana Diaz" },
      action: { verb: "create", draft: draftOf(NEW) },
      after: { exists: true, email: NEW, givenName: "ana", familyName: "diaz" },
    }),
    request: { method: "POST", path: "^/teammates$" },
    resend: "never",
    effect: teammates,
  },
  {
    name: "PATCH /teammates/{id} (fields)",
    app: "front",
    step: makeStep({
      app: "front",
      target: frontMaya,
      action: { verb: "update", changes: { familyName: "Okafor-Ito" } },
      precondition: { fields: { familyName: "Okafor" } },
      after: { familyName: "Okafor-Ito" },
    }),
    request: ON_TEAMMATE,
    resend: "safe",
    effect: teammates,
  },
  {
    name: "PATCH /teammates/{id} (is_admin)",
    app: "front",
    step: makeStep({
      app: "front",
      target: frontMaya,
      action: { verb: "assignRole", role: "Admin" },
      precondition: { fields: { roles: ["Teammate"] } },
      after: { roles: ["Admin"], privileged: true },
    }),
    request: ON_TEAMMATE,
    resend: "safe",
    effect: teammates,
  },
  {
    name: "DELETE /teammates/{id}",
    app: "front",
    step: makeStep({
      app: "front",
      target: frontMaya,
      action: { verb: "remove" },
      precondition: { fields: { state: "active" } },
      after: { state: "removed" },
      undo: "by-hand",
    }),
    request: { method: "DELETE", path: "^/teammates/tea_7$" },
    resend: "once",
    effect: teammates,
  },
  {
    name: "POST /teams/{id}/teammates",
    app: "front",
    step: makeStep({
      app: "front",
      target: frontMaya,
      action: { verb: "join", team: { id: "tim_2", name: "Sales" } },
      after: { member: "tim_2" },
    }),
    request: { method: "POST", path: "^/teams/tim_2/teammates$" },
    resend: "safe",
    effect: teams,
  },
  {
    name: "DELETE /teams/{id}/teammates",
    app: "front",
    step: makeStep({
      app: "front",
      target: frontMaya,
      action: { verb: "leave", team: { id: "tim_1", name: "Support" } },
      after: { notMember: "tim_1" },
    }),
    request: { method: "DELETE", path: "^/teams/tim_1/teammates$" },
    resend: "once",
    effect: teams,
  },
];

/** One for each row of table 2.1 that speaks of these two apps. */
export const MUTATIONS: readonly Mutation[] = [...followUpBoss, ...front];

export function mutationNamed(name: string): Mutation {
  const found = MUTATIONS.find((mutation) => mutation.name === name);
  if (found === undefined) throw new Error(`there is no mutation ${name}`);
  return found;
}
