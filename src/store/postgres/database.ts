import { AsyncLocalStorage } from "node:async_hooks";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { AppError, isAppError } from "../../kernel/errors.ts";
import { errorFields, type Log } from "../../kernel/log.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { Database, Db } from "../database.ts";
import { refuseInside, type TransactionMark } from "../access/scope.ts";
import type { Schema } from "../tables/schema.ts";
import { endsWriting, isTransient, readPostgresError, type Phase } from "./errors.ts";
import { postgresProfile } from "./profile.ts";

const MOST_TRIES = 5;
const CONNECT_TIMEOUT_MS = 10_000;
/** For one statement; the longest is a bulk write of some thousand rows. */
const STATEMENT_TIMEOUT_MS = 60_000;
/** A stalled holder of a transaction must not keep others waiting for ever (safety F9). */
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000;

const INT8 = 20;

export interface PostgresOptions {
  readonly url: Secret;
  readonly log: Log;
  readonly connections: number;
}

export interface PostgresDatabase extends Database {
  close(): Promise<void>;
}

/** Values as the server writes them, but for 64-bit integers, which are numbers here (all of ours are below 2^53). */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number) => (oid === INT8 ? Number : String),
};

function openPool(options: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url.expose(),
    max: options.connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: STATEMENT_TIMEOUT_MS / 2,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS * 2,
    application_name: "tenure",
    keepAlive: true,
    types,
  });
  // A connection that breaks is replaced at the next use, and whoever uses it hears of it by its query: without these
  // listeners the event would end the process.
  const onBreak = (error: Error): void => options.log.warn("a connection to PostgreSQL broke", errorFields(error));
  pool.on("error", onBreak);
  pool.on("connect", (client) => client.on("error", onBreak));
  return pool;
}

/** A pool of connections. `close` waits for what runs. */
export function openPostgres(options: PostgresOptions): PostgresDatabase {
  const queries = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: openPool(options) }) });
  const scope = new AsyncLocalStorage<TransactionMark>();
  let broken: AppError | null = null;
  let closed = false;
  const refuse = (): void => {
    refuseInside(scope);
    if (closed) throw new AppError("storage", "the store is closed: open it again");
  };

  const once = async <T>(work: (db: Db) => Promise<T>): Promise<T> => {
    let phase: Phase = "work";
    const mark: TransactionMark = { open: true };
    try {
      return await queries.transaction().execute(async (db) => {
        const value = await scope.run(mark, () => work(db));
        phase = "commit";
        return value;
      });
    } catch (error) {
      if (isTransient(error)) throw error;
      const read = readPostgresError(error, phase);
      if (endsWriting(error) && isAppError(read)) broken ??= read;
      throw read;
    } finally {
      mark.open = false;
    }
  };

  return {
    kind: "server",
    profile: postgresProfile,
    async read(work) {
      refuse();
      try {
        return await work(queries);
      } catch (error) {
        throw readPostgresError(error, "work");
      }
    },
    async write(work) {
      refuse();
      for (let attempt = 1; ; attempt += 1) {
        if (broken !== null) {
          throw new AppError("storage", `nothing is written since this happened: ${broken.message}`, { cause: broken });
        }
        try {
          return await once(work);
        } catch (error) {
          // The server chose this one to break a deadlock: the other has gone on meanwhile.
          if (!isTransient(error) || attempt === MOST_TRIES) throw readPostgresError(error, "work");
        }
      }
    },
    async close() {
      closed = true;
      await queries.destroy();
    },
  };
}
