import { resolve } from "node:path";
import type { CliHost, ConfigTools, SandboxTools, Terminal } from "../cli/host.ts";
import { systemClock } from "../kernel/clock.ts";
import { VARIABLES, type Environment } from "./config.ts";
import { VERSION } from "./version.ts";

/** Two presses closer together than this are one: a terminal and a parent process may both pass it on. */
const ONE_PRESS_MS = 100;

/** What the command line gets from this process. Each part is loaded when it is called. */
export function createHost(
  environment: Environment,
  terminal: Terminal,
  interrupts: Interrupts = processInterrupts(),
): CliHost {
  const clock = systemClock();
  return {
    version: VERSION,
    terminal,
    settings: (flags) => environment.settings(flags),
    variables: VARIABLES,
    timeOfDay: () => new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" }).format(clock.now()),
    onInterrupt: (listener) => interrupts.listen(listener),
    leave: (code) => process.exit(code),
    absolute: (path) => resolve(path),
    async writeFile(path, text) {
      const { writePrivate } = await import("./files.ts");
      await writePrivate(resolve(path), text);
    },
    async open(settings, signal) {
      const { openSession } = await import("./session.ts");
      return openSession({ environment, settings, signal, version: VERSION, terminal });
    },
    async catalog() {
      const { readCatalog } = await import("./catalog.ts");
      return readCatalog();
    },
    async configuredApps(settings) {
      const { readConfiguredApps } = await import("./catalog.ts");
      return readConfiguredApps(settings);
    },
    config: configTools(environment),
    sandbox: sandboxTools(),
    doctor: async (settings, signal) =>
      (await import("./doctor.ts")).examine({ environment, settings, signal, version: VERSION, terminal }),
    up: async (settings, ready, signal) => {
      const { runUp } = await import("./up.ts");
      await runUp({ environment, settings, signal, version: VERSION, terminal, logLevel: "info" }, ready);
    },
    demo: async (settings, options, signal) => {
      const { openDemo } = await import("./demo.ts");
      return openDemo({ environment, settings, signal, version: VERSION, terminal }, options);
    },
  };
}

function configTools(environment: Environment): ConfigTools {
  return {
    check: async (settings) => (await import("./config-tools.ts")).checkConfigFile(environment, settings),
    schema: async () => (await import("./config-tools.ts")).configJsonSchema(),
    writeSchema: async (settings) => (await import("./config-tools.ts")).writeConfigSchema(settings),
    explain: async (settings, flags, key) =>
      (await import("./config-tools.ts")).explainConfig(environment, settings, flags, key),
    init: async (settings, options) => (await import("./init.ts")).initConfig(environment, settings, options),
    initSandbox: async (settings, options) =>
      (await import("./init.ts")).initForSandbox(environment, settings, options),
    addApp: async (settings, app) => (await import("./init.ts")).addApp(environment, settings, app),
  };
}

function sandboxTools(): SandboxTools {
  return {
    start: async (settings, options, signal) => (await import("./sandbox.ts")).startNoted(settings, options, signal),
    async control(url, verb, body, signal) {
      const { createControl } = await import("./control.ts");
      return createControl(url).post(verb, body, signal);
    },
    noted: async (settings) => (await import("./sandbox.ts")).notedSandbox(settings),
    stop: async (settings, signal) => (await import("./sandbox.ts")).stopNoted(settings, signal),
  };
}

/** Ctrl-C, and polite requests to end. Gives back how to stop listening. */
export interface Interrupts {
  listen(listener: () => void): () => void;
}

function processInterrupts(): Interrupts {
  const clock = systemClock();
  return {
    listen(listener) {
      let lastMs = 0;
      const onSignal = (): void => {
        const atMs = clock.now();
        if (atMs - lastMs < ONE_PRESS_MS) return;
        lastMs = atMs;
        listener();
      };
      process.on("SIGINT", onSignal);
      process.on("SIGTERM", onSignal);
      return () => {
        process.off("SIGINT", onSignal);
        process.off("SIGTERM", onSignal);
      };
    },
  };
}
