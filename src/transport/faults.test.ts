import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { yieldTurn } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import type { TransportOptions } from "./client.ts";
import {
  answer,
  contextOf,
  driven,
  endpointAt,
  get,
  post,
  until,
  wired,
  type Script,
  type Wired,
} from "./testing/raw-server.ts";

const OK = answer(200, '{"id":1}');

interface Outcome {
  readonly code: string;
  readonly message: string;
  readonly status: unknown;
  readonly sent: unknown;
  /** Requests that the server got. */
  readonly requests: number;
}

/** Sends a read and a write against the same fault and says how each ended. */
async function bothWays(script: Script, change: Partial<TransportOptions> = {}, also?: (wire: Wired) => Promise<void>) {
  const outcomes: Outcome[] = [];
  for (const request of [get(), post()]) {
    await wired(
      script,
      async (wire) => {
        const driving = driven(wire.clock, wire.transport.send(request, contextOf()));
        if (also !== undefined) await also(wire);
        const error = await driving;
        const details = error instanceof AppError ? error.details : {};
        outcomes.push({
          code: error instanceof AppError ? error.code : "none",
          message: String(error),
          status: details["status"],
          sent: details["sent"],
          requests: wire.server.received.length,
        });
      },
      change,
    );
  }
  const [read, write] = outcomes;
  assert.ok(read !== undefined && write !== undefined);
  return { read, write };
}

test("[F02] refused connections: nothing was sent, and the error says so", async () => {
  // A port that was just closed refuses.
  let closed = "";
  await wired(
    () => undefined,
    async ({ server }) => {
      closed = server.origin;
    },
  );
  for (const [baseUrl, words] of [
    [closed, /refuses connections/],
    [closed.replace("http:", "https:"), /refuses connections/],
  ] as const) {
    const { read, write } = await bothWays(() => undefined, { endpoint: endpointAt(baseUrl) });
    for (const outcome of [read, write]) {
      assert.equal(outcome.code, "unavailable");
      assert.equal(outcome.sent, false);
      assert.match(outcome.message, words);
      assert.match(outcome.message, /nothing was sent/);
    }
  }
});

test("[F02] a server that does not speak TLS gets nothing of the request", async () => {
  let heard = "";
  const plain = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (bytes) => {
      heard += bytes.toString("latin1");
      socket.end(answer(400, "{}"));
    });
  });
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const { port } = plain.address() as AddressInfo;
  const endpoint = endpointAt(`https://127.0.0.1:${port}`);
  await wired(
    () => undefined,
    async ({ transport, clock }) => {
      const error = await driven(clock, transport.send(post(), contextOf()));
      assert.equal(error instanceof AppError && error.code, "unavailable");
      assert.match(String(error), /nothing was sent, its certificate or TLS/);
    },
    { endpoint },
  );
  assert.ok(heard.length > 0 && !heard.includes("users"));
  await new Promise((resolve) => plain.close(resolve));
});

test("[F02] a write whose connection is refused is tried again, because it was surely not sent", async () => {
  const waits: number[] = [];
  await wired(
    () => undefined,
    async ({ transport, clock, server }) => {
      await server.close();
      const startMs = clock.now();
      const error = await driven(clock, transport.send(post(), contextOf()));
      assert.equal(error instanceof AppError && error.code, "unavailable");
      waits.push(clock.now() - startMs);
    },
  );
  assert.ok((waits[0] ?? 0) >= 500, "two waits between three tries");
});

test("[F04] [F05] a reset after the request was sent: a read is tried again, a write never (D1, D3)", async () => {
  const { read, write } = await bothWays((_request, socket) => socket.resetAndDestroy());
  assert.deepEqual([read.code, read.requests], ["unavailable", 3]);
  assert.deepEqual([write.code, write.requests, write.sent], ["outcome_unknown", 1, true]);
  assert.match(write.message, /read it back before anything is sent again/);
});

test("[F06] a clean end without a byte of an answer", async () => {
  const { read, write } = await bothWays((_request, socket) => socket.end());
  assert.deepEqual([read.code, read.requests], ["unavailable", 3]);
  assert.deepEqual([write.code, write.requests], ["outcome_unknown", 1]);
});

