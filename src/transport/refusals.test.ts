import assert from "node:assert/strict";
import { test } from "node:test";
import { toHttpDate } from "../kernel/dates.ts";
import { AppError } from "../kernel/errors.ts";
import { answer, contextOf, driven, get, post, until, wired, type Script, type Wired } from "./testing/raw-server.ts";

const OK = answer(200, '{"id":1}');
const MINUTE_LIMIT = { scheme: "fixed-window", limit: 100, windowMs: 60_000, owner: "credential" } as const;

function refusedThenOk(headers: readonly string[], refusals = 1): Script {
  const json = "content-type: application/json";
  return (request, socket) => socket.write(request.nth <= refusals ? answer(429, "{}", [json, ...headers]) : OK);
}

/** Sends one call and says when it ended, on the product's clock. */
async function waited(
  wire: Wired,
  method: "GET" | "POST" = "GET",
): Promise<{ readonly ms: number; readonly error: unknown }> {
  const startMs = wire.clock.now();
  const request = method === "GET" ? get() : post({ expect: [200] });
  const error = await driven(wire.clock, wire.transport.send(request, contextOf()));
  return { ms: wire.clock.now() - startMs, error };
}

function details(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof AppError ? { code: error.code, ...error.details } : {};
}

test("[F21] a refused call waits as long as it is told to and is made again, a write too", async () => {
  for (const method of ["GET", "POST"] as const) {
    for (const [headers, least, most] of [
      [["retry-after: 7"], 7_000, 7_500],
      [["retry-after: 1.5"], 1_500, 2_000],
      [["retry-after: 3", "retry-after: 9"], 9_000, 9_500],
      [[`date: ${toHttpDate(5_000_000)}`, `retry-after: ${toHttpDate(5_012_000)}`], 12_000, 12_500],
      [["retry-after: 0"], 1_000, 3_500],
      [["retry-after: -1"], 1_000, 3_500],
      [["retry-after: soon"], 1_000, 3_500],
      [[], 1_000, 3_500],
    ] as const) {
      await wired(refusedThenOk(headers), async (wire) => {
        const { ms, error } = await waited(wire, method);
        assert.equal(error, null, `${headers.join()}`);
        assert.ok(ms >= least && ms <= most, `${headers.join()}: waited ${ms} ms`);
        assert.equal(wire.server.received.length, 2);
      });
    }
  }
});

test("[F22] without a Retry-After the reset of the rate headers is waited for, however it is written", async () => {
  const nowMs = 1_700_000_000_000;
  const families = [
    [`X-RateLimit-Reset: ${nowMs / 1000 + 20}`, 20_000],
    [`X-Rate-Limit-Reset: ${nowMs + 20_000}`, 20_000],
    ["x-ratelimit-reset: 20", 20_000],
    [`Date: ${toHttpDate(nowMs - 3_600_000)}\r\nX-RateLimit-Reset: ${nowMs / 1000 - 3_600 + 20}`, 20_000],
  ] as const;
  for (const [header, waitMs] of families) {
    await wired(refusedThenOk(["X-RateLimit-Remaining: 55", header]), async (wire) => {
      const { ms, error } = await waited(wire);
      assert.equal(error, null);
      assert.ok(ms >= waitMs && ms < waitMs + 500, `${header}: waited ${ms} ms`);
    });
  }
  await wired(refusedThenOk([`X-RateLimit-Reset: ${nowMs / 1000 - 50}`]), async (wire) => {
    const { ms, error } = await waited(wire);
    assert.equal(error, null);
    assert.ok(ms >= 1_000 && ms <= 3_500, "a reset in the past says nothing");
  });
});

test("[E1] a wait beyond half a minute is told to the caller, and nothing of the key is sent meanwhile", async () => {
  await wired(refusedThenOk(["retry-after: 2592000"], 100), async (wire) => {
    const first = await waited(wire, "POST");
    assert.deepEqual(details(first.error), { code: "rate_limited", status: 429, retryAfterMs: 86_400_000 });
    assert.match(String(first.error), /nothing was done/);
    await wire.clock.advance(60_000);
    const second = await waited(wire);
    assert.deepEqual(details(second.error), { code: "rate_limited", retryAfterMs: 86_340_000 });
    assert.equal(wire.server.received.length, 1, "one request in 60 s");
    await wire.clock.advance(86_340_000);
    await waited(wire);
    assert.equal(wire.server.received.length, 2);
  });
});

test("[E7] a call that is refused for ever ends after a few tries", async () => {
  await wired(refusedThenOk(["retry-after: 1"], 1_000), async (wire) => {
    const { error } = await waited(wire, "POST");
    assert.deepEqual(details(error), { code: "rate_limited", status: 429, retryAfterMs: 1_000 });
    assert.equal(wire.server.received.length, 5);
  });
});

