import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { Secret } from "../src/kernel/secret.ts";

/** A place of its own for the tables of one test, on a server that the tests started or were given. */
export interface TestDatabase {
  readonly url: Secret;
  /** Removes the tables. Whoever used them has closed its connections. */
  drop(): Promise<void>;
}

/** A running server; tests share one (`postgres.ts`), a bench starts its own. */
export interface PostgresServer {
  readonly url: string;
  /** Ends it and removes what it wrote. */
  readonly stop: () => Promise<void>;
}

/** An empty schema that connections of its URL take for the whole database. */
export async function makeSchema(server: PostgresServer, name: string): Promise<TestDatabase> {
  await query(server.url, `create schema ${name}`);
  const url = new URL(server.url);
  url.searchParams.set("options", `-c search_path=${name}`);
  return {
    url: new Secret(url.toString()),
    drop: () => query(server.url, `drop schema if exists ${name} cascade`),
  };
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Starts a server of our own, as another user when root; or takes the one of `TENURE_TEST_DATABASE_URL`. */
export async function startPostgres(): Promise<PostgresServer> {
  const given = process.env["TENURE_TEST_DATABASE_URL"];
  if (given !== undefined && given !== "") return { url: given, stop: async () => undefined };
  const bin = findBinaries() ?? install();
  removeOrphans();
  const directory = mkdtempSync(join(tmpdir(), `${DIRECTORY}${process.pid}-`));
  const account = chooseAccount();
  try {
    if (account !== null) chownSync(directory, account.uid, account.gid);
    return await startOwn(bin, directory, account);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** What the tests of a process keep in is named after that process. */
const DIRECTORY = "tenure-pg-";

/** A process that was killed could not clean up: the next one does it for it. */
function removeOrphans(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^tenure-pg-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

const WAYS_OUT = [
  "set TENURE_TEST_DATABASE_URL to a database in which the tests may create schemas,",
  "install it (Debian, Ubuntu: apt-get install postgresql),",
  "or leave this tier out and have it named: npm test -- --without-postgres",
].join("\n  ");

/** Debian's place, then what is on PATH's usual ones; the newest version first. */
function findBinaries(): string | null {
  const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql") : [];
  const found = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
    .concat("/opt/homebrew/opt/postgresql/bin", "/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin")
    .find((bin) => existsSync(join(bin, "initdb")) && existsSync(join(bin, "postgres")));
  return found ?? null;
}

function install(): string {
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    process.stderr.write("PostgreSQL is not installed: installing Debian's package for the tests\n");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    for (const parameters of [["update"], ["install", "-y", "--no-install-recommends", "postgresql"]]) {
      spawnSync("apt-get", ["-q", ...parameters], { env, stdio: "ignore", timeout: 300_000 });
    }
    const bin = findBinaries();
    if (bin !== null) return bin;
  }
  throw new Error(`the tests need PostgreSQL 15 or newer and there is none. Either\n  ${WAYS_OUT}`);
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: another user then, and only for the server. */
function chooseAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ["postgres", "nobody"]) {
    const uid = Number(spawnSync("id", ["-u", name], { encoding: "utf8" }).stdout);
    const gid = Number(spawnSync("id", ["-g", name], { encoding: "utf8" }).stdout);
    if (Number.isInteger(uid) && uid > 0) return { uid, gid };
  }
  throw new Error(`PostgreSQL does not run as root, and there is no other user. Either\n  ${WAYS_OUT}`);
}

async function startOwn(bin: string, directory: string, account: Account | null): Promise<PostgresServer> {
  const data = join(directory, "data");
  const as = account === null ? {} : { uid: account.uid, gid: account.gid };
  const made = spawnSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "tenure", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"],
    { ...as, encoding: "utf8", cwd: directory, timeout: 120_000 },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}${made.stdout}`);
  // What is tested is our use of transactions, not the server's own durability: no fsync, so that suites take seconds.
  const settings = [
    "fsync=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
    "autovacuum=off",
  ];
  const server = [join(bin, "postgres"), "-D", data, "-k", directory, "-h", ""].concat(
    settings.flatMap((setting) => ["-c", setting]),
  );
  // Where it can be said, the server also ends with a test process that is killed.
  const setpriv = "/usr/bin/setpriv";
  const [command = "", ...parameters] = existsSync(setpriv) ? [setpriv, "--pdeathsig", "QUIT", ...server] : server;
  const child = spawn(command, parameters, { ...as, cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
  const end = endingOf(child, directory);
  const url = `postgresql://tenure@localhost/postgres?host=${encodeURIComponent(directory)}`;
  try {
    await waitUntilReady(child);
    await query(url, "select 1");
  } catch (error) {
    await end();
    throw error;
  }
  return { url, stop: end };
}

/** Immediate shutdown, as there is nothing to keep; also when the tests end by `process.exit`. */
function endingOf(child: ChildProcess, directory: string): () => Promise<void> {
  const remove = (): void => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  const atExit = (): void => {
    child.kill("SIGQUIT");
    remove();
  };
  process.on("exit", atExit);
  return async () => {
    process.off("exit", atExit);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGQUIT");
      await ended;
    }
    remove();
  };
}

/** The server says when it takes connections; asking it in a loop would need a clock. */
async function waitUntilReady(child: ChildProcess): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`PostgreSQL ended with ${code}: ${said}`)));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("database system is ready to accept connections")) resolve();
    });
  });
  child.removeAllListeners("exit");
}
