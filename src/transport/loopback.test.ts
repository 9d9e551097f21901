import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { test } from "node:test";
import { isAppError, type ErrorCode } from "../kernel/errors.ts";
import { postLoopback } from "./loopback.ts";

const never = new AbortController().signal;

async function withServer(listener: RequestListener, work: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  try {
    await work(`http://127.0.0.1:${address.port}/verb`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function refused(url: string, code: ErrorCode, signal = never, timeoutMs = 2000): Promise<void> {
  return assert.rejects(postLoopback({ url, body: {}, timeoutMs, signal }), (error: unknown) =>
    isAppError(error, code),
  );
}

test("an address that is not on this machine is never called", async () => {
  for (const url of [
    "http://example.com/now",
    "https://127.0.0.1:1/now",
    "http://127.0.0.1.example.com/now",
    "http://user:pass@127.0.0.1/now",
    "http://10.0.0.1/now",
    "file:///etc/hosts",
    "no address",
  ]) {
    await refused(url, "usage");
  }
});

test("a verb is posted as JSON, and an answer without a body is null", async () => {
  const seen: string[] = [];
  await withServer(
    (request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        seen.push(`${request.method} ${request.headers["content-type"]} ${text}`);
        response.writeHead(text === "{}" ? 204 : 200).end(text === "{}" ? "" : '{"now":"x"}');
      });
    },
    async (url) => {
      assert.deepEqual(await postLoopback({ url, body: { a: 1 }, timeoutMs: 2000, signal: never }), { now: "x" });
      assert.equal(await postLoopback({ url, body: {}, timeoutMs: 2000, signal: never }), null);
    },
  );
  assert.deepEqual(seen, ['POST application/json {"a":1}', "POST application/json {}"]);
});

test("what goes wrong is told apart", async () => {
  const answers: Readonly<Record<string, readonly [number, string]>> = {
    "/missing": [404, '{"error":"no such verb"}'],
    "/bad": [400, '{"error":"no"}'],
    "/broken": [500, "{}"],
    "/garbage": [200, "<html>"],
  };
  await withServer(
    (request, response) => {
      const [status, body] = answers[request.url ?? ""] ?? [0, ""];
      if (status !== 0) response.writeHead(status).end(body);
    },
    async (url) => {
      const base = url.replace("/verb", "");
      await refused(`${base}/missing`, "missing");
      await refused(`${base}/bad`, "bad_input");
      await refused(`${base}/broken`, "unavailable");
      await refused(`${base}/garbage`, "bad_response");
      await refused(`${base}/silent`, "timeout", never, 20);
      const stop = new AbortController();
      const waiting = refused(`${base}/silent`, "canceled", stop.signal);
      stop.abort();
      await waiting;
    },
  );
  await refused("http://127.0.0.1:1/now", "unavailable");
});
