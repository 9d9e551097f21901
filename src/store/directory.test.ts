import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { systemClock, yieldTurn } from "../kernel/clock.ts";
import { isJsonObject, parseJson } from "../kernel/json.ts";
import { AUDIT_START, checkAuditChain } from "./audit-chain.ts";
import { openEmbeddedStore } from "./open.ts";
import { aPerson } from "./suites/fixtures.ts";
import { withCode } from "./suites/harness.ts";

const CHILD = join(import.meta.dirname, "suites", "child.ts");
const clock = systemClock();
/** Only there the system tells when a process was started and whether it is stopped. */
const onLinux = { skip: process.platform === "linux" ? false : "needs /proc" };

type Told = Readonly<Record<string, string>>;

interface Child {
  readonly process: ChildProcess;
  /** Next line that it tells; null when it has ended. */
  readonly next: () => Promise<Told | null>;
  readonly ended: Promise<unknown>;
}

function start(command: string, parameters: readonly string[]): Child {
  const child = spawn(command, parameters, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Told | null> => {
    const line = await lines.next();
    if (line.done === true) return null;
    const value = parseJson(line.value);
    assert.ok(isJsonObject(value));
    const facts = Object.entries(value).map(([name, fact]) => [
      name,
      typeof fact === "string" ? fact : JSON.stringify(fact),
    ]);
    return Object.fromEntries(facts) as Told;
  };
  return { process: child, next, ended: new Promise((resolve) => child.once("exit", resolve)) };
}

function startNode(directory: string, what: string): Child {
  return start(process.execPath, ["--disable-warning=ExperimentalWarning", CHILD, directory, what]);
}

/** Gives a directory and removes it, and ends what was started in it. */
async function withDirectory(
  run: (directory: string, started: (child: Child) => Child) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tenure-directory-"));
  const children: Child[] = [];
  try {
    await run(directory, (child) => {
      children.push(child);
      return child;
    });
  } finally {
    for (const child of children) {
      child.process.kill("SIGKILL");
      await child.ended;
    }
    rmSync(directory, { recursive: true });
  }
}

test("a second process is told who holds the directory and since when", async () => {
  await withDirectory(async (directory, started) => {
    const holder = started(startNode(directory, "hold"));
    const pid = (await holder.next())?.["pid"] ?? "";
    await assert.rejects(
      async () => openEmbeddedStore({ directory, clock }),
      withCode("busy", new RegExp(`process ${pid} since 20\\d\\d-.*Wait until it has ended`)),
    );
    holder.process.stdin?.end();
    await holder.ended;
    assert.ok(!existsSync(join(directory, "owner.json")));
    await (await openEmbeddedStore({ directory, clock })).close();
  });
});

test("[F82] a stopped holder is named and not displaced; a dead one is", onLinux, async () => {
  await withDirectory(async (directory, started) => {
    const holder = started(startNode(directory, "hold"));
    const pid = (await holder.next())?.["pid"] ?? "";
    holder.process.kill("SIGSTOP");
    const stopped = (): boolean => / T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    while (!stopped()) await yieldTurn();
    await assert.rejects(
      async () => openEmbeddedStore({ directory, clock }),
      withCode("busy", new RegExp(`process ${pid} .*stopped, not dead.*kill -CONT ${pid}`)),
    );
    holder.process.kill("SIGKILL");
    await holder.ended;
    const store = await openEmbeddedStore({ directory, clock });
    await store.people.upsert([aPerson(1)]);
    await store.close();
  });
});

test("the same process does not open a directory twice", async () => {
  await withDirectory(async (directory) => {
    const store = await openEmbeddedStore({ directory, clock });
    await assert.rejects(
      async () => openEmbeddedStore({ directory, clock }),
      withCode("busy", new RegExp(String(process.pid))),
    );
    // The refused one must not have loosened the lock of the first.
    const other = startNode(directory, "hold");
    assert.equal((await other.next())?.["code"], "busy");
    await other.ended;
    await store.close();
  });
});

test("a note of a process that is gone, or half a note, holds nobody up", async () => {
  await withDirectory(async (directory) => {
    for (const note of [JSON.stringify({ pid: 1, process: "another boot/5", since: "2026-01-01" }), "{", ""]) {
      writeFileSync(join(directory, "owner.json"), note);
      await (await openEmbeddedStore({ directory, clock })).close();
    }
  });
});

test("where a file system has no locks, the note of a living process still keeps others out", onLinux, async () => {
  await withDirectory(async (directory) => {
    const stat = readFileSync("/proc/1/stat", "utf8");
    const startTicks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const note = { pid: 1, process: `${boot}/${startTicks}`, since: "2026-01-01T00:00:00.000Z" };
    writeFileSync(join(directory, "owner.json"), JSON.stringify(note));
    await assert.rejects(
      async () => openEmbeddedStore({ directory, clock }),
      withCode("busy", /process 1 since 2026-01-01/),
    );
  });
});

test("nobody else can read the data", async () => {
  await withDirectory(async (directory) => {
    const inner = join(directory, "data");
    const store = await openEmbeddedStore({ directory: inner, clock });
    await store.people.upsert([aPerson(1)]);
    assert.equal(statSync(inner).mode & 0o777, 0o700);
    for (const file of readdirSync(inner)) assert.equal(statSync(join(inner, file)).mode & 0o077, 0, file);
    await store.close();
  });
});

test("[I9] [F83] a full disk ends all writing, reads go on, and what was acknowledged is there afterwards", async () => {
  await withDirectory(async (directory, started) => {
    // No file of this child may grow beyond 2 MiB; without the trap the signal would end it first.
    const script = `trap '' XFSZ; ulimit -f 4096; exec "$0" "$@"`;
    const node = [process.execPath, "--disable-warning=ExperimentalWarning", CHILD, directory, "fill"];
    const child = started(start("/bin/sh", ["-c", script, ...node]));
    const told = await child.next();
    await child.ended;
    assert.ok(told !== null);
    assert.equal(told["code"], "storage");
    assert.match(told["message"] ?? "", /nothing of this change was stored\. .* start again/);
    assert.equal(told["second"], "storage");
    assert.equal(told["readable"], told["committed"]);
    const store = await openEmbeddedStore({ directory, clock });
    assert.equal((await store.people.all()).length, Number(told["committed"]));
    assert.ok(Number(told["committed"]) > 0);
    await store.people.upsert([aPerson(0, { title: "room again" })]);
    await store.close();
  });
});

test("[I9] a database at its largest size refuses whole changes, and goes on when opened with more room", async () => {
  await withDirectory(async (directory) => {
    const small = await openEmbeddedStore({ directory, clock, maxBytes: 600_000 });
    await small.people.upsert([aPerson(1)]);
    const many = Array.from({ length: 3_000 }, (_, index) => aPerson(index + 10));
    const [first, beside] = await Promise.allSettled([small.people.upsert(many), small.people.upsert([aPerson(2)])]);
    assert.ok(first.status === "rejected" && withCode("storage", /disk is full/)(first.reason));
    assert.ok(beside.status === "rejected" && withCode("storage")(beside.reason));
    await assert.rejects(async () => small.people.upsert([aPerson(3)]), withCode("storage", /disk is full/));
    assert.deepEqual(await small.people.all(), [aPerson(1)]);
    await small.close();
    const large = await openEmbeddedStore({ directory, clock });
    assert.equal(await large.people.upsert(many), 3_000);
    await large.close();
  });
});

test("[F81] what was told to be committed survives kill -9, whole transactions only", async () => {
  await withDirectory(async (directory, started) => {
    const child = started(startNode(directory, "commit"));
    let committed = 0;
    while (committed < 40) committed = Number((await child.next())?.["committed"]);
    child.process.kill("SIGKILL");
    await child.ended;
    for (let line = await child.next(); line !== null; line = await child.next()) committed = Number(line["committed"]);
    const store = await openEmbeddedStore({ directory, clock });
    const people = (await store.people.all()).length;
    const records = await store.audit.list({ after: 0, limit: 10_000 });
    assert.ok(people >= committed, `${people} of ${committed}`);
    assert.equal(records.length, people);
    assert.equal(checkAuditChain(records, { sequence: 0, hash: AUDIT_START }).ok, true);
    await store.close();
  });
});

test("[F15] data of a newer Tenure is left alone", async () => {
  await withDirectory(async (directory) => {
    const store = await openEmbeddedStore({ directory, clock });
    await store.database.write(async (db) => {
      await db.insertInto("tenure_migrations").values({ number: 999, name: "later", applied_at: "later" }).execute();
    });
    await store.close();
    await assert.rejects(
      async () => openEmbeddedStore({ directory, clock }),
      withCode("storage", /newer Tenure \(schema 999/),
    );
    assert.ok(!existsSync(join(directory, "owner.json")), "a refused opening gives the directory back");
  });
});

test("a damaged file and a directory that cannot be written are told apart", async () => {
  await withDirectory(async (directory) => {
    writeFileSync(
      join(directory, "tenure.db"),
      "this is no database, but it is long enough to look like one ".repeat(100),
    );
    await assert.rejects(async () => openEmbeddedStore({ directory, clock }), withCode("storage", /damaged/));
    const file = join(directory, "file");
    writeFileSync(file, "");
    await assert.rejects(
      async () => openEmbeddedStore({ directory: file, clock }),
      withCode("storage", /cannot be written/),
    );
    chmodSync(file, 0o600);
  });
});
