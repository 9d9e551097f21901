import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { test } from "node:test";
import { example } from "../emulator-kit/example.ts";
import { virtualClock } from "../kernel/clock.ts";
import { isAppError } from "../kernel/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { connectors } from "../connectors/index.ts";
import { loadEmulators } from "./registry.ts";
import { startSandbox, type Sandbox } from "./start.ts";

interface Answer {
  readonly status: number;
  readonly body: JsonValue;
}

interface Bench {
  readonly sandbox: Sandbox;
  readonly post: (verb: string, body?: JsonValue) => Promise<Answer>;
  /** One call of the vendor's API with its first key. */
  readonly vendor: (method: string, path: string, body?: JsonObject) => Promise<Answer>;
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : (JSON.parse(text) as JsonValue) };
}

async function withSandbox(run: (bench: Bench) => Promise<void>): Promise<void> {
  const twin = { ...example, id: "twin", name: "Twin" };
  const emulators = { example, twin };
  const sandbox = await startSandbox({ emulators, clock: virtualClock(0), company: "empty" });
  const base = sandbox.emulators.get("example")?.origin ?? "";
  try {
    await run({
      sandbox,
      post: async (verb, body = {}) =>
        read(await fetch(`${sandbox.document.control}/${verb}`, { method: "POST", body: JSON.stringify(body) })),
      vendor: async (method, path, body) =>
        read(
          await fetch(`${base}${path}`, {
            method,
            headers: { Authorization: "Bearer key-1" },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          }),
        ),
    });
  } finally {
    await sandbox.stop();
  }
}

