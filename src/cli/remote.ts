import { connect, type Socket } from "node:net";
import type { App, AppEvent, CallOptions, UseCaseName, UseCases } from "../app/contract.ts";
import { AppError } from "../kernel/errors.ts";
import { isJsonObject, parseJson, toJson, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { encodeLine, lineReader, PROTOCOL, readError } from "./wire-lines.ts";

/** Results may hold every person of a large company. */
const MOST_BYTES = 512 * 1024 * 1024;
const GREETING_MS = 3_000;
/** A document that travels is deeper than an app's answer may be. */
const MOST_DEPTH = 64;

export interface RemoteApp extends App {
  readonly pid: number;
  readonly version: string;
  readonly config: string | null;
  readonly configReadMs: number;
  close(): void;
}

interface Pending {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: AppError) => void;
  readonly onEvent: (event: AppEvent) => void;
}

/** The process behind the socket, or null when nobody listens there (no file, or one that was left behind). */
export async function connectRemote(path: string, version: string): Promise<RemoteApp | null> {
  const socket = await openSocket(path);
  if (socket === null) return null;
  const pending = new Map<number, Pending>();
  const greeting = Promise.withResolvers<JsonObject>();
  const read = lineReader(MOST_BYTES);
  const fail = (error: AppError): void => {
    greeting.reject(error);
    for (const call of pending.values()) call.reject(error);
    pending.clear();
  };
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    try {
      for (const line of read(chunk)) takeLine(parseJson(line, MOST_DEPTH), pending, greeting.resolve);
    } catch (cause) {
      fail(
        new AppError("bad_response", "the running tenure answered with something else than its protocol", { cause }),
      );
      socket.destroy();
    }
  });
  socket.on("error", () => undefined);
  socket.on("close", () =>
    fail(new AppError("unavailable", "the running tenure ended before it answered\nTry again, or look at its log.")),
  );
  socket.setTimeout(GREETING_MS, () => greeting.reject(new AppError("busy", busyText(path))));
  try {
    const hello = await greeting.promise;
    socket.setTimeout(0);
    return createRemote(socket, pending, checkHello(hello, version));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function busyText(path: string): string {
  return `a tenure listens at ${path} but does not answer\nWait a moment, or end it and try again.`;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

interface Hello {
  readonly pid: number;
  readonly version: string;
  readonly config: string | null;
  readonly configReadMs: number;
}

function checkHello(hello: JsonObject, version: string): Hello {
  const { pid, config, configReadMs } = hello;
  if (hello["protocol"] !== PROTOCOL || hello["version"] !== version) {
    const [its, number] = [textOf(hello["version"]), textOf(pid)];
    throw new AppError(
      "busy",
      `a tenure of another version (${its}, process ${number}) works on this data directory\n` +
        `Start it again with this version (${version}), or use that version's command line.`,
    );
  }
  return {
    pid: typeof pid === "number" ? pid : 0,
    version,
    config: typeof config === "string" ? config : null,
    configReadMs: typeof configReadMs === "number" ? configReadMs : 0,
  };
}

function openSocket(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (cause: NodeJS.ErrnoException) => {
      const absent = ["ENOENT", "ECONNREFUSED", "ENOTSOCK", "ENAMETOOLONG", "EINVAL"].includes(cause.code ?? "");
      if (absent) resolve(null);
      else {
        const message = `the command socket ${path} cannot be used (${cause.code ?? "unknown"})\nIt belongs to the user who runs tenure up.`;
        reject(new AppError(cause.code === "EACCES" ? "denied" : "busy", message, { cause }));
      }
    });
  });
}

function takeLine(line: unknown, pending: Map<number, Pending>, greet: (hello: JsonObject) => void): void {
  if (!isJsonObject(line)) throw new AppError("bad_response", "a line is no object");
  if (line["type"] === "hello") {
    greet(line);
    return;
  }
  const id = line["id"];
  const call = typeof id === "number" ? pending.get(id) : undefined;
  if (call === undefined || typeof id !== "number") return;
  if (line["type"] === "event") {
    // The peer is a process of our own user and of this very version.
    call.onEvent(line["event"] as unknown as AppEvent);
    return;
  }
  pending.delete(id);
  if (line["type"] === "result") call.resolve(line["output"]);
  else call.reject(readError(textOf(line["code"]), textOf(line["message"]), line["details"] ?? null));
}

function createRemote(socket: Socket, pending: Map<number, Pending>, hello: Hello): RemoteApp {
  let last = 0;
  return {
    ...hello,
    close: () => socket.end(),
    call<Name extends UseCaseName>(
      name: Name,
      input: UseCases[Name]["input"],
      options: CallOptions,
    ): Promise<UseCases[Name]["output"]> {
      last += 1;
      const id = last;
      return new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(new AppError("unavailable", "the running tenure has ended\nTry again."));
          return;
        }
        // What was called is asked to stop and still answers: it says how far it came.
        const onAbort = (): void => {
          socket.write(encodeLine({ type: "cancel", id }));
        };
        const done = (): void => options.signal.removeEventListener("abort", onAbort);
        pending.set(id, {
          resolve: (output) => {
            done();
            resolve(output as UseCases[Name]["output"]);
          },
          reject: (error) => {
            done();
            reject(error);
          },
          onEvent: options.onEvent,
        });
        socket.write(encodeLine({ type: "call", id, name, input: toJson(input), actor: options.actor }));
        if (options.signal.aborted) onAbort();
        else options.signal.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}
