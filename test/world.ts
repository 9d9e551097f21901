import assert from "node:assert/strict";
import type { AppEvent, ApplyInput, RunResult, UseCaseName, UseCases } from "../src/app/contract.ts";
import type { RosterSource } from "../src/app/deployment.ts";
import type { Connection } from "../src/connector-kit/connection.ts";
import { runEmulator } from "../src/emulator-kit/run.ts";
import type { FaultRule, JournalEntry as AppEntry, RunningEmulator } from "../src/emulator-kit/running.ts";
import { memoryHistory } from "../src/engine/memory.ts";
import { present } from "../src/kernel/assert.ts";
import { virtualClock, yieldTurn, type VirtualClock } from "../src/kernel/clock.ts";
import { parseIso, toIso } from "../src/kernel/dates.ts";
import { hashJson } from "../src/kernel/hash.ts";
import type { JsonObject } from "../src/kernel/json.ts";
import { toJson } from "../src/kernel/json.ts";
import { jsonLog } from "../src/kernel/log.ts";
import type { Company } from "../src/emulator-kit/company.ts";
import type { Person } from "../src/model/person.ts";
import type { Plan, PlanContent, Step } from "../src/model/plan.ts";
import { DEFAULT_APPROVALS, DEFAULT_GUARDS, type ConnectionPolicy, type Policy } from "../src/model/policy.ts";
import type { JournalEntry } from "../src/model/run.ts";
import { openMemoryStore, type OpenStore } from "../src/store/open.ts";
import { engineRunId, type CrashPoint } from "../src/workflows/apply.ts";
import { APPS, loadApp, type AppId, type LoadedApp } from "./world/connect.ts";
import { Process } from "./world/process.ts";

export type { AppId } from "./world/connect.ts";

/** 20 November 2026, 14:00 in Los Angeles. */
const START = "2026-11-20T22:00:00Z";

/** Turns of the event loop after which nothing on loopback can still be on its way, and after which no promise can. */
const QUIET_TURNS = 40;
const FEW_TURNS = 3;
/** Steps of the clock that one call may take; beyond it something waits for ever. */
const MOST_STEPS = 200_000;

export interface WorldOptions {
  /** Collections of each emulator; one that is left out is empty. */
  readonly data?: Readonly<Partial<Record<AppId, JsonObject>>>;
  /** The demo company instead of `data`. */
  readonly company?: Company;
  readonly policy?: Partial<Omit<Policy, "connections">>;
  readonly connections?: Readonly<Partial<Record<AppId, Partial<ConnectionPolicy>>>>;
  readonly settings?: Readonly<Partial<Record<AppId, Readonly<Record<string, unknown>>>>>;
  readonly sources?: readonly RosterSource[];
  readonly startAt?: string;
  readonly concurrency?: number;
}

/** Where an imagined process is to die. */
export type OnPoint = (point: CrashPoint, step: Step) => void | Promise<void>;

/** A call under way. */
export interface Begun {
  readonly over: () => boolean;
  readonly result: () => Promise<unknown>;
}

function begun(call: Promise<unknown>): Begun {
  let over = false;
  const done = call.finally(() => {
    over = true;
  });
  // The rejection is for who asks for the result; here it must only not count as unhandled meanwhile.
  done.catch(() => undefined);
  return { over: () => over, result: () => done };
}

type Emulators = ReadonlyMap<AppId, RunningEmulator>;

/**
 * Everything that a deployment touches, in one process and on one clock that only the test moves: real emulators over
 * HTTP on loopback, a real store in memory, the engine for virtual time. The oracle is always what the emulators hold and
 * have journaled, never what we believe.
 */
export class World {
  readonly clock: VirtualClock;
  readonly emulators: Emulators;
  store: OpenStore;
  process: Process;
  onPoint: OnPoint = () => undefined;
  readonly lines: string[] = [];
  readonly #apps: ReadonlyMap<AppId, LoadedApp>;
  readonly #options: WorldOptions;
  #history = memoryHistory();
  #number = 1;
  readonly #others: Process[] = [];

