/** The source document's own requests and answers, on the wire. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isJsonObject } from "../../../kernel/json.ts";
import { ids, rows, startFront, teammates } from "./suite.ts";

const GUIDE_FIELDS = [
  "_links",
  "custom_fields",
  "email",
  "first_name",
  "id",
  "is_admin",
  "is_available",
  "is_blocked",
  "last_name",
  "username",
];

test("[FRONT-02] [FRONT-22] lists teammates right under the base URL with limit and Accept", async (t) => {
  const front = await startFront(t);
  const answer = await front.send("GET", "/teammates?limit=2", { headers: { Accept: "application/json" } });
  assert.equal(answer.status, 200);
  assert.deepEqual(ids(answer), ["tea_123", "tea_456"]);
  assert.equal(front.emulator.document["baseUrl"], front.emulator.origin);
  assert.equal((await front.send("GET", "/v1/teammates")).status, 404);
});

test("[FRONT-24] a listing is _pagination with next and _results", async (t) => {
  const front = await startFront(t, teammates(3));
  const first = await front.send("GET", "/teammates?limit=2");
  assert.deepEqual(Object.keys(first.body).sort(), ["_pagination", "_results"]);
  const pagination = first.body["_pagination"];
  assert.ok(isJsonObject(pagination));
  const next = pagination["next"];
  assert.ok(typeof next === "string");
  assert.match(next, /^http:\/\/127\.0\.0\.1:\d+\/teammates\?page_token=[\w-]+$/);
  const second = await front.send("GET", next.slice(front.emulator.origin.length));
  assert.deepEqual(ids(second), ["tea_3"]);
  assert.deepEqual(second.body["_pagination"], { next: null });
});

test("[FRONT-25] a teammate is the bare object", async (t) => {
  const front = await startFront(t);
  const { status, body } = await front.send("GET", "/teammates/tea_123");
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body).sort(), GUIDE_FIELDS);
  assert.deepEqual(
    [body["id"], body["email"], body["first_name"], body["last_name"], body["is_admin"], body["is_available"]],
    ["tea_123", "alice@example.com", "Alice", "Smith", true, true],
  );
});

test("[FRONT-27] [FRONT-29] a create answers 201 with the whole object and its new id", async (t) => {
  const front = await startFront(t, { teammates: [] });
  const sent = { email: "bob@example.com", first_name: "Bob", is_admin: false };
  const created = await front.send("POST", "/teammates", { body: sent });
  assert.equal(created.status, 201);
  assert.deepEqual(Object.keys(created.body).sort(), GUIDE_FIELDS);
  const { id, email, first_name, is_admin } = created.body;
  assert.deepEqual({ email, first_name, is_admin }, sent);
  assert.ok(typeof id === "string");
  assert.match(id, /^tea_\w+$/);
  assert.deepEqual((await front.send("GET", `/teammates/${id}`)).body, created.body);
});

test("[FRONT-30] [FRONT-31] a PATCH changes the fields that it names and answers 204 without a body", async (t) => {
  const front = await startFront(t);
  const before = (await front.send("GET", "/teammates/tea_456")).body;
  const answer = await front.send("PATCH", "/teammates/tea_456", { body: { is_admin: true, is_available: false } });
  assert.equal(answer.status, 204);
  assert.equal(answer.text, "");
  assert.equal(answer.headers.get("content-type"), null);
  const after = (await front.send("GET", "/teammates/tea_456")).body;
  assert.deepEqual(after, { ...before, is_admin: true, is_available: false });
});

test("[FRONT-32] a DELETE answers 204 without a body", async (t) => {
  const front = await startFront(t);
  const answer = await front.send("DELETE", "/teammates/tea_456");
  assert.equal(answer.status, 204);
  assert.equal(answer.text, "");
  assert.equal((await front.send("GET", "/teammates/tea_456")).body["is_blocked"], true);
  assert.equal((await front.send("DELETE", "/teammates/tea_none")).status, 404);
});

test("[FRONT-35] [FRONT-36] teams are _results of id, name and is_private", async (t) => {
  const front = await startFront(t);
  const answer = await front.send("GET", "/teams");
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(answer.body), ["_results"]);
  const plain = rows(answer).map(({ id, name, is_private }) => ({ id, name, is_private }));
  assert.deepEqual(plain, [
    { id: "tim_1", name: "Support", is_private: false },
    { id: "tim_2", name: "Owners", is_private: true },
  ]);
});

test("[FRONT-38] adding teammates to a team answers 204 and makes them members", async (t) => {
  const front = await startFront(t);
  const body = { teammate_ids: ["tea_456", "tea_790"] };
  const answer = await front.send("POST", "/teams/tim_1/teammates", { body });
  assert.deepEqual([answer.status, answer.text], [204, ""]);
  assert.deepEqual(ids(await front.send("GET", "/teams/tim_1/teammates")), ["tea_123", "tea_456", "tea_790"]);
});

test("[FRONT-40] a DELETE with a body takes just these teammates out of the team", async (t) => {
  const front = await startFront(t);
  const answer = await front.send("DELETE", "/teams/tim_2/teammates", { body: { teammate_ids: ["tea_456"] } });
  assert.deepEqual([answer.status, answer.text], [204, ""]);
  assert.deepEqual(ids(await front.send("GET", "/teams/tim_2/teammates")), ["tea_123"]);
});
