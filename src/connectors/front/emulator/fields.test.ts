/** The object model, field by field. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isJsonObject, type JsonObject } from "../../../kernel/json.ts";
import { errorOf, ids, rows, startFront, stored, type FrontUnderTest, textOf } from "./suite.ts";

async function create(front: FrontUnderTest, body: JsonObject): Promise<JsonObject> {
  const answer = await front.send("POST", "/teammates", { body });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

async function get(front: FrontUnderTest, id: string): Promise<JsonObject> {
  return (await front.send("GET", `/teammates/${id}`)).body;
}

/** Refused by create and by update, and nothing of it is stored. */
async function assertRefused(front: FrontUnderTest, body: JsonObject): Promise<void> {
  const before = front.emulator.state().collections;
  const added = await front.send("POST", "/teammates", { body: { email: "eve@example.com", ...body } });
  const changed = await front.send("PATCH", "/teammates/tea_456", { body });
  for (const answer of [added, changed]) {
    assert.equal(answer.status, 400, answer.text);
    assert.equal(errorOf(answer)["title"], "Bad request");
  }
  assert.deepEqual(front.emulator.state().collections, before);
}

test("[FRONT-12] the system makes ids with the prefix tea_, and they never change", async (t) => {
  const front = await startFront(t);
  const one = await create(front, { email: "one@example.com" });
  const two = await create(front, { email: "two@example.com" });
  for (const { id } of [one, two]) assert.match(textOf(id), /^tea_[0-9a-z]+$/);
  assert.notEqual(one["id"], two["id"]);
  await assertRefused(front, { id: "tea_mine" });
});

test("[FRONT-13] email is required on create, optional on update and unique in the company", async (t) => {
  const front = await startFront(t);
  const missing = await front.send("POST", "/teammates", { body: { first_name: "Nobody" } });
  assert.equal(missing.status, 400);
  assert.deepEqual(errorOf(missing)["details"], ["body.email: is required"]);
  const taken = await front.send("POST", "/teammates", { body: { email: "BOB@example.com" } });
  assert.equal(taken.status, 409);
  assert.equal(errorOf(taken)["title"], "Conflict");
  const moved = await front.send("PATCH", "/teammates/tea_456", { body: { email: "alice@example.com" } });
  assert.equal(moved.status, 409);
  assert.equal((await get(front, "tea_456"))["email"], "bob@example.com");
  assert.equal((await front.send("PATCH", "/teammates/tea_456", { body: { email: "rob@example.com" } })).status, 204);
  assert.equal((await get(front, "tea_456"))["email"], "rob@example.com");
  await assertRefused(front, { email: "not an address" });
});

test("[FRONT-14] username is an optional handle on create and update", async (t) => {
  const front = await startFront(t);
  assert.equal((await create(front, { email: "one@example.com", username: "uno" }))["username"], "uno");
  assert.equal((await create(front, { email: "two@example.com" }))["username"], "two");
  assert.equal((await create(front, { email: "two@example.org" }))["username"], "two2");
  await front.send("PATCH", "/teammates/tea_456", { body: { username: "builder" } });
  assert.equal((await get(front, "tea_456"))["username"], "builder");
  await assertRefused(front, { username: 7 });
});

test("[FRONT-15] first_name is optional on create and update", async (t) => {
  const front = await startFront(t);
  assert.equal((await create(front, { email: "one@example.com", first_name: "Uno" }))["first_name"], "Uno");
  assert.equal((await create(front, { email: "two@example.com" }))["first_name"], "");
  await front.send("PATCH", "/teammates/tea_456", { body: { first_name: "Robert" } });
  assert.equal((await get(front, "tea_456"))["first_name"], "Robert");
  await assertRefused(front, { first_name: null });
});

test("[FRONT-16] last_name is optional on create and update", async (t) => {
  const front = await startFront(t);
  assert.equal((await create(front, { email: "one@example.com", last_name: "Primo" }))["last_name"], "Primo");
  assert.equal((await create(front, { email: "two@example.com" }))["last_name"], "");
  await front.send("PATCH", "/teammates/tea_456", { body: { last_name: "Mason" } });
  assert.equal((await get(front, "tea_456"))["last_name"], "Mason");
  await assertRefused(front, { last_name: ["Mason"] });
});

test("[FRONT-17] is_admin is false unless it is set", async (t) => {
  const front = await startFront(t);
  assert.equal((await create(front, { email: "one@example.com" }))["is_admin"], false);
  assert.equal((await create(front, { email: "two@example.com", is_admin: true }))["is_admin"], true);
  await front.send("PATCH", "/teammates/tea_456", { body: { is_admin: true } });
  assert.equal((await get(front, "tea_456"))["is_admin"], true);
  await assertRefused(front, { is_admin: "true" });
});

