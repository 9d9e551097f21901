/** Profile `vendor`: where the vendor's public material differs from the source document. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { COMPANY, ids, rows, startFront, stored, type FrontUnderTest } from "./suite.ts";
import type { TestContext } from "node:test";
import type { JsonObject } from "../../../kernel/json.ts";

async function startVendor(t: TestContext, data: JsonObject = COMPANY): Promise<FrontUnderTest> {
  const front = await startFront(t, data);
  front.emulator.set("profile", "vendor");
  return front;
}

test("[FRONT-D1] has no create, no delete and no member list, but one team with its members", async (t) => {
  const front = await startVendor(t);
  assert.equal((await front.send("POST", "/teammates", { body: { email: "new@example.com" } })).status, 405);
  assert.equal((await front.send("DELETE", "/teammates/tea_456")).status, 405);
  assert.equal((await front.send("GET", "/teams/tim_2/teammates")).status, 405);
  const team = (await front.send("GET", "/teams/tim_2")).body;
  const members = rows({ status: 200, headers: new Headers(), text: "", body: { _results: team["members"] ?? [] } });
  assert.deepEqual(
    members.map((member) => member["id"]),
    ["tea_123", "tea_456"],
  );
  const body = { teammate_ids: ["alt:email:bob@example.com"] };
  assert.equal((await front.send("POST", "/teams/tim_1/teammates", { body })).status, 204);
  assert.deepEqual(stored(front, "teams", "tim_1")["teammate_ids"], ["tea_123", "tea_456"]);
});

test("[FRONT-D2] an update takes no address and no rights; out of strict mode it passes over them", async (t) => {
  const front = await startVendor(t);
  for (const body of [{ email: "rob@example.com" }, { is_admin: true }, { is_blocked: true }]) {
    assert.equal((await front.send("PATCH", "/teammates/tea_456", { body })).status, 400);
  }
  front.emulator.set("strict", false);
  const body = { is_admin: true, is_available: false };
  assert.equal((await front.send("PATCH", "/teammates/tea_456", { body })).status, 204);
  const after = (await front.send("GET", "/teammates/tea_456")).body;
  assert.deepEqual([after["is_admin"], after["is_available"]], [false, false]);
  assert.equal((await front.send("PATCH", "/teammates/tea_456", { body: { username: "Not Allowed" } })).status, 400);
  assert.equal((await front.send("PATCH", "/teammates/tea_456", { body: { username: "alice" } })).status, 409);
});

test("[FRONT-D3] lists the definitions of custom fields and checks values by their type", async (t) => {
  const front = await startVendor(t);
  front.emulator.create("customField", { name: "referrals", type: "number" });
  const names = rows(await front.send("GET", "/teammates/custom_fields")).map((field) => [
    field["name"],
    field["type"],
  ]);
  assert.deepEqual(names.at(-1), ["referrals", "number"]);
  const wrong = { custom_fields: { referrals: "two" } };
  assert.equal((await front.send("PATCH", "/teammates/tea_456", { body: wrong })).status, 400);
  const right = { custom_fields: { referrals: 2 } };
  assert.equal((await front.send("PATCH", "/teammates/tea_456", { body: right })).status, 204);
});

test("[FRONT-D4] [FRONT-D11] lists everybody at once, bots and visitors too", async (t) => {
  const front = await startVendor(t);
  front.emulator.mutate({ op: "create", kind: "teammate", data: { email: "bot@example.com", type: "rule" } });
  const answer = await front.send("GET", "/teammates?limit=1");
  assert.equal(answer.body["_pagination"], undefined);
  const types = rows(answer).map((row) => row["type"]);
  assert.deepEqual(types, ["user", "user", "user", "user", "rule"]);
  assert.equal(rows(answer)[0]?.["license_type"], "full");
  assert.equal(front.emulator.state().seats.used, 3);
  front.emulator.set("profile", "guide");
  assert.equal(ids(await front.send("GET", "/teammates")).length, 4);
});

test("[FRONT-A5] takes an address as alt:email", async (t) => {
  const front = await startVendor(t);
  assert.equal((await front.send("GET", "/teammates/alt:email:bob@example.com")).body["id"], "tea_456");
  assert.equal((await front.send("GET", "/teammates/bob@example.com")).status, 404);
});

test("[FRONT-D15] tells a token its company", async (t) => {
  const front = await startVendor(t);
  const me = (await front.send("GET", "/me")).body;
  assert.deepEqual([me["id"], me["name"]], ["cmp_1", "Harbor & Pine Realty"]);
  const other = { token: "sandbox.other-company-token.front" };
  assert.equal((await front.send("GET", "/me", other)).body["id"], "cmp_2");
  front.emulator.set("profile", "guide");
  assert.equal((await front.send("GET", "/me")).status, 404);
});

test("[FRONT-D9] SCIM brings a blocked teammate back where its PATCH is whole", async (t) => {
  const front = await startVendor(t);
  front.emulator.set("scimPatch", "full");
  const Operations = [{ op: "replace", path: "active", value: true }];
  const body = { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations };
  const answer = await front.scim("PATCH", "/Users/tea_789", { body });
  assert.deepEqual([answer.status, answer.body["active"]], [200, true]);
  assert.equal((await front.send("GET", "/teammates/tea_789")).body["is_blocked"], false);
});
