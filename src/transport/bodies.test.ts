import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, deflateSync } from "node:zlib";
import { AppError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import { answer, contextOf, driven, get, post, wired } from "./testing/raw-server.ts";

interface Got {
  readonly code: string;
  readonly message: string;
  readonly requests: number;
  readonly value: JsonValue;
}

async function read(bytes: string | Uint8Array, end: boolean, method: "GET" | "POST" = "GET"): Promise<Got> {
  let got: Got | null = null;
  await wired(
    (_request, socket) => (end ? socket.end(bytes) : socket.write(bytes)),
    async ({ transport, clock, server }) => {
      let value: JsonValue = null;
      const request = method === "GET" ? get() : post({ expect: [200] });
      const work = transport.send(request, contextOf()).then((done) => {
        value = done.value;
      });
      const error = await driven(clock, work);
      const code = error instanceof AppError ? error.code : "none";
      got = { code, message: String(error), requests: server.received.length, value };
    },
  );
  return got ?? assert.fail("no outcome");
}

function packed(body: Uint8Array, encoding: string): Uint8Array {
  const head = [
    "HTTP/1.1 200 OK",
    "content-type: application/json",
    `content-encoding: ${encoding}`,
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}

const LIST = JSON.stringify({ users: [{ id: 1 }, { id: 2 }] });

test("[F28] a length that the answer does not reach: the read is tried again and then refused, the write is unknown", async () => {
  const short = answer(200, LIST).replace(`content-length: ${LIST.length}`, `content-length: ${LIST.length + 20}`);
  const got = await read(short, true);
  assert.deepEqual([got.code, got.requests], ["bad_response", 3]);
  assert.match(got.message, /cut off/);
  assert.deepEqual((await read(short, true, "POST")).code, "outcome_unknown");
});

test("[F28] a length that cuts the JSON is not valid JSON", async () => {
  const cut = answer(200, LIST).replace(`content-length: ${LIST.length}`, "content-length: 20");
  const got = await read(cut, true);
  assert.equal(got.code, "bad_response");
  assert.match(got.message, /not valid JSON/);
});

test("[F28] a chunk without its last one is cut off", async () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
  const chunk = `${LIST.length.toString(16)}\r\n${LIST}\r\n`;
  assert.equal((await read(`${head}${chunk}`, true)).code, "bad_response");
  assert.equal((await read(`${head}${chunk.slice(0, -10)}`, true)).code, "bad_response");
  assert.deepEqual((await read(`${head}${chunk}0\r\n\r\n`, false)).value, JSON.parse(LIST));
});

test("[F28] [C17] an answer that ends with its connection proves nothing, even when it is valid JSON", async () => {
  const bytes = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${LIST}`;
  const got = await read(bytes, true);
  assert.equal(got.code, "bad_response");
  assert.match(got.message, /no length and no last chunk/);
  assert.equal((await read(bytes.slice(0, bytes.indexOf("{")), true)).code, "bad_response", "nothing at all neither");
  // The answer to a write is read back anyway.
  assert.equal((await read(bytes, true, "POST")).code, "none");
});

test("unpacks gzip and deflate", async () => {
  assert.deepEqual((await read(packed(gzipSync(LIST), "gzip"), false)).value, JSON.parse(LIST));
  assert.deepEqual((await read(packed(deflateSync(LIST), "deflate"), false)).value, JSON.parse(LIST));
  assert.equal((await read(packed(gzipSync(LIST).subarray(0, 20), "gzip"), false)).code, "bad_response");
});

test("[F30] [C16] a small body that unpacks to 200 MiB is refused without unpacking it", async () => {
  const tenMiB = gzipSync(Buffer.alloc(10 * 1024 * 1024, "["));
  const bomb = Buffer.concat(Array.from({ length: 20 }, () => tenMiB));
  assert.ok(bomb.length < 1024 * 1024);
  const before = process.memoryUsage().rss;
  const got = await read(packed(bomb, "gzip"), false);
  assert.equal(got.code, "bad_response");
  assert.match(got.message, /too large when unpacked/);
  assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
});

test("[F30] a body beyond 10 MiB is not read to its end, announced or not", async () => {
  const announced = await read(
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 209715200\r\n\r\n[",
    false,
  );
  assert.deepEqual([announced.code, announced.requests], ["bad_response", 1]);
  assert.match(announced.message, /larger than any that is read/);
  const piece = "x".repeat(1024 * 1024);
  const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
  const endless = await read(`${head}${`100000\r\n${piece}\r\n`.repeat(12)}`, false);
  assert.deepEqual([endless.code, endless.requests], ["bad_response", 1]);
});

test("[F30] nesting beyond 32 levels is refused, wherever it is", async () => {
  const nest = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  assert.equal((await read(answer(200, nest(32)), false)).code, "none");
  assert.equal((await read(answer(200, nest(34)), false)).code, "bad_response");
  assert.equal((await read(answer(200, nest(100_000)), false)).code, "bad_response");
  assert.equal((await read(answer(500, nest(100_000)), false)).code, "unavailable", "an error body changes no meaning");
});

test("[F30] a million elements are read, for the schema to judge, within the limits", async () => {
  const got = await read(answer(200, `[${"1,".repeat(999_999)}1]`), false);
  assert.equal(Array.isArray(got.value) && got.value.length, 1_000_000);
});
