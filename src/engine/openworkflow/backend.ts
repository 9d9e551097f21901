import type {
  Backend,
  ClaimWorkflowRunParams,
  CompleteStepAttemptParams,
  CompleteWorkflowRunParams,
  CreateStepAttemptParams,
  ExtendWorkflowRunLeaseParams,
  FailStepAttemptParams,
  FailWorkflowRunParams,
  GetSignalDeliveryParams,
  GetWorkflowRunParams,
  ListStepAttemptsParams,
  PaginatedResponse,
  RescheduleWorkflowRunAfterFailedStepAttemptParams,
  SleepWorkflowRunParams,
  StepAttempt,
  WorkflowRun,
} from "openworkflow/internal";
import { present } from "../../kernel/assert.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { errorFields, type Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import type { Database, Db } from "../../store/database.ts";
import { INTERRUPTED_PAUSE_MS } from "../steps/attempts.ts";
import { Interrupted } from "./interrupted.ts";
import { readRun, readSteps, toStepAttempt, toWorkflowRun } from "./rows.ts";
import type { Times } from "./times.ts";

export interface BackendOptions {
  readonly database: Database;
  readonly times: Times;
  /** For leases between workers: the machine's, which no sandbox moves. */
  readonly leaseClock: Clock;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Called when a run has been put down: a place is free, or a run is due. */
  readonly onChange: () => void;
}

/** How a run goes on after a pass. */
interface RunChange {
  readonly status: "waiting" | "done" | "failed";
  readonly due_at: number | null;
  readonly output?: string;
  readonly error?: string | null;
}

type Owned = Readonly<{ workflowRunId: string; workerId: string }>;

/**
 * openworkflow's storage in the tables of our own store: one database, one connection pool, one backup and one clock for
 * journal and engine, on SQLite and PostgreSQL alike. A run belongs to the worker whose id it has; each write of a pass
 * checks that in its own transaction, so a worker that was taken over from changes nothing more.
 */
export class StoreBackend implements Backend {
  readonly #options: BackendOptions;
  /** Workflows that this process knows: others are left to those who do. */
  readonly #workflows: Set<string>;
  readonly #claimed = new Map<string, WorkflowRun>();
  /** When the pause ends that a run is about to ask for, on the product's clock; the library would say it in its own. */
  readonly #pauses = new Map<string, number>();
  #exhausted = false;

  constructor(options: BackendOptions, workflows: Set<string>) {
    this.#options = options;
    this.#workflows = workflows;
  }

  /** Said before each sleep, wait and new try. */
  expectPause(run: string, untilMs: number): void {
    this.#pauses.set(run, untilMs);
  }

  /** Before each round of claims: within a round, one that finds nothing spares the others the question. */
  beginRound(): void {
    this.#exhausted = false;
  }

  async claimWorkflowRun(params: Readonly<ClaimWorkflowRunParams>): Promise<WorkflowRun | null> {
    if (this.#exhausted) return null;
    const { times } = this.#options;
    const row = await this.#write((db) => this.#claim(db, params));
    if (row === null) {
      this.#exhausted = true;
      return null;
    }
    const run = toWorkflowRun(row, times);
    this.#claimed.set(run.id, run);
    return run;
  }

  async #claim(db: Db, { workerId, leaseDurationMs }: Readonly<ClaimWorkflowRunParams>) {
    const { database, times, leaseClock } = this.#options;
    if (this.#workflows.size === 0) return null;
    const [nowMs, leaseNowMs] = [times.nowMs(), leaseClock.now()];
    // A run whose heartbeats did not get through is still in hand here: only others may take it over.
    const inHand = [...this.#claimed.keys(), ""];
    const due = db
      .selectFrom("engine_runs")
      .selectAll()
      .where("due_at", "<=", nowMs)
      .where("workflow", "in", [...this.#workflows])
      .where("id", "not in", inHand)
      .where((where) => where.or([where("worker", "is", null), where("lease_until", "<=", leaseNowMs)]))
      .orderBy("due_at")
      .orderBy("created_at")
      .orderBy("id")
      .limit(1);
    const found = await (database.profile.rowLocks ? due.forUpdate().skipLocked() : due).executeTakeFirst();
    if (found === undefined) return null;
    const change = {
      status: "running",
      attempts: found.attempts + 1,
      worker: workerId,
      lease_until: leaseNowMs + leaseDurationMs,
      started_at: found.started_at ?? nowMs,
    };
    await db.updateTable("engine_runs").set(change).where("id", "=", found.id).execute();
    return { ...found, ...change };
  }

  /** A heartbeat that fails is not worth an error: whoever lost the run hears of it at its next write. */
  async extendWorkflowRunLease(params: Readonly<ExtendWorkflowRunLeaseParams>): Promise<WorkflowRun> {
    const { leaseClock, log } = this.#options;
    const { workflowRunId, workerId, leaseDurationMs } = params;
    try {
      await this.#write((db) =>
        db
          .updateTable("engine_runs")
          .set({ lease_until: leaseClock.now() + leaseDurationMs })
          .where("id", "=", workflowRunId)
          .where("worker", "=", workerId)
          .execute(),
      );
    } catch (error) {
      log.warn("a run's lease could not be extended", { run: workflowRunId, ...errorFields(error) });
    }
    return present(this.#claimed.get(workflowRunId) ?? (await this.getWorkflowRun(params)), "the run of a heartbeat");
  }

  async getWorkflowRun({ workflowRunId }: Readonly<GetWorkflowRunParams>): Promise<WorkflowRun | null> {
    const row = await this.#read((db) => readRun(db, workflowRunId));
    return row === undefined ? null : toWorkflowRun(row, this.#options.times);
  }

  /** A signal that came between the start of the wait and now is not slept through. */
  sleepWorkflowRun(params: Readonly<SleepWorkflowRunParams>): Promise<WorkflowRun> {
    const { times } = this.#options;
    return this.#putDown(params, async (db) => {
      const open = (await readSteps(db, params.workflowRunId)).filter((step) => step.status === "running");
      const woken = open.some((step) => step.delivered !== null);
      const ends = open.flatMap((step) => (step.due_at === null ? [] : [step.due_at]));
      return { status: "waiting", due_at: woken ? times.nowMs() : Math.min(...ends) };
    });
  }

  completeWorkflowRun(params: Readonly<CompleteWorkflowRunParams>): Promise<WorkflowRun> {
    return this.#putDown(params, async () => ({
      status: "done",
      due_at: null,
      output: JSON.stringify(params.output),
      error: null,
    }));
  }