test("[FRONT-18] is_available can be set on create and update", async (t) => {
  const front = await startFront(t);
  assert.equal((await create(front, { email: "one@example.com", is_available: false }))["is_available"], false);
  assert.equal((await create(front, { email: "two@example.com", is_available: true }))["is_available"], true);
  await front.send("PATCH", "/teammates/tea_456", { body: { is_available: false } });
  assert.equal((await get(front, "tea_456"))["is_available"], false);
  await assertRefused(front, { is_available: 0 });
});

test("[FRONT-19] is_blocked cannot be set on create; true on update deactivates", async (t) => {
  const front = await startFront(t);
  const refused = await front.send("POST", "/teammates", { body: { email: "one@example.com", is_blocked: true } });
  assert.equal(refused.status, 400);
  assert.equal((await create(front, { email: "one@example.com" }))["is_blocked"], false);
  assert.equal((await front.send("PATCH", "/teammates/tea_456", { body: { is_blocked: true } })).status, 204);
  assert.equal((await get(front, "tea_456"))["is_blocked"], true);
});

test("[FRONT-20] [FRONT-A15] custom_fields takes configured fields only and is replaced as a whole", async (t) => {
  const front = await startFront(t);
  assert.deepEqual(front.emulator.document["customFields"], ["department", "office", "title"]);
  const made = await create(front, {
    email: "one@example.com",
    custom_fields: { department: "Sales", office: "Bern" },
  });
  assert.deepEqual(made["custom_fields"], { department: "Sales", office: "Bern" });
  await front.send("PATCH", `/teammates/${textOf(made["id"])}`, { body: { custom_fields: { title: "Lead" } } });
  assert.deepEqual((await get(front, textOf(made["id"])))["custom_fields"], { title: "Lead" });
  await assertRefused(front, { custom_fields: { shoe_size: 43 } });
  front.emulator.create("customField", { name: "shoe_size", type: "number" });
  await front.send("PATCH", "/teammates/tea_456", { body: { custom_fields: { shoe_size: 43 } } });
  assert.deepEqual((await get(front, "tea_456"))["custom_fields"], { shoe_size: 43 });
  await assertRefused(front, { custom_fields: { department: { name: "Sales" } } });
});

test("[FRONT-21] _links with self and related stands in every teammate and cannot be written", async (t) => {
  const front = await startFront(t);
  const { origin } = front.emulator;
  const list = rows(await front.send("GET", "/teammates"));
  const members = rows(await front.send("GET", "/teams/tim_1/teammates"));
  const made = await create(front, { email: "one@example.com" });
  for (const teammate of [...list, ...members, made, await get(front, "tea_123")]) {
    const links = teammate["_links"];
    assert.ok(isJsonObject(links));
    assert.equal(links["self"], `${origin}/teammates/${textOf(teammate["id"])}`);
    assert.ok(isJsonObject(links["related"]) && Object.keys(links["related"]).length > 0);
  }
  for (const team of rows(await front.send("GET", "/teams"))) assert.ok(isJsonObject(team["_links"]));
  await assertRefused(front, { _links: { self: "https://elsewhere.example" } });
});

test("what the document does not know is refused in strict mode and passed over otherwise", async (t) => {
  const front = await startFront(t);
  await assertRefused(front, { role: "owner" });
  front.emulator.set("strict", false);
  const body = { first_name: "Rob", role: "owner", id: "tea_mine", _links: {} };
  assert.equal((await front.send("PATCH", "/teammates/tea_456", { body })).status, 204);
  assert.equal(stored(front, "teammates", "tea_456")["first_name"], "Rob");
  assert.equal(ids(await front.send("GET", "/teammates")).includes("tea_mine"), false);
});

test("a body that is no JSON object, or is not declared as JSON, gets 400", async (t) => {
  const front = await startFront(t);
  const url = "/teammates/tea_456";
  assert.equal((await front.send("PATCH", url)).status, 400);
  assert.equal((await front.send("PATCH", url, { text: "{" })).status, 400);
  assert.equal((await front.send("PATCH", url, { body: [] })).status, 400);
  const form = { "Content-Type": "application/x-www-form-urlencoded" };
  assert.equal((await front.send("PATCH", url, { body: { first_name: "Rob" }, headers: form })).status, 400);
  assert.equal((await get(front, "tea_456"))["first_name"], "Bob");
});
