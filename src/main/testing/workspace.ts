import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DOCUMENTS } from "../../cli/documents.ts";
import type { Terminal } from "../../cli/host.ts";
import { runCli } from "../../cli/program.ts";
import { isJsonObject, parseJson, toJson, type JsonObject } from "../../kernel/json.ts";
import { rosterCsv } from "../../sandbox/roster.ts";
import type { Sandbox } from "../../sandbox/start.ts";
import { readEnvironment, type Variables } from "../config.ts";
import { createHost } from "../host.ts";
import { noteSandbox, runSandbox } from "../sandbox.ts";

/** What one command line came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly variables?: Variables;
  readonly terminal?: Partial<Terminal>;
  /** Gets the function that stands in for Ctrl-C. */
  readonly onStart?: (interrupt: () => void) => void;
}

/** Runs a command line in this process, as `bin/tenure` would, and catches what it prints. */
export async function runTenure(words: readonly string[], folder: string, options: RunOptions = {}): Promise<Ran> {
  const printed = { out: "", err: "" };
  const environment = readEnvironment({ HOME: folder, ...options.variables }, folder);
  const terminal: Terminal = {
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    outIsTerminal: false,
    errIsTerminal: false,
    inIsTerminal: false,
    columns: () => 0,
    forceColor: environment.forceColor,
    noColor: environment.noColor,
    ...options.terminal,
  };
  const listeners = new Set<() => void>();
  options.onStart?.(() => [...listeners].forEach((listener) => listener()));
  const interrupts = {
    listen(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const code = await runCli(words, createHost(environment, terminal, interrupts));
  assert.equal(listeners.size, 0, "the command still listens for Ctrl-C");
  return { code, ...printed };
}

/** The document of a `-o json` command: its schema is published, and says everything that the document has. */
function readPrinted(ran: Ran): JsonObject {
  return checkDocument(parseJson(ran.out, 64));
}

export function checkDocument(document: unknown): JsonObject {
  assert.ok(isJsonObject(document));
  const name = document["schema"];
  const schema = typeof name === "string" ? DOCUMENTS[name] : undefined;
  assert.ok(schema !== undefined, `no published schema ${JSON.stringify(name)}`);
  assert.deepEqual(
    toJson(schema.parse(document)),
    document,
    `${JSON.stringify(name)} has fields that its schema lacks`,
  );
  return document;
}

/** A folder with configuration and roster of the demo company, and the sandbox that it speaks to. */
export interface Workspace {
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly control: string;
  /** With `--data-dir` and `--config` of this folder. */
  readonly run: (words: readonly string[], options?: RunOptions) => Promise<Ran>;
  /** The same with `-o json`; gives the checked document and asserts the exit code. */
  readonly read: (words: readonly string[], code?: number) => Promise<JsonObject>;
}

/** What the demo company's rules say of its two apps, written for a test. */
const RULES = `match: { domains: [[harborpine.example, harborpine-realty.example]] }
rules:
  - { name: sales-gets-crm, when: { department: Sales }, give: { followupboss: { role: Agent, team: "{office} Team" } } }
leavers: { followupboss: { leads: manager } }
guards: { removals: { percent: 50, floor: 10 } }
`;

export async function withWorkspace(work: (workspace: Workspace) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tenure-cli-"));
  const sandbox = await runSandbox({ port: 0, apps: [], company: "demo", profile: "guide" });
  try {
    const dataDir = join(folder, "data");
    const config = join(folder, "tenure.yaml");
    await noteSandbox(dataDir, toJson(sandbox.document) as JsonObject);
    await writeFile(join(folder, "roster.csv"), rosterCsv(sandbox.company));
    const run: Workspace["run"] = (words, options) =>
      runTenure(["--data-dir", dataDir, "--config", config, ...words], folder, options);
    const made = await run(["init", "--sandbox", "--roster", "./roster.csv"]);
    assert.equal(made.code, 0, made.err);
    const text = await readFile(config, "utf8");
    await writeFile(
      config,
      `${text.replace("connector: followupboss", "connector: followupboss\n    seats: 65")}${RULES}`,
    );
    await work({
      folder,
      sandbox,
      control: sandbox.document.control,
      run,
      async read(words, code = 0) {
        const ran = await run([...words, "-o", "json"]);
        assert.equal(ran.code, code, `${words.join(" ")}: ${ran.err}`);
        return readPrinted(ran);
      },
    });
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Adds sections at the end of the workspace's configuration. */
export async function addToConfig(folder: string, text: string): Promise<void> {
  await writeFile(join(folder, "tenure.yaml"), text, { flag: "a" });
}
