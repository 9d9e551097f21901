import { readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { RunningSandbox, SandboxStart } from "../cli/host.ts";
import type { Settings } from "../cli/settings.ts";
import { connectors } from "../connectors/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { isJsonObject, parseJson, toJson, type JsonObject } from "../kernel/json.ts";
import { loadEmulators } from "../sandbox/registry.ts";
import { startSandbox, type Sandbox } from "../sandbox/start.ts";
import { createControl } from "./control.ts";
import { makeFolder, writePrivate } from "./files.ts";

/** How long a sandbox that was asked to end may take. */
const ENDING_MS = 5_000;
const LOOK_MS = 50;

function noteFile(dataDir: string): string {
  return join(dataDir, "sandbox.json");
}

/** Starts the emulators in this process. */
export async function runSandbox(options: SandboxStart): Promise<Sandbox> {
  return startSandbox({
    emulators: await loadEmulators(connectors, options.apps),
    port: options.port,
    company: options.company,
    profile: options.profile,
  });
}

/** Leaves word of the sandbox in the data directory, for the commands that talk to it. */
export async function noteSandbox(dataDir: string, document: JsonObject): Promise<void> {
  makeFolder(dataDir);
  const note = { pid: process.pid, document };
  await writePrivate(noteFile(dataDir), `${JSON.stringify(note)}\n`);
}

export async function forgetSandbox(dataDir: string): Promise<void> {
  const note = await readNote(dataDir);
  if (note?.pid === process.pid) await unlink(noteFile(dataDir)).catch(() => undefined);
}

/** For `tenure sandbox start`. One sandbox a data directory; `busy` names the one that runs. */
export async function startNoted(
  settings: Settings,
  options: SandboxStart,
  signal: AbortSignal,
): Promise<RunningSandbox> {
  const before = await notedSandbox(settings);
  if (before !== null && (await isAnswering(before.control, signal))) {
    throw new AppError(
      "busy",
      `a sandbox runs for this data directory already (process ${before.pid})\nEnd it: tenure sandbox stop. Or give this one another: --data-dir`,
    );
  }
  const sandbox = await runSandbox(options);
  const document = toJson(sandbox.document) as JsonObject;
  await noteSandbox(settings.dataDir, document);
  return {
    document,
    async stop() {
      await forgetSandbox(settings.dataDir);
      await sandbox.stop();
    },
  };
}

interface Note {
  readonly pid: number;
  readonly control: string;
  readonly document: JsonObject;
}

async function readNote(dataDir: string): Promise<Note | null> {
  const text = await readFile(noteFile(dataDir), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const note = parseJson(text);
    if (!isJsonObject(note)) return null;
    const { pid, document } = note;
    if (typeof pid !== "number" || !isJsonObject(document)) return null;
    const control = document["control"];
    return typeof control === "string" ? { pid, control, document } : null;
  } catch {
    // A note that cannot be read is as good as none.
    return null;
  }
}

export async function notedSandbox(
  settings: Settings,
): Promise<{ readonly control: string; readonly pid: number } | null> {
  return readNote(settings.dataDir);
}

/** The document of the noted sandbox; `missing` when there is none. */
export async function notedDocument(settings: Settings): Promise<JsonObject> {
  const note = await readNote(settings.dataDir);
  if (note !== null) return note.document;
  throw new AppError(
    "missing",
    `no sandbox was started for ${settings.dataDir}\nStart one in another terminal: tenure sandbox start`,
  );
}

async function isAnswering(control: string, signal: AbortSignal): Promise<boolean> {
  return createControl(control)
    .now(signal)
    .then(
      () => true,
      () => false,
    );
}

/** Ends the noted sandbox: only a process that answers at the noted address, so that no stranger with its number is hit. */
export async function stopNoted(settings: Settings, signal: AbortSignal): Promise<boolean> {
  const note = await readNote(settings.dataDir);
  if (note === null || !(await isAnswering(note.control, signal))) return false;
  process.kill(note.pid, "SIGTERM");
  const clock = systemClock();
  const latest = clock.now() + ENDING_MS;
  while (await isAnswering(note.control, signal)) {
    if (clock.now() > latest) throw new AppError("busy", `the sandbox (process ${note.pid}) does not end`);
    await clock.sleep(LOOK_MS, signal);
  }
  return true;
}
