import { AppError } from "../kernel/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { canonicalJson, parseJson, toJson, type JsonValue } from "../kernel/json.ts";
import type { Engine, EngineRun, EngineStatus, StartRequest, Worker, Workflow, WorkflowContext } from "./port.ts";

/** How often a failing step is tried, and how long it pauses: 1 s, 2 s, 4 s … at most 100 s. */
const MOST_TRIES = 10;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 100_000;

interface Kept {
  readonly kind: "step" | "sleep" | "wait";
  /** JSON text of a step's result or of a signal's payload; null: not there yet. */
  result: string | null;
  /** Epoch milliseconds: end of a sleep or of a wait. */
  until: number;
  signal: string;
  tries: number;
}

interface StoredRun {
  readonly id: string;
  readonly workflow: string;
  readonly input: string;
  status: EngineStatus;
  output: string;
  error: string | null;
  /** Epoch milliseconds: not before. */
  at: number;
  readonly kept: Map<string, Kept>;
}

/** The durable part of the engine: give it to another engine, and it is as if the process had been started again. */
export interface MemoryHistory {
  readonly runs: Map<string, StoredRun>;
}

export function memoryHistory(): MemoryHistory {
  return { runs: new Map() };
}

/** Thrown through workflow code when it has to stop until later. */
class Pause extends Error {
  readonly until: number;

  constructor(until: number) {
    super("paused");
    this.until = until;
  }
}

/**
 * A deterministic engine on the given clock, for tests with virtual time. One process; its history outlives it when it is
 * passed on, as a database would.
 */
export function memoryEngine(options: { readonly clock: Clock; readonly history?: MemoryHistory }): Engine {
  const { clock } = options;
  const history = options.history ?? memoryHistory();
  const workflows = new Map<string, Workflow>();
  const kicks = new Set<() => void>();
  const kick = (): void => {
    for (const wake of kicks) wake();
  };
  return {
    register(workflow) {
      workflows.set(workflow.name, workflow);
    },
    async start(request: StartRequest) {
      if (history.runs.has(request.id)) return;
      history.runs.set(request.id, newRun(request, clock.now()));
      kick();
    },
    async signal(signal, payload) {
      for (const run of history.runs.values()) deliver(run, signal, payload, clock.now());
      kick();
    },
    async cancel(id) {
      const run = history.runs.get(id);
      if (run !== undefined && (run.status === "waiting" || run.status === "running")) run.status = "canceled";
      kick();
    },
    async get(id) {
      const run = history.runs.get(id);
      return run === undefined ? null : describe(run);
    },
    async work({ concurrency }) {
      return startWorker({ clock, history, workflows, kicks, concurrency });
    },
    async close() {
      kick();
    },
  };
}

function newRun(request: StartRequest, nowMs: number): StoredRun {
  return {
    id: request.id,
    workflow: request.workflow,
    input: canonicalJson(request.input),
    status: "waiting",
    output: "null",
    error: null,
    at: request.at ?? nowMs,
    kept: new Map(),
  };
}

function describe(run: StoredRun): EngineRun {
  return {
    id: run.id,
    workflow: run.workflow,
    status: run.status,
    output: parseJson(run.output),
    error: run.error,
  };
}

/** Wakes who waits for the signal; one that nobody waits for is lost. */
function deliver(run: StoredRun, signal: string, payload: JsonValue, nowMs: number): void {
  if (run.status !== "waiting" && run.status !== "running") return;
  for (const kept of run.kept.values()) {
    if (kept.kind !== "wait" || kept.signal !== signal || kept.result !== null || kept.until <= nowMs) continue;
    kept.result = canonicalJson(payload);
    run.at = nowMs;
  }
}

interface Work {
  readonly clock: Clock;
  readonly history: MemoryHistory;
  readonly workflows: ReadonlyMap<string, Workflow>;
  readonly kicks: Set<() => void>;
  readonly concurrency: number;
}

