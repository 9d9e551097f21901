import { createApp } from "../../src/app/app.ts";
import type { App, AppEvent } from "../../src/app/contract.ts";
import type { RosterSource } from "../../src/app/deployment.ts";
import type { Connection } from "../../src/connector-kit/connection.ts";
import type { RunningEmulator } from "../../src/emulator-kit/running.ts";
import { memoryEngine, type MemoryEngine, type MemoryHistory } from "../../src/engine/memory.ts";
import type { Worker } from "../../src/engine/port.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { AppError } from "../../src/kernel/errors.ts";
import type { Log } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { Step } from "../../src/model/plan.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { Store } from "../../src/store/port.ts";
import type { OpenTransport } from "../../src/transport/client.ts";
import { startPendingRuns, type CrashPoint } from "../../src/workflows/apply.ts";
import { connect, type AppId, type LoadedApp } from "./connect.ts";
import { counted, Life, mortal, mortalClock } from "./mortal.ts";

export interface ProcessParts {
  readonly apps: ReadonlyMap<AppId, LoadedApp>;
  readonly emulators: ReadonlyMap<AppId, RunningEmulator>;
  readonly store: Store;
  readonly history: MemoryHistory;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  readonly settings: Readonly<Partial<Record<AppId, Readonly<Record<string, unknown>>>>>;
  readonly sources: readonly RosterSource[];
  readonly concurrency: number;
  /** 1, 2, 3 …: names the process and seeds its chance. */
  readonly number: number;
  readonly onPoint: (point: CrashPoint, step: Step) => void | Promise<void>;
}

/** One process: everything that dies together. What outlives it are the store, the engine's history and the apps. */
export class Process {
  readonly app: App;
  readonly engine: MemoryEngine;
  readonly connections: ReadonlyMap<string, Connection>;
  readonly events: AppEvent[] = [];
  readonly life = new Life();
  readonly #stop = new AbortController();
  readonly #transports: OpenTransport[] = [];
  readonly #clock: ReturnType<typeof mortalClock>;
  readonly #concurrency: number;
  readonly #store: Store;
  #worker: Promise<Worker> | null = null;

  constructor(parts: ProcessParts) {
    this.#clock = mortalClock(parts.clock, this.life);
    this.#concurrency = parts.concurrency;
    const store = mortal(parts.store, this.life);
    this.#store = store;
    const random = seededRandom(parts.number * 7919);
    const { log, policy, sources } = parts;
    this.engine = memoryEngine({ clock: this.#clock, history: parts.history });
    const opened = [...parts.apps].map(([id, app]) => {
      const emulator = parts.emulators.get(id);
      if (emulator === undefined) throw new AppError("internal", `no emulator ${id}`);
      return connect({
        manifest: app.manifest,
        reached: emulator,
        settings: parts.settings[id] ?? {},
        policy: policy.connections.find((one) => one.name === id) ?? {},
        clock: this.#clock,
        networkClock: this.#clock,
        ledger: store.budgets,
        random,
        log,
      });
    });
    this.#transports.push(...opened.flatMap((one) => one.transports));
    const connections = opened.map(({ connection }) => ({
      ...connection,
      connector: counted(connection.connector, this.life),
    }));
    this.connections = new Map(connections.map((connection) => [connection.name, connection]));
    this.app = createApp({
      store,
      engine: this.engine,
      clock: this.#clock,
      random,
      log,
      deployment: {
        connections,
        sources,
        policy: { ...policy, connections: connections.map((connection) => connection.policy) },
      },
      holder: `process-${parts.number}`,
      signal: this.#stop.signal,
      startWorker: () => this.startWorker(),
      onPoint: async (point, step) => {
        await parts.onPoint(point, step);
        await this.life.running();
      },
    });
  }

  async startWorker(): Promise<void> {
    this.#worker ??= this.engine.work({ concurrency: this.#concurrency });
    await this.#worker;
    await startPendingRuns(this.engine, this.#store);
  }

  /** Dies at once: nothing more is sent, written or told. */
  kill(): void {
    this.life.end();
    this.#clock.die();
    this.engine.kill();
    for (const transport of this.#transports) void transport.close();
  }

  /** Ends as a process does that is asked to. */
  async stop(): Promise<void> {
    this.#stop.abort(new AppError("canceled", "the process stops"));
    if (this.#worker !== null) await (await this.#worker).stop();
    for (const transport of this.#transports) await transport.close();
    await this.engine.close();
  }
}
