import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isJsonObject, parseJson } from "../kernel/json.ts";
import { checkDocument } from "./testing/workspace.ts";

const BIN = fileURLToPath(new URL("../../bin/tenure", import.meta.url));

interface Spawned {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
  /** Resolves at the first whole line of stdout. */
  readonly firstLine: Promise<string>;
}

/** The command line as its own process, as a user or a script starts it. */
function spawnTenure(words: readonly string[], folder: string): Spawned {
  const child = spawn(process.execPath, [BIN, ...words], {
    cwd: folder,
    env: { HOME: folder, PATH: "", TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { out: "", err: "" };
  const first = Promise.withResolvers<string>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    printed.out += text;
    if (printed.out.includes("\n")) first.resolve(printed.out.slice(0, printed.out.indexOf("\n")));
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (printed.err += text));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on("close", (code) => {
      first.reject(new Error(`ended without a line: ${printed.err}`));
      resolve({ code, ...printed });
    });
  });
  first.promise.catch(() => undefined);
  return { child, ended, firstLine: first.promise };
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tenure-process-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("bin/tenure gives exit codes, data on stdout and talk on stderr", async () => {
  await withFolder(async (folder) => {
    const [help, wrong, status] = await Promise.all([
      spawnTenure(["--help"], folder).ended,
      spawnTenure(["plan", "--bogus"], folder).ended,
      spawnTenure(["status", "--json"], folder).ended,
    ]);
    assert.deepEqual([help.code, help.err], [0, ""]);
    assert.deepEqual([wrong.code, wrong.out], [64, ""]);
    assert.match(wrong.err, /^error: unknown option '--bogus'/);
    assert.deepEqual([status.code, status.err], [0, ""]);
    assert.equal(checkDocument(parseJson(status.out))["schema"], "tenure.status/v1");
  });
});

test("sandbox start prints one document on one line, stays up, and ends at SIGTERM", async () => {
  await withFolder(async (folder) => {
    const sandbox = spawnTenure(["sandbox", "start", "--json", "--company", "empty"], folder);
    try {
      const document = checkDocument(parseJson(await sandbox.firstLine));
      assert.deepEqual(Object.keys(isJsonObject(document["apps"]) ? document["apps"] : {}).sort(), [
        "followupboss",
        "front",
      ]);
      const told = await spawnTenure(["sandbox", "clock", "--json"], folder).ended;
      assert.equal(told.code, 0, told.err);
      const stopped = await spawnTenure(["sandbox", "stop"], folder).ended;
      assert.equal(stopped.code, 0, stopped.err);
      assert.equal((await sandbox.ended).code, 0);
    } finally {
      sandbox.child.kill("SIGKILL");
    }
  });
});

test("a reader that goes away ends the command quietly", async () => {
  await withFolder(async (folder) => {
    const caveats = spawnTenure(["apps", "caveats", "front"], folder);
    caveats.child.stdout?.destroy();
    const { code, err } = await caveats.ended;
    assert.ok(code === 0, err);
    assert.doesNotMatch(err, /EPIPE/);
  });
});

test("up frees its data directory when it is killed, and the next command takes it", async () => {
  await withFolder(async (folder) => {
    const up = spawnTenure(["up", "--json"], folder);
    try {
      assert.equal(checkDocument(parseJson(await up.firstLine))["schema"], "tenure.up/v1");
      const through = await spawnTenure(["doctor"], folder).ended;
      assert.match(through.out, new RegExp(`process ${up.child.pid} \\(tenure up\\) has it`));
      up.child.kill("SIGKILL");
      await up.ended;
      const after = await spawnTenure(["status"], folder).ended;
      assert.equal(after.code, 0, after.err);
    } finally {
      up.child.kill("SIGKILL");
    }
  });
});

test("the demo tells its story, ends by itself, and leaves nothing behind", async () => {
  await withFolder(async (folder) => {
    const { code, out, err } = await spawnTenure(["demo", "--once"], folder).ended;
    assert.equal(code, 0, err);
    for (const part of [
      "1. Read the apps",
      "Reassign 143 leads to Jonah Reyes",
      "6. The next morning",
      "done and read back",
    ]) {
      assert.ok(out.includes(part), part);
    }
    assert.deepEqual(await readdir(folder), []);
  });
});

test("the demo stays up for other terminals until Ctrl-C", async () => {
  await withFolder(async (folder) => {
    const demo = spawnTenure(["demo"], folder);
    try {
      let told = "";
      demo.child.stdout?.on("data", (text: string) => (told += text));
      while (!told.includes("until Ctrl-C")) await new Promise((resolve) => demo.child.stdout?.once("data", resolve));
      const [, dataDir = ""] = /TENURE_DATA_DIR=(\S+)/.exec(told) ?? [];
      const people = await spawnTenure(["people", "list", "--json", "--data-dir", dataDir], folder).ended;
      assert.equal(people.code, 0, people.err);
      assert.equal(checkDocument(parseJson(people.out, 64))["total"], 84);
      demo.child.kill("SIGINT");
      assert.equal((await demo.ended).code, 0);
      assert.deepEqual(await readdir(folder), []);
    } finally {
      demo.child.kill("SIGKILL");
    }
  });
});
