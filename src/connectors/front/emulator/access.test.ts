import assert from "node:assert/strict";
import { test } from "node:test";
import { isJsonObject } from "../../../kernel/json.ts";
import { SCOPES, TOKENS } from "./access.ts";
import { errorOf, ids, startFront, START_MS, type FrontUnderTest, textOf } from "./suite.ts";

/** One call of each endpoint, by the scope that it needs. */
const CALLS = {
  "teammates:read": [
    ["GET", "/teammates", undefined, 200],
    ["GET", "/teammates/tea_123", undefined, 200],
  ],
  "teammates:write": [
    ["POST", "/teammates", { email: "new@example.com" }, 201],
    ["PATCH", "/teammates/tea_456", { first_name: "Rob" }, 204],
    ["DELETE", "/teammates/tea_456", undefined, 204],
  ],
  "teams:read": [
    ["GET", "/teams", undefined, 200],
    ["GET", "/teams/tim_1/teammates", undefined, 200],
  ],
  "teams:write": [
    ["POST", "/teams/tim_1/teammates", { teammate_ids: ["tea_790"] }, 204],
    ["DELETE", "/teams/tim_1/teammates", { teammate_ids: ["tea_790"] }, 204],
  ],
} as const;

type Scope = keyof typeof CALLS;

function scopedToken(front: FrontUnderTest, scopes: string): string {
  const tokens = front.emulator.document["scopedTokens"];
  const token = isJsonObject(tokens) ? tokens[scopes] : null;
  assert.ok(typeof token === "string", `no token for ${scopes}`);
  return token;
}

/** Each call of this scope works with a token that has nothing else, and is refused to one that has all others. */
async function assertNeeds(front: FrontUnderTest, scope: Scope): Promise<void> {
  const others = SCOPES.filter((one) => one !== scope).join(" ");
  for (const [method, path, body, status] of CALLS[scope]) {
    const options = body === undefined ? {} : { body };
    const refused = await front.send(method, path, { ...options, token: scopedToken(front, others) });
    assert.equal(refused.status, 403, `${method} ${path}`);
    assert.equal(errorOf(refused)["title"], "Forbidden");
    assert.equal(errorOf(refused)["message"], `Missing required scopes: [${scope}]`);
    const admitted = await front.send(method, path, { ...options, token: scopedToken(front, scope) });
    assert.equal(admitted.status, status, `${method} ${path}`);
  }
}

test("[FRONT-03] a call needs a bearer token that the company issued", async (t) => {
  const front = await startFront(t);
  assert.equal((await front.send("GET", "/teammates")).status, 200);
  const none = await front.send("GET", "/teammates", { token: null });
  assert.deepEqual(errorOf(none), { status: 401, title: "Unauthenticated", message: "JSON Web Token error" });
  const unknown = await front.send("GET", "/teammates", { token: "sandbox.nobody.front" });
  assert.deepEqual(errorOf(unknown), { status: 401, title: "Unauthenticated", message: "Invalid token" });
  const basic = { Authorization: `Basic ${Buffer.from(`${TOKENS.company}:`).toString("base64")}` };
  const other = await front.send("GET", "/teammates", { token: null, headers: basic });
  assert.equal(other.status, 401);
  assert.deepEqual(
    front.emulator.journal().map((entry) => entry.credential),
    ["known", "none", "unknown", "unknown"],
  );
});

test("[FRONT-04] a teammate token gets 403 on every endpoint of user management", async (t) => {
  const front = await startFront(t);
  const before = front.emulator.state().collections;
  for (const [method, path, body] of Object.values(CALLS).flat()) {
    const options = body === undefined ? {} : { body };
    const answer = await front.send(method, path, { ...options, token: TOKENS.teammate });
    assert.equal(answer.status, 403, `${method} ${path}`);
    assert.match(textOf(errorOf(answer)["message"]), /company API token/);
  }
  assert.deepEqual(front.emulator.state().collections, before);
});