  failWorkflowRun(params: Readonly<FailWorkflowRunParams>): Promise<WorkflowRun> {
    const { times } = this.#options;
    const interrupted = params.error.name === Interrupted.NAME;
    return this.#putDown(params, async (db) => {
      if (!interrupted) return { status: "failed", due_at: null, error: params.error.message };
      // As if the step had not been begun: it counts neither as a try nor as a step.
      await db
        .deleteFrom("engine_steps")
        .where("run", "=", params.workflowRunId)
        .where("kind", "=", "function")
        .where("status", "=", "running")
        .execute();
      return { status: "waiting", due_at: times.nowMs() + INTERRUPTED_PAUSE_MS };
    });
  }

  rescheduleWorkflowRunAfterFailedStepAttempt(
    params: Readonly<RescheduleWorkflowRunAfterFailedStepAttemptParams>,
  ): Promise<WorkflowRun> {
    const untilMs = this.#takePause(params.workflowRunId);
    return this.#putDown(params, async () => ({ status: "waiting", due_at: untilMs, error: params.error.message }));
  }

  async createStepAttempt(params: Readonly<CreateStepAttemptParams>): Promise<StepAttempt> {
    const { times, clock, random } = this.#options;
    const { context } = params;
    if (context?.kind === "workflow") return refuse();
    const row = {
      id: newId("stp", clock, random),
      run: params.workflowRunId,
      name: params.stepName,
      kind: params.kind,
      status: "running",
      due_at: context === null ? null : this.#takePause(params.workflowRunId),
      signal: context?.kind === "signal-wait" ? context.signal : null,
      delivered: null,
      output: null,
      error: null,
      started_at: times.nowMs(),
      ended_at: null,
    };
    await this.#write(async (db) => {
      await this.#requireOwner(db, params);
      await db.insertInto("engine_steps").values(row).execute();
    });
    return toStepAttempt({ ...row, position: 0 }, times);
  }

  async listStepAttempts({ workflowRunId }: Readonly<ListStepAttemptsParams>): Promise<PaginatedResponse<StepAttempt>> {
    const rows = await this.#read((db) => readSteps(db, workflowRunId));
    const { times } = this.#options;
    return { data: rows.map((row) => toStepAttempt(row, times)), pagination: { next: null, prev: null } };
  }

  completeStepAttempt(params: Readonly<CompleteStepAttemptParams>): Promise<StepAttempt> {
    return this.#endStep(params, params.stepAttemptId, {
      status: "completed",
      output: JSON.stringify(params.output),
      error: null,
    });
  }

  failStepAttempt(params: Readonly<FailStepAttemptParams>): Promise<StepAttempt> {
    return this.#endStep(params, params.stepAttemptId, {
      status: "failed",
      output: null,
      error: params.error.message,
    });
  }

  /** How often a step of a run has failed. */
  async failures(run: string, name: string): Promise<number> {
    const steps = await this.#read((db) => readSteps(db, run));
    return steps.filter((step) => step.name === name && step.status === "failed").length;
  }

  async getSignalDelivery({ stepAttemptId }: Readonly<GetSignalDeliveryParams>) {
    const row = await this.#read((db) =>
      db.selectFrom("engine_steps").select("delivered").where("id", "=", stepAttemptId).executeTakeFirst(),
    );
    if (row === undefined || row.delivered === null) return undefined;
    return JSON.parse(row.delivered) as WorkflowRun["input"];
  }

  // What follows is never asked for: runs are started, canceled and signalled through the engine's own port.

  createWorkflowRun(): Promise<WorkflowRun> {
    return refuse();
  }

  cancelWorkflowRun(): Promise<WorkflowRun> {
    return refuse();
  }

  listWorkflowRuns(): Promise<PaginatedResponse<WorkflowRun>> {
    return refuse();
  }

  countWorkflowRuns(): ReturnType<Backend["countWorkflowRuns"]> {
    return refuse();
  }

  getStepAttempt(): Promise<StepAttempt | null> {
    return refuse();
  }

  setStepAttemptChildWorkflowRun(): Promise<StepAttempt> {
    return refuse();
  }

  sendSignal(): ReturnType<Backend["sendSignal"]> {
    return refuse();
  }

  async stop(): Promise<void> {}

  #takePause(run: string): number {
    const untilMs = present(this.#pauses.get(run), `the end of the pause of ${run}`);
    this.#pauses.delete(run);
    return untilMs;
  }

  async #requireOwner(db: Db, { workflowRunId, workerId }: Owned) {
    const { database } = this.#options;
    const query = db.selectFrom("engine_runs").selectAll().where("id", "=", workflowRunId);
    const run = await (database.profile.rowLocks ? query.forUpdate() : query).executeTakeFirst();
    if (run?.status === "running" && run.worker === workerId) return run;
    throw new Interrupted(`run ${workflowRunId} is no longer in the hands of this worker`);
  }

  async #endStep(
    owned: Owned,
    id: string,
    end: { readonly status: string; readonly output: string | null; readonly error: string | null },
  ): Promise<StepAttempt> {
    const { times } = this.#options;
    return this.#write(async (db) => {
      await this.#requireOwner(db, owned);
      const row = await db
        .updateTable("engine_steps")
        .set({ ...end, ended_at: times.nowMs() })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirst();
      return toStepAttempt(present(row, `step ${id}`), times);
    });
  }

  /**
   * Ends a pass: the run waits, or is over and needs its steps no more. Where that cannot be written, the run stays with
   * this worker until its lease runs out, and then goes on from its last finished step.
   */
  async #putDown(owned: Owned, decide: (db: Db) => Promise<RunChange>): Promise<WorkflowRun> {
    const { log, onChange } = this.#options;
    const { workflowRunId } = owned;
    const claimed = this.#claimed.get(workflowRunId);
    try {
      return await this.#write((db) => this.#changeRun(db, owned, decide));
    } catch (error) {
      log.warn("a run was put down unwritten", { run: workflowRunId, ...errorFields(error) });
      return present(claimed, `run ${workflowRunId}`);
    } finally {
      this.#claimed.delete(workflowRunId);
      this.#pauses.delete(workflowRunId);
      onChange();
    }
  }

  async #changeRun(db: Db, owned: Owned, decide: (db: Db) => Promise<RunChange>): Promise<WorkflowRun> {
    const { times } = this.#options;
    const run = await this.#requireOwner(db, owned);
    const change = await decide(db);
    const over = change.due_at === null;
    const row = { ...change, worker: null, lease_until: 0, ended_at: over ? times.nowMs() : null };
    await db.updateTable("engine_runs").set(row).where("id", "=", run.id).execute();
    if (over) await db.deleteFrom("engine_steps").where("run", "=", run.id).execute();
    return toWorkflowRun({ ...run, ...row }, times);
  }

  async #read<T>(work: (db: Db) => Promise<T>): Promise<T> {
    try {
      return await this.#options.database.read(work);
    } catch (cause) {
      throw asInterrupted(cause);
    }
  }

  async #write<T>(work: (db: Db) => Promise<T>): Promise<T> {
    try {
      return await this.#options.database.write(work);
    } catch (cause) {
      throw asInterrupted(cause);
    }
  }
}

/** A database that fails must not fail the run. */
function asInterrupted(cause: unknown): Interrupted {
  if (cause instanceof Interrupted) return cause;
  return new Interrupted(cause instanceof Error ? cause.message : String(cause), cause);
}

function refuse(): Promise<never> {
  return Promise.reject(new AppError("internal", "the engine was asked for something that only its port does"));
}
