import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { act, flagOption, listOption, textOption, type Invocation, type Options, type Outcome } from "../invocation.ts";
import { parsePairs } from "./apps.ts";
import { collect } from "./options.ts";

export function addInitCommand(program: Command, host: CliHost, outcome: Outcome): void {
  program
    .command("init")
    .summary("Write a commented tenure.yaml")
    .description("Writes a commented tenure.yaml; on a terminal it asks for the first app.")
    .option("--connector <connector>", "the first app")
    .option("--name <name>", "its name in the configuration")
    .option("--set <key=value>", "a setting of it, such as apiKey=env:FUB_API_KEY; again for more", collect)
    .option("--roster <file>", "CSV or XLSX file of HR")
    .option("--sandbox", "for the apps of the sandbox that runs on this data directory")
    .option("--force", "write over a file that is there")
    .addHelpText(
      "after",
      "\nExamples:\n  tenure init\n  tenure init --connector front --name inbox --set token=env:FRONT_TOKEN --roster ./roster.csv\n  tenure sandbox start & tenure init --sandbox",
    )
    .action(act(host, outcome, init));
}

export function addUpCommand(program: Command, host: CliHost, outcome: Outcome): void {
  program
    .command("up")
    .summary("Run the worker, the schedule and the command socket")
    .description(
      "Runs until it is stopped: applies plans, keeps the schedule, and answers the commands of this data directory.",
    )
    .action(act(host, outcome, up));
}

export function addDoctorCommand(program: Command, host: CliHost, outcome: Outcome): void {
  program
    .command("doctor")
    .summary("Check everything, and say how to fix it")
    .description(
      "Checks data directory, configuration, secrets, files, clock and apps, and says how to fix what is wrong.",
    )
    .action(act(host, outcome, doctor));
}

export function addStatusCommand(program: Command, host: CliHost, outcome: Outcome): void {
  program
    .command("status")
    .summary("Show what needs a human")
    .description("Shows what needs a human: steps, matches, findings, apps.")
    .action(act(host, outcome, status));
}

async function init(invocation: Invocation, _args: readonly unknown[], options: Options): Promise<number> {
  const { host, settings, output } = invocation;
  const connector = textOption(options, "connector");
  const roster = textOption(options, "roster");
  const force = flagOption(options, "force");
  const sandbox = flagOption(options, "sandbox");
  const { renderInit } = await import("../output/catalog.ts");
  if (sandbox) {
    const file = await host.config.initSandbox(settings, { roster, force });
    output.result({ schema: "tenure.written/v1", file, test: null }, renderInit);
    output.next(
      "tenure apps test",
      "tenure sync",
      roster === null ? "tenure roster import <file>" : "tenure roster import",
    );
    return EXIT.done;
  }
  const wanted = connector !== null || (settings.input && host.terminal.inIsTerminal);
  let app = null;
  if (wanted) {
    const { askForApp } = await import("./ask-app.ts");
    app = await askForApp(invocation, {
      connector,
      name: textOption(options, "name"),
      settings: parsePairs(listOption(options, "set")),
    });
  }
  const file = await host.config.init(settings, { app, roster, force });
  const { testNewApp } = await import("./new-app.ts");
  const test = app === null ? null : await testNewApp(invocation, file, app.name);
  output.result({ schema: "tenure.written/v1", file, test }, renderInit);
  output.next(app === null ? "tenure apps add" : `tenure apps test ${app.name}`, "tenure config validate");
  return EXIT.done;
}

async function up(invocation: Invocation): Promise<number> {
  const { host, settings, output } = invocation;
  await host.up(
    settings,
    (report) => {
      if (output.format !== "text") {
        // One document on one line: whoever started us reads a line and goes on.
        host.terminal.out(`${JSON.stringify({ schema: "tenure.up/v1", ...report })}\n`);
        return;
      }
      output.say(`Up. Commands for ${settings.dataDir} run here; Ctrl-C ends it.`);
      output.say(`Apps: ${report.apps.length === 0 ? "none yet (tenure apps add)" : report.apps.join(", ")}`);
      for (const line of [...report.schedule, ...report.remarks]) output.say(line);
    },
    invocation.signal,
  );
  output.say("Stopped. What was under way goes on at the next start.");
  return EXIT.done;
}

async function doctor(invocation: Invocation): Promise<number> {
  const { renderDoctor } = await import("../output/catalog.ts");
  const checks = await invocation.host.doctor(invocation.settings, invocation.signal);
  const ok = checks.every((one) => one.state !== "fail");
  invocation.output.result({ schema: "tenure.doctor/v1", ok, checks }, renderDoctor);
  invocation.output.next(ok ? "tenure sync" : "correct what failed, then: tenure doctor");
  return ok ? EXIT.done : EXIT.failed;
}

async function status(invocation: Invocation): Promise<number> {
  const { renderStatus } = await import("../output/apps.ts");
  const result = await invocation.withSession((session) => invocation.call(session, "status", {}));
  invocation.output.result(result, renderStatus);
  const first = result.waiting[0];
  if (first !== undefined) invocation.output.next(`tenure runs show ${first.run}`);
  else if (result.candidates > 0) invocation.output.next("tenure match list");
  else invocation.output.next(result.apps.length === 0 ? "tenure init" : "tenure plan");
  return EXIT.done;
}
