import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { isJsonObject, parseJson, type JsonObject } from "../../../kernel/json.ts";
import { EVENTS, signApplication, signingKeys, signRule } from "./webhooks.ts";
import { startFront, START_MS, textOf, type FrontUnderTest } from "./suite.ts";

interface Received {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: JsonObject;
}

type Reply = (challenge: string) => string;

/** A receiver on loopback that answers each challenge in this way. */
async function startReceiver(t: TestContext, reply: Reply): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const text = Buffer.concat(pieces).toString("utf8");
      const body = parseJson(text);
      received.push({ headers: request.headers, text, body: isJsonObject(body) ? body : {} });
      const challenge = request.headers["x-front-challenge"];
      response.end(typeof challenge === "string" ? reply(challenge) : "ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { url: `http://127.0.0.1:${address.port}/hook`, received };
}

const echo: Reply = (challenge) => challenge;

async function register(front: FrontUnderTest, url: string, events: readonly string[] = EVENTS): Promise<void> {
  front.emulator.webhook(url, events);
  await front.emulator.delivered();
}

function typesOf(received: readonly Received[]): readonly unknown[] {
  return received.map(({ body }) => body["type"]);
}

test("[FRONT-47] a webhook is an HTTP POST to the address that was set up, for the company's events", async (t) => {
  const front = await startFront(t);
  const { url, received } = await startReceiver(t, echo);
  await register(front, url, ["conversation.created"]);
  await front.emulator.emit("conversation.created");
  await front.emulator.emit("message.sent");
  assert.deepEqual(typesOf(received), ["sync", "conversation.created"]);
  assert.deepEqual(received[1]?.body["authorization"], { id: "cmp_1" });
  front.emulator.unwebhook(url);
  await front.emulator.emit("conversation.created");
  assert.equal(received.length, 2);
  assert.throws(() => front.emulator.webhook(url, ["teammate.vanished"]), { code: "bad_input" });
});

test("the signatures are those of the recomputed vectors", () => {
  const secret = "whsec_example_0123456789";
  const body = '{"type":"inbound_received","authorization":{"id":"cmp_abc"},"payload":{"id":"evt_1"}}';
  assert.equal(signApplication(secret, "1711040902123", body), "v2a2nP9ChGTq8posqWF3XrejGgUHiPwcrdzEXD5rJzY=");
  assert.equal(signRule(secret, body), "oXEwwlQa1PNCJGCJb7q+WE0125o=");
});

test("a delivery is signed with its time and its exact body", async (t) => {
  const front = await startFront(t);
  const { url, received } = await startReceiver(t, echo);
  await register(front, url);
  await front.emulator.emit("teammate.updated");
  const key = signingKeys("main").application;
  assert.deepEqual(front.emulator.document["webhooks"], { signingKey: key, apiSecret: signingKeys("main").rule });
  assert.equal(received.length, 2);
  for (const { headers, text } of received) {
    assert.equal(headers["x-front-request-timestamp"], String(START_MS));
    assert.equal(headers["x-front-signature"], signApplication(key, String(START_MS), text));
  }
  front.emulator.set("webhookScheme", "rule");
  await front.emulator.emit("teammate.updated");
  const last = received.at(-1);
  assert.equal(last?.headers["x-front-request-timestamp"], undefined);
  assert.equal(last?.headers["x-front-signature"], signRule(signingKeys("main").rule, last?.text ?? ""));
});

test("an address gets events only once it has given its challenge back", async (t) => {
  const front = await startFront(t);
  const answers: readonly (readonly [Reply, boolean])[] = [
    [echo, true],
    [(challenge) => JSON.stringify({ challenge }), true],
    [(challenge) => `challenge=${challenge}`, true],
    [() => "ok", false],
    [() => "{broken", false],
    [(challenge) => challenge.slice(1), false],
  ];
  for (const [reply, accepted] of answers) {
    const { url, received } = await startReceiver(t, reply);
    await register(front, url);
    await front.emulator.emit("message.received");
    assert.deepEqual(typesOf(received), accepted ? ["sync", "message.received"] : ["sync"], String(reply));
    front.emulator.unwebhook(url);
  }
});

test("changes of teammates by REST, SCIM and another admin are told, and nothing else is", async (t) => {
  const front = await startFront(t);
  const { url, received } = await startReceiver(t, echo);
  await register(front, url);
  const done = async (events: readonly string[], work: () => Promise<unknown>): Promise<void> => {
    received.length = 0;
    await work();
    await front.emulator.delivered();
    assert.deepEqual(typesOf(received), events);
  };
  const create = { body: { email: "new@example.com" } };
  await done(["teammate.created"], () => front.send("POST", "/teammates", create));
  const payload = received[0]?.body["payload"];
  assert.ok(isJsonObject(payload) && isJsonObject(payload["target"]) && isJsonObject(payload["target"]["data"]));
  assert.equal(payload["target"]["data"]["email"], "new@example.com");
  assert.match(textOf(payload["id"]), /^evt_\w+$/);
  await done([], () => front.send("POST", "/teammates", create));
  const rename = { body: { first_name: "Rob" } };
  await done(["teammate.updated"], () => front.send("PATCH", "/teammates/tea_456", rename));
  await done([], () => front.send("PATCH", "/teammates/tea_456", rename));
  await done(["teammate.deleted"], () => front.send("DELETE", "/teammates/tea_456"));
  await done([], () => front.send("DELETE", "/teammates/tea_456"));
  await done(["teammate.deleted"], () => front.scim("DELETE", "/Users/tea_790"));
  const edit = { op: "update", kind: "teammate", id: "tea_123", data: { last_name: "Jones" } } as const;
  await done(["teammate.updated"], async () => front.emulator.mutate(edit));
  front.emulator.set("teammateEvents", "off");
  await done([], () => front.send("PATCH", "/teammates/tea_123", { body: { last_name: "Smith" } }));
});

test("an event is not told when its effect was lost", async (t) => {
  const front = await startFront(t);
  const { url, received } = await startReceiver(t, echo);
  await register(front, url);
  await front.emulator.setFaults([{ fault: "F54", method: "DELETE", times: 1 }]);
  assert.equal((await front.send("DELETE", "/teammates/tea_456")).status, 204);
  await front.emulator.delivered();
  assert.deepEqual(typesOf(received), ["sync"]);
  assert.equal((await front.send("GET", "/teammates/tea_456")).body["is_blocked"], false);
});
