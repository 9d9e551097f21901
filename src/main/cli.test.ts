import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { addToConfig, checkDocument, withWorkspace, type Workspace } from "./testing/workspace.ts";

function list(value: JsonValue | undefined): readonly JsonObject[] {
  assert.ok(Array.isArray(value));
  return value.filter((one: unknown): one is JsonObject => isJsonObject(one));
}

function object(value: JsonValue | undefined): JsonObject {
  assert.ok(isJsonObject(value));
  return value;
}

function text(value: JsonValue | undefined): string {
  assert.ok(typeof value === "string");
  return value;
}

/** Reads, imports, and moves on to the day after everybody's last day. */
async function prepare(workspace: Workspace): Promise<void> {
  workspace.sandbox.clock.advance(18 * 3_600_000);
  assert.equal((await workspace.run(["sync"])).code, 0);
  assert.equal((await workspace.run(["roster", "import"])).code, 0);
}

function clock(workspace: Workspace): readonly string[] {
  return ["--sandbox-clock", workspace.control];
}

test("the main job from a roster file to an empty plan, each command with a published document", async () => {
  await withWorkspace(async (workspace) => {
    const follow = clock(workspace);
    workspace.sandbox.clock.advance(18 * 3_600_000);
    assert.equal((await workspace.read(["apps", "test", ...follow]))["ok"], true);
    const synced = await workspace.read(["sync", ...follow]);
    assert.equal(list(synced["snapshots"]).length, 2);
    const diff = await workspace.read(["roster", "diff", ...follow, "--detailed-exitcode"], 2);
    assert.equal(diff["importId"], null);
    assert.equal(list((await workspace.read(["roster", "import", ...follow]))["added"]).length, 84);
    assert.equal((await workspace.read(["roster", "import", ...follow]))["written"], 0);
    for (const words of [
      ["apps", "list"],
      ["apps", "show", "front"],
      ["apps", "limits"],
      ["apps", "caveats", "front"],
      ["people", "list"],
      ["people", "show", "maya"],
      ["people", "explain", "maya.okafor@harborpine.example", "--app", "followupboss"],
      ["match", "list"],
      ["findings", "list"],
      ["status"],
      ["doctor"],
      ["runs", "list"],
      ["config", "validate"],
      ["config", "explain"],
    ]) {
      await workspace.read([...words, ...follow]);
    }
    const plan = await workspace.read(["plan", "--from", "hr", "--detailed-exitcode", ...follow], 2);
    const label = text(plan["label"]);
    assert.deepEqual((await workspace.read(["show", label, ...follow]))["plan"], plan["plan"]);
    const approved = ["--yes", "--approve-as", "rosa", "--approve-as", "omar"];
    const run = await workspace.read(["apply", label, ...approved, ...follow]);
    assert.equal(object(run["counts"])["proven"], object(run["counts"])["total"]);
    const again = await workspace.read(["plan", "--detailed-exitcode", ...follow]);
    assert.equal(again["state"], "empty");
    await workspace.read(["runs", "show", "RN-1", ...follow]);
    const requests = await workspace.read(["sandbox", "requests", "followupboss"]);
    assert.ok(list(requests["entries"]).some((one) => one["method"] === "DELETE" && one["effect"] === "applied"));
    await workspace.read(["sandbox", "clock"]);
    await workspace.read(["sandbox", "fault"]);
    await workspace.read(["sandbox", "reset"]);
  });
});

