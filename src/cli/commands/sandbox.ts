import type { Command } from "commander";
import { AppError } from "../../kernel/errors.ts";
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "../../kernel/json.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import {
  act,
  countOption,
  flagOption,
  listOption,
  required,
  textOption,
  type Invocation,
  type Options,
  type Outcome,
} from "../invocation.ts";
import { collect } from "./options.ts";

const CONTROL = [
  "--control <url>",
  "control URL of the sandbox; the one started for this data directory by default",
] as const;

export function addSandboxCommands(program: Command, host: CliHost, outcome: Outcome): void {
  const sandbox = program
    .command("sandbox")
    .helpCommand(false)
    .summary("Try everything without a real app")
    .description(
      "Emulators of the apps, on this machine only: with state, limits, faults and a clock that can be moved.",
    );
  sandbox
    .command("start")
    .description("Starts the sandbox and prints how to reach it. Runs until Ctrl-C.")
    .option("--port <port>", "first port; any free ones by default")
    .option("--app <connector>", "only this app; again for more", collect)
    .option("--company <company>", "demo: a company of 84 people; empty", "demo")
    .option(
      "--profile <profile>",
      "guide: as the vendor's guide says; vendor: as the vendor's own material says",
      "guide",
    )
    .addHelpText("after", "\nExample:\n  tenure sandbox start --json")
    .action(act(host, outcome, start));
  sandbox
    .command("stop")
    .description("Ends the sandbox that was started for this data directory.")
    .action(act(host, outcome, stop));
  sandbox
    .command("reset")
    .description("Puts the data back to the start.")
    .option("--company <company>", "demo or empty")
    .option(...CONTROL)
    .action(act(host, outcome, reset));
  sandbox
    .command("fault [fault]")
    .description("Makes calls fail. Without a fault it shows the rules; --clear ends them all.")
    .option("--app <connector>", "only calls of this app")
    .option("--method <method>", "only this method")
    .option("--path <regex>", "only paths that match")
    .option("--nth <n>", "only the n-th call")
    .option("--times <n>", "so many times")
    .option("--phase <phase>", "before, after or during the effect")
    .option("--set <key=value>", "a parameter of the fault, such as status=503; again for more", collect)
    .option("--clear", "end all faults")
    .option(...CONTROL)
    .addHelpText(
      "after",
      "\nExamples:\n  tenure sandbox fault F02 --app front --times 3\n  tenure sandbox fault --clear",
    )
    .action(act(host, outcome, fault));
  sandbox
    .command("clock [change]")
    .description("Shows the sandbox's time, or moves it: +90s, +15m, +3d, reset.")
    .option(...CONTROL)
    .action(act(host, outcome, clock));
  sandbox
    .command("requests [connector]")
    .description("Lists the calls that were made, and whether they took effect.")
    .option("--since <seq>", "only later ones than this number")
    .option(...CONTROL)
    .action(act(host, outcome, requests));
}

async function start(invocation: Invocation, _args: readonly unknown[], options: Options): Promise<number> {
  const { host, settings, signal, output } = invocation;
  const company = textOption(options, "company");
  if (company !== "demo" && company !== "empty") throw new AppError("usage", "--company must be demo or empty");
  const profile = textOption(options, "profile");
  if (profile !== "guide" && profile !== "vendor") throw new AppError("usage", "--profile must be guide or vendor");
  const port = countOption(options, "port", { least: 0, most: 65_535, standard: 0 });
  const sandbox = await host.sandbox.start(
    settings,
    { port, apps: listOption(options, "app"), company, profile },
    signal,
  );
  try {
    // One document on one line: whoever started us reads a line and goes on.
    if (output.format !== "text") host.terminal.out(`${JSON.stringify(sandbox.document)}\n`);
    else {
      const { renderSandbox } = await import("../output/sandbox.ts");
      output.result({ schema: "tenure.sandbox/v1", ...sandbox.document }, renderSandbox);
      output.next("tenure init --sandbox   in another terminal", "tenure sandbox requests");
    }
    await untilAborted(signal);
  } finally {
    await sandbox.stop();
  }
  return EXIT.done;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

async function stop(invocation: Invocation): Promise<number> {
  const stopped = await invocation.host.sandbox.stop(invocation.settings, invocation.signal);
  if (!stopped)
    throw new AppError("missing", "no sandbox runs for this data directory\nStart one: tenure sandbox start");
  invocation.output.result({ schema: "tenure.sandbox-stopped/v1", stopped }, () => ["Stopped."]);
  invocation.output.next("tenure sandbox start");
  return EXIT.done;
}

async function control(invocation: Invocation, options: Options, verb: string, body: JsonObject): Promise<JsonValue> {
  const { host, settings, signal } = invocation;
  const url = textOption(options, "control") ?? (await host.sandbox.noted(settings))?.control;
  if (url === undefined) {
    throw new AppError(
      "usage",
      "no sandbox was started for this data directory\nGive --control <url>, or start one: tenure sandbox start",
    );
  }
  return host.sandbox.control(url, verb, body, signal);
}

async function reset(invocation: Invocation, _args: readonly unknown[], options: Options): Promise<number> {
  const company = textOption(options, "company");
  await control(invocation, options, "reset", company === null ? {} : { company });
  invocation.output.result({ schema: "tenure.sandbox-reset/v1", company: company ?? "demo" }, () => [
    "The sandbox is as at the start.",
  ]);
  invocation.output.next("tenure sync");
  return EXIT.done;
}

/** Numbers, true and false as such; everything else as text. */
function parameters(given: readonly string[]): JsonObject {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf("=");
      if (at < 1) throw new AppError("usage", "--set must be <key>=<value>, such as status=503");
      const text = one.slice(at + 1);
      const plain = /^(true|false|null|-?\d+(\.\d+)?)$/.test(text);
      return [one.slice(0, at), plain ? parseJson(text) : text];
    }),
  );
}

