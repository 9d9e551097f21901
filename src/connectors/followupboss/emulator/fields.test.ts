import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject, JsonValue } from "../../../kernel/json.ts";
import type { Bench } from "../../../emulator-kit/suite.ts";
import { errorMessage, object, pathOf, rows, withAccount } from "./suite.ts";

const ALICE = { name: "Alice Brown", email: "alice@example.com" };

async function created(api: Bench, fields: JsonObject): Promise<JsonObject> {
  return object(await api.call("POST", "/v1/users", { ...ALICE, ...fields }), 201);
}

async function updated(api: Bench, user: JsonObject, fields: JsonObject): Promise<JsonObject> {
  return object(await api.call("PUT", pathOf(user), fields), 200);
}

/** An optional field: left out, given on create, changed by an update, refused when it holds the wrong kind of thing. */
async function checkOptional(
  name: string,
  values: {
    readonly absent: JsonValue;
    readonly first: JsonValue;
    readonly second: JsonValue;
    readonly wrong: JsonValue;
  },
): Promise<void> {
  await withAccount({ teams: [{ id: 5 }, { id: 6 }] }, async (api) => {
    const bare = await created(api, {});
    assert.equal(bare[name], values.absent);
    assert.equal((await updated(api, bare, { [name]: values.first }))[name], values.first);
    const given = await created(api, { email: "bob@example.com", [name]: values.first });
    assert.equal(given[name], values.first);
    assert.equal((await updated(api, given, { [name]: values.second }))[name], values.second);
    const wrong = { ...ALICE, email: "c@example.com", [name]: values.wrong };
    errorMessage(await api.call("POST", "/v1/users", wrong), 422);
  });
}

test("[FUB-12] id is an integer that the vendor assigns, unique, and read-only on update", () =>
  withAccount({ users: [{ id: 8 }] }, async (api) => {
    const first = await created(api, { id: 8 });
    const second = await created(api, { email: "b@example.com" });
    assert.deepEqual([first["id"], second["id"]], [9, 10]);
    assert.equal((await updated(api, first, { id: 77, name: "A" }))["id"], 9);
    assert.equal((await api.call("GET", "/v1/users/77")).status, 404);
    // An id is never given out twice.
    await api.call("DELETE", "/v1/users/10");
    assert.equal((await created(api, { email: "c@example.com" }))["id"], 11);
  }));

test("[FUB-13] name is a text, required on create and optional on update", () =>
  withAccount({}, async (api) => {
    errorMessage(await api.call("POST", "/v1/users", { email: "a@example.com" }), 422);
    errorMessage(await api.call("POST", "/v1/users", { name: 5, email: "a@example.com" }), 422);
    const user = await created(api, {});
    assert.equal((await updated(api, user, { phone: "1" }))["name"], ALICE.name);
    assert.equal((await updated(api, user, { name: "Alice B." }))["name"], "Alice B.");
    errorMessage(await api.call("PUT", pathOf(user), { name: null }), 422);
  }));

test("[FUB-14] email is a text, required on create, optional on update and unique in the account", () =>
  withAccount({ users: [{ id: 1, email: "jane@example.com" }] }, async (api) => {
    errorMessage(await api.call("POST", "/v1/users", { name: "A" }), 422);
    errorMessage(await api.call("POST", "/v1/users", { name: "A", email: "no address" }), 422);
    const user = await created(api, {});
    assert.equal((await updated(api, user, { name: "A" }))["email"], ALICE.email);
    assert.equal((await updated(api, user, { email: "new@example.com" }))["email"], "new@example.com");
    errorMessage(await api.call("POST", "/v1/users", { name: "B", email: "jane@example.com" }), 422);
    // Another account may hold the same address.
    const { otherAccount } = api.subject.credentials;
    assert.equal(
      (await api.call("POST", "/v1/users", { name: "J", email: "jane@example.com" }, otherAccount)).status,
      201,
    );
  }));

test("[FUB-15] phone is an optional text", () =>
  checkOptional("phone", { absent: null, first: "+15551234567", second: "5550000", wrong: 5_551_234 }));

test("[FUB-16] role is an optional text", () =>
  checkOptional("role", { absent: "Agent", first: "Admin", second: "Agent", wrong: true }));