test("with ndjson each line has its type first, and the last one is the result", async () => {
  await withWorkspace(async (workspace) => {
    await prepare(workspace);
    const ran = await workspace.run(["sync", "-o", "ndjson"]);
    const lines = ran.out.trimEnd().split("\n");
    assert.ok(lines.length >= 3);
    for (const line of lines) assert.match(line, /^\{"type":"/);
    const parsed = lines.map((line) => object(parseJson(line, 64)));
    const { type, ...document } = parsed.at(-1) ?? {};
    assert.equal(type, "result");
    checkDocument(document);
    const { DOCUMENTS } = await import("../cli/documents.ts");
    for (const event of parsed.slice(0, -1)) assert.deepEqual(DOCUMENTS["tenure.event/v1"]?.parse(event), event);
    assert.equal(ran.err, "");
  });
});

test("an interrupted run is resumed, and nothing is done twice", async () => {
  await withWorkspace(async (workspace) => {
    await prepare(workspace);
    const follow = clock(workspace);
    const label = text((await workspace.read(["plan", ...follow]))["label"]);
    workspace.sandbox.emulators.forEach((emulator) => emulator.set("latencyMs", 40));
    let interrupt = (): void => undefined;
    const stopped = workspace.run(
      ["apply", label, "--yes", "--approve-as", "rosa", "--approve-as", "omar", ...follow],
      {
        onStart: (given) => (interrupt = given),
        // At the first proven step somebody presses Ctrl-C.
        terminal: { err: (line) => void (line.includes(" ok ") && interrupt()) },
      },
    );
    const { code, out } = await stopped;
    assert.equal(code, 130, out);
    workspace.sandbox.emulators.forEach((emulator) => emulator.set("latencyMs", 0));
    const resumed = await workspace.run(["runs", "resume", "RN-1", ...follow]);
    assert.equal(resumed.code, 0, resumed.out);
    const entries = list((await workspace.read(["sandbox", "requests"]))["entries"]);
    const creates = entries.filter((one) => one["method"] === "POST" && one["effect"] === "applied");
    assert.equal(new Set(creates.map((one) => JSON.stringify(one["body"]))).size, creates.length);
  });
});

test("what takes access away needs --yes where there is nobody to ask", async () => {
  await withWorkspace(async (workspace) => {
    await prepare(workspace);
    const label = text((await workspace.read(["plan", ...clock(workspace)]))["label"]);
    const ran = await workspace.run(["apply", label, ...clock(workspace)]);
    assert.equal(ran.code, 64);
    assert.match(ran.err, /error: PL-1 takes access away in \d+ steps, \d+ of them for good, and there is no terminal/);
    assert.match(ran.err, /Give --yes/);
    assert.deepEqual((await workspace.read(["runs", "list"]))["runs"], []);
  });
});

test("commands go through a running tenure up, and its Ctrl-C lets it end cleanly", async () => {
  await withWorkspace(async (workspace) => {
    const ready = Promise.withResolvers<void>();
    let interrupt = (): void => undefined;
    const up = workspace.run(["up", ...clock(workspace)], {
      onStart: (given) => (interrupt = given),
      terminal: { err: (line) => void (line.startsWith("Up.") && ready.resolve()) },
    });
    await ready.promise;
    try {
      const doctor = await workspace.read(["doctor"]);
      assert.ok(list(doctor["checks"]).some((one) => text(one["text"]).includes(`process ${process.pid} (tenure up)`)));
      assert.equal(list((await workspace.read(["apps", "list"]))["apps"]).length, 2);
      const other = await workspace.run(["apps", "list", "--config", join(workspace.folder, "other.yaml")]);
      assert.deepEqual([other.code, /uses .*tenure\.yaml/.test(other.err)], [1, true]);
      const second = await workspace.run(["up"]);
      assert.equal(second.code, 1);
      assert.match(second.err, new RegExp(`process ${process.pid}`));
    } finally {
      interrupt();
    }
    assert.equal((await up).code, 0);
    assert.ok(!(await readdir(join(workspace.folder, "data"))).includes("tenure.sock"));
  });
});

test("up reads the apps on schedule, by the sandbox's clock", async () => {
  await withWorkspace(async (workspace) => {
    await addToConfig(workspace.folder, "schedule: { sync: 30m }\n");
    const ready = Promise.withResolvers<void>();
    const read = Promise.withResolvers<void>();
    let interrupt = (): void => undefined;
    const up = workspace.run(["up", ...clock(workspace)], {
      onStart: (given) => (interrupt = given),
      terminal: {
        err(line) {
          if (line.startsWith("Up.")) ready.resolve();
          if (line.includes('"schedule: done"') && line.includes('"sync"')) read.resolve();
        },
      },
    });
    await ready.promise;
    assert.equal(list((await workspace.read(["apps", "list"]))["apps"])[0]?.["lastRead"], null);
    workspace.sandbox.clock.advance(31 * 60_000);
    await read.promise;
    assert.notEqual(list((await workspace.read(["apps", "list"]))["apps"])[0]?.["lastRead"], null);
    interrupt();
    assert.equal((await up).code, 0);
  });
});

test("no secret is printed or kept, even with the fullest log", async () => {
  await withWorkspace(async (workspace) => {
    const variables = { TENURE_LOG_LEVEL: "debug" };
    const printed: string[] = [];
    for (const words of [
      ["apps", "test"],
      ["sync"],
      ["roster", "import"],
      ["plan"],
      ["doctor"],
      ["config", "explain"],
      ["config", "validate"],
      ["apps", "show", "front"],
      ["findings", "list", "-o", "json"],
    ]) {
      const ran = await workspace.run(words, { variables });
      printed.push(ran.out, ran.err);
    }
    const data = join(workspace.folder, "data");
    for (const name of await readdir(data)) {
      // The sandbox's own note and the secret files are where the keys belong.
      if (name !== "secrets" && name !== "sandbox.json") printed.push(await readFile(join(data, name), "latin1"));
    }
    const all = printed.join("\n");
    const keys = await Promise.all(
      (await readdir(join(data, "secrets"))).map((name) => readFile(join(data, "secrets", name), "utf8")),
    );
    assert.ok(keys.length >= 3);
    for (const key of keys) {
      const secret = key.trim();
      for (const form of [secret, Buffer.from(`${secret}:`).toString("base64"), encodeURIComponent(secret)]) {
        assert.ok(!all.includes(form), "a key of the sandbox was printed or stored");
      }
    }
  });
});

test("a name that would move the cursor is shown with marks in its place", async () => {
  await withWorkspace(async (workspace) => {
    const [user] = workspace.sandbox.emulators.get("followupboss")?.state().collections["users"] ?? [];
    const name = "Eve\u001b[2J\u001b]0;owned\u0007 \u202eevE";
    workspace.sandbox.emulators
      .get("followupboss")
      ?.mutate({ op: "update", kind: "user", id: JSON.stringify(user?.["id"]), data: { name } });
    await prepare(workspace);
    const ran = await workspace.run(["findings", "list"]);
    assert.match(ran.out, /Eve/);
    // oxlint-disable-next-line no-control-regex -- the point of the test
    assert.doesNotMatch(`${ran.out}${ran.err}`, /[\u001b\u0007\u202e]/);
  });
});

test("colour only where it is wanted", async () => {
  await withWorkspace(async (workspace) => {
    const words = ["apps", "test"];
    const escape = "\u001b[";
    const terminal = { outIsTerminal: true, errIsTerminal: true, columns: () => 120 };
    assert.ok((await workspace.run(words, { terminal })).out.includes(escape));
    assert.ok(!(await workspace.run(words)).out.includes(escape));
    assert.ok(!(await workspace.run([...words, "--no-color"], { terminal })).out.includes(escape));
    const noColor = { variables: { NO_COLOR: "1" }, terminal: { ...terminal, noColor: true } };
    assert.ok(!(await workspace.run(words, noColor)).out.includes(escape));
    const forced = { terminal: { forceColor: true } };
    assert.ok((await workspace.run(words, forced)).out.includes(escape));
  });
});
