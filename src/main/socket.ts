import { chmod, stat, unlink } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import type { App, UseCaseName } from "../app/contract.ts";
import { connectRemote } from "../cli/remote.ts";
import { encodeLine, errorLine, lineReader, PROTOCOL, type ServerLine } from "../cli/wire-lines.ts";
import { AppError, toAppError } from "../kernel/errors.ts";
import { isJsonObject, parseJson, toJson, type JsonObject } from "../kernel/json.ts";
import { errorFields, type Log } from "../kernel/log.ts";

/** What a client may send in one line: a call's input. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_DEPTH = 64;
const MOST_CLIENTS = 64;
const MOST_CALLS = 16;
/** Unix sockets take short paths only: 104 bytes on macOS, 108 on Linux, with the ending zero. */
const LONGEST_PATH = 103;

/** Every name of the contract: what is not here is no call. */
const NAMES: Readonly<Record<UseCaseName, true>> = {
  "roster.import": true,
  "roster.diff": true,
  sync: true,
  "people.list": true,
  "people.show": true,
  "people.explain": true,
  "match.list": true,
  "match.decide": true,
  "findings.list": true,
  plan: true,
  "plan.show": true,
  apply: true,
  "runs.list": true,
  "runs.show": true,
  "runs.resume": true,
  "apps.list": true,
  "apps.show": true,
  "apps.test": true,
  "apps.limits": true,
  status: true,
};

export interface CommandSocketOptions {
  readonly path: string;
  readonly app: App;
  readonly log: Log;
  readonly version: string;
  readonly config: string | null;
  readonly configReadMs: number;
}

export interface CommandSocket {
  readonly path: string;
  /** Calls under way. */
  active(): number;
  /** Takes no more calls, asks those under way to stop, and frees the path. */
  close(): Promise<void>;
}

/**
 * Opens the command socket, for the owner of the data directory alone (mode 0600). A file that a dead process left
 * behind is taken over; one that somebody answers at gives `busy`.
 */
export async function openCommandSocket(options: CommandSocketOptions): Promise<CommandSocket> {
  await makeRoom(options);
  const clients = new Set<Client>();
  const server = createServer((socket) => {
    if (clients.size >= MOST_CLIENTS) {
      socket.destroy();
      return;
    }
    const client = serveClient(socket, options, () => clients.delete(client));
    clients.add(client);
  });
  await listen(server, options.path);
  return {
    path: options.path,
    active: () => [...clients].reduce((sum, client) => sum + client.calls.size, 0),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // What runs answers first: it says how far it came.
      await Promise.all([...clients].map((client) => client.leave()));
      await closed;
    },
  };
}

async function makeRoom(options: CommandSocketOptions): Promise<void> {
  const { path } = options;
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw new AppError(
      "config",
      `the path of the command socket is too long: ${path}\nGive a shorter --data-dir (sockets take ${LONGEST_PATH} bytes).`,
    );
  }
  const there = await stat(path).catch(() => null);
  if (there === null) return;
  if (!there.isSocket()) {
    throw new AppError("busy", `${path} is there and is no socket\nMove it away and start again.`);
  }
  const running = await connectRemote(path, options.version);
  if (running !== null) {
    running.close();
    throw new AppError(
      "busy",
      `process ${running.pid} already runs on this data directory\nCommands go through it; end it before you start another.`,
    );
  }
  await unlink(path);
}

async function listen(server: Server, path: string): Promise<void> {
  // The file appears with these rights: nobody else can connect in the moment before a chmod.
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause: NodeJS.ErrnoException) =>
        reject(
          new AppError("storage", `the command socket ${path} cannot be opened (${cause.code ?? "unknown"})`, {
            cause,
          }),
        ),
      );
      server.listen(path, resolve);
      process.umask(before);
    });
  } finally {
    process.umask(before);
  }
  await chmod(path, 0o600);
}

interface Client {
  readonly calls: Map<number, AbortController>;
  leave(): Promise<void>;
}

function serveClient(socket: Socket, options: CommandSocketOptions, gone: () => void): Client {
  const calls = new Map<number, AbortController>();
  const running = new Set<Promise<void>>();
  const stopAll = (): void => {
    for (const call of calls.values()) call.abort(new AppError("canceled", "the caller has gone"));
  };
  const send = (line: ServerLine): void => {
    if (!socket.destroyed) socket.write(encodeLine(line));
  };
  const read = lineReader(MOST_BYTES);
  socket.setEncoding("utf8");
  socket.on("error", () => undefined);
  socket.on("close", () => {
    stopAll();
    gone();
  });
  socket.on("data", (chunk: string) => {
    try {
      for (const line of read(chunk)) take(parseJson(line, MOST_DEPTH), { calls, running, send, options });
    } catch (error) {
      options.log.warn("command socket: a client sent something else than the protocol", errorFields(error));
      socket.destroy();
    }
  });
  const { version, config, configReadMs } = options;
  send({ type: "hello", protocol: PROTOCOL, version, pid: process.pid, config, configReadMs });
  return {
    calls,
    async leave() {
      stopAll();
      await Promise.all(running);
      socket.destroySoon();
    },
  };
}

interface Serving {
  readonly calls: Map<number, AbortController>;
  readonly running: Set<Promise<void>>;
  readonly send: (line: ServerLine) => void;
  readonly options: CommandSocketOptions;
}

function take(line: unknown, serving: Serving): void {
  const id = isJsonObject(line) ? line["id"] : null;
  if (!isJsonObject(line) || typeof id !== "number") throw new AppError("bad_input", "a line has no id");
  if (line["type"] === "cancel") {
    serving.calls.get(id)?.abort(new AppError("canceled", "canceled"));
    return;
  }
  if (line["type"] !== "call") throw new AppError("bad_input", "a line is no call");
  const work = answer(id, line, serving).finally(() => serving.running.delete(work));
  serving.running.add(work);
}

/** Never rejects: whatever goes wrong is the answer. */
async function answer(id: number, line: JsonObject, serving: Serving): Promise<void> {
  const { calls, send, options } = serving;
  const name = line["name"];
  const actor = line["actor"];
  const control = new AbortController();
  try {
    if (typeof name !== "string" || !Object.hasOwn(NAMES, name)) {
      throw new AppError("usage", "there is no such use case");
    }
    if (typeof actor !== "string" || !isJsonObject(line["input"]))
      throw new AppError("bad_input", "a call has no input or no actor");
    if (calls.size >= MOST_CALLS || calls.has(id)) throw new AppError("busy", "too many calls at once");
    calls.set(id, control);
    // The input was typed by the same contract: client and server are one version.
    const output = await options.app.call(name as UseCaseName, line["input"] as never, {
      actor,
      onEvent: (event) => send({ type: "event", id, event }),
      signal: control.signal,
    });
    send({ type: "result", id, output: toJson(output) });
  } catch (error) {
    const known = toAppError(error);
    if (known.code === "internal") options.log.error("a call failed", errorFields(known));
    send(errorLine(id, known));
  } finally {
    if (calls.get(id) === control) calls.delete(id);
  }
}
