import {
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
} from "kysely";
import { AppError } from "../../kernel/errors.ts";
import type { Schema } from "../tables/schema.ts";
import type { SqliteConnection } from "./connection.ts";

/** Kysely over one connection. Who may use it when is the writer's business, so transactions are not Kysely's. */
class OneConnectionDriver implements Driver {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async init(): Promise<void> {}

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }

  beginTransaction(): Promise<void> {
    return refuse();
  }

  commitTransaction(): Promise<void> {
    return refuse();
  }

  rollbackTransaction(): Promise<void> {
    return refuse();
  }

  async releaseConnection(): Promise<void> {}

  destroy(): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new AppError("internal", "transactions of the embedded store are opened by its writer"));
}

export function sqliteQueries(connection: SqliteConnection): Kysely<Schema> {
  const dialect: Dialect = {
    createDriver: () => new OneConnectionDriver(connection),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (database) => new SqliteIntrospector(database),
  };
  return new Kysely<Schema>({ dialect });
}
