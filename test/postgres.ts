import { after } from "node:test";
import { makeSchema, startPostgres, type PostgresServer, type TestDatabase } from "./postgres-server.ts";

export type { TestDatabase } from "./postgres-server.ts";

interface Shared {
  server: Promise<PostgresServer> | null;
  readonly cleanups: (() => Promise<void>)[];
  schemas: number;
  toldLeftOut: boolean;
}

// One server for all tests of the process: the one place where tests share something.
const shared: Shared = { server: null, cleanups: [], schemas: 0, toldLeftOut: false };

/**
 * Whether the PostgreSQL tier was left out on purpose (`npm test -- --without-postgres`). It says so once; a suite that
 * asks skips itself visibly. Nothing else leaves it out: without a server `createTestDatabase` fails.
 */
export function isPostgresLeftOut(): boolean {
  const leftOut = process.env["TENURE_TEST_WITHOUT_POSTGRES"] === "1";
  if (leftOut && !shared.toldLeftOut) {
    shared.toldLeftOut = true;
    process.stderr.write(
      "left out (--without-postgres): store, engine and budgets on PostgreSQL, takeover between processes\n",
    );
  }
  return leftOut;
}

/** Runs `work` after the last test, while the server is still there: for what is kept from test to test. */
export function beforeServerEnds(work: () => Promise<void>): void {
  shared.cleanups.push(work);
}

/**
 * An empty schema that connections of its URL take for the whole database: made and dropped ten times as fast as a
 * database. The server is started at the first call and ends with the tests.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  shared.server ??= startPostgres();
  const server = await shared.server;
  shared.schemas += 1;
  return makeSchema(server, `tenure_test_${process.pid}_${shared.schemas}`);
}

after(async () => {
  for (const work of shared.cleanups.splice(0)) await work();
  const server = await shared.server?.catch(() => null);
  await server?.stop();
  shared.server = null;
});
