import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonValue } from "../../../kernel/json.ts";
import { errorOf, ids, rows, startFront, type FrontUnderTest } from "./suite.ts";

async function members(front: FrontUnderTest, team: string): Promise<readonly JsonValue[]> {
  return ids(await front.send("GET", `/teams/${team}/teammates`));
}

test("[FRONT-39] adding takes a list, and adding a member again changes nothing", async (t) => {
  const front = await startFront(t);
  const body = { teammate_ids: ["tea_123", "tea_456"] };
  assert.equal((await front.send("POST", "/teams/tim_1/teammates", { body })).status, 204);
  assert.equal((await front.send("POST", "/teams/tim_1/teammates", { body })).status, 204);
  assert.deepEqual(await members(front, "tim_1"), ["tea_123", "tea_456"]);
  const effects = front.emulator.journal().map((entry) => entry.effect);
  assert.deepEqual(effects.slice(0, 2), ["applied", "none"]);
});

test("[FRONT-41] a DELETE without teammate_ids gets 400 and takes nobody out", async (t) => {
  const front = await startFront(t);
  const path = "/teams/tim_2/teammates";
  const wrong = [{}, { body: {} }, { body: { teammates: ["tea_456"] } }, { body: { teammate_ids: "tea_456" } }];
  for (const options of wrong) {
    const answer = await front.send("DELETE", path, options);
    assert.equal(answer.status, 400, JSON.stringify(options));
    assert.equal(errorOf(answer)["title"], "Bad request");
  }
  assert.equal((await front.send("DELETE", `${path}?teammate_ids=tea_456`)).status, 400);
  assert.deepEqual(await members(front, "tim_2"), ["tea_123", "tea_456"]);
  assert.equal((await front.send("DELETE", path, { body: { teammate_ids: ["tea_456"] } })).status, 204);
  assert.deepEqual(await members(front, "tim_2"), ["tea_123"]);
});

test("[FRONT-42] [FRONT-A3] the members of a team are listed as teammates with next null", async (t) => {
  const front = await startFront(t);
  const answer = await front.send("GET", "/teams/tim_2/teammates");
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body["_pagination"], { next: null });
  assert.deepEqual(
    rows(answer).map((row) => row["email"]),
    ["alice@example.com", "bob@example.com"],
  );
  assert.deepEqual(rows(answer)[0], (await front.send("GET", "/teammates/tea_123")).body);
});

test("[FRONT-A16] an unknown id refuses the whole list; who is no member may be removed; nobody is fine", async (t) => {
  const front = await startFront(t);
  const path = "/teams/tim_1/teammates";
  for (const method of ["POST", "DELETE"]) {
    const ids = ["tea_123", "tea_456", "tea_none"];
    const refused = await front.send(method, path, { body: { teammate_ids: ids } });
    assert.equal(refused.status, 400);
    assert.match(JSON.stringify(errorOf(refused)["details"]), /teammate_ids\[2\]/);
    assert.equal((await front.send(method, path, { body: { teammate_ids: ["bob@example.com"] } })).status, 400);
    assert.equal((await front.send(method, path, { body: { teammate_ids: [] } })).status, 204);
  }
  assert.equal((await front.send("DELETE", path, { body: { teammate_ids: ["tea_456"] } })).status, 204);
  assert.deepEqual(await members(front, "tim_1"), ["tea_123"]);
});

test("an unknown team gives 404, one team alone is not in the document", async (t) => {
  const front = await startFront(t);
  const body = { teammate_ids: ["tea_123"] };
  assert.equal((await front.send("GET", "/teams/tim_none/teammates")).status, 404);
  assert.equal((await front.send("POST", "/teams/tim_none/teammates", { body })).status, 404);
  assert.equal((await front.send("DELETE", "/teams/tim_none/teammates", { body })).status, 404);
  assert.equal((await front.send("GET", "/teams/tim_1")).status, 404);
  assert.equal((await front.send("PUT", "/teams")).status, 405);
});
