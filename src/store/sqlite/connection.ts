import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { CompiledQuery, type DatabaseConnection, type QueryResult } from "kysely";
import { AppError } from "../../kernel/errors.ts";
import type { Cell } from "../database.ts";
import { readSqliteError } from "./errors.ts";

const CACHED_STATEMENTS = 400;
const PAGE_BYTES = 4096;

export interface ConnectionOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  readonly readOnly: boolean;
  /** Largest size of the file; null: the disk's. */
  readonly maxBytes: number | null;
}

/** Rows for one statement, run for each of them: the raw loop of a bulk write. */
class RowBatch {
  readonly rows: readonly (readonly Cell[])[];
  constructor(rows: readonly (readonly Cell[])[]) {
    this.rows = rows;
  }
}

/** A query that runs `sql` once for each row. */
export function batchQuery(sql: string, rows: readonly (readonly Cell[])[]): CompiledQuery {
  return CompiledQuery.raw(sql, [new RowBatch(rows)]);
}

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

/** One connection of node:sqlite with its prepared statements, as Kysely asks for it. */
export class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  /** In the order of their last use. */
  readonly #prepared = new Map<string, Prepared>();
  #failure: AppError | null = null;

  constructor(options: ConnectionOptions) {
    try {
      this.#database = new DatabaseSync(options.path, {
        readOnly: options.readOnly,
        timeout: 5_000,
        enableForeignKeyConstraints: true,
      });
      this.#setUp(options);
    } catch (error) {
      throw readSqliteError(error);
    }
  }

  #setUp(options: ConnectionOptions): void {
    const database = this.#database;
    if (!options.readOnly && options.path !== ":memory:") {
      database.exec("pragma journal_mode = wal");
      // A commit is on the disk when it returns, also through a power cut.
      database.exec("pragma synchronous = full");
    }
    database.exec("pragma cache_size = -32768");
    database.exec("pragma temp_store = memory");
    if (options.maxBytes !== null) {
      database.exec(`pragma max_page_count = ${Math.max(1, Math.floor(options.maxBytes / PAGE_BYTES))}`);
    }
  }

  /** First error since `clearFailure`: a transaction in which a statement failed must not be committed. */
  get failure(): AppError | null {
    return this.#failure;
  }

  clearFailure(): void {
    this.#failure = null;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  exec(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return Promise.resolve(this.#execute<R>(query));
    } catch (error) {
      return Promise.reject(this.#fail(error));
    }
  }

  // oxlint-disable-next-line require-yield -- Kysely asks for the method; nothing here streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new AppError("unsupported", "the embedded store does not stream: read pages by key instead");
  }

  close(): void {
    this.#prepared.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #fail(error: unknown): AppError {
    const failure = readSqliteError(error);
    this.#failure ??= failure;
    return failure;
  }

  #execute<R>(query: CompiledQuery): QueryResult<R> {
    const { statement, returnsRows } = this.#prepare(query.sql);
    const first = query.parameters[0];
    if (first instanceof RowBatch) {
      let changed = 0;
      for (const row of first.rows) changed += Number(statement.run(...row).changes);
      return { rows: [], numAffectedRows: BigInt(changed) };
    }
    const parameters = query.parameters as readonly SQLInputValue[];
    if (returnsRows) {
      const rows = statement.all(...parameters) as R[];
      return { rows, numAffectedRows: BigInt(rows.length) };
    }
    return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) };
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known !== undefined) {
      this.#prepared.delete(sql);
      this.#prepared.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    this.#prepared.set(sql, prepared);
    if (this.#prepared.size > CACHED_STATEMENTS) {
      const oldest = this.#prepared.keys().next();
      if (oldest.done !== true) this.#prepared.delete(oldest.value);
    }
    return prepared;
  }
}
