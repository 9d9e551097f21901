import { createApp } from "../app/app.ts";
import type { App } from "../app/contract.ts";
import type { Connection } from "../connector-kit/connection.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { jsonLog, type Log } from "../kernel/log.ts";
import { systemRandom, type Random } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import type { Policy } from "../model/policy.ts";
import { openEmbeddedStore, openServerStore, type OpenStore } from "../store/open.ts";
import { openworkflowEngine } from "../engine/openworkflow.ts";
import type { Engine, Worker } from "../engine/port.ts";
import { createTransport, type OpenTransport } from "../transport/client.ts";
import { startPendingRuns } from "../workflows/apply.ts";
import { loadSettingsConfig } from "./config-tools.ts";
import type { ConnectionConfig } from "./config/connections.ts";
import type { LoadedConfig } from "./config/load.ts";
import { createControl } from "./control.ts";
import { processName } from "./holder.ts";
import { followClock } from "./sandbox-clock.ts";
import type { Opening } from "./session.ts";

/** Steps of different apps and people go on side by side. */
const CONCURRENCY = 16;

/** The use cases of this process, and everything under them. */
export interface OpenDeployment {
  readonly app: App;
  readonly config: LoadedConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes over a time that the sandbox was just moved to; nothing with the machine's clock. */
  readonly lookAtClock: () => Promise<void>;
  /** Takes up what is waiting, now and whenever it is due. */
  startWorker(): Promise<void>;
  close(): Promise<void>;
}

interface Closing {
  readonly add: (close: () => Promise<void> | void) => void;
  readonly run: () => Promise<void>;
}

/** Closes in the opposite order of opening, all of it even when one part fails. */
function closing(): Closing {
  const parts: (() => Promise<void> | void)[] = [];
  return {
    add: (close) => void parts.push(close),
    async run() {
      let first: unknown = null;
      for (let close = parts.pop(); close !== undefined; close = parts.pop()) {
        try {
          await close();
        } catch (error) {
          first ??= error;
        }
      }
      if (first !== null) throw first;
    },
  };
}

/**
 * Opens store, engine, connections and use cases. Errors: `config` with every problem, `busy` when another process has
 * the data directory, `storage`, `denied` when a sandbox's clock is asked for beside a live app.
 */
export async function openDeployment(opening: Opening): Promise<OpenDeployment> {
  const { environment, settings } = opening;
  const config = await loadSettingsConfig(environment, settings);
  const parts = closing();
  try {
    return await assemble(opening, config, parts);
  } catch (error) {
    await parts.run();
    throw error;
  }
}

async function assemble(opening: Opening, config: LoadedConfig, parts: Closing): Promise<OpenDeployment> {
  const { settings, terminal } = opening;
  const random = systemRandom();
  const stop = new AbortController();
  const { clock, look } = await openClock(opening, config, parts);
  const log = jsonLog({ write: terminal.err, clock, level: settings.logLevel ?? opening.logLevel ?? "error" });
  const store = await openStore(opening, clock, log);
  parts.add(() => store.close());
  const engine = openworkflowEngine({ database: store.database, clock, random, log });
  parts.add(() => engine.close());
  const connections = await openConnections(config, { store, clock, random, log, parts });
  parts.add(() => stop.abort(new AppError("canceled", "the process stops")));
  const worker = workerOf(engine, store, parts);
  const app = createApp({
    store,
    engine,
    clock,
    random,
    log,
    deployment: { connections, sources: config.sources, policy: policyOf(config, connections) },
    holder: processName(clock, random),
    signal: stop.signal,
    startWorker: worker,
  });
  return { app, config, clock, log, lookAtClock: look, startWorker: worker, close: parts.run };
}

/** Starts the worker once, however often it is asked for, and what a process that died had decided to start. */
function workerOf(engine: Engine, store: OpenStore, parts: Closing): () => Promise<void> {
  let started: Promise<Worker> | null = null;
  return async () => {
    if (started === null) {
      started = engine.work({ concurrency: CONCURRENCY });
      const worker = await started;
      parts.add(() => worker.stop());
      await startPendingRuns(engine, store);
    }
    await started;
  };
}

/** The machine's clock, or the sandbox's; the latter only when nothing real can be reached (safety I11). */
async function openClock(
  opening: Opening,
  config: LoadedConfig,
  parts: Closing,
): Promise<{ readonly clock: Clock; readonly look: () => Promise<void> }> {
  const { settings, signal } = opening;
  if (settings.sandboxClock === null) return { clock: systemClock(), look: async () => undefined };
  const live = config.connections.filter((one) => !one.loopback).map((one) => one.name);
  if (live.length > 0) {
    throw new AppError(
      "denied",
      `--sandbox-clock is refused: ${live.join(", ")} ${live.length === 1 ? "is a live app" : "are live apps"}, and a moved clock would take access away at a wrong time\n` +
        "Leave it out, or use a configuration whose apps are all in the sandbox.",
    );
  }
  const control = createControl(settings.sandboxClock);
  const clock = await followClock({ control, base: systemClock(), signal: new AbortController().signal });
  parts.add(() => clock.close());
  signal.throwIfAborted();
  return { clock, look: () => clock.look() };
}

async function openStore(opening: Opening, clock: Clock, log: Log): Promise<OpenStore> {
  const { environment, settings } = opening;
  if (environment.databaseUrl === null) return openEmbeddedStore({ directory: settings.dataDir, clock });
  return openServerStore({ url: new Secret(environment.databaseUrl), clock, log });
}

interface Wiring {
  readonly store: OpenStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly parts: Closing;
}

async function openConnections(config: LoadedConfig, wiring: Wiring): Promise<readonly Connection[]> {
  const opened: Connection[] = [];
  for (const one of config.connections) opened.push(await openConnection(one, wiring));
  return opened;
}

async function openConnection(config: ConnectionConfig, wiring: Wiring): Promise<Connection> {
  const { manifest, settings } = config;
  const { store, clock, random, log, parts } = wiring;
  const transports = new Map<string, OpenTransport>();
  for (const plan of manifest.endpoints(settings)) {
    const transport = createTransport({ endpoint: plan.endpoint, ledger: store.budgets, clock, random, log });
    transports.set(plan.name, transport);
    parts.add(() => transport.close());
  }
  // What a test of the connection learnt about its credential stays known.
  const known = await store.connections.get(config.name);
  const sizes = Object.values(config.traits.kinds).map((kind) => kind.maxPageSize);
  return {
    name: config.name,
    connectorId: manifest.id,
    appName: manifest.name,
    profile: config.common.profile,
    origin: [...transports.values()][0]?.origin ?? "",
    loopback: config.loopback,
    pageSize: config.common.pageSize ?? Math.max(1, ...sizes),
    traits: config.traits,
    policy: { ...config.policy, keyOwner: known?.keyOwner ?? null },
    connector: manifest.connect({ settings, transports, clock, log }),
    guide: manifest.guide,
    caveats: manifest.caveats,
    setup: manifest.setup,
    notes: [...manifest.credentialNotes, ...manifest.notes.map((note) => note.text)],
  };
}

function policyOf(config: LoadedConfig, connections: readonly Connection[]): Policy {
  return { ...config.policy, connections: connections.map((one) => one.policy) };
}