function startWorker(work: Work): Worker {
  const stop = new AbortController();
  const active = new Map<string, Promise<void>>();
  let wake: () => void = () => undefined;
  const kick = (): void => wake();
  work.kicks.add(kick);
  const loop = (async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const kicked = new Promise<void>((resolve) => {
        wake = resolve;
      });
      claim(work, active, kick);
      const next = nextDue(work, active);
      const timer = new AbortController();
      const sleeping =
        next === null
          ? kicked
          : work.clock.sleep(Math.max(0, next - work.clock.now()), timer.signal).catch(() => undefined);
      await Promise.race([kicked, sleeping]);
      timer.abort();
    }
  })();
  return {
    async stop() {
      stop.abort();
      kick();
      await loop;
      work.kicks.delete(kick);
      await Promise.all(active.values());
    },
  };
}

function isOpen(run: StoredRun): boolean {
  return run.status === "waiting" || run.status === "running";
}

function claim(work: Work, active: Map<string, Promise<void>>, kick: () => void): void {
  for (const run of work.history.runs.values()) {
    if (active.size >= work.concurrency) return;
    if (!isOpen(run) || active.has(run.id) || run.at > work.clock.now() || !work.workflows.has(run.workflow)) continue;
    const done = execute(work, run).finally(() => {
      active.delete(run.id);
      kick();
    });
    active.set(run.id, done);
  }
}

/** When the next run wants to go on, among those that sleep. */
function nextDue(work: Work, active: ReadonlyMap<string, Promise<void>>): number | null {
  const due = [...work.history.runs.values()]
    .filter((run) => isOpen(run) && !active.has(run.id) && run.at > work.clock.now())
    .map((run) => run.at);
  return due.length === 0 ? null : Math.min(...due);
}

async function execute(work: Work, run: StoredRun): Promise<void> {
  const workflow = work.workflows.get(run.workflow);
  if (workflow === undefined) return;
  run.status = "running";
  try {
    const output = await workflow.run(contextOf(work.clock, run), parseJson(run.input));
    // A run that was canceled meanwhile stays canceled: what was in flight has ended.
    if (isOpen(run)) Object.assign(run, { status: "done", output: canonicalJson(toJson(output)) });
  } catch (error) {
    if (!isOpen(run)) return;
    if (error instanceof Pause) run.at = error.until;
    else Object.assign(run, { status: "failed", error: error instanceof Error ? error.message : String(error) });
  }
}

function contextOf(clock: Clock, run: StoredRun): WorkflowContext {
  const stopIfCanceled = (): void => {
    if (!isOpen(run)) throw new AppError("canceled", `run ${run.id} was canceled`);
  };
  const keep = (name: string, first: Omit<Kept, "tries">): Kept => {
    stopIfCanceled();
    const known = run.kept.get(name) ?? { ...first, tries: 0 };
    run.kept.set(name, known);
    return known;
  };
  return {
    runId: run.id,
    async step<T extends JsonValue>(name: string, work: () => Promise<T>): Promise<T> {
      const kept = keep(name, { kind: "step", result: null, until: 0, signal: "" });
      if (kept.result === null) kept.result = canonicalJson(toJson(await tryStep(clock, kept, work)));
      return parseJson(kept.result, Number.POSITIVE_INFINITY) as T;
    },
    async sleep(name, ms) {
      const kept = keep(name, { kind: "sleep", result: null, until: clock.now() + ms, signal: "" });
      if (kept.until > clock.now()) throw new Pause(kept.until);
    },
    async waitFor(name, signal, timeoutMs) {
      const kept = keep(name, { kind: "wait", result: null, until: clock.now() + timeoutMs, signal });
      if (kept.result !== null) return parseJson(kept.result);
      if (kept.until > clock.now()) throw new Pause(kept.until);
      return null;
    },
  };
}

async function tryStep<T>(clock: Clock, kept: Kept, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    kept.tries += 1;
    if (kept.tries >= MOST_TRIES) throw error;
    throw new Pause(clock.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (kept.tries - 1)));
  }
}
