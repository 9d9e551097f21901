import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { silentLog } from "../kernel/log.ts";
import { seededRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { createTransport } from "./client.ts";
import {
  answer,
  contextOf,
  driven,
  endpointAt,
  get,
  KEY,
  post,
  rawServer,
  until,
  wired,
} from "./testing/raw-server.ts";
import { memoryLedger } from "./memory-ledger.ts";

const OK = answer(200, '{"id":1}');

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : "none";
}

test("sends the credential, the path under the base path, and the query after the base's own", async () => {
  const server = await rawServer((_request, socket) => socket.write(OK));
  const clock = virtualClock(0);
  const base = { ledger: memoryLedger(clock), clock, random: seededRandom(1), log: silentLog() };
  const basic = createTransport({
    ...base,
    endpoint: endpointAt(`${server.origin}/v1/?tenant=a%20b`, { headers: { "X-System": "tenure-test" } }),
  });
  const bearer = createTransport({
    ...base,
    endpoint: endpointAt(`${server.origin}`, { auth: { scheme: "bearer", token: new Secret("token-123456") } }),
  });
  await basic.send(get({ query: { limit: 100, email: "a+b@c.example", all: true, gone: null } }), contextOf());
  await bearer.send(get(), contextOf());
  const [first, second] = server.received;
  assert.equal(first?.target, "/v1/users?tenant=a%20b&limit=100&email=a%2Bb%40c.example&all=true");
  assert.equal(first?.headers["authorization"], `Basic ${Buffer.from(`${KEY}:`).toString("base64")}`);
  assert.equal(first?.headers["accept"], "application/json");
  assert.equal(first?.headers["x-system"], "tenure-test");
  assert.equal(first?.headers["content-type"], undefined);
  assert.equal(second?.target, "/users");
  assert.equal(second?.headers["authorization"], "Bearer token-123456");
  assert.equal(basic.origin, `${server.origin}/v1`);
  await basic.close();
  await bearer.close();
  await server.close();
});

test("[D17] a DELETE keeps its body", async () => {
  await wired(
    (_request, socket) => socket.write(answer(204)),
    async ({ server, transport }) => {
      const request = get({
        method: "DELETE",
        path: "/teams/1/teammates",
        body: { teammate_ids: ["tea_1"] },
        expect: [204],
      });
      assert.equal((await transport.send(request, contextOf())).value, null);
      assert.equal(server.received[0]?.body, '{"teammate_ids":["tea_1"]}');
      assert.equal(server.received[0]?.headers["content-type"], "application/json");
      assert.equal(server.received[0]?.headers["content-length"], "26");
    },
  );
});

test("[D4] each DELETE has a connection of its own, reads share theirs", async () => {
  await wired(
    (request, socket) => socket.write(request.method === "DELETE" ? answer(204) : OK),
    async ({ server, transport }) => {
      for (let call = 0; call < 10; call += 1) await transport.send(get(), contextOf());
      const shared = server.connections();
      assert.ok(shared <= 2);
      for (let call = 0; call < 3; call += 1) {
        await transport.send(get({ method: "DELETE", path: "/users/1", expect: [204] }), contextOf());
      }
      assert.equal(server.connections(), shared + 3);
      assert.ok(server.received.slice(10).every((request) => request.nthOfSocket === 1));
    },
  );
});

test("[D5] any success answers a DELETE, with or without a body", async () => {
  await wired(
    (request, socket) => socket.write([answer(200), answer(202, "{}"), answer(204)][request.nth - 1] ?? ""),
    async ({ transport }) => {
      for (const status of [200, 202, 204]) {
        const done = await transport.send(get({ method: "DELETE", path: "/users/1", expect: [204] }), contextOf());
        assert.equal(done.status, status);
      }
    },
  );
});

test("[F31] an id beyond 2^53 keeps all its digits", async () => {
  await wired(
    (_request, socket) => socket.write(answer(200, '{"id":9007199254740993,"small":12}')),
    async ({ transport }) => {
      assert.deepEqual((await transport.send(get(), contextOf())).value, { id: "9007199254740993", small: 12 });
    },
  );
});

test("[F25] an answer without a body is parsed as null: 204, 204 with a body, and 200 with nothing", async () => {
  const answers = [
    answer(204),
    "HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello",
    answer(200, "", []),
    answer(200, '{"id":1}'),
  ];
  await wired(
    (request, socket) => socket.write(answers[request.nth - 1] ?? ""),
    async ({ transport, server }) => {
      for (const status of [204, 204, 200]) {
        const got = await transport.send(post({ expect: [200, 204] }), contextOf());
        assert.deepEqual([got.status, got.value], [status, null]);
      }
      const next = await transport.send(post({ expect: [200] }), contextOf());
      assert.deepEqual(next.value, { id: 1 });
      assert.equal(server.received.length, 4);
    },
  );
});

test("[F27] a byte order mark is no part of the body", async () => {
  await wired(
    (_request, socket) => socket.write(answer(200, '\uFEFF{"id":1}')),
    async ({ transport }) => assert.deepEqual((await transport.send(get(), contextOf())).value, { id: 1 }),
  );
});