test("[F07] half a status line, then the end", async () => {
  const { read, write } = await bothWays((_request, socket) => socket.end("HTTP/1.1 20"));
  assert.deepEqual([read.code, read.requests], ["unavailable", 3]);
  assert.deepEqual([write.code, write.requests], ["outcome_unknown", 1]);
});

test("[F08] [F09] no answer at all within 30 s", async () => {
  const { read, write } = await bothWays(
    () => undefined,
    {},
    async ({ server, network }) => {
      await until(() => server.received.length === 1);
      await network.advance(29_999);
      await network.advance(1);
    },
  );
  assert.deepEqual([read.code, read.requests], ["timeout", 1]);
  assert.deepEqual([write.code, write.requests], ["outcome_unknown", 1]);
});

test("[F10] [F11] headers or a body that come byte by byte do not outlast the 30 s", async () => {
  const starts = ["HTTP/1.1 200 OK\r\ncontent-type: app", `${answer(200, '{"id":1}').slice(0, -4)}`];
  for (const start of starts) {
    const trickle: Script = (_request, socket) => {
      socket.write(start.slice(0, 10));
      let at = 10;
      const next = (): void => {
        if (socket.destroyed || at >= start.length) return;
        socket.write(start.charAt(at));
        at += 1;
        void yieldTurn().then(next);
      };
      next();
    };
    const { read, write } = await bothWays(trickle, {}, async ({ server, network }) => {
      await until(() => server.received.length === 1);
      for (let step = 0; step < 30; step += 1) await network.advance(1_000);
    });
    assert.deepEqual([read.code, read.requests], ["timeout", 1]);
    assert.deepEqual([write.code, write.requests], ["outcome_unknown", 1]);
  }
});

test("[F12] a kept connection that is reset at its second request: a read goes on, a write is not repeated (D3)", async () => {
  const script: Script = (request, socket) => {
    if (request.nthOfSocket === 2) socket.resetAndDestroy();
    else socket.write(OK);
  };
  await wired(script, async ({ transport, server, clock }) => {
    // The pool may open a second connection while the first is not idle yet: fill both.
    for (let call = 0; call < 4; call += 1) assert.equal(await driven(clock, transport.send(get(), contextOf())), null);
    assert.ok(server.received.some((request) => request.nthOfSocket === 2));
  });
  await wired(script, async ({ transport, server, clock }) => {
    const errors: unknown[] = [];
    for (let call = 0; call < 4; call += 1) {
      errors.push(await driven(clock, transport.send(post({ expect: [200] }), contextOf())));
    }
    assert.equal(server.received.length, 4, "each write was sent once");
    const unknown = errors.filter((error) => error instanceof AppError && error.code === "outcome_unknown");
    assert.equal(unknown.length, server.received.filter((request) => request.nthOfSocket === 2).length);
    assert.ok(unknown.length > 0);
  });
});

test("[F20] what each status means for a read and for a write", async () => {
  const table: readonly (readonly [number, string, number, string])[] = [
    // status, code of a read, requests of a read, code of a write
    [400, "invalid", 1, "invalid"],
    [401, "auth", 1, "auth"],
    [402, "invalid", 1, "invalid"],
    [403, "forbidden", 1, "forbidden"],
    [404, "not_found", 1, "not_found"],
    [405, "unsupported", 1, "unsupported"],
    [408, "unavailable", 3, "outcome_unknown"],
    [409, "conflict", 1, "conflict"],
    [410, "not_found", 1, "not_found"],
    [422, "invalid", 1, "invalid"],
    [423, "invalid", 1, "outcome_unknown"],
    [500, "unavailable", 3, "outcome_unknown"],
    [501, "unsupported", 1, "unsupported"],
    [502, "unavailable", 3, "outcome_unknown"],
    [503, "unavailable", 3, "outcome_unknown"],
    [504, "unavailable", 3, "outcome_unknown"],
    [202, "bad_response", 1, "outcome_unknown"],
    [304, "bad_response", 1, "bad_response"],
  ];
  for (const [status, readCode, reads, writeCode] of table) {
    for (const body of ['{"message":"no such thing"}', "<html>oops</html>"]) {
      const { read, write } = await bothWays((_request, socket) =>
        socket.write(answer(status, status === 304 ? "" : body)),
      );
      assert.deepEqual([read.code, read.requests, read.status], [readCode, reads, status], `GET ${status} ${body}`);
      assert.deepEqual([write.code, write.requests, write.status], [writeCode, 1, status], `POST ${status} ${body}`);
    }
  }
});

