import assert from "node:assert/strict";
import { test } from "node:test";
import { isJsonObject, type JsonObject } from "../../../kernel/json.ts";
import { TOKENS } from "./access.ts";
import { errorOf, ids, rows, startFront, stored, teammates, textOf, type FrontUnderTest } from "./suite.ts";

const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

function newUser(userName: string): JsonObject {
  return { schemas: [USER], userName, name: { givenName: "New", familyName: "Person" }, active: true };
}

function operations(...list: readonly JsonObject[]): JsonObject {
  return { schemas: [PATCH_OP], Operations: list };
}

async function patch(front: FrontUnderTest, id: string, ...list: readonly JsonObject[]): Promise<JsonObject> {
  const answer = await front.scim("PATCH", `/Users/${id}`, { body: operations(...list) });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

test("[FRONT-51] SCIM 2.0 lies under /scim/v2 of the same host, with a token of its own", async (t) => {
  const front = await startFront(t);
  const own = front.emulator.document["scim"];
  assert.deepEqual(own, { baseUrl: `${front.emulator.origin}/scim/v2`, token: TOKENS.scim });
  const answer = await front.scim("GET", "/Users");
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/scim\+json/);
  const rest = await front.scim("GET", "/Users", { token: TOKENS.company });
  assert.deepEqual([rest.status, rest.body["status"], rest.body["detail"]], [401, "401", "Invalid token"]);
  assert.equal((await front.send("GET", "/teammates", { token: TOKENS.scim })).status, 401);
});

test("[FRONT-52] a wrong base URL looks like a wrong token: a 401, but not one of the SCIM server", async (t) => {
  const front = await startFront(t);
  const wrongBase = await front.send("GET", "/tenant/scim/v2/Users", { token: TOKENS.scim });
  const wrongToken = await front.scim("GET", "/Users", { token: "sandbox.nobody.front" });
  assert.deepEqual([wrongBase.status, wrongToken.status], [401, 401]);
  assert.equal(errorOf(wrongBase)["title"], "Unauthenticated");
  assert.deepEqual(wrongToken.body["schemas"], ["urn:ietf:params:scim:api:messages:2.0:Error"]);
});

test("[FRONT-53] users are created, listed and deactivated by DELETE", async (t) => {
  const front = await startFront(t);
  const created = await front.scim("POST", "/Users", { body: newUser("new@example.com") });
  assert.equal(created.status, 201);
  const id = textOf(created.body["id"]);
  assert.equal(created.headers.get("location"), `${front.emulator.origin}/scim/v2/Users/${id}`);
  assert.deepEqual(
    [created.body["userName"], created.body["name"], created.body["active"]],
    ["new@example.com", { givenName: "New", familyName: "Person" }, true],
  );
  const teammate = (await front.send("GET", `/teammates/${id}`)).body;
  assert.deepEqual(
    [teammate["email"], teammate["first_name"], teammate["last_name"], teammate["is_blocked"]],
    ["new@example.com", "New", "Person", false],
  );
  const removed = await front.scim("DELETE", `/Users/${id}`);
  assert.deepEqual([removed.status, removed.text], [204, ""]);
  assert.equal((await front.send("GET", `/teammates/${id}`)).body["is_blocked"], true);
  const listed = rows(await front.scim("GET", "/Users"));
  assert.deepEqual(
    listed.map((user) => [user["userName"], user["active"]]),
    [
      ["alice@example.com", true],
      ["bob@example.com", true],
      ["carl@example.com", false],
      ["dora@example.com", true],
      ["new@example.com", false],
    ],
  );
  assert.equal((await front.scim("DELETE", "/Users/tea_none")).status, 404);
});

test("the SCIM listing pages by startIndex and count and filters by userName", async (t) => {
  const front = await startFront(t, teammates(5));
  const page = await front.scim("GET", "/Users?startIndex=4&count=3");
  assert.deepEqual(ids(page), ["tea_4", "tea_5"]);
  const { totalResults, startIndex, itemsPerPage } = page.body;
  assert.deepEqual({ totalResults, startIndex, itemsPerPage }, { totalResults: 5, startIndex: 4, itemsPerPage: 2 });
  assert.equal((await front.scim("GET", "/Users?count=0")).body["totalResults"], 5);
  const filter = (text: string): string => `/Users?filter=${encodeURIComponent(text)}`;
  assert.deepEqual(ids(await front.scim("GET", filter('userName eq "PERSON-2@example.com"'))), ["tea_2"]);
  assert.deepEqual(ids(await front.scim("GET", filter('userName eq "nobody@example.com"'))), []);
  const unknown = await front.scim("GET", filter('title eq "Boss"'));
  assert.deepEqual([unknown.status, unknown.body["scimType"]], [400, "invalidFilter"]);
  front.emulator.set("scimFilter", "ignore");
  assert.equal(ids(await front.scim("GET", filter('userName eq "person-2@example.com"'))).length, 5);
  front.emulator.set("scimFilter", "400");
  assert.equal((await front.scim("GET", filter('userName eq "person-2@example.com"'))).status, 400);
});

test("[FRONT-A18] a SCIM create sends no invitation unless the switch says so", async (t) => {
  const front = await startFront(t);
  const quiet = await front.scim("POST", "/Users", { body: newUser("quiet@example.com") });
  assert.deepEqual(front.emulator.outbox(), []);
  assert.equal(stored(front, "teammates", textOf(quiet.body["id"]))["invitation"], "none");
  front.emulator.set("scimInvite", true);
  await front.scim("POST", "/Users", { body: newUser("loud@example.com") });
  assert.deepEqual(
    front.emulator.outbox().map((mail) => mail.to),
    ["loud@example.com"],
  );
});

