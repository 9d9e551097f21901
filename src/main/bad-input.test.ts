import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseJson } from "../kernel/json.ts";
import { checkDocument, runTenure, withWorkspace, type Ran, type RunOptions } from "./testing/workspace.ts";

/** The words of the error: what failed on the first line, what to do below it. Nothing of a stack. */
function assertError(ran: Ran, code: number, ...patterns: readonly RegExp[]): void {
  assert.equal(ran.code, code, ran.err);
  assert.match(ran.err, /^error: /m);
  assert.doesNotMatch(ran.err, /\n\s+at |defect of Tenure/);
  for (const pattern of patterns) assert.match(ran.err, pattern);
}

async function withFolder(
  work: (run: (words: readonly string[], options?: RunOptions) => Promise<Ran>, folder: string) => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), "tenure-bad-"));
  try {
    await work((words, options) => runTenure(["--data-dir", join(folder, "data"), ...words], folder, options), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("wrong usage exits with 64, says what was meant, and is a document for programs", async () => {
  await withFolder(async (run, folder) => {
    assertError(await run(["plna"]), 64, /unknown command 'plna'/, /Did you mean plan\?/);
    assertError(await run(["plan", "--form", "hr"]), 64, /unknown option '--form'/, /Did you mean --from\?/);
    assertError(await run(["plan", "--from", "okta"]), 64, /--from must be hr or findings/);
    assertError(await run(["show"]), 64, /missing required argument 'plan'/);
    assertError(await run(["people", "list", "--limit", "many"]), 64, /--limit must be a whole number from 1/);
    assertError(
      await run(["findings", "list", "--kind", "orphan"]),
      64,
      /no kind of finding orphan/,
      /Kinds: .*orphaned/,
    );
    assertError(await run(["-o", "xml", "status"]), 64, /give text, json or ndjson/);
    assertError(
      await run(["apps", "add", "okta"]),
      64,
      /there is no connector okta/,
      /Connectors: followupboss, front/,
    );
    assertError(await run(["apps", "caveats", "okta"]), 64, /there is no app or connector okta/);
    assertError(await run(["help", "nothing"]), 64, /no command or topic nothing/);
    const ran = await run(["apps", "add", "okta", "--json"]);
    assert.equal(checkDocument(parseJson(ran.out))["code"], "usage");
    const lines = (await run(["status", "--bogus", "-o", "ndjson"])).out.trimEnd().split("\n");
    assert.match(lines.at(-1) ?? "", /^\{"type":"result","schema":"tenure\.error\/v1"/);
    assert.deepEqual(await readdir(folder), [], "wrong usage makes no files");
  });
});

test("a configuration with errors stops every command before anything is opened", async () => {
  await withFolder(async (run, folder) => {
    const config = join(folder, "tenure.yaml");
    await writeFile(config, "apps:\n  crm: { connector: followupboss, apiKye: env:X }\nguard: {}\n");
    const ran = await run(["sync"]);
    assertError(
      ran,
      1,
      /tenure\.yaml has 3 errors; nothing was done/,
      /tenure\.yaml:2:\d+ {2}apps\.crm\.apiKye: unknown key; did you mean apiKey\?/,
      /tenure\.yaml:3:1 {2}guard: unknown key; did you mean guards\?/,
    );
    assert.deepEqual(await readdir(folder), ["tenure.yaml"]);
    const check = await run(["config", "validate", "--json"]);
    assert.equal(check.code, 1);
    assert.equal(checkDocument(parseJson(check.out))["ok"], false);
    assertError(
      await run(["sync", "--config", join(folder, "none.yaml")]),
      1,
      /there is no file .*none\.yaml/,
      /tenure init/,
    );
  });
});

test("without any configuration everything that can works, and says what to do next", async () => {
  await withFolder(async (run) => {
    for (const words of [
      ["apps", "list"],
      ["people", "list"],
      ["findings", "list"],
      ["status"],
      ["sync"],
      ["runs", "list"],
      ["config", "validate"],
    ]) {
      const ran = await run(words);
      assert.equal(ran.code, 0, `${words.join(" ")}: ${ran.err}`);
      assert.match(ran.err, /Next: tenure/);
    }
    assertError(await run(["roster", "import"]), 64, /no source of people is configured/);
  });
});

test("nothing is written over, and nothing is written that would not be taken", async () => {
  await withFolder(async (run, folder) => {
    const config = join(folder, "tenure.yaml");
    const named = (words: readonly string[]) => run([...words, "--config", config], { variables: { FRONT: "t" } });
    assert.equal(
      (await named(["init", "--connector", "front", "--name", "inbox", "--set", "token=env:NOT_SET"])).code,
      0,
    );
    assertError(await named(["init"]), 1, /is there already; nothing was written/, /--force/);
    assertError(
      await named(["apps", "add", "front", "--name", "inbox", "--set", "token=env:A"]),
      1,
      /there is an app inbox already/,
    );
    assertError(
      await named(["apps", "add", "front", "--name", "two", "--set", "token=secret-itself"]),
      1,
      /nothing was written/,
      /must start with "env:"/,
    );
    assertError(
      await named(["apps", "add", "followupboss"]),
      64,
      /needs apiKey/,
      /--set apiKey=env:FOLLOWUPBOSS_APIKEY/,
    );
    assert.match((await named(["config", "validate"])).out, /1 app, 0 sources/);
    assertError(await named(["sync"]), 1, /the environment variable NOT_SET is not set/);
  });
});

test("a roster that cannot be read changes nothing", async () => {
  await withWorkspace(async ({ run, folder }) => {
    const file = join(folder, "bad.csv");
    assertError(await run(["roster", "import", join(folder, "none.csv")]), 1, /none\.csv/);
    await writeFile(file, "Name,Office\nMaya,Oakland\n");
    const missing = await run(["roster", "import", file]);
    assert.equal(missing.code, 1, missing.out);
    await writeFile(file, Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 1, 2, 3]));
    assertError(await run(["roster", "import", file]), 1);
    await writeFile(
      file,
      "Employee ID,First Name,Last Name,Work Email,Status,Last Day\nE1,Ann,Lee,ann@a.example,Active,2026-02-30\n",
    );
    const date = await run(["roster", "import", file]);
    assert.equal(date.code, 1);
    assert.match(`${date.out}${date.err}`, /row 2/);
    assert.match((await run(["people", "list"])).out, /No people yet/);
  });
});

test("a wrong key, an app that is away, and an unknown app are told apart", async () => {
  await withWorkspace(async ({ run, folder, sandbox }) => {
    assertError(await run(["sync", "nowhere"]), 64, /there is no app nowhere/, /followupboss, front/);
    assertError(await run(["people", "show", "nobody@harborpine.example"]), 1);
    await writeFile(join(folder, "data", "secrets", "sandbox-front-token"), "wrong\n", { mode: 0o600 });
    const wrong = await run(["apps", "test"]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.out, /wrong-key +front/);
    assert.doesNotMatch(wrong.out, /wrong-key +followupboss/);
    await sandbox.emulators.get("followupboss")?.stop();
    const away = await run(["apps", "test", "followupboss"]);
    assert.equal(away.code, 1);
    assert.match(away.out, /unreachable +followupboss/);
  });
});

test("a data directory that another process has is named, not displaced", async () => {
  await withWorkspace(async ({ run, folder }) => {
    const { openEmbeddedStore } = await import("../store/open.ts");
    const { systemClock } = await import("../kernel/clock.ts");
    const store = await openEmbeddedStore({ directory: join(folder, "data"), clock: systemClock() });
    try {
      assertError(await run(["status"]), 1, new RegExp(`in use by process ${process.pid}`));
    } finally {
      await store.close();
    }
    assert.equal((await run(["status"])).code, 0);
  });
});

test("a data directory that cannot be made is an error with a way out", async () => {
  await withFolder(async (run, folder) => {
    const file = join(folder, "file");
    await writeFile(file, "");
    assertError(await run(["status", "--data-dir", join(file, "data")]), 1);
    if (process.getuid?.() === 0) return;
    await chmod(folder, 0o500);
    assertError(await run(["status"]), 1, /cannot be written/);
    await chmod(folder, 0o700);
  });
});

test("[I11] the sandbox's clock is refused beside a live app, and so is an address that is no sandbox", async () => {
  await withWorkspace(async ({ run, folder, control }) => {
    const live = join(folder, "live.yaml");
    await writeFile(live, "apps: { crm: { connector: followupboss, apiKey: env:KEY } }\n");
    const variables = { KEY: "k" };
    const ran = await run(["plan", "--config", live, "--sandbox-clock", control], { variables });
    assertError(ran, 4, /--sandbox-clock is refused: crm is a live app/);
    assertError(await run(["plan", "--sandbox-clock", "http://example.com"]), 64, /on this machine/);
    assertError(await run(["plan", "--sandbox-clock", "http://127.0.0.1:1"]), 1, /no sandbox answers/);
    const apply = await run(["apply", "PL-1", "--approve-as", "rosa", "--config", live], { variables });
    assert.notEqual(apply.code, 0);
  });
});

test("the sandbox's commands say when there is no sandbox, and pass on what it refuses", async () => {
  await withFolder(async (run) => {
    assertError(await run(["sandbox", "clock"]), 64, /no sandbox was started/, /--control/);
    assertError(await run(["sandbox", "stop"]), 1, /no sandbox runs/);
    assertError(await run(["init", "--sandbox"]), 1, /no sandbox was started/);
    assertError(await run(["sandbox", "clock", "--control", "http://127.0.0.1:1"]), 1, /no sandbox answers/);
    assertError(await run(["sandbox", "start", "--profile", "odd"]), 64, /--profile must be guide or vendor/);
  });
  await withWorkspace(async ({ run }) => {
    assertError(await run(["sandbox", "fault", "F999"]), 1, /the sandbox answers: .*F999/);
    assertError(await run(["sandbox", "clock", "yesterday"]), 64, /\+90s/);
    assertError(await run(["sandbox", "start"]), 1, /a sandbox runs for this data directory already/);
  });
});