test("[FUB-17] isAdmin is an optional flag; role and isAdmin follow each other when only one is sent", async () => {
  await checkOptional("isAdmin", { absent: false, first: true, second: false, wrong: "yes" });
  await withAccount({}, async (api) => {
    const rights = ({ role, isAdmin }: JsonObject): readonly (JsonValue | undefined)[] => [role, isAdmin];
    const user = await created(api, { role: "Admin" });
    assert.deepEqual(rights(user), ["Admin", true]);
    assert.deepEqual(rights(await updated(api, user, { role: "Agent" })), ["Agent", false]);
    assert.deepEqual(rights(await updated(api, user, { isAdmin: true })), ["Admin", true]);
    assert.deepEqual(rights(await updated(api, user, { isAdmin: false })), ["Agent", false]);
    // FUB-A1: both as sent, even when they contradict each other.
    assert.deepEqual(rights(await updated(api, user, { role: "Agent", isAdmin: true })), ["Agent", true]);
  });
});

test("[FUB-18] teamId is an optional integer and moves the user between teams", async () => {
  await checkOptional("teamId", { absent: null, first: 5, second: 6, wrong: "5" });
  await withAccount({ teams: [{ id: 5 }, { id: 6 }] }, async (api) => {
    const counts = async () => rows(await api.call("GET", "/v1/teams"), "teams").map((team) => team["memberCount"]);
    const user = await created(api, { teamId: 5 });
    assert.deepEqual(await counts(), [1, 0]);
    await updated(api, user, { teamId: 6 });
    assert.deepEqual(await counts(), [0, 1]);
    // FUB-A8: out of every team, and no team that does not exist.
    await updated(api, user, { teamId: null });
    assert.deepEqual(await counts(), [0, 0]);
    errorMessage(await api.call("PUT", pathOf(user), { teamId: 7 }), 422);
  });
});

test("[FUB-19] created is the vendor's ISO time of creation and cannot be written", () =>
  withAccount({}, async (api) => {
    const now = new Date(api.clock.now()).toISOString().replace(".000Z", "Z");
    const user = await created(api, { created: "2001-01-01T00:00:00Z" });
    assert.equal(user["created"], now);
    api.clock.advance(60_000);
    assert.equal((await updated(api, user, { created: "2001-01-01T00:00:00Z" }))["created"], now);
  }));

test("[FUB-20] updated is the vendor's ISO time of creation and of every update", () =>
  withAccount({}, async (api) => {
    const at = (): string => new Date(api.clock.now()).toISOString().replace(".000Z", "Z");
    const user = await created(api, { updated: "2001-01-01T00:00:00Z" });
    assert.equal(user["updated"], at());
    for (const fields of [{ phone: "1" }, { updated: "2001-01-01T00:00:00Z" }]) {
      api.clock.advance(60_000);
      assert.equal((await updated(api, user, fields))["updated"], at());
    }
  }));

test("[FUB-21] avatar is an optional URL", () =>
  checkOptional("avatar", {
    absent: null,
    first: "https://cdn.example.com/a.png",
    second: "https://cdn.example.com/b.png",
    wrong: "a.png",
  }));

test("[FUB-22] timezone is an optional zone name", () =>
  checkOptional("timezone", {
    absent: null,
    first: "America/New_York",
    second: "Europe/Berlin",
    wrong: "Springfield",
  }));

test("[FUB-23] activeFlag is an optional flag that deactivates a user and activates it again", async () => {
  await checkOptional("activeFlag", { absent: true, first: false, second: true, wrong: 0 });
  await withAccount({}, async (api) => {
    const user = await created(api, {});
    await updated(api, user, { activeFlag: false });
    assert.equal(rows(await api.call("GET", "/v1/users"), "users").length, 0);
    await updated(api, user, { activeFlag: true });
    assert.equal(rows(await api.call("GET", "/v1/users"), "users").length, 1);
  });
});

test("a field that the document does not have is refused, or passed over when not strict", () =>
  withAccount({}, async (api) => {
    errorMessage(await api.call("POST", "/v1/users", { ...ALICE, firstName: "Alice" }), 400);
    api.emulator.set("strict", false);
    assert.equal((await created(api, { firstName: "Alice" }))["firstName"], undefined);
  }));