test("a SCIM create of an address that somebody has, blocked or not, gets 409 uniqueness", async (t) => {
  const front = await startFront(t);
  for (const userName of ["bob@example.com", "Carl@example.com"]) {
    const answer = await front.scim("POST", "/Users", { body: newUser(userName) });
    assert.deepEqual([answer.status, answer.body["scimType"], answer.body["status"]], [409, "uniqueness", "409"]);
  }
  for (const body of [newUser("no address"), { ...newUser("a@b.example"), schemas: [] }, { schemas: [USER] }]) {
    assert.equal((await front.scim("POST", "/Users", { body })).status, 400);
  }
  front.emulator.set("seatLimit", 3);
  assert.equal((await front.scim("POST", "/Users", { body: newUser("new@example.com") })).status, 400);
});

test("[FRONT-54] [FRONT-A10] PATCH blocks with active false; attributes answer 200 and reach nobody", async (t) => {
  const front = await startFront(t);
  const before = stored(front, "teammates", "tea_456");
  const answer = await patch(
    front,
    "tea_456",
    { op: "replace", path: "name.givenName", value: "Robert" },
    { op: "Replace", path: "userName", value: "robert@example.com" },
    { op: "add", path: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", value: "Sales" },
  );
  assert.equal(answer["userName"], "bob@example.com");
  assert.deepEqual(stored(front, "teammates", "tea_456"), before);
  assert.equal(front.emulator.journal().at(-1)?.effect, "none");
  const blocked = await patch(front, "tea_456", { op: "replace", value: { active: false } });
  assert.equal(blocked["active"], false);
  assert.equal((await front.send("GET", "/teammates/tea_456")).body["is_blocked"], true);
  const still = await patch(front, "tea_456", { op: "replace", path: "active", value: true });
  assert.equal(still["active"], false);
  assert.equal((await front.send("GET", "/teammates/tea_456")).body["is_blocked"], true);
  const text = await patch(front, "tea_790", { op: "Replace", path: "active", value: "False" });
  assert.equal(text["active"], false);
});

test("the switch scimPatch refuses PATCH or makes it whole", async (t) => {
  const front = await startFront(t);
  const rename = { op: "replace", path: "name.givenName", value: "Robert" };
  front.emulator.set("scimPatch", 501);
  const refused = await front.scim("PATCH", "/Users/tea_456", { body: operations(rename) });
  assert.deepEqual([refused.status, refused.body["status"]], [501, "501"]);
  front.emulator.set("scimPatch", "full");
  const renamed = await patch(front, "tea_456", rename, { op: "replace", value: { userName: "rob@example.com" } });
  assert.deepEqual(renamed["name"], { givenName: "Robert", familyName: "Builder" });
  assert.equal((await front.send("GET", "/teammates/tea_456")).body["email"], "rob@example.com");
  const taken = { op: "replace", path: "userName", value: "alice@example.com" };
  assert.equal((await front.scim("PATCH", "/Users/tea_456", { body: operations(taken) })).status, 409);
  for (const body of [operations(), operations({ op: "burn", path: "active" }), { Operations: [rename] }]) {
    assert.equal((await front.scim("PATCH", "/Users/tea_456", { body })).status, 400);
  }
});

test("[FRONT-A11] PUT is not implemented, and reading one user is not there unless switched on", async (t) => {
  const front = await startFront(t);
  assert.equal((await front.scim("PUT", "/Users/tea_456", { body: newUser("bob@example.com") })).status, 501);
  assert.equal((await front.scim("GET", "/Users/tea_456")).status, 404);
  front.emulator.set("scimGetById", "501");
  assert.equal((await front.scim("GET", "/Users/tea_456")).status, 501);
  front.emulator.set("scimGetById", "on");
  assert.equal((await front.scim("GET", "/Users/tea_456")).body["userName"], "bob@example.com");
});

test("[FRONT-A12] there are no groups, and discovery says what there is", async (t) => {
  const front = await startFront(t);
  const groups = await front.scim("GET", "/Groups");
  assert.deepEqual([groups.status, groups.body["status"]], [404, "404"]);
  assert.equal((await front.scim("POST", "/Groups", { body: { displayName: "Sales" } })).status, 404);
  assert.deepEqual(ids(await front.scim("GET", "/ResourceTypes")), ["User"]);
  const config = (await front.scim("GET", "/ServiceProviderConfig")).body;
  assert.ok(isJsonObject(config["patch"]) && config["patch"]["supported"] === true);
});

test("[FRONT-56] [FRONT-50] SCIM needs active SAML sign-on and a plan that has it", async (t) => {
  const front = await startFront(t);
  front.emulator.set("sso", "off");
  const refused = await front.scim("POST", "/Users", { body: newUser("new@example.com") });
  assert.equal(refused.status, 403);
  assert.match(textOf(refused.body["detail"]), /SAML/);
  front.emulator.set("sso", true);
  front.emulator.set("plan", "starter");
  assert.equal((await front.scim("GET", "/Users")).status, 403);
  front.emulator.set("plan", "enterprise");
  assert.equal((await front.scim("GET", "/Users")).status, 200);
  assert.equal((await front.send("GET", "/teammates")).status, 200);
});