async function fault(invocation: Invocation, args: readonly (string | undefined)[], options: Options): Promise<number> {
  const { renderFaults } = await import("../output/sandbox.ts");
  const name = args[0];
  const count = (key: string): JsonObject => {
    const value = countOption(options, key, { least: 1, most: 1_000_000, standard: 0 });
    return value === 0 ? {} : { [key]: value };
  };
  const text = (key: string): JsonObject => {
    const value = textOption(options, key);
    return value === null ? {} : { [key]: value };
  };
  const rule = {
    ...parameters(listOption(options, "set")),
    ...text("app"),
    ...text("method"),
    ...text("path"),
    ...text("phase"),
    ...count("nth"),
    ...count("times"),
  };
  const clear = flagOption(options, "clear");
  const body = clear ? { rules: [] } : name === undefined ? {} : { rules: [{ ...rule, fault: name }] };
  const answer = await control(invocation, options, "faults", body);
  const rules = isJsonObject(answer) ? (answer["rules"] ?? []) : [];
  invocation.output.result({ schema: "tenure.sandbox-faults/v1", rules }, renderFaults);
  invocation.output.next(clear ? "tenure sync" : "tenure sandbox fault --clear", "tenure sandbox requests");
  return EXIT.done;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

async function clock(invocation: Invocation, args: readonly (string | undefined)[], options: Options): Promise<number> {
  const change = args[0];
  const match = change === undefined ? null : /^\+?(\d{1,6})(s|m|h|d)$/.exec(change);
  if (change !== undefined && change !== "reset" && match === null) {
    throw new AppError("usage", "the change must be +90s, +15m, +2h, +3d or reset");
  }
  const seconds = match === null ? 0 : Number(match[1]) * (UNIT_SECONDS[match[2] ?? ""] ?? 0);
  const verb = change === undefined ? "now" : change === "reset" ? "resetClock" : "advance";
  const answer = await control(invocation, options, verb, verb === "advance" ? { seconds } : {});
  const now = isJsonObject(answer) && typeof answer["now"] === "string" ? answer["now"] : "";
  invocation.output.result({ schema: "tenure.sandbox-clock/v1", now }, (document) => [
    `The sandbox's time is ${document.now}`,
  ]);
  invocation.output.next("tenure plan");
  return EXIT.done;
}

async function requests(
  invocation: Invocation,
  args: readonly (string | undefined)[],
  options: Options,
): Promise<number> {
  const { renderRequests } = await import("../output/sandbox.ts");
  const since = countOption(options, "since", { least: 0, most: 999_999_999, standard: 0 });
  const app = args[0] === undefined ? {} : { app: required(args, 0) };
  const answer = await control(invocation, options, "journal", { ...app, since });
  const entries = isJsonObject(answer) ? (answer["entries"] ?? []) : [];
  invocation.output.result({ schema: "tenure.sandbox-requests/v1", entries }, renderRequests);
  invocation.output.next("tenure sandbox fault", "tenure sandbox clock +3d");
  return EXIT.done;
}
