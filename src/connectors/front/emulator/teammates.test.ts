/** What becomes of a teammate: invited, changed, deactivated, never back by API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOf, ids, rows, startFront, stored, teammates, type FrontUnderTest, textOf } from "./suite.ts";

async function isBlocked(front: FrontUnderTest, id: string): Promise<unknown> {
  return (await front.send("GET", `/teammates/${id}`)).body["is_blocked"];
}

test("[FRONT-23] the listing has blocked teammates too, whatever filter is asked for", async (t) => {
  const front = await startFront(t);
  const listed = rows(await front.send("GET", "/teammates"));
  assert.deepEqual(
    listed.map((row) => [row["id"], row["is_blocked"]]),
    [
      ["tea_123", false],
      ["tea_456", false],
      ["tea_789", true],
      ["tea_790", false],
    ],
  );
  assert.equal(rows(await front.send("GET", "/teammates?is_blocked=false")).length, 4);
});

test("[FRONT-26] [FRONT-A5] the path takes an id, an address gives 404", async (t) => {
  const front = await startFront(t);
  assert.equal((await front.send("GET", "/teammates/tea_123")).status, 200);
  for (const name of ["alice@example.com", "alt:email:alice@example.com", "alice"]) {
    const path = `/teammates/${encodeURIComponent(name)}`;
    const answer = await front.send("GET", path);
    assert.equal(answer.status, 404, name);
    assert.equal(errorOf(answer)["title"], "Not found");
    assert.equal((await front.send("PATCH", path, { body: { first_name: "A" } })).status, 404);
    assert.equal((await front.send("DELETE", path)).status, 404);
  }
});

test("[FRONT-28] every create sends an invitation, and nothing else does", async (t) => {
  const front = await startFront(t);
  await front.send("POST", "/teammates", { body: { email: "one@example.com" } });
  await front.send("POST", "/teammates", { body: { email: "two@example.com" } });
  await front.send("POST", "/teammates", { body: { email: "two@example.com" } });
  await front.send("PATCH", "/teammates/tea_456", { body: { email: "rob@example.com" } });
  const mails = front.emulator.outbox();
  assert.deepEqual(
    mails.map((mail) => mail.to),
    ["one@example.com", "two@example.com"],
  );
  assert.match(mails[0]?.subject ?? "", /Join .* on Front/);
});

test("[FRONT-33] a delete deactivates and keeps everything else of the record and its teams", async (t) => {
  const front = await startFront(t);
  const rich = { is_admin: true, is_available: true, custom_fields: { office: "Bern" } };
  await front.send("PATCH", "/teammates/tea_456", { body: rich });
  const before = (await front.send("GET", "/teammates/tea_456")).body;
  await front.send("DELETE", "/teammates/tea_456");
  const after = (await front.send("GET", "/teammates/tea_456")).body;
  assert.deepEqual(after, { ...before, is_blocked: true });
  assert.deepEqual(ids(await front.send("GET", "/teams/tim_2/teammates")), ["tea_123", "tea_456"]);
  assert.deepEqual(ids(await front.send("GET", "/teammates")), ["tea_123", "tea_456", "tea_789", "tea_790"]);
});

test("[FRONT-34] [FRONT-A1] no call brings a blocked teammate back", async (t) => {
  const front = await startFront(t);
  const refused = await front.send("PATCH", "/teammates/tea_789", { body: { is_blocked: false } });
  assert.equal(refused.status, 400);
  assert.match(JSON.stringify(errorOf(refused)["details"]), /settings pages only/);
  const mixed = await front.send("PATCH", "/teammates/tea_789", { body: { first_name: "Back", is_blocked: false } });
  assert.equal(mixed.status, 400);
  assert.equal(stored(front, "teammates", "tea_789")["first_name"], "Carl");
  const create = await front.send("POST", "/teammates", { body: { email: "carl@example.com" } });
  assert.equal(create.status, 409);
  assert.equal(await isBlocked(front, "tea_789"), true);
  front.emulator.mutate({ op: "update", kind: "teammate", id: "tea_789", data: { is_blocked: false } });
  assert.equal(await isBlocked(front, "tea_789"), false);
});

test("[FRONT-A1] is_blocked false on an active teammate changes nothing", async (t) => {
  const front = await startFront(t);
  const answer = await front.send("PATCH", "/teammates/tea_456", { body: { is_blocked: false } });
  assert.equal(answer.status, 204);
  assert.equal(front.emulator.journal().at(-1)?.effect, "none");
  assert.equal(await isBlocked(front, "tea_456"), false);
});

test("[FRONT-66] [FRONT-A2] after a delete the teammate is still there, blocked, and a second delete is 204", async (t) => {
  const front = await startFront(t);
  assert.equal((await front.send("DELETE", "/teammates/tea_456")).status, 204);
  const read = await front.send("GET", "/teammates/tea_456");
  assert.deepEqual([read.status, read.body["is_blocked"]], [200, true]);
  assert.equal((await front.send("DELETE", "/teammates/tea_456")).status, 204);
  assert.deepEqual(
    front.emulator.journal().map((entry) => entry.effect),
    ["applied", "none", "none"],
  );
});

test("[FRONT-A14] the address of a blocked teammate is taken", async (t) => {
  const front = await startFront(t);
  const create = await front.send("POST", "/teammates", { body: { email: "Carl@Example.com" } });
  assert.equal(create.status, 409);
  const change = await front.send("PATCH", "/teammates/tea_456", { body: { email: "carl@example.com" } });
  assert.equal(change.status, 409);
  assert.equal(front.emulator.outbox().length, 0);
});

test("[FRONT-62] who has not accepted looks to the API as everybody else does", async (t) => {
  const front = await startFront(t);
  const { body } = await front.send("POST", "/teammates", { body: { email: "new@example.com" } });
  const id = textOf(body["id"]);
  assert.equal(stored(front, "teammates", id)["invitation"], "pending");
  front.emulator.accept("New@example.com");
  assert.equal(stored(front, "teammates", id)["invitation"], "accepted");
  assert.deepEqual((await front.send("GET", `/teammates/${id}`)).body, body);
  assert.throws(() => front.emulator.accept("new@example.com"), { code: "missing" });
  assert.throws(() => front.emulator.accept("bob@example.com"), { code: "missing" });
});

test("deactivating an invited teammate takes the invitation back", async (t) => {
  const front = await startFront(t);
  await front.send("DELETE", "/teammates/tea_790");
  assert.equal(stored(front, "teammates", "tea_790")["invitation"], "withdrawn");
  assert.throws(() => front.emulator.accept("dora@example.com"), { code: "missing" });
});

test("a company without a free seat refuses a create and takes it when somebody was blocked", async (t) => {
  const front = await startFront(t, teammates(3));
  front.emulator.set("seatLimit", 3);
  assert.deepEqual(front.emulator.state().seats, { limit: 3, used: 3 });
  const body = { email: "new@example.com" };
  const refused = await front.send("POST", "/teammates", { body });
  assert.equal(refused.status, 400);
  assert.match(JSON.stringify(errorOf(refused)["details"]), /no seat left/);
  assert.equal(front.emulator.outbox().length, 0);
  await front.send("DELETE", "/teammates/tea_1");
  assert.deepEqual(front.emulator.state().seats, { limit: 3, used: 2 });
  assert.equal((await front.send("POST", "/teammates", { body })).status, 201);
});