/** The body of an answer that must be 200. */
function ok({ status, body }: Answer): JsonValue {
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

function member(value: JsonValue, name: string): JsonValue {
  assert.ok(isJsonObject(value));
  return value[name] ?? null;
}

function refused({ status, body }: Answer, wanted: number): string {
  assert.equal(status, wanted, JSON.stringify(body));
  const error = member(body, "error");
  assert.ok(typeof error === "string");
  return error;
}

async function members({ post }: Bench): Promise<readonly JsonValue[]> {
  const list = member(member(ok(await post("state", { app: "example" })), "collections"), "members");
  assert.ok(Array.isArray(list));
  return list as readonly JsonValue[];
}

test("an unknown verb is 404, a bad body 400, both with words", () =>
  withSandbox(async ({ post, sandbox }) => {
    assert.match(refused(await post("explode"), 404), /no verb explode/);
    refused(await post("constructor"), 404);
    refused(await post("state", {}), 400);
    refused(await post("state", { app: "nonsense" }), 400);
    refused(await post("state", []), 400);
    const broken = await fetch(`${sandbox.document.control}/state`, { method: "POST", body: "{" });
    refused(await read(broken), 400);
    refused(await read(await fetch(`${sandbox.document.control}/now`)), 404);
  }));

test("the control API answers no page of a browser and no other name of this machine", () =>
  withSandbox(async ({ sandbox }) => {
    const url = `${sandbox.document.control}/now`;
    refused(await read(await fetch(url, { method: "POST", headers: { Origin: "https://evil.example" } })), 403);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(url, { method: "POST", headers: { Host: "evil.example" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject);
      sent.end();
    });
    assert.equal(status, 403);
  }));

test("reset takes data, a company or nothing, and refuses the whole when a part is wrong", () =>
  withSandbox(async (bench) => {
    const { post } = bench;
    assert.deepEqual(await members(bench), []);
    const data = { example: { members: [{ email: "a@example.com" }, { id: 7, email: "b@example.com" }] } };
    assert.deepEqual(ok(await post("reset", { data })), {});
    const before = await members(bench);
    assert.deepEqual(
      before.map((one) => [member(one, "id"), member(one, "email")]),
      [
        [1, "a@example.com"],
        [7, "b@example.com"],
      ],
    );
    for (const wrong of [
      { other: {} },
      { ...data, twin: { nonsense: [] } },
      { example: [] },
      { example: { members: {} } },
    ]) {
      refused(await post("reset", { data: wrong }), 400);
    }
    refused(await post("reset", { company: "large" }), 400);
    refused(await post("reset", { seed: "one" }), 400);
    assert.deepEqual(await members(bench), before);
    const { collections } = ok(await post("state", { app: "example" })) as { readonly collections: JsonObject };
    ok(await post("reset", { data: { example: collections } }));
    assert.deepEqual(await members(bench), before);
    ok(await post("reset", { company: "demo", seed: 3 }));
    const third = await members(bench);
    assert.equal(third.length, 84);
    ok(await post("reset"));
    const first = await members(bench);
    assert.equal(first.length, 84);
    assert.notDeepEqual(first, third);
    ok(await post("reset", { seed: 3 }));
    assert.deepEqual(await members(bench), third);
  }));

test("state shows records, seats and switches; set changes a switch and null puts it back", () =>
  withSandbox(async ({ post }) => {
    const option = async (name: string): Promise<JsonValue> =>
      member(member(ok(await post("state", { app: "example" })), "options"), name);
    ok(await post("set", { app: "example", option: "seatLimit", value: 3 }));
    assert.deepEqual(member(ok(await post("state", { app: "example" })), "seats"), { limit: 3, used: 0 });
    const limit = { limit: 5, windowSeconds: 10, scheme: "strict" };
    ok(await post("set", { app: "example", option: "rateLimit", value: limit }));
    assert.deepEqual(await option("rateLimit"), limit);
    ok(await post("set", { app: "example", option: "rateLimit", value: null }));
    assert.equal(await option("rateLimit"), null);
    refused(await post("set", { app: "example", option: "rateLimit", value: { limit: 0 } }), 400);
    refused(await post("set", { app: "example", option: "colour", value: "red" }), 400);
  }));

test("the journal has one order over all apps, and can be read from a number on", () =>
  withSandbox(async ({ post, vendor, sandbox }) => {
    await vendor("POST", "/members", { email: "a@example.com" });
    await fetch(`${sandbox.emulators.get("twin")?.origin}/members`).then((response) => response.text());
    await vendor("GET", "/members?size=2&size=3");
    const entries = async (body: JsonObject) =>
      member(ok(await post("journal", body)), "entries") as readonly JsonObject[];
    const all = await entries({});
    assert.deepEqual(
      all.map(({ seq, app, credential, effect }) => [seq, app, credential, effect]),
      [
        [1, "example", "known", "applied"],
        [2, "twin", "none", "none"],
        [3, "example", "known", "none"],
      ],
    );
    const [first, , third] = all;
    assert.deepEqual(first, {
      seq: 1,
      at: "2026-11-20T22:00:00.000Z",
      app: "example",
      method: "POST",
      path: "/members",
      query: {},
      body: { email: "a@example.com" },
      credential: "known",
      status: 201,
      effect: "applied",
    });
    assert.deepEqual(third?.["query"], { size: ["2", "3"] });
    assert.deepEqual(await entries({ app: "example", since: 1 }), [third]);
  }));

test("faults are set for one app or for all, counted over all of them, and asked for without a change", () =>
  withSandbox(async ({ post, vendor, sandbox }) => {
    const rules = [
      { app: "twin", fault: "F20" },
      { fault: "F20", method: "GET", status: 503 },
    ];
    assert.deepEqual(ok(await post("faults", { rules })), {
      rules: [
        { id: "rule-1", fired: 0 },
        { id: "rule-2", fired: 0 },
      ],
    });
    assert.equal((await vendor("GET", "/members")).status, 503);
    const twin = `${sandbox.emulators.get("twin")?.origin}/members`;
    for (const status of [500, 500]) {
      assert.equal((await read(await fetch(twin, { headers: { Authorization: "Bearer key-1" } }))).status, status);
    }
    const counted = {
      rules: [
        { id: "rule-1", fired: 2 },
        { id: "rule-2", fired: 1 },
      ],
    };
    assert.deepEqual(ok(await post("faults", {})), counted);
    for (const wrong of [
      { fault: "F00" },
      { fault: "F20", app: "other" },
      { fault: 20 },
      "F20",
      { fault: "F20", nth: "1" },
    ]) {
      refused(await post("faults", { rules: [{ fault: "F24" }, wrong] }), 400);
    }
    assert.equal((await vendor("GET", "/members")).status, 503, "the old rules stay");
    assert.deepEqual(ok(await post("faults", { rules: [] })), { rules: [] });
    assert.equal((await vendor("GET", "/members")).status, 200);
  }));

test("mutate, create and drop change records as another admin; ids are the vendor's own", () =>
  withSandbox(async (bench) => {
    const { post } = bench;
    const created = ok(await post("create", { app: "example", kind: "member", data: { email: "a@example.com" } }));
    assert.deepEqual(created, { id: 1 });
    ok(await post("mutate", { app: "example", op: "update", kind: "member", id: 1, data: { name: "New" } }));
    ok(await post("mutate", { app: "example", op: "update", kind: "members", id: "1", data: { admin: true } }));
    const [one] = await members(bench);
    assert.deepEqual(one, { id: 1, email: "a@example.com", name: "New", admin: true, invited: false });
    refused(await post("mutate", { app: "example", op: "update", kind: "member", id: 9 }), 404);
    refused(await post("mutate", { app: "example", op: "explode", kind: "member", id: 1 }), 400);
    refused(await post("create", { app: "example", kind: "team", data: {} }), 400);
    assert.deepEqual(ok(await post("drop", { app: "example", kind: "member", id: 1 })), {});
    refused(await post("drop", { app: "example", kind: "member" }), 400);
    assert.deepEqual(await members(bench), []);
  }));

test("an invitation lies in the outbox until it is accepted, which only works once", () =>
  withSandbox(async ({ post, vendor, sandbox }) => {
    await vendor("POST", "/members", { email: "a@example.com" });
    const origin = sandbox.emulators.get("example")?.origin;
    assert.deepEqual(ok(await post("outbox", { app: "example" })), [
      { to: "a@example.com", subject: "You are invited", at: "2026-11-20T22:00:00.000Z", link: `${origin}/join/1` },
    ]);
    assert.deepEqual(ok(await post("accept", { app: "example", email: "a@example.com" })), {});
    refused(await post("accept", { app: "example", email: "a@example.com" }), 404);
  }));

test("the clock starts at the demo's moment, moves by seconds and goes back to the start", () =>
  withSandbox(async ({ post, vendor }) => {
    assert.deepEqual(ok(await post("now")), { now: "2026-11-20T22:00:00.000Z" });
    assert.deepEqual(ok(await post("advance", { seconds: 259_200 })), { now: "2026-11-23T22:00:00.000Z" });
    await vendor("GET", "/members");
    refused(await post("advance", { seconds: "3d" }), 400);
    refused(await post("advance", {}), 400);
    assert.deepEqual(ok(await post("resetClock")), { now: "2026-11-20T22:00:00.000Z" });
    const [entry] = member(ok(await post("journal")), "entries") as readonly JsonObject[];
    assert.equal(entry?.["at"], "2026-11-23T22:00:00.000Z");
  }));

test("token gives a credential that works until the next reset", () =>
  withSandbox(async ({ post, sandbox }) => {
    const token = ok(await post("token", { app: "example", want: { name: "mine" } }));
    assert.equal(token, "key-1-mine");
    const status = async () => {
      const url = `${sandbox.emulators.get("example")?.origin}/members`;
      return (await read(await fetch(url, { headers: { Authorization: `Bearer ${token}` } }))).status;
    };
    assert.equal(await status(), 200);
    ok(await post("reset"));
    assert.equal(await status(), 401);
  }));

test("verbs that an app has no use for are refused", () =>
  withSandbox(async ({ post }) => {
    refused(await post("purge", { app: "example", id: 1 }), 400);
    refused(await post("webhook", { app: "example", url: "http://127.0.0.1:1/", events: ["x"] }), 400);
    refused(await post("emit", { app: "example", event: "x" }), 400);
    refused(await post("unwebhook", { app: "example", url: "http://127.0.0.1:1/" }), 404);
  }));

test("a sandbox frees its ports when it stops, and when it cannot start", async () => {
  const sandbox = await startSandbox({ emulators: { example }, clock: virtualClock(0) });
  const port = Number(new URL(sandbox.document.control).port);
  const failed = startSandbox({ emulators: { example }, clock: virtualClock(0), port });
  await assert.rejects(failed, (error) => isAppError(error, "busy"));
  await sandbox.stop();
  await assert.rejects(fetch(`${sandbox.document.control}/now`, { method: "POST" }));
  const again = await startSandbox({ emulators: { example }, clock: virtualClock(0), port });
  assert.equal(new URL(again.document.control).port, String(port));
  assert.equal(new URL(again.emulators.get("example")?.origin ?? "").port, String(port + 1));
  await again.stop();
});

test("every connector's emulator runs the demo company and shows its part of the document", async () => {
  const emulators = await loadEmulators(connectors);
  const sandbox = await startSandbox({ emulators, clock: virtualClock(0) });
  try {
    const { followupboss, front } = sandbox.document.apps;
    assert.deepEqual(Object.keys(followupboss ?? {}).sort(), ["apiKey", "apiKey2", "baseUrl", "otherApiKey"]);
    for (const name of ["baseUrl", "token", "token2", "teammateToken", "scopedTokens", "customFields", "scim"]) {
      assert.ok(name in (front ?? {}), name);
    }
    const crm = sandbox.emulators.get("followupboss")?.state();
    assert.deepEqual(crm?.seats, { limit: 65, used: 65 });
    const maya = crm?.collections["users"]?.find((user) => user["email"] === "maya.okafor@harborpine.example");
    assert.equal(crm?.collections["people"]?.filter((lead) => lead["ownerId"] === maya?.["id"]).length, 143);
    assert.equal(sandbox.emulators.get("front")?.state().collections["teammates"]?.length, 50);
  } finally {
    await sandbox.stop();
  }
});

test("only apps that exist can be asked for", async () => {
  assert.deepEqual(Object.keys(await loadEmulators(connectors, ["front"])), ["front"]);
  await assert.rejects(loadEmulators(connectors, ["nonsense"]), (error) => isAppError(error, "usage"));
});

test("webhooks are registered, emitted to and unregistered by control", async () => {
  const received: string[] = [];
  const server = createServer((incoming, response) => {
    incoming.resume();
    received.push(String(incoming.headers["fub-signature"]));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const url = `http://127.0.0.1:${address.port}/`;
  const sandbox = await startSandbox({
    emulators: await loadEmulators(connectors, ["followupboss"]),
    clock: virtualClock(0),
  });
  try {
    const post = async (verb: string, body: JsonObject): Promise<Answer> => {
      const text = JSON.stringify({ app: "followupboss", ...body });
      return read(await fetch(`${sandbox.document.control}/${verb}`, { method: "POST", body: text }));
    };
    ok(await post("webhook", { url, events: ["lead.created"] }));
    refused(await post("webhook", { url: "https://example.com/", events: ["lead.created"] }), 400);
    refused(await post("webhook", { url, events: ["user.created"] }), 400);
    ok(await post("emit", { event: "lead.created" }));
    assert.equal(received.length, 1);
    assert.match(received[0] ?? "", /^[0-9a-f]{64}$/);
    ok(await post("unwebhook", { url }));
    ok(await post("emit", { event: "lead.created" }));
    assert.equal(received.length, 1);
    refused(await post("emit", { event: "user.created" }), 400);
  } finally {
    await sandbox.stop();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});