test("[F20] a read that fails once goes on; the error carries the app's own words", async () => {
  await wired(
    (request, socket) => socket.write(request.nth === 1 ? answer(503, "{}") : OK),
    async ({ transport, clock, server }) => {
      assert.equal(await driven(clock, transport.send(get(), contextOf())), null);
      assert.equal(server.received.length, 2);
    },
  );
  const { read } = await bothWays((_request, socket) =>
    socket.write(answer(422, '{"errorMessage":"name\\nis \\u202Emissing"}')),
  );
  assert.match(read.message, /name\\nis {1,2}missing/);
});

test("[F26] a web page with 200 is no answer, and is named", async () => {
  const page = answer(200, "<!doctype html><title>Sign in</title>", ["content-type: text/html; charset=utf-8"]);
  const { read, write } = await bothWays((_request, socket) => socket.write(page.replace("200", "200")));
  assert.deepEqual([read.code, read.requests], ["bad_response", 1]);
  assert.match(read.message, /web page.*login/);
  const created = await bothWays((_request, socket) => socket.write(page.replace(" 200 ", " 201 ")));
  assert.deepEqual([created.write.code, write.code], ["outcome_unknown", "outcome_unknown"]);
  const undeclared = await bothWays((_request, socket) => socket.write(answer(200, "<html>", [])));
  assert.match(undeclared.read.message, /web page/);
});

test("[F27] a wrong content type, charset or encoding is not guessed at", async () => {
  const json = '{"name":"Zo\u00eb"}';
  const cases: readonly (readonly [string, RegExp])[] = [
    [answer(200, json, ["content-type: text/plain"]), /content type is text\/plain/],
    [answer(200, json, ["content-type: application/json; charset=iso-8859-1"]), /charset is iso-8859-1/],
    [answer(200, json, ["content-type: application/json", "content-encoding: br"]), /content encoding is br/],
    [answer(200, json, ["content-type: application/json", "content-encoding: gzip"]), /cannot be unpacked/],
  ];
  for (const [bytes, words] of cases) {
    const { read } = await bothWays((_request, socket) => socket.write(bytes));
    assert.equal(read.code, "bad_response");
    assert.match(read.message, words);
  }
  const latin = Buffer.concat([
    Buffer.from(answer(200, '{"name":"Zo?"}').slice(0, -3)),
    Buffer.from([0xeb]),
    Buffer.from('"}'),
  ]);
  assert.match((await bothWays((_request, socket) => socket.write(latin))).read.message, /not UTF-8/);
  for (const type of [
    "application/scim+json",
    "application/json;charset=UTF-8",
    "text/json",
    "application/problem+json; x=1",
  ]) {
    const { read } = await bothWays((_request, socket) => socket.write(answer(200, json, [`content-type: ${type}`])));
    assert.equal(read.code, "none", type);
  }
});

test("[F31] a body of the wrong shape: a read is refused, a write is unknown; an error that the parser knows stays", async () => {
  const wrong = (): never => {
    throw new AppError("bad_response", "a user looks different: /id is missing");
  };
  const broken = (): never => {
    throw new TypeError("not a function");
  };
  await wired(
    (_request, socket) => socket.write(answer(201, "{}")),
    async ({ transport }) => {
      const outcome = async (request: Parameters<typeof transport.send>[0]): Promise<AppError> => {
        const error = await transport.send(request, contextOf()).catch((failure: unknown) => failure);
        assert.ok(error instanceof AppError);
        return error;
      };
      const read = await outcome(get({ expect: [201], parse: wrong }));
      assert.equal(read.code, "bad_response");
      assert.match(read.message, /\/id is missing/);
      assert.equal((await outcome(post({ parse: wrong }))).code, "outcome_unknown");
      assert.equal((await outcome(post({ parse: broken }))).code, "outcome_unknown");
      const known = (): never => {
        throw new AppError("conflict", "the address is taken");
      };
      assert.equal((await outcome(post({ parse: known }))).code, "conflict");
      assert.equal((await outcome(post({ expect: [200], readError: broken }))).code, "outcome_unknown");
    },
  );
});
