import { AppError, isAppError } from "../../kernel/errors.ts";
import type { SqliteConnection } from "./connection.ts";
import { readSqliteError } from "./errors.ts";

const LONGEST_QUEUE = 10_000;
const LARGEST_GROUP = 64;

interface Job {
  /** Gives what tells the caller of the success, once the commit is on the disk. */
  readonly run: () => Promise<() => void>;
  readonly reject: (error: unknown) => void;
}

interface Finished {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one writer. Jobs run one after the other, each all or nothing; those that wait at the same time share one commit,
 * and so one fsync (group commit): each resolves only when that commit is on the disk.
 * After a `storage` error nothing is written any more until the store is opened again (safety I9).
 */
export class Writer {
  readonly #connection: SqliteConnection;
  readonly #queue: Job[] = [];
  #draining: Promise<void> | null = null;
  #broken: AppError | null = null;
  #closed = false;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  submit<T>(work: () => Promise<T>): Promise<T> {
    const refusal = this.#refusal();
    if (refusal !== null) return Promise.reject(refusal);
    return new Promise<T>((resolve, reject) => {
      const run = async (): Promise<() => void> => {
        const value = await work();
        return () => resolve(value);
      };
      this.#queue.push({ run, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Lets what was submitted end, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  #refusal(): AppError | null {
    if (this.#closed) return new AppError("storage", "the store is closed: open it again");
    if (this.#broken !== null) {
      return new AppError("storage", `nothing is written since this happened: ${this.#broken.message}`, {
        cause: this.#broken,
      });
    }
    if (this.#queue.length >= LONGEST_QUEUE) {
      return new AppError("busy", `${LONGEST_QUEUE} writes wait for the disk: try again later`);
    }
    return null;
  }

  async #drain(): Promise<void> {
    // The first job's caller goes on first, so that callers of the same turn come into one group.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#runGroup();
    this.#draining = null;
  }

  async #runGroup(): Promise<void> {
    const finished: Finished[] = [];
    try {
      if (this.#broken !== null) throw this.#refusal() ?? this.#broken;
      this.#connection.exec("begin immediate");
      while (finished.length < LARGEST_GROUP) {
        const job = this.#queue.shift();
        if (job === undefined) break;
        await this.#runJob(job, finished);
      }
      if (finished.length === 0) this.#connection.exec("rollback");
      else this.#commit();
    } catch (error) {
      this.#abandon(readSqliteError(error), finished);
      return;
    }
    for (const job of finished) job.resolve();
  }

  /** Throws only what ends the whole group. */
  async #runJob(job: Job, finished: Finished[]): Promise<void> {
    this.#connection.clearFailure();
    try {
      this.#connection.exec("savepoint job");
      const resolve = await job.run();
      // As on the server: a transaction with a failed statement fails, whoever caught the error.
      if (this.#connection.failure !== null) throw this.#connection.failure;
      this.#connection.exec("release job");
      finished.push({ resolve, reject: job.reject });
      return;
    } catch (error) {
      job.reject(error);
    }
    const { failure } = this.#connection;
    if (isAppError(failure, "storage") || !this.#connection.inTransaction) {
      throw failure ?? new AppError("storage", "the database gave up the transaction: start again");
    }
    this.#connection.exec("rollback to job");
    this.#connection.exec("release job");
  }

  #commit(): void {
    try {
      this.#connection.exec("commit");
    } catch (error) {
      const read = readSqliteError(error);
      throw read.code === "storage" ? read : new AppError("storage", `commit failed: ${read.message}`, { cause: read });
    }
  }

  #abandon(error: AppError, finished: readonly Finished[]): void {
    if (error.code === "storage") this.#broken ??= error;
    try {
      if (this.#connection.inTransaction) this.#connection.exec("rollback");
    } catch (cause) {
      this.#broken ??= readSqliteError(cause);
    }
    for (const job of finished) job.reject(error);
    // Whoever waits must hear of it too: with a broken store the queue would never get shorter otherwise.
    if (finished.length === 0 || this.#broken !== null) {
      for (const job of this.#queue.splice(0)) job.reject(error);
    }
  }
}
