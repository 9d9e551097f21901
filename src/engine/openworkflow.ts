import { Worker as LibraryWorker } from "openworkflow";
import { systemClock, yieldTurn, type Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { errorFields, silentLog, type Log } from "../kernel/log.ts";
import { systemRandom, type Random } from "../kernel/random.ts";
import type { Database, Db } from "../store/database.ts";
import { adaptWorkflow } from "./openworkflow/adapt.ts";
import { StoreBackend } from "./openworkflow/backend.ts";
import { readRun, toEngineRun } from "./openworkflow/rows.ts";
import { timesBetween } from "./openworkflow/times.ts";
import type { Engine, StartRequest, Worker, Workflow } from "./port.ts";

/** The library's own; it renews at half of it. */
const LEASE_MS = 30_000;
const POLL_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;

export interface EngineOptions {
  /** Of the store that the workflows use: runs are rows beside the journal. */
  readonly database: Database;
  /** The product's clock: sleeps, timeouts and `at` are reckoned with it, also when it is a sandbox's. */
  readonly clock: Clock;
  readonly log?: Log;
  readonly random?: Random;
  /** Leases between processes run on the machine's clock, so that a sandbox that jumps does not end them. */
  readonly leaseClock?: Clock;
  /** How often other processes' work and a jumping clock are looked for (1 s on the machine's clock). */
  readonly pollMs?: number;
}

/** openworkflow on the store's database, embedded or server. Close it before the store. */
export function openworkflowEngine(options: EngineOptions): Engine {
  const { database, clock, log = silentLog(), random = systemRandom() } = options;
  const leaseClock = options.leaseClock ?? systemClock();
  const workflows = new Map<string, Workflow>();
  const known = new Set<string>();
  const nudges = new Set<() => void>();
  const nudge = (): void => {
    for (const wake of nudges) wake();
  };
  // A place is free only after the library has seen its pass end.
  const onChange = (): void => void yieldTurn().then(nudge);
  const times = timesBetween(clock, systemClock());
  const backend = new StoreBackend({ database, times, leaseClock, clock, random, log, onChange }, known);
  const workers: Worker[] = [];
  return {
    register(workflow) {
      if (workers.length > 0) throw new AppError("internal", `workflow ${workflow.name} came after the work began`);
      workflows.set(workflow.name, workflow);
      known.add(workflow.name);
    },
    async start(request) {
      await database.write((db) => insertRun(db, request, clock.now()));
      nudge();
    },
    async signal(signal, payload) {
      await database.write((db) => deliver(database, db, signal, JSON.stringify(payload), clock.now()));
      nudge();
    },
    cancel: (id) => database.write((db) => cancel(database, db, id, clock.now())),
    get: (id) =>
      database.read(async (db) => {
        const row = await readRun(db, id);
        return row === undefined ? null : toEngineRun(row);
      }),
    async work({ concurrency }) {
      // The directory is ours alone, so whoever had these runs is dead: no need to wait for their leases.
      if (database.kind === "embedded" && workers.length === 0) await database.write(freeAll);
      const library = new LibraryWorker({
        backend,
        concurrency,
        workflows: [...workflows.values()].map((workflow) => ({
          spec: { name: workflow.name },
          fn: adaptWorkflow(workflow, backend, clock),
        })),
      });
      const pollMs = options.pollMs ?? POLL_MS;
      const worker = startLoop({ library, backend, database, clock, leaseClock, log, nudges, known, pollMs });
      workers.push(worker);
      return worker;
    },
    async close() {
      for (const worker of workers.splice(0)) await worker.stop();
    },
  };
}

async function insertRun(db: Db, request: StartRequest, nowMs: number): Promise<void> {
  const { workflow, id, input, at } = request;
  const row = {
    id,
    workflow,
    status: "waiting",
    input: JSON.stringify(input),
    output: null,
    error: null,
    attempts: 0,
    worker: null,
    lease_until: 0,
    due_at: at ?? nowMs,
    created_at: nowMs,
    started_at: null,
    ended_at: null,
  };
  // The id is the primary key, and rows of ended runs stay: the library's own check forgets after a day.
  await db
    .insertInto("engine_runs")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  const stored = await readRun(db, id);
  if (stored !== undefined && stored.workflow !== workflow) {
    throw new AppError("conflict", `run ${id} exists already, of workflow ${stored.workflow} instead of ${workflow}`);
  }
}

/** Run before steps, as everywhere: with the run's row locked, its pass either sees the signal or is woken. */
async function deliver(database: Database, db: Db, signal: string, payload: string, nowMs: number): Promise<void> {
  const waiting = db
    .selectFrom("engine_steps")
    .select("run")
    .where("signal", "=", signal)
    .where("status", "=", "running")
    .where("delivered", "is", null);
  const runs = [...new Set((await waiting.execute()).map((step) => step.run))].sort();
  for (const run of runs) {
    const query = db.selectFrom("engine_runs").select(["due_at"]).where("id", "=", run).where("due_at", "is not", null);
    const row = await (database.profile.rowLocks ? query.forUpdate() : query).executeTakeFirst();
    if (row === undefined) continue;
    await db
      .updateTable("engine_steps")
      .set({ delivered: payload })
      .where("run", "=", run)
      .where("signal", "=", signal)
      .where("status", "=", "running")
      .where("delivered", "is", null)
      .execute();
    const due = Math.min(row.due_at ?? nowMs, nowMs);
    await db.updateTable("engine_runs").set({ due_at: due }).where("id", "=", run).execute();
  }
}

async function cancel(database: Database, db: Db, id: string, nowMs: number): Promise<void> {
  const query = db.selectFrom("engine_runs").selectAll().where("id", "=", id);
  const run = await (database.profile.rowLocks ? query.forUpdate() : query).executeTakeFirst();
  if (run === undefined) throw new AppError("missing", `the engine has no run ${id}`);
  if (run.due_at === null) return;
  await db
    .updateTable("engine_runs")
    .set({ status: "canceled", due_at: null, worker: null, lease_until: 0, ended_at: nowMs })
    .where("id", "=", id)
    .execute();
  await db.deleteFrom("engine_steps").where("run", "=", id).execute();
}

async function freeAll(db: Db): Promise<void> {
  await db.updateTable("engine_runs").set({ worker: null, lease_until: 0 }).where("status", "=", "running").execute();
}

interface Loop {
  readonly library: LibraryWorker;
  readonly backend: StoreBackend;
  readonly database: Database;
  readonly clock: Clock;
  readonly leaseClock: Clock;
  readonly log: Log;
  readonly nudges: Set<() => void>;
  readonly known: ReadonlySet<string>;
  readonly pollMs: number;
}

/** Our own loop instead of the library's: it wakes up when something is due or has changed, not ten times a second. */
function startLoop(loop: Loop): Worker {
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  const kick = (): void => wake();
  loop.nudges.add(kick);
  const turn = async (): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const nudged = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const asOfMs = loop.clock.now();
      const dueMs = await claimDue(loop).then(
        (due) => {
          failures = 0;
          return due;
        },
        (error: unknown) => {
          failures += 1;
          // Once an outage, not once a second of it.
          if (failures === 1) loop.log.error("the engine cannot reach its database", errorFields(error));
          return null;
        },
      );
      if (dueMs === "now") continue;
      const pollMs = Math.min(loop.pollMs * 2 ** Math.min(failures, 10), Math.max(LONGEST_BACKOFF_MS, loop.pollMs));
      // A run that was due then but not free (every place taken, or in other hands) is no reason to turn in circles.
      const next = dueMs !== null && dueMs > asOfMs ? dueMs : null;
      await waitAny(loop, nudged, next, pollMs, stopping.signal);
    }
  };
  const running = turn();
  const stop = async (): Promise<void> => {
    stopping.abort();
    kick();
    await running;
    loop.nudges.delete(kick);
    const patience = new AbortController();
    const tooLong = loop.leaseClock.sleep(LEASE_MS, patience.signal).catch(() => undefined);
    await Promise.race([loop.library.stop(), tooLong]);
    patience.abort();
  };
  let stopped: Promise<void> | null = null;
  return { stop: () => (stopped ??= stop()) };
}