test("[FRONT-A17] issues tokens of both kinds with the scopes that are asked for", async (t) => {
  const front = await startFront(t);
  const company = front.emulator.token({ kind: "company", scopes: ["teams:read"] });
  assert.equal((await front.send("GET", "/teams", { token: company })).status, 200);
  assert.equal((await front.send("GET", "/teammates", { token: company })).status, 403);
  const teammate = front.emulator.token({ kind: "teammate", scopes: "teammates:read" });
  assert.equal((await front.send("GET", "/teammates", { token: teammate })).status, 403);
  assert.notEqual(company, teammate);
  assert.throws(() => front.emulator.token({ kind: "company", scopes: ["teammates:burn"] }), /unknown scope/);
  front.emulator.set("tokenKind", "teammate");
  assert.equal((await front.send("GET", "/teammates")).status, 403);
});

test("[FRONT-07] teammates:read lists and gets teammates", async (t) => {
  await assertNeeds(await startFront(t), "teammates:read");
});

test("[FRONT-08] teammates:write creates, updates and deletes teammates", async (t) => {
  await assertNeeds(await startFront(t), "teammates:write");
});

test("[FRONT-09] teams:read lists teams and their members", async (t) => {
  await assertNeeds(await startFront(t), "teams:read");
});

test("[FRONT-10] teams:write adds and removes members; without it 403", async (t) => {
  await assertNeeds(await startFront(t), "teams:write");
});

test("a token of another company sees and changes nothing of this one", async (t) => {
  const front = await startFront(t);
  const other = await front.send("GET", "/teammates", { token: TOKENS.other });
  assert.deepEqual(ids(other), ["tea_q1"]);
  const remove = await front.send("DELETE", "/teammates/tea_456", { token: TOKENS.other });
  assert.equal(remove.status, 404);
  assert.deepEqual(ids(await front.send("GET", "/teammates", { token: TOKENS.company2 })).slice(0, 2), [
    "tea_123",
    "tea_456",
  ]);
});

test("[FRONT-43] admits 120 calls a minute for each token", async (t) => {
  const front = await startFront(t);
  const windowStart = Math.ceil(START_MS / 60_000) * 60_000;
  await front.clock.advance(windowStart - START_MS);
  for (let call = 1; call <= 120; call += 1) assert.equal((await front.send("GET", "/teams")).status, 200);
  assert.equal((await front.send("GET", "/teams")).status, 429);
  assert.equal((await front.send("GET", "/teams", { token: TOKENS.company2 })).status, 200);
  await front.clock.advance(60_000);
  assert.equal((await front.send("GET", "/teams")).status, 200);
});

test("[FRONT-44] tells limit, what is left and the reset in epoch seconds", async (t) => {
  const front = await startFront(t);
  const { headers } = await front.send("GET", "/teams");
  assert.equal(headers.get("X-RateLimit-Limit"), "120");
  assert.equal(headers.get("X-RateLimit-Remaining"), "119");
  const reset = Number(headers.get("X-RateLimit-Reset"));
  assert.ok(reset * 1000 > START_MS && reset * 1000 <= START_MS + 60_000);
  assert.equal((await front.send("GET", "/teams/none/teammates")).headers.get("X-RateLimit-Remaining"), "118");
});

test("[FRONT-45] answers 429 with Retry-After, and admits after that wait", async (t) => {
  const front = await startFront(t);
  front.emulator.set("rateLimit", { limit: 1, windowSeconds: 60 });
  await front.send("GET", "/teams");
  const refused = await front.send("PATCH", "/teammates/tea_456", { body: { first_name: "Rob" } });
  assert.equal(refused.status, 429);
  assert.equal(errorOf(refused)["title"], "Too many requests");
  assert.match(textOf(errorOf(refused)["message"]), /^Rate limit exceeded\. Please retry in \d+ milliseconds\.$/);
  assert.equal(refused.headers.get("X-RateLimit-Remaining"), "0");
  const wait = Number(refused.headers.get("Retry-After"));
  assert.ok(wait >= 1 && wait <= 60);
  await front.clock.advance(wait * 1000);
  const admitted = await front.send("GET", "/teammates/tea_456");
  assert.equal(admitted.body["first_name"], "Bob");
});
