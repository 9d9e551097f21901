import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { Pool } from "undici";
import { systemClock } from "../src/kernel/clock.ts";
import { AppError } from "../src/kernel/errors.ts";
import type { JsonValue } from "../src/kernel/json.ts";
import { silentLog } from "../src/kernel/log.ts";
import { systemRandom } from "../src/kernel/random.ts";
import { Secret } from "../src/kernel/secret.ts";
import { createTransport, type OpenTransport } from "../src/transport/client.ts";
import type { CallContext, TransportRequest } from "../src/transport/contract.ts";
import { memoryLedger } from "../src/transport/memory-ledger.ts";
import { atMost, median, shown, type Bench, type Measure } from "./measure.ts";

const CALLS = 400;
const IN_FLIGHT = 20;
const ROUNDS = 9;

const Page = Type.Object({
  users: Type.Array(
    Type.Object({
      id: Type.Integer(),
      name: Type.String(),
      email: Type.Union([Type.String(), Type.Null()]),
      role: Type.Union([Type.String(), Type.Null()]),
      phone: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      teamId: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
      isAdmin: Type.Optional(Type.Boolean()),
      created: Type.Optional(Type.String()),
      updated: Type.Optional(Type.String()),
    }),
  ),
  _metadata: Type.Object({ total: Type.Integer(), limit: Type.Integer(), offset: Type.Integer() }),
});

const checked = Compile(Page);

function parsePage(body: JsonValue): number {
  if (!checked.Check(body)) throw new AppError("bad_response", "a page of users looks different");
  return body.users.length;
}

const REQUEST: TransportRequest<number> = {
  method: "GET",
  path: "/users",
  query: { limit: 100, offset: 200 },
  body: null,
  expect: [200],
  parse: parsePage,
  readError: () => null,
};

/** Runs a call over and over, `IN_FLIGHT` at a time; gives microseconds of this process's CPU for each. */
async function cpuOf(call: () => Promise<number>): Promise<number> {
  let left = CALLS;
  let rows = 0;
  const before = process.cpuUsage();
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const got = await call();
      rows += got;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const used = process.cpuUsage(before);
  if (rows !== CALLS * 100) throw new AppError("internal", `the answers had ${rows} rows`);
  return (used.user + used.system) / CALLS;
}

async function startServer(): Promise<{ readonly child: ChildProcess; readonly origin: string }> {
  const child = fork(new URL("./page-server.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [message] = (await once(child, "message")) as [{ readonly port: number }];
  return { child, origin: `http://127.0.0.1:${message.port}` };
}

function openTransport(origin: string): OpenTransport {
  const clock = systemClock();
  return createTransport({
    endpoint: {
      baseUrl: `${origin}/v1`,
      auth: { scheme: "basic", user: new Secret("bench-key-123456"), password: null },
      headers: { "x-system": "tenure" },
      quota: { scheme: "sliding-log", limit: 1_000_000, windowMs: 60_000, owner: "credential" },
      share: 1,
      quotaOwner: null,
    },
    ledger: memoryLedger(clock),
    clock,
    random: systemRandom(),
    log: silentLog(),
    maxInFlight: IN_FLIGHT,
  });
}

async function measure(): Promise<readonly Measure[]> {
  const { child, origin } = await startServer();
  const pool = new Pool(origin, { connections: IN_FLIGHT });
  const transport = openTransport(origin);
  const context: CallContext = { signal: new AbortController().signal, lane: "bulk", beforeSend: null };
  const bare = async (): Promise<number> => {
    const { body } = await pool.request({ method: "GET", path: "/v1/users?limit=100&offset=200" });
    const page = JSON.parse(await body.text()) as { readonly users: readonly unknown[] };
    return page.users.length;
  };
  const ours = async (): Promise<number> => (await transport.send(REQUEST, context)).value;
  // The first rounds warm both up and are not counted; each pair runs side by side.
  const pairs: (readonly [number, number])[] = [];
  try {
    for (let round = -3; round < ROUNDS; round += 1) {
      const first = round % 2 === 0 ? await cpuOf(bare) : await cpuOf(ours);
      const second = round % 2 === 0 ? await cpuOf(ours) : await cpuOf(bare);
      if (round >= 0) pairs.push(round % 2 === 0 ? [first, second] : [second, first]);
    }
  } finally {
    await transport.close();
    await pool.destroy();
    child.kill();
  }
  return [
    atMost("a call for a page of 100 accounts", median(pairs.map(([a, b]) => b / a)), 1.5, "× undici.Pool (CPU)"),
    shown("undici.Pool and JSON.parse", median(pairs.map(([a]) => a)), "µs of CPU"),
    shown("transport, budget, gate, parser and checked shape", median(pairs.map(([, b]) => b)), "µs of CPU"),
  ];
}

export const connectorCall: Bench = { name: "connector-call", run: measure };
