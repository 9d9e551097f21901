import { sandboxClock, type SandboxClock } from "../emulator-kit/clock.ts";
import type { Company } from "../emulator-kit/company.ts";
import type { EmulatorModule } from "../emulator-kit/contract.ts";
import { countUp } from "../emulator-kit/journal.ts";
import { runEmulator } from "../emulator-kit/run.ts";
import type { RunningEmulator } from "../emulator-kit/running.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { parseIso } from "../kernel/dates.ts";
import { AppError } from "../kernel/errors.ts";
import { present } from "../kernel/assert.ts";
import type { JsonObject } from "../kernel/json.ts";
import { DEMO_START, harborPine } from "./company.ts";
import { serveControl } from "./control.ts";

export interface SandboxOptions {
  /** By connector id; each gets a port of its own. */
  readonly emulators: Readonly<Record<string, EmulatorModule>>;
  /** Port of the control API; the apps follow it, in the order of `emulators`. 0 (default): any free ones. */
  readonly port?: number;
  readonly company?: "demo" | "empty";
  /** Of the demo company and of everything drawn by chance. */
  readonly seed?: number;
  readonly profile?: "guide" | "vendor";
  /** What the sandbox's time runs with: the machine's clock, or a virtual one in tests. */
  readonly clock?: Clock;
  /** ISO 8601; where the sandbox's time begins. 20 November 2026, 14:00 in Los Angeles, unless given. */
  readonly startAt?: string;
}

/** What users see of a sandbox: the contract with their own tests (docs/sandbox.md). */
export type SandboxDocument = {
  readonly schema: "tenure.sandbox/v1";
  readonly apps: Readonly<Record<string, JsonObject>>;
  /** Base URL of the control API. */
  readonly control: string;
};

export interface Sandbox {
  readonly document: SandboxDocument;
  readonly clock: SandboxClock;
  readonly company: Company;
  readonly emulators: ReadonlyMap<string, RunningEmulator>;
  /** Frees every port. */
  stop(): Promise<void>;
}

/** Starts the emulators and the control API, on 127.0.0.1 only. Throws `busy` when a port is taken; nothing is left then. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const startMs = parseIso(options.startAt ?? DEMO_START);
  if (startMs === null) throw new AppError("bad_input", `not a time in ISO 8601: ${options.startAt}`);
  const clock = sandboxClock(options.clock ?? systemClock(), startMs);
  const company = harborPine(options.seed);
  const emulators = new Map<string, RunningEmulator>();
  const stopAll = async (): Promise<void> => {
    await Promise.all(Array.from(emulators.values(), (emulator) => emulator.stop()));
  };
  try {
    await runAll(options, emulators, clock, company);
    const control = await serveControl({
      port: options.port ?? 0,
      emulators,
      clock,
      companyOf: (seed) => (seed === null ? company : harborPine(seed)),
    });
    const apps = Array.from(emulators, ([id, emulator]) => [id, emulator.document] as const);
    return {
      document: { schema: "tenure.sandbox/v1", apps: Object.fromEntries(apps), control: control.url },
      clock,
      company,
      emulators,
      async stop() {
        await control.stop();
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

async function runAll(
  options: SandboxOptions,
  emulators: Map<string, RunningEmulator>,
  clock: SandboxClock,
  company: Company,
): Promise<void> {
  const first = options.port ?? 0;
  const nextSeq = countUp();
  for (const [index, id] of Object.keys(options.emulators).entries()) {
    const emulator = await runEmulator(present(options.emulators[id], id), {
      clock,
      company,
      nextSeq,
      kind: options.company ?? "demo",
      port: first === 0 ? 0 : first + index + 1,
      ...(options.seed === undefined ? {} : { seed: options.seed }),
    });
    emulators.set(id, emulator);
    if (options.profile !== undefined && options.profile !== "guide") emulator.set("profile", options.profile);
  }
}
