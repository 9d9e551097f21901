/**
 * One process of `kill.test.ts`: embedded store, durable engine and connections over real HTTP, told by lines on stdin
 * what to do. It kills itself with SIGKILL where it is told to die: no handler runs, nothing is flushed.
 */
import { createInterface } from "node:readline";
import { createApp } from "../../src/app/app.ts";
import type { App } from "../../src/app/contract.ts";
import { connectors } from "../../src/connectors/index.ts";
import { openworkflowEngine } from "../../src/engine/openworkflow.ts";
import type { Worker } from "../../src/engine/port.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { AppError } from "../../src/kernel/errors.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import type { Plan } from "../../src/model/plan.ts";
import { DEFAULT_APPROVALS, DEFAULT_GUARDS } from "../../src/model/policy.ts";
import type { JournalEntry } from "../../src/model/run.ts";
import { openEmbeddedStore } from "../../src/store/open.ts";
import { startPendingRuns } from "../../src/workflows/apply.ts";
import { connect, type AppId, type Reached } from "../world/connect.ts";

/** How the process is started: argv[2] as JSON. */
export interface ChildOptions {
  readonly directory: string;
  readonly apps: Readonly<Record<AppId, Reached>>;
}

/** A line on stdin. */
export type ChildOrder =
  | { readonly do: "apply"; readonly plan: Omit<Plan, "number">; readonly dieAt: number | null }
  | { readonly do: "resume"; readonly plan: string; readonly way: "engine" | "resume" }
  | { readonly do: "end" };

/** A line on stdout. */
export type ChildReport =
  | { readonly is: "ready" }
  | { readonly is: "ended"; readonly exit: number; readonly points: number; readonly journal: readonly JournalEntry[] };

/** A read may lag so long here: with the usual minute each lost answer would take one. */
const SETTLE_MS = 100;

function say(report: ChildReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

interface Opened {
  readonly app: App;
  readonly store: Awaited<ReturnType<typeof openEmbeddedStore>>;
  readonly points: { count: number; dieAt: number | null };
  readonly startWorker: () => Promise<void>;
  readonly close: () => Promise<void>;
}

async function open(options: ChildOptions): Promise<Opened> {
  const clock = systemClock();
  const random = systemRandom();
  const log = silentLog();
  const store = await openEmbeddedStore({ directory: options.directory, clock });
  const engine = openworkflowEngine({ database: store.database, clock, random, log });
  const stop = new AbortController();
  const opened = await Promise.all(
    (["followupboss", "front"] as const).map(async (id) => {
      const manifest = (await connectors[id]()).default;
      const given = { settings: { rate: { limit: 1_000_000, windowSeconds: 60 } }, policy: {} };
      const parts = { clock, networkClock: clock, ledger: store.budgets, random, log };
      return connect({ manifest, reached: options.apps[id], ...given, ...parts });
    }),
  );
  const points: Opened["points"] = { count: 0, dieAt: null };
  let worker: Promise<Worker> | null = null;
  const startWorker = async (): Promise<void> => {
    worker ??= engine.work({ concurrency: 4 });
    await worker;
    await startPendingRuns(engine, store);
  };
  const connections = opened.map(({ connection }) => ({
    ...connection,
    traits: { ...connection.traits, settleMs: SETTLE_MS },
  }));
  const app = createApp({
    store,
    engine,
    clock,
    random,
    log,
    deployment: {
      connections,
      sources: [],
      policy: {
        rules: [],
        connections: connections.map((connection) => connection.policy),
        guards: DEFAULT_GUARDS,
        approvals: DEFAULT_APPROVALS,
        domains: [],
        autoLink: "exact",
        invitationAgeDays: 14,
        hash: "test",
      },
    },
    holder: `child-${process.pid}`,
    signal: stop.signal,
    startWorker,
    onPoint: () => {
      points.count += 1;
      if (points.count === points.dieAt) process.kill(process.pid, "SIGKILL");
    },
  });
  const close = async (): Promise<void> => {
    stop.abort(new AppError("canceled", "the process stops"));
    if (worker !== null) await (await worker).stop();
    await engine.close();
    for (const { transports } of opened) for (const transport of transports) await transport.close();
    await store.close();
  };
  return { app, store, points, startWorker, close };
}

const options = { actor: "ops", signal: new AbortController().signal, onEvent: () => undefined };

async function carryOut(opened: Opened, order: Exclude<ChildOrder, { readonly do: "end" }>): Promise<ChildReport> {
  const { app, store, points } = opened;
  points.count = 0;
  points.dieAt = order.do === "apply" ? order.dieAt : null;
  const result = order.do === "apply" ? await applyNow(opened, order.plan) : await takeUp(opened, order);
  const shown = await app.call("runs.show", { run: result }, options);
  const journal = await store.journal.all(shown.run.id);
  return { is: "ended", exit: shown.exit, points: points.count, journal };
}

async function applyNow({ app, store }: Opened, plan: Omit<Plan, "number">): Promise<string> {
  await store.plans.add(plan);
  return (await app.call("apply", { plan: plan.id, approveAs: ["ann", "bob"] }, options)).run.id;
}

/** What a dead process has left: by the engine alone, or by asking for it; a run that was never recorded is begun. */
async function takeUp(
  { app, store, startWorker }: Opened,
  order: Extract<ChildOrder, { readonly do: "resume" }>,
): Promise<string> {
  const [run] = await store.runs.byPlan(order.plan);
  if (run === undefined) {
    return (await app.call("apply", { plan: order.plan, approveAs: ["ann", "bob"] }, options)).run.id;
  }
  if (order.way === "resume") return (await app.call("runs.resume", { run: run.id }, options)).run.id;
  await startWorker();
  const clock = systemClock();
  for (;;) {
    const known = await store.runs.find(run.id);
    if (known?.endedAt !== null && known?.endedAt !== undefined) return run.id;
    if (known?.status === "waiting" && (await store.journal.all(run.id)).some((entry) => entry.state === "unknown")) {
      return run.id;
    }
    await clock.sleep(10);
  }
}

// The store is opened with the first order: until then another process may have it.
const given = JSON.parse(process.argv[2] ?? "{}") as ChildOptions;
let opened: Opened | null = null;
say({ is: "ready" });
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as ChildOrder;
  if (order.do === "end") break;
  opened ??= await open(given);
  say(await carryOut(opened, order));
}
await opened?.close();
process.exit(0);
