import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { App, AppEvent } from "../app/contract.ts";
import { connectRemote } from "../cli/remote.ts";
import { AppError, isAppError } from "../kernel/errors.ts";
import { silentLog } from "../kernel/log.ts";
import { openCommandSocket, type CommandSocket } from "./socket.ts";

type Call = Parameters<App["call"]>;

/** An app of which a test says what each call does. */
function appOf(work: (name: string, input: unknown, options: Call[2]) => Promise<unknown>): App {
  return {
    call: (name, input, options) => work(name, input, options) as never,
  };
}

async function withSocket(
  app: App,
  work: (path: string, socket: CommandSocket) => Promise<void>,
  version = "1.0.0",
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tenure-socket-"));
  const path = join(folder, "tenure.sock");
  const options = { path, app, log: silentLog(), version, config: "/some/tenure.yaml", configReadMs: 5 };
  const socket = await openCommandSocket(options);
  try {
    await work(path, socket);
  } finally {
    await socket.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function connected(path: string) {
  const remote = await connectRemote(path, "1.0.0");
  assert.ok(remote !== null);
  return remote;
}

const quiet = (signal: AbortSignal): Call[2] => ({ actor: "rosa", onEvent: () => undefined, signal });
const never = new AbortController().signal;

test("a call, what it tells meanwhile, and its result travel over the socket", async () => {
  const event: AppEvent = { type: "sync.done", app: "crm", complete: true, seconds: 0.5 };
  const app = appOf(async (name, input, options) => {
    options.onEvent(event);
    return { schema: "tenure.sync/v1", name, input, actor: options.actor };
  });
  await withSocket(app, async (path) => {
    const remote = await connected(path);
    assert.deepEqual([remote.pid, remote.config, remote.configReadMs], [process.pid, "/some/tenure.yaml", 5]);
    const events: AppEvent[] = [];
    const options = { ...quiet(never), onEvent: (one: AppEvent) => void events.push(one) };
    const result: unknown = await remote.call("sync", { apps: ["crm"] }, options);
    assert.deepEqual(result, { schema: "tenure.sync/v1", name: "sync", input: { apps: ["crm"] }, actor: "rosa" });
    assert.deepEqual(events, [event]);
    remote.close();
  });
});

test("an error keeps its code, message and details, and never its cause", async () => {
  const cause = new Error("canary-of-the-cause");
  const app = appOf(async () => {
    throw new AppError("blocked", "a guard holds it\nSee: tenure show PL-1", { cause, details: { plan: "PL-1" } });
  });
  await withSocket(app, async (path) => {
    const remote = await connected(path);
    const error: unknown = await remote.call("status", {}, quiet(never)).catch((thrown: unknown) => thrown);
    assert.ok(isAppError(error, "blocked"));
    assert.equal(error.message, "a guard holds it\nSee: tenure show PL-1");
    assert.deepEqual(error.details, { plan: "PL-1" });
    assert.equal(error.cause, undefined);
    remote.close();
  });
});

test("a caller that stops is answered by what it called; one that leaves cancels it", async () => {
  const stopped: string[] = [];
  const started = { resolve: (): void => undefined };
  const app = appOf(async (name, _input, options) => {
    started.resolve();
    await new Promise<void>((resolve) => options.signal.addEventListener("abort", () => resolve(), { once: true }));
    stopped.push(name);
    return { stopped: name };
  });
  await withSocket(app, async (path, socket) => {
    const remote = await connected(path);
    const control = new AbortController();
    const begun = new Promise<void>((resolve) => (started.resolve = resolve));
    const answer = remote.call("apply", { plan: "PL-1", approveAs: [] }, quiet(control.signal));
    await begun;
    control.abort();
    assert.deepEqual(await answer, { stopped: "apply" });
    const again = new Promise<void>((resolve) => (started.resolve = resolve));
    const lost = remote.call("sync", { apps: null }, quiet(never)).catch((error: unknown) => error);
    await again;
    assert.equal(socket.active(), 1);
    remote.close();
    assert.ok(isAppError(await lost, "unavailable"));
    await socket.close();
    assert.deepEqual(stopped, ["apply", "sync"]);
  });
});

test("only the owner can use the socket, and what is no call is turned away", async () => {
  await withSocket(
    appOf(async () => ({})),
    async (path, socket) => {
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      const remote = await connected(path);
      await assert.rejects(remote.call("drop everything" as never, {} as never, quiet(never)), (error: unknown) =>
        isAppError(error, "usage"),
      );
      const raw = connect(path);
      const closed = new Promise<void>((resolve) => raw.on("close", () => resolve()));
      raw.resume();
      raw.write("no json\n");
      await closed;
      assert.equal(socket.active(), 0);
      remote.close();
    },
  );
});

test("a socket file that nobody listens at is taken over; one that somebody uses is busy", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tenure-socket-"));
  const path = join(folder, "tenure.sock");
  const options = {
    path,
    app: appOf(async () => ({})),
    log: silentLog(),
    version: "1.0.0",
    config: null,
    configReadMs: 0,
  };
  try {
    assert.equal(await connectRemote(path, "1.0.0"), null);
    // What a killed process leaves behind: a file at which nobody listens.
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(join(folder, "dead.sock"), resolve));
    const { rename } = await import("node:fs/promises");
    await rename(join(folder, "dead.sock"), path);
    await new Promise<void>((resolve) => dead.close(() => resolve()));
    assert.equal(await connectRemote(path, "1.0.0"), null);
    const socket = await openCommandSocket(options);
    await assert.rejects(
      openCommandSocket(options),
      (error: unknown) => isAppError(error, "busy") && error.message.includes(`process ${process.pid}`),
    );
    await socket.close();
    await writeFile(path, "");
    await assert.rejects(openCommandSocket(options), (error: unknown) => isAppError(error, "busy"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a command line of another version is told so", async () => {
  await withSocket(
    appOf(async () => ({})),
    async (path) => {
      await assert.rejects(
        connectRemote(path, "1.0.1"),
        (error: unknown) => isAppError(error, "busy") && /another version \(1\.0\.0, process \d+\)/.test(error.message),
      );
    },
  );
});
