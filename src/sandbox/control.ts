import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { SandboxClock } from "../emulator-kit/clock.ts";
import type { RunningEmulator } from "../emulator-kit/running.ts";
import { AppError, ERROR_TRAITS, toAppError } from "../kernel/errors.ts";
import { parseJson, type JsonValue } from "../kernel/json.ts";
import { readFields } from "./control/fields.ts";
import { VERBS, type ControlContext } from "./control/verbs.ts";
import { createFaultBook } from "./control/fault-book.ts";

const HOST = "127.0.0.1";
/** A reset may carry a hundred thousand records. */
const LONGEST_BODY = 256 * 1024 * 1024;

export interface ControlServer {
  /** `http://127.0.0.1:<port>`; a verb is one segment behind it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the control API of a sandbox on loopback. Throws `busy` when the port is taken. */
export async function serveControl(options: {
  readonly port: number;
  readonly emulators: ReadonlyMap<string, RunningEmulator>;
  readonly clock: SandboxClock;
  readonly companyOf: ControlContext["companyOf"];
}): Promise<ControlServer> {
  const { emulators, clock, companyOf } = options;
  const app = controlApp({ emulators, clock, companyOf, faults: createFaultBook(emulators) });
  const { server, port } = await listen(app, options.port);
  return {
    url: `http://${HOST}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

function controlApp(context: ControlContext): Hono {
  const app = new Hono();
  app.use(bodyLimit({ maxSize: LONGEST_BODY, onError: (c) => c.json({ error: "the body is too large" }, 413) }));
  app.use(async (c, next) => {
    // A page in a browser must not reach it, by its own name for this machine or by a form.
    const host = c.req.header("host") ?? "";
    if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host) || c.req.header("origin") !== undefined) {
      return c.json({ error: "the control API is for programs on this machine only" }, 403);
    }
    return next();
  });
  app.post("/:verb", async (c) => {
    const verb = Object.hasOwn(VERBS, c.req.param("verb")) ? VERBS[c.req.param("verb")] : undefined;
    if (verb === undefined) return c.json({ error: unknownVerb(c.req.param("verb")) }, 404);
    const text = await c.req.text();
    const answer = await verb(readFields(readBody(text)), context);
    return new Response(JSON.stringify(answer), { headers: { "Content-Type": "application/json; charset=utf-8" } });
  });
  app.notFound((c) => c.json({ error: `verbs are POST requests: ${Object.keys(VERBS).join(", ")}` }, 404));
  app.onError((cause, c) => {
    const { code, message } = toAppError(cause);
    const { http } = ERROR_TRAITS[code];
    return c.body(JSON.stringify({ error: message }), {
      status: http === 404 || http === 409 ? http : code === "bad_input" ? 400 : 500,
      headers: { "Content-Type": "application/json; charset=utf-8" },
    });
  });
  return app;
}

function unknownVerb(verb: string): string {
  return `there is no verb ${verb}: use one of ${Object.keys(VERBS).join(", ")}`;
}

/** No body is an empty one. */
function readBody(text: string): JsonValue {
  if (text.trim() === "") return {};
  try {
    return parseJson(text);
  } catch (cause) {
    throw new AppError("bad_input", "the body is not valid JSON", { cause });
  }
}

function listen(
  app: Hono,
  port: number,
): Promise<{ readonly server: ReturnType<typeof serve>; readonly port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: HOST }, (address) => {
      server.removeListener("error", fail);
      resolve({ server, port: address.port });
    });
    const fail = (cause: Error): void =>
      reject(new AppError("busy", `cannot listen on ${HOST}:${port}: choose another port`, { cause }));
    server.once("error", fail);
  });
}
