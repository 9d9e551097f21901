import assert from "node:assert/strict";
import { Agent } from "node:http";
import { test } from "node:test";
import { until, withExample, type ExampleBench } from "./suite/example.ts";
import { breakCode, exchange, rawExchange } from "./suite/wire.ts";

const GET = "GET /members HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key-1\r\n\r\n";

test("F02 refuses connections while its rule stands, and listens on the same port afterwards", () =>
  withExample(async (api) => {
    await api.emulator.setFaults([{ fault: "F02" }]);
    assert.equal(await breakCode(api.list()), "ECONNREFUSED");
    assert.deepEqual(api.emulator.faults(), [{ id: "rule-1", fired: 1 }]);
    await api.emulator.setFaults([]);
    assert.equal((await api.list()).status, 200);
  }));

test("F04 and F05 reset the connection, before or after the effect", () =>
  withExample(async (api) => {
    await api.emulator.setFaults([{ fault: "F04" }]);
    assert.equal(await breakCode(api.create("a@example.com")), "ECONNRESET");
    assert.equal(api.members(), 3);
    await api.emulator.setFaults([{ fault: "F05" }]);
    assert.equal(await breakCode(api.create("a@example.com")), "ECONNRESET");
    assert.equal(api.members(), 4);
  }));

test("F06 and F07 end the connection after the effect with nothing, or with half a status line", () =>
  withExample(async (api) => {
    await api.emulator.setFaults([{ fault: "F06" }]);
    assert.equal(await rawExchange(api.emulator.port, GET), "");
    await api.emulator.setFaults([{ fault: "F07" }]);
    assert.equal(await rawExchange(api.emulator.port, GET), "HTTP/1.1 20");
    assert.notEqual(await breakCode(api.create("a@example.com")), "no error");
    assert.equal(api.members(), 4);
    await api.emulator.setFaults([{ fault: "F07", phase: "before" }]);
    await breakCode(api.create("b@example.com"));
    assert.equal(api.members(), 4);
  }));

async function hang(api: ExampleBench, fault: string): Promise<void> {
  await api.emulator.setFaults([{ fault }]);
  const gone = new AbortController();
  const answer = breakCode(api.create(`${fault}@example.com`, { signal: gone.signal }));
  await until(() => api.last()?.fault === fault);
  gone.abort();
  assert.equal(await answer, "ABORT_ERR");
  assert.equal(api.last()?.status, null);
}

test("F08 and F09 hang until the client goes away, without and with the effect", () =>
  withExample(async (api) => {
    await hang(api, "F08");
    assert.equal(api.members(), 3);
    await hang(api, "F09");
    assert.equal(api.members(), 4);
  }));

test("F10 and F11 send headers or body a byte at a time, on the emulator's clock", () =>
  withExample(async (api) => {
    for (const fault of ["F10", "F11"]) {
      await api.emulator.setFaults([{ fault, bytesPerSecond: 10 }]);
      const started = api.clock.now();
      const answer = api.list();
      await until(() => api.base.sleeping > 0);
      while (api.base.sleeping > 0) await api.base.advance(1000);
      const { status, bytes } = await answer;
      assert.equal(status, 200);
      assert.ok((api.clock.now() - started) / 100 >= bytes.length, "a tenth of a second for each byte");
    }
  }));

test("F12 resets a kept connection at its second request and lets the first one pass", () =>
  withExample(async (api) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await api.emulator.setFaults([{ fault: "F12" }]);
    assert.equal((await api.list({ agent })).status, 200);
    assert.equal(await breakCode(api.create("a@example.com", { agent })), "ECONNRESET");
    assert.equal(api.members(), 3);
    assert.deepEqual(api.emulator.faults(), [{ id: "rule-1", fired: 1 }]);
    agent.destroy();
  }));

test("F01 waits before the effect or after it; a client that gives up changes nothing about the effect", () =>
  withExample(async (api) => {
    await api.emulator.setFaults([{ fault: "F01", ms: 5000, jitterMs: 100, tail: true }]);
    const gone = new AbortController();
    const early = breakCode(api.create("a@example.com", { signal: gone.signal }));
    await until(() => api.base.sleeping === 1);
    gone.abort();
    assert.equal(await early, "ABORT_ERR");
    assert.equal(api.members(), 3);
    await api.base.advance(3_600_000);
    assert.equal(api.members(), 4);
    await api.emulator.setFaults([{ fault: "F01", ms: 5000, phase: "after" }]);
    const late = api.create("b@example.com");
    await until(() => api.base.sleeping === 1);
    assert.equal(api.members(), 5);
    api.clock.advance(5000);
    assert.equal((await late).status, 201);
  }));

test("F25 sends a body with 204, or an empty 200 without a content type", () =>
  withExample(async (api) => {
    await api.emulator.setFaults([{ fault: "F25", variant: "204-body" }]);
    const raw = await rawExchange(api.emulator.port, GET);
    assert.match(raw, /^HTTP\/1\.1 204 No Content\r\n/);
    assert.match(raw.split("\r\n\r\n")[1] ?? "", /"items"/);
    await api.emulator.setFaults([{ fault: "F25" }]);
    const { status, headers, bytes } = await api.list();
    assert.deepEqual([status, bytes.length], [200, 0]);
    assert.ok(!headers.some((name) => name.toLowerCase() === "content-type"));
  }));

test("F28 cuts a body short: by its length, inside a chunk, or unseen where only the end of the connection ends it", () =>
  withExample(async (api) => {
    for (const variant of ["length", "chunk"]) {
      await api.emulator.setFaults([{ fault: "F28", variant }]);
      assert.equal(await breakCode(api.list()), "ECONNRESET", variant);
    }
    await api.emulator.setFaults([{ fault: "F28", variant: "close" }]);
    const { headers, bytes } = await api.list();
    assert.ok(!headers.some((name) => /^(content-length|transfer-encoding)$/i.test(name)));
    const body: unknown = JSON.parse(bytes.toString());
    assert.ok(typeof body === "object" && body !== null && "items" in body && Array.isArray(body.items));
    assert.equal(body.items.length, 1, "whole JSON with one row of three");
  }));

test("a body larger than a mebibyte is refused with 413", () =>
  withExample(async (api) => {
    const { status } = await api.create("a@example.com", { body: `"${"x".repeat(1024 * 1024)}"` });
    assert.equal(status, 413);
  }));

test("stop frees the port and ends what hangs", () =>
  withExample(async (api) => {
    await api.emulator.setFaults([{ fault: "F08" }]);
    const answer = breakCode(api.list());
    await until(() => api.last()?.fault === "F08");
    await api.emulator.stop();
    assert.equal(await answer, "ECONNRESET");
    assert.equal(await breakCode(exchange(`${api.emulator.origin}/members`)), "ECONNREFUSED");
  }));