/** Takes what is due; gives when the next run is, or that there is more at once. */
async function claimDue(loop: Loop): Promise<number | "now" | null> {
  loop.backend.beginRound();
  if ((await loop.library.tick()) > 0) return "now";
  if (loop.known.size === 0) return null;
  const next = await loop.database.read((db) =>
    db
      .selectFrom("engine_runs")
      .select("due_at")
      .where("due_at", "is not", null)
      .where("worker", "is", null)
      .where("workflow", "in", [...loop.known])
      .orderBy("due_at")
      .limit(1)
      .executeTakeFirst(),
  );
  return next?.due_at ?? null;
}

/** Until something changes here, the next run is due on the product's clock, or it is time to look again. */
async function waitAny(
  { clock, leaseClock }: Loop,
  nudged: Promise<void>,
  dueMs: number | null,
  pollMs: number,
  stopping: AbortSignal,
): Promise<void> {
  if (dueMs !== null && dueMs <= clock.now()) return;
  const timers = new AbortController();
  const signal = AbortSignal.any([timers.signal, stopping]);
  const waits = [nudged, leaseClock.sleep(pollMs, signal)];
  if (dueMs !== null) waits.push(clock.sleep(dueMs - clock.now(), signal));
  await Promise.race(waits.map((wait) => wait.catch(() => undefined)));
  timers.abort();
}
