import { createServer, type AddressInfo, type Socket } from "node:net";
import { virtualClock, yieldTurn, type VirtualClock } from "../../kernel/clock.ts";
import { silentLog } from "../../kernel/log.ts";
import { seededRandom } from "../../kernel/random.ts";
import { Secret } from "../../kernel/secret.ts";
import { createTransport, type OpenTransport, type TransportOptions } from "../client.ts";
import type { CallContext, Endpoint, TransportRequest } from "../contract.ts";
import { memoryLedger } from "../memory-ledger.ts";
import type { JsonValue } from "../../kernel/json.ts";

/** One request as its bytes came. */
export interface Received {
  readonly method: string;
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** 1 for the first request of the server, 2 for the second … */
  readonly nth: number;
  /** 1 for the first request on its connection. */
  readonly nthOfSocket: number;
}

/** Answers by writing bytes to the socket, or does not. */
export type Script = (request: Received, socket: Socket) => void;

export interface RawServer {
  readonly origin: string;
  readonly received: readonly Received[];
  connections(): number;
  /** Bytes that came, also of requests that were not whole. */
  bytes(): number;
  close(): Promise<void>;
}

interface Whole {
  readonly head: string;
  readonly body: string;
  readonly rest: string;
}

function cutRequest(text: string): Whole | null {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const head = text.slice(0, end);
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  const from = end + 4;
  if (text.length < from + length) return null;
  return { head, body: text.slice(from, from + length), rest: text.slice(from + length) };
}

function headersOf(head: string): Readonly<Record<string, string>> {
  const pairs = head.split("\r\n").slice(1);
  return Object.fromEntries(
    pairs.map((line) => [line.split(": ")[0]?.toLowerCase(), line.split(": ").slice(1).join(": ")]),
  );
}

/** A server on loopback that says byte for byte what a test wants. */
export async function rawServer(script: Script): Promise<RawServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let bytes = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let pending = "";
    let nthOfSocket = 0;
    socket.setEncoding("latin1");
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk: Buffer | string) => {
      bytes += chunk.length;
      pending += chunk.toString();
      for (let whole = cutRequest(pending); whole !== null; whole = cutRequest(pending)) {
        pending = whole.rest;
        nthOfSocket += 1;
        const [method = "", target = ""] = whole.head.split(" ");
        const body = Buffer.from(whole.body, "latin1").toString("utf8");
        const request = { method, target, headers: headersOf(whole.head), body, nth: received.length + 1, nthOfSocket };
        received.push(request);
        script(request, socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    received,
    connections: () => connections,
    bytes: () => bytes,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The bytes of an ordinary answer. */
export function answer(
  status: number,
  body = "",
  headers: readonly string[] = ["content-type: application/json"],
): string {
  const length = status === 204 ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  return [`HTTP/1.1 ${status} Words`, ...headers, ...length, "", body].join("\r\n");
}

export const KEY = "canary-key-1f0c77d2";

export function endpointAt(baseUrl: string, change: Partial<Endpoint> = {}): Endpoint {
  return {
    baseUrl,
    auth: { scheme: "basic", user: new Secret(KEY), password: null },
    headers: {},
    quota: { scheme: "sliding-log", limit: 1_000, windowMs: 60_000, owner: "credential" },
    share: 1,
    quotaOwner: null,
    ...change,
  };
}

export interface Wired {
  readonly server: RawServer;
  readonly transport: OpenTransport;
  /** The product's clock: budget and waits between tries. */
  readonly clock: VirtualClock;
  /** The clock of requests under way. */
  readonly network: VirtualClock;
}

/** A server with that script and a transport to it, for the time of `run`. */
export async function wired(
  script: Script,
  run: (wire: Wired) => Promise<void>,
  change: Partial<TransportOptions> = {},
  endpoint: Partial<Endpoint> = {},
): Promise<void> {
  const server = await rawServer(script);
  let transport: OpenTransport | null = null;
  try {
    const clock = virtualClock(1_700_000_000_000);
    const network = virtualClock(1_700_000_000_000);
    transport = createTransport({
      endpoint: endpointAt(`${server.origin}/v1`, endpoint),
      ledger: memoryLedger(clock),
      clock,
      random: seededRandom(1),
      log: silentLog(),
      networkClock: network,
      ...change,
    });
    await run({ server, transport, clock, network });
  } finally {
    await transport?.close();
    await server.close();
  }
}

export function get(change: Partial<TransportRequest<JsonValue>> = {}): TransportRequest<JsonValue> {
  return {
    method: "GET",
    path: "/users",
    query: {},
    body: null,
    expect: [200],
    parse: (body) => body,
    readError: (body) => (body === null ? null : JSON.stringify(body)),
    ...change,
  };
}

export function post(change: Partial<TransportRequest<JsonValue>> = {}): TransportRequest<JsonValue> {
  return get({ method: "POST", body: { name: "Ada" }, expect: [201], ...change });
}

export function contextOf(change: Partial<CallContext> = {}): CallContext {
  return { signal: new AbortController().signal, lane: "normal", beforeSend: null, ...change };
}

/** Moves the product's clock from sleeper to sleeper until the work has ended, and gives its error or null. */
export async function driven(clock: VirtualClock, work: Promise<unknown>): Promise<unknown> {
  const ended = new AbortController();
  let failure: unknown = null;
  const watched = work
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => ended.abort());
  while (!ended.signal.aborted) await clock.step();
  await watched;
  return failure;
}

/** Waits for something that real sockets bring about. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !condition(); turn += 1) await yieldTurn();
  if (!condition()) throw new Error("what the test waits for did not happen");
}