  private constructor(parts: {
    readonly clock: VirtualClock;
    readonly emulators: Emulators;
    readonly apps: ReadonlyMap<AppId, LoadedApp>;
    readonly options: WorldOptions;
    readonly store: OpenStore;
  }) {
    this.clock = parts.clock;
    this.emulators = parts.emulators;
    this.store = parts.store;
    this.#apps = parts.apps;
    this.#options = parts.options;
    this.process = this.#start();
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const clock = virtualClock(parseIso(options.startAt ?? START) ?? 0);
    const apps = new Map<AppId, LoadedApp>();
    const emulators = new Map<AppId, RunningEmulator>();
    for (const id of APPS) {
      const app = await loadApp(id);
      const company = options.company ?? null;
      const kind = company === null ? "empty" : "demo";
      const emulator = await runEmulator(app.emulator, { clock, kind, company });
      apps.set(id, app);
      emulators.set(id, emulator);
      const data = options.data?.[id];
      if (data !== undefined) await emulator.reset({ data });
    }
    return new World({ clock, emulators, apps, options, store: await openMemoryStore(clock) });
  }

  #start(): Process {
    const { settings = {}, sources = [], concurrency = 8 } = this.#options;
    return new Process({
      apps: this.#apps,
      emulators: this.emulators,
      store: this.store,
      history: this.#history,
      clock: this.clock,
      log: jsonLog({ write: (line) => this.lines.push(line), clock: this.clock, level: "debug" }),
      policy: this.policy(),
      settings,
      sources,
      concurrency,
      number: this.#number,
      onPoint: (point, step) => this.onPoint(point, step),
    });
  }

  policy(): Policy {
    const { policy = {}, connections = {} } = this.#options;
    const named = (name: AppId): ConnectionPolicy => ({
      name,
      appName: this.#apps.get(name)?.manifest.name ?? name,
      share: 1,
      seats: null,
      protected: [],
      keyOwner: null,
      leaver: { handOver: {}, final: "delete", graceDays: 0 },
      ...connections[name],
    });
    return {
      rules: [],
      guards: DEFAULT_GUARDS,
      approvals: DEFAULT_APPROVALS,
      domains: [],
      autoLink: "exact",
      invitationAgeDays: 14,
      hash: "test",
      ...policy,
      connections: APPS.map((name) => named(name)),
    };
  }

  emulator(app: AppId): RunningEmulator {
    return present(this.emulators.get(app), app);
  }

  connection(app: AppId): Connection {
    return present(this.process.connections.get(app), app);
  }

  /** Runs to its end: whenever nothing moves any more, the clock goes to the next time that somebody waits for. */
  async drive<T>(call: Promise<T>): Promise<T> {
    let over = false;
    const done = call.finally(() => {
      over = true;
    });
    // The rejection is the caller's; here it must only not count as unhandled meanwhile.
    done.catch(() => undefined);
    await this.until(() => over);
    return done;
  }

  /** Lets everything go on until the condition holds; false when nobody waits for anything any more. */
  async until(condition: () => boolean): Promise<boolean> {
    for (let step = 0; ; step += 1) {
      assert.ok(step < MOST_STEPS, "something waits for ever");
      for (let turn = 0; turn < (this.process.life.calls > 0 ? QUIET_TURNS : FEW_TURNS); turn += 1) {
        if (condition()) return true;
        await yieldTurn();
      }
      if (condition()) return true;
      if (!(await this.clock.step())) return condition();
    }
  }

  call<Name extends UseCaseName>(
    name: Name,
    input: UseCases[Name]["input"],
    options: { readonly actor?: string; readonly signal?: AbortSignal } = {},
  ): Promise<UseCases[Name]["output"]> {
    const { events, app } = this.process;
    const { actor = "ops", signal = new AbortController().signal } = options;
    const onEvent = (event: AppEvent): void => void events.push(event);
    return this.drive(app.call(name, input, { actor, signal, onEvent }));
  }

  /** Begins a call without driving it: `until` does. */
  begin<Name extends UseCaseName>(name: Name, input: UseCases[Name]["input"]): Begun {
    const { events, app } = this.process;
    const onEvent = (event: AppEvent): void => void events.push(event);
    return begun(app.call(name, input, { actor: "ops", signal: new AbortController().signal, onEvent }));
  }

  /** Lets the worker of this process take up what it finds, until this round of the run has ended by itself. */
  watch(run: string, round = 1): Begun {
    const { process, clock } = this;
    const follow = async (): Promise<void> => {
      await process.startWorker();
      while (!process.life.over) {
        const known = await process.engine.get(engineRunId(run, round));
        if (known === null || !["waiting", "running"].includes(known.status)) return;
        await clock.sleep(1_000);
      }
    };
    return begun(follow());
  }

  /** Stores a plan written by hand; its hash is the one of its content. */
  async addPlan(steps: readonly Step[], content: Partial<PlanContent> = {}): Promise<Plan> {
    const now = this.clock.now();
    const whole: PlanContent = {
      schema: "tenure.plan/v1",
      trigger: { kind: "hr", ref: "", actor: "ops" },
      base: { snapshots: [], imports: [], config: "test" },
      steps,
      guards: [],
      questions: [],
      heldBack: [],
      madeAt: toIso(now),
      expiresAt: toIso(now + 86_400_000),
      ...content,
    };
    const id = `pln_${hashJson(toJson(whole)).slice(0, 26)}`;
    return this.drive(this.store.plans.add({ id, hash: hashJson(toJson(whole)), content: whole }));
  }

  addPeople(people: readonly Person[]): Promise<number> {
    return this.drive(this.store.people.upsert(people));
  }

  apply(plan: Plan, approveAs: ApplyInput["approveAs"] = ["ann", "bob"]): Promise<RunResult> {
    return this.call("apply", { plan: plan.id, approveAs });
  }

  resume(run: string): Promise<RunResult> {
    return this.call("runs.resume", { run });
  }

  /** Stores a plan and applies it. */
  async run(...steps: readonly Step[]): Promise<RunResult> {
    return this.apply(await this.addPlan(steps));
  }

  /** The process dies; store, engine history and apps stay. */
  crash(): void {
    this.process.kill();
  }

  /** Another process takes over what the last one left; as where a directory is opened anew, no lease of a dead one holds. */
  async restart(): Promise<void> {
    if (!this.process.life.over) this.crash();
    this.#number += 1;
    this.process = this.#start();
    await this.store.database.write(async (db) => {
      await db.updateTable("leases").set({ holder: null, expires_at: 0 }).execute();
    });
  }

  /** Another process starts beside one that is stopped. */
  takeOver(): void {
    this.#others.push(this.process);
    this.#number += 1;
    this.process = this.#start();
  }

  /** As new, with the same emulators: an empty store and the data given at first. */
  async renew(): Promise<void> {
    for (const other of this.#others.splice(0)) other.kill();
    if (!this.process.life.over) this.crash();
    await this.store.close();
    for (const [id, emulator] of this.emulators) await emulator.reset({ data: this.#options.data?.[id] ?? {} });
    this.store = await openMemoryStore(this.clock);
    this.#history = memoryHistory();
    this.#number = 1;
    this.onPoint = () => undefined;
    this.process = this.#start();
  }

  /** What the journal says of a step, in the newest run of its plan. */
  async entry(result: RunResult, step: Step): Promise<JournalEntry> {
    return present(await this.store.journal.get(result.run.id, step.id), step.title);
  }

  /** Requests that changed something, in their order. */
  effects(app: AppId): readonly AppEntry[] {
    return this.emulator(app)
      .journal()
      .filter((entry) => entry.effect === "applied");
  }

  /** Requests with this method and path, whatever became of them. */
  requests(app: AppId, method: string, path: RegExp): readonly AppEntry[] {
    return this.emulator(app)
      .journal()
      .filter((entry) => entry.method === method && path.test(entry.path));
  }

  rows(app: AppId, collection: string): readonly JsonObject[] {
    return this.emulator(app).state().collections[collection] ?? [];
  }

  fault(app: AppId, ...rules: readonly FaultRule[]): Promise<unknown> {
    return this.emulator(app).setFaults(rules);
  }

  /** A fault that never fired would have tested nothing. */
  assertFired(app: AppId): void {
    const silent = this.emulator(app)
      .faults()
      .filter((rule) => rule.fired === 0);
    assert.deepEqual(silent, [], "a fault that was injected must be seen to have fired");
  }

  async close(): Promise<void> {
    for (const other of this.#others) other.kill();
    if (!this.process.life.over) await this.drive(this.process.stop());
    for (const emulator of this.emulators.values()) await emulator.stop();
    await this.store.close();
  }
}

/** Opens a world for one test and closes it behind it. */
export async function withWorld(options: WorldOptions, body: (world: World) => Promise<void>): Promise<void> {
  const world = await World.open(options);
  try {
    await body(world);
  } finally {
    await world.close();
  }
}
