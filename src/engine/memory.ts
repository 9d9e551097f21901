import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import { runPass, type Pass } from "./memory/pass.ts";
import { isOpen, newRun, parseText, type MemoryHistory, type StoredRun } from "./memory/history.ts";
import type { Engine, EngineRun, Worker, Workflow } from "./port.ts";

export type { MemoryHistory } from "./memory/history.ts";

/** An engine whose process can be made to die: for tests. */
export interface MemoryEngine extends Engine {
  /** What a restarted process would find: give it to the next engine. */
  readonly history: MemoryHistory;
  /** The process dies now: nothing more of it runs or is kept, whatever is still in flight. */
  kill(): void;
}

export function memoryHistory(): MemoryHistory {
  return { runs: new Map() };
}

/**
 * A deterministic engine on the given clock, for tests with virtual time. One process at a time: its history outlives it
 * when it is passed on, as a database would. Stricter than need be in one thing: a workflow that asks for other steps at
 * a replay than before fails, as it is not deterministic.
 */
export function memoryEngine(options: { readonly clock: Clock; readonly history?: MemoryHistory }): MemoryEngine {
  const history = options.history ?? memoryHistory();
  const process: Process = {
    clock: options.clock,
    history,
    workflows: new Map(),
    active: new Map(),
    wakers: new Set(),
    dead: false,
  };
  const kick = (): void => {
    for (const wake of process.wakers) wake();
  };
  const kill = (): void => {
    process.dead = true;
    kick();
  };
  return {
    history,
    kill,
    register(workflow) {
      process.workflows.set(workflow.name, workflow);
    },
    async start(request) {
      const known = history.runs.get(request.id);
      if (known === undefined) history.runs.set(request.id, newRun(request, history.runs.size, process.clock.now()));
      else if (known.workflow !== request.workflow) {
        throw new AppError("conflict", `run ${request.id} exists already, of workflow ${known.workflow}`);
      }
      kick();
    },
    async signal(signal, payload) {
      for (const run of history.runs.values()) deliver(run, signal, payload, process.clock.now());
      kick();
    },
    async cancel(id) {
      const run = history.runs.get(id);
      if (run === undefined) throw new AppError("missing", `the engine has no run ${id}`);
      if (isOpen(run)) run.status = "canceled";
      kick();
    },
    async get(id) {
      const run = history.runs.get(id);
      return run === undefined ? null : describe(run);
    },
    work: async ({ concurrency }) => startWorker(process, concurrency),
    async close() {
      kill();
    },
  };
}

/** How long a stopping worker waits for what is in flight: as long as the lease of an engine with several workers. */
const LONGEST_STOP_MS = 30_000;

interface Process {
  readonly clock: Clock;
  readonly history: MemoryHistory;
  readonly workflows: Map<string, Workflow>;
  readonly active: Map<string, Promise<void>>;
  readonly wakers: Set<() => void>;
  dead: boolean;
}

function describe(run: StoredRun): EngineRun {
  return {
    id: run.id,
    workflow: run.workflow,
    status: run.status,
    output: run.output === null ? null : parseText(run.output),
    error: run.error,
  };
}

/** Wakes who waits for the signal; one that nobody waits for is lost. */
function deliver(run: StoredRun, signal: string, payload: JsonValue, nowMs: number): void {
  if (!isOpen(run)) return;
  for (const step of run.steps.values()) {
    if (step.signal !== signal || step.result !== null) continue;
    step.result = JSON.stringify({ value: payload });
    run.dueMs = Math.min(run.dueMs, nowMs);
  }
}

function startWorker(process: Process, concurrency: number): Worker {
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  const kick = (): void => wake();
  process.wakers.add(kick);
  const turn = async (): Promise<void> => {
    while (!stopping.signal.aborted && !process.dead) {
      const kicked = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const waiting = claimDue(process, concurrency, kick);
      const timer = new AbortController();
      const next = waiting[0];
      // Where every place is taken, one that gets free kicks.
      const due = next === undefined ? kicked : sleepUntil(process.clock, next.dueMs, timer.signal);
      await Promise.race([kicked, due]);
      timer.abort();
    }
    process.wakers.delete(kick);
  };
  const loop = turn();
  return {
    async stop() {
      stopping.abort();
      kick();
      await loop;
      const patience = new AbortController();
      const tooLong = sleepUntil(process.clock, process.clock.now() + LONGEST_STOP_MS, patience.signal);
      await Promise.race([Promise.all(process.active.values()), tooLong]);
      patience.abort();
    },
  };
}

async function sleepUntil(clock: Clock, atMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(Math.max(0, atMs - clock.now()), signal);
  } catch {
    // The loop woke up before.
  }
}

/** Takes what is due while there are places; gives the runs that wait for their time, the next one first. */
function claimDue(process: Process, concurrency: number, kick: () => void): readonly StoredRun[] {
  const nowMs = process.clock.now();
  const open = [...process.history.runs.values()]
    .filter((run) => isOpen(run) && !process.active.has(run.id) && process.workflows.has(run.workflow))
    .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
  for (const run of open.filter((one) => one.dueMs <= nowMs)) {
    const workflow = process.workflows.get(run.workflow);
    if (workflow === undefined || process.active.size >= concurrency) break;
    const pass: Pass = { clock: process.clock, run, workflow, isDead: () => process.dead };
    const done = runPass(pass).finally(() => {
      process.active.delete(run.id);
      kick();
    });
    process.active.set(run.id, done);
  }
  return open.filter((run) => run.dueMs > nowMs);
}