test("[S13] after a 429 no call of the key is sent within its wait; then one, then all", async () => {
  const script: Script = (request, socket) => {
    if (request.nth === 1) socket.write(answer(429, "{}", ["content-type: application/json", "retry-after: 10"]));
    else if (request.nth > 2) socket.write(OK);
    else held.push(() => socket.write(OK));
  };
  const held: (() => void)[] = [];
  await wired(script, async ({ transport, server, clock }) => {
    const calls = Array.from({ length: 1 }, () => transport.send(get(), contextOf()));
    await until(() => server.received.length === 1);
    for (let turn = 0; turn < 50; turn += 1) await clock.advance(0);
    calls.push(...Array.from({ length: 6 }, () => transport.send(get(), contextOf({ lane: "urgent" }))));
    await clock.advance(9_990);
    assert.equal(server.received.length, 1);
    await clock.advance(10);
    await until(() => held.length === 1);
    await clock.advance(5_000);
    assert.equal(server.received.length, 2, "one probe");
    held[0]?.();
    assert.equal(await driven(clock, Promise.all(calls)), null);
    assert.equal(server.received.length, 8);
  });
});

test("[E2] [E4] the end of the vendor's own count is waited for before there is a 429", async () => {
  const spent = ["X-RateLimit-Limit: 100", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 14"];
  await wired(
    (_request, socket) => socket.write(answer(200, "{}", ["content-type: application/json", ...spent])),
    async (wire) => {
      assert.ok((await waited(wire)).ms < 1_000);
      const { ms, error } = await waited(wire);
      assert.equal(error, null);
      assert.ok(ms >= 13_000 && ms < 15_000, `waited ${ms} ms`);
    },
    {},
    { quota: MINUTE_LIMIT, share: 0.7 },
  );
});

test("[E6] after failures in a row nothing is sent for a while, then one probe decides", async () => {
  let up = false;
  await wired(
    (_request, socket) => socket.write(up ? OK : answer(503, "{}")),
    async (wire) => {
      for (let call = 0; call < 3; call += 1) await waited(wire, "POST");
      for (let call = 0; call < 6; call += 1) await waited(wire, "POST");
      const sent = wire.server.received.length;
      assert.equal(sent, 8, "the ninth was not sent");
      const refused = await waited(wire, "POST");
      assert.equal(details(refused.error)["code"], "unavailable");
      assert.equal(details(refused.error)["sent"], false);
      const retryAfterMs = Number(details(refused.error)["retryAfterMs"]);
      assert.ok(retryAfterMs >= 4_000 && retryAfterMs <= 15_000);
      up = true;
      await wire.clock.advance(retryAfterMs);
      assert.equal((await waited(wire, "POST")).error, null);
      assert.equal(wire.server.received.length, sent + 1);
      assert.equal((await waited(wire, "POST")).error, null);
    },
  );
});

test("[E6] an app that is down for 60 s gets a few calls, not a storm, and is found again", async () => {
  const upMs = 1_700_000_060_000;
  let nowMs = (): number => 0;
  await wired(
    (_request, socket) => socket.write(nowMs() < upMs ? answer(500, "{}") : OK),
    async (wire) => {
      nowMs = () => wire.clock.now();
      let error: unknown = "not yet";
      for (let call = 0; call < 200 && error !== null; call += 1) {
        error = (await waited(wire)).error;
        if (error !== null) await wire.clock.advance(1_000);
      }
      assert.equal(error, null);
      assert.ok(wire.server.received.length < 30, `${wire.server.received.length} calls`);
      assert.ok(wire.clock.now() < upMs + 60_000);
    },
  );
});

test("[F20] a 503 with a Retry-After is waited for by a read, or told when it is long", async () => {
  const json = "content-type: application/json";
  await wired(
    (request, socket) => socket.write(request.nth === 1 ? answer(503, "{}", [json, "retry-after: 8"]) : OK),
    async (wire) => {
      const { ms, error } = await waited(wire);
      assert.equal(error, null);
      assert.ok(ms >= 8_000 && ms < 9_000);
    },
  );
  await wired(
    (_request, socket) => socket.write(answer(503, "{}", [json, "retry-after: 120"])),
    async (wire) => {
      const { error } = await waited(wire);
      assert.deepEqual(details(error), { code: "unavailable", status: 503, sent: true, retryAfterMs: 120_000 });
      assert.equal(wire.server.received.length, 1);
    },
  );
});

test("[P7] a live connection uses its share of the limit, a tenth of that is for urgent calls", async () => {
  await wired(
    (_request, socket) => socket.write(OK),
    async (wire) => {
      const send = (lane: "bulk" | "urgent"): Promise<unknown> =>
        driven(wire.clock, wire.transport.send(get(), contextOf({ lane })));
      for (let call = 0; call < 63; call += 1) assert.equal(await send("bulk"), null);
      const full = await send("bulk");
      assert.equal(details(full)["code"], "rate_limited");
      assert.ok(Number(details(full)["retryAfterMs"]) > 30_000);
      for (let call = 0; call < 7; call += 1) assert.equal(await send("urgent"), null);
      assert.equal(details(await send("urgent"))["code"], "rate_limited");
      assert.equal(wire.server.received.length, 70);
    },
    {},
    { quota: MINUTE_LIMIT, share: 0.7 },
  );
});