test("gives the headers as text by lower-case name, without cookies", async () => {
  const headers = ["Content-Type: application/json", "X-Total: 7", "Link: <a>", "Link: <b>", "Set-Cookie: session=1"];
  await wired(
    (_request, socket) => socket.write(answer(200, "{}", headers)),
    async ({ transport }) => {
      const got = await transport.send(get(), contextOf());
      assert.equal(got.headers["x-total"], "7");
      assert.equal(got.headers["link"], "<a>, <b>");
      assert.equal(got.headers["set-cookie"], undefined);
    },
  );
});

test("[D18] a path that climbs is refused before anything is sent", async () => {
  await wired(
    (_request, socket) => socket.write(OK),
    async ({ transport, server }) => {
      for (const path of ["/users/..", "//evil.example/", "/users?x=1", "users"]) {
        const error = await transport.send(get({ path }), contextOf()).catch((failure: unknown) => failure);
        assert.equal(codeOf(error), "bad_input", path);
      }
      assert.equal(server.connections(), 0);
    },
  );
});

test("[F24] [D8] [D9] [X-05] no redirect is followed, and none takes the credential along", async () => {
  const other = await rawServer((_request, socket) => socket.write(OK));
  for (const status of [301, 302, 303, 307, 308]) {
    for (const location of ["/v2/users", `${other.origin}/users`, "http://evil.example/x"]) {
      await wired(
        (_request, socket) => socket.write(answer(status, "", [`location: ${location}`])),
        async ({ transport, server }) => {
          const read = await transport.send(get(), contextOf()).catch((error: unknown) => error);
          assert.equal(codeOf(read), "bad_response");
          assert.match(String(read), /redirect.*base URL is wrong/);
          const write = await transport.send(post(), contextOf()).catch((error: unknown) => error);
          assert.equal(codeOf(write), status === 302 || status === 303 ? "outcome_unknown" : "bad_response");
          assert.equal(server.received.length, 2);
        },
      );
    }
  }
  assert.equal(other.connections(), 0);
  await other.close();
});

test("[X-10] two connections with one credential share a budget, and so do two with one named owner", async () => {
  const server = await rawServer((_request, socket) => socket.write(OK));
  const clock = virtualClock(0);
  const ledger = memoryLedger(clock);
  const quota = { scheme: "sliding-log", limit: 1, windowMs: 60_000, owner: "account" } as const;
  const auth = (key: string) => ({ scheme: "basic", user: new Secret(key), password: null }) as const;
  const open = (key: string, quotaOwner: string | null) =>
    createTransport({
      endpoint: endpointAt(server.origin, { quota, auth: auth(key), quotaOwner }),
      ledger,
      clock,
      random: seededRandom(1),
      log: silentLog(),
      maxWaitMs: 1_000,
    });
  const outcome = async (key: string, owner: string | null): Promise<string> => {
    const transport = open(key, owner);
    const error = await transport.send(get(), contextOf()).catch((failure: unknown) => failure);
    await transport.close();
    return codeOf(error);
  };
  assert.equal(await outcome("key-one", null), "none");
  assert.equal(await outcome("key-one", null), "rate_limited");
  assert.equal(await outcome("key-two", null), "none");
  assert.equal(await outcome("key-three", "account 7"), "none");
  assert.equal(await outcome("key-four", "account 7"), "rate_limited");
  await server.close();
});

test("[S14] the check before sending is made when the request is written, not when it is prepared", async () => {
  await wired(
    (_request, socket) => socket.write(OK),
    async ({ transport, server }) => {
      let leased = true;
      let checks = 0;
      const beforeSend = (): void => {
        checks += 1;
        if (!leased) throw new AppError("fenced", "the lease is lost");
      };
      const sending = transport.send(post(), contextOf({ beforeSend })).catch((error: unknown) => error);
      // The connection is being made; the lease is lost meanwhile.
      leased = false;
      assert.equal(codeOf(await sending), "fenced");
      assert.equal(checks, 1);
      await until(() => server.connections() === 1);
      assert.equal(server.bytes(), 0);
      leased = true;
      await transport.send(post({ expect: [200] }), contextOf({ beforeSend }));
      assert.equal(server.received.length, 1);
      assert.equal(checks, 2);
    },
  );
});

test("[F10] a call that is canceled before it is sent is not sent, and one under way is told apart", async () => {
  await wired(
    (request, socket) => {
      if (request.method === "PUT") socket.write(OK);
    },
    async ({ transport, server }) => {
      const gone = AbortSignal.abort();
      const before = await transport.send(post(), contextOf({ signal: gone })).catch((error: unknown) => error);
      assert.equal(codeOf(before), "canceled");
      assert.equal(server.connections(), 0);
      for (const [request, code] of [
        [get(), "canceled"],
        [post(), "outcome_unknown"],
      ] as const) {
        const stop = new AbortController();
        const count = server.received.length;
        const sending = transport.send(request, contextOf({ signal: stop.signal })).catch((error: unknown) => error);
        await until(() => server.received.length > count);
        stop.abort();
        assert.equal(codeOf(await sending), code);
      }
      await transport.send(get({ method: "PUT" }), contextOf());
    },
  );
});

test("closing ends what waits and what is under way", async () => {
  await wired(
    () => undefined,
    async ({ transport, server, clock }) => {
      const sending = transport.send(get(), contextOf()).catch((error: unknown) => error);
      await until(() => server.received.length === 1);
      await transport.close();
      assert.ok(codeOf(await sending) !== "none");
      assert.equal(codeOf(await driven(clock, transport.send(get(), contextOf()))), "canceled");
    },
  );
});
