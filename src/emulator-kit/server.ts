import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { toHttpDate } from "../kernel/dates.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { parseJson, type JsonValue } from "../kernel/json.ts";
import type { EmulatorRequest } from "./contract.ts";
import type { Reply } from "./exchange.ts";
import type { Answer, Wire } from "./faults/scene.ts";

/** Loopback only: an emulator, its keys and its control belong to this machine. */
const HOST = "127.0.0.1";
const LONGEST_BODY = 1024 * 1024;

export interface LoopbackServer {
  readonly port: number;
  /** Stops listening and cuts every connection: new ones are refused (F02). Listening again uses the same port. */
  setOpen(open: boolean): Promise<void>;
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly port: number;
  readonly clock: Clock;
  /** Aborts when the emulator stops. */
  readonly stopped: AbortSignal;
  reply(request: EmulatorRequest, requestsOnSocket: number): Promise<Reply>;
}

export async function startServer(options: ServerOptions): Promise<LoopbackServer> {
  const counts = new WeakMap<Socket, number>();
  const server = createServer((incoming, response) => {
    const socket = incoming.socket;
    const count = (counts.get(socket) ?? 0) + 1;
    counts.set(socket, count);
    void serve(options, incoming, response, count);
  });
  const port = await listen(server, options.port);
  let turn: Promise<void> = Promise.resolve();
  const setOpen = async (open: boolean): Promise<void> => {
    if (open === server.listening) return;
    if (open) await listen(server, port);
    else await shut(server);
  };
  return {
    port,
    setOpen(open) {
      turn = turn.then(() => setOpen(open));
      return turn;
    },
    async close() {
      await turn;
      if (server.listening) await shut(server);
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      reject(new AppError("busy", `cannot listen on ${HOST}:${port}: choose another port`, { cause }));
    };
    server.once("error", fail);
    server.listen(port, HOST, () => {
      server.removeListener("error", fail);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  options: ServerOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
  count: number,
): Promise<void> {
  try {
    const request = await readRequest(incoming);
    if (request === null) {
      response.writeHead(413, { Connection: "close" }).end();
      return;
    }
    const reply = await options.reply(request, count);
    if (!incoming.socket.destroyed) await send(options, reply, request, response, incoming.socket);
  } catch (error) {
    if (options.stopped.aborted || incoming.socket.destroyed) return;
    // A mistake of the emulator itself must show as one, not as an answer of the vendor.
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (!response.headersSent) response.writeHead(500, { "Content-Type": "text/plain; charset=utf-8" });
    response.end(`the emulator failed: ${message}`);
  }
}

/** Null when the body is longer than any vendor takes. */
async function readRequest(incoming: IncomingMessage): Promise<EmulatorRequest | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > LONGEST_BODY) return null;
    pieces.push(piece);
  }
  const text = Buffer.concat(pieces).toString("utf8");
  const url = incoming.url ?? "/";
  const mark = url.indexOf("?");
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  return {
    method: incoming.method ?? "GET",
    path: mark === -1 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1)),
    headers: Object.fromEntries(headers),
    text,
    ...parseBody(text),
  };
}

function parseBody(text: string): Pick<EmulatorRequest, "body" | "bodyState"> {
  if (text === "") return { body: null, bodyState: "none" };
  try {
    return { body: parseJson(text), bodyState: "json" };
  } catch {
    return { body: null, bodyState: "malformed" };
  }
}

function bodyBytes(body: JsonValue): Buffer {
  if (body === null) return Buffer.alloc(0);
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body), "utf8");
}

async function send(
  options: ServerOptions,
  { answer, wire }: Reply,
  request: EmulatorRequest,
  response: ServerResponse,
  socket: Socket,
): Promise<void> {
  switch (wire.kind) {
    case "normal":
      await sendWhole(options, answer, request, response, socket);
      return;
    case "reset":
      socket.resetAndDestroy();
      return;
    case "fin":
      socket.end();
      return;
    case "half-status":
      socket.end("HTTP/1.1 20");
      return;
    case "hang":
      // Ends when the client goes away or the emulator stops.
      return;
    case "slow":
      await sendSlowly(options, answer, wire, socket);
      return;
    case "cut":
      sendCut(options, answer, wire.framing, socket);
      return;
  }
}

function headerLines(clock: Clock, answer: Answer): readonly (readonly [string, string])[] {
  const dated = answer.headers.some(([name]) => name.toLowerCase() === "date");
  return dated ? answer.headers : [...answer.headers, ["Date", toHttpDate(clock.now())]];
}

async function sendWhole(
  options: ServerOptions,
  answer: Answer,
  request: EmulatorRequest,
  response: ServerResponse,
  socket: Socket,
): Promise<void> {
  const headers = headerLines(options.clock, answer);
  if (answer.pieces !== null) {
    response.writeHead(answer.status, headers.flat());
    await sendPieces(response, answer.pieces());
    return;
  }
  const body = bodyBytes(answer.body);
  if (answer.status === 204 && body.length > 0) {
    // The platform would leave the body out; a vendor that sends one is the point of F25.
    socket.end(Buffer.concat([head(answer.status, [...headers, length(body), ["Connection", "close"]]), body]));
    return;
  }
  response.writeHead(answer.status, (answer.status === 204 ? headers : [...headers, length(body)]).flat());
  response.end(request.method === "HEAD" ? undefined : body);
}

/** As fast as the client reads: nothing of a huge body is held here. */
async function sendPieces(response: ServerResponse, pieces: Iterable<Uint8Array>): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.removeListener("drain", done);
      response.removeListener("close", done);
      resolve();
    };
    response.once("drain", done);
    response.once("close", done);
  });
}

function length(body: Buffer): readonly [string, string] {
  return ["Content-Length", String(body.length)];
}

function head(status: number, headers: readonly (readonly [string, string])[]): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines}\r\n`, "latin1");
}

async function sendSlowly(
  options: ServerOptions,
  answer: Answer,
  wire: Extract<Wire, { readonly kind: "slow" }>,
  socket: Socket,
): Promise<void> {
  const body = bodyBytes(answer.body);
  const start = head(answer.status, [...headerLines(options.clock, answer), length(body)]);
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, options.stopped]);
  if (wire.part === "body") socket.write(start);
  try {
    const slow = wire.part === "body" ? body : Buffer.concat([start, body]);
    for (const byte of slow) {
      await options.clock.sleep(1000 / wire.bytesPerSecond, signal);
      socket.write(Uint8Array.of(byte));
    }
    socket.end();
  } catch {
    // The client went away, or the emulator stops: both end it.
    socket.destroy();
  }
}

function sendCut(options: ServerOptions, answer: Answer, framing: "length" | "chunk" | "close", socket: Socket): void {
  const body = bodyBytes(answer.body);
  const half = body.subarray(0, Math.floor(body.length / 2));
  const headers = headerLines(options.clock, answer);
  switch (framing) {
    case "length":
      socket.end(Buffer.concat([head(answer.status, [...headers, length(body)]), half]));
      return;
    case "chunk":
      socket.end(
        Buffer.concat([
          head(answer.status, [...headers, ["Transfer-Encoding", "chunked"]]),
          Buffer.from(`${body.length.toString(16)}\r\n`),
          half,
        ]),
      );
      return;
    case "close":
      socket.end(Buffer.concat([head(answer.status, [...headers, ["Connection", "close"]]), body]));
      return;
  }
}
