import { Command, CommanderError } from "commander";
import { AppError, isAppError, toAppError } from "../kernel/errors.ts";
import { addAppCommands } from "./commands/apps.ts";
import { addConfigCommands } from "./commands/config.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addFindingCommands } from "./commands/findings.ts";
import { addMatchCommands } from "./commands/match.ts";
import { addMetaCommands } from "./commands/meta.ts";
import { addPeopleCommands } from "./commands/people.ts";
import { addPlanCommands } from "./commands/plan.ts";
import { addRosterCommands } from "./commands/roster.ts";
import { addRunCommands } from "./commands/runs.ts";
import { addSandboxCommands } from "./commands/sandbox.ts";
import { addDoctorCommand, addInitCommand, addStatusCommand, addUpCommand } from "./commands/start.ts";
import { addSyncCommand } from "./commands/sync.ts";
import { EXIT } from "./exit-codes.ts";
import type { CliHost } from "./host.ts";
import type { Outcome } from "./invocation.ts";
import { HELP_TOPICS } from "./help-topics.data.ts";

const WIDEST = 120;

/** The command tree. Nothing heavy is loaded before a command's own code runs. */
export function createProgram(host: CliHost, outcome: Outcome): Command {
  const program = new Command("tenure");
  program
    .description("Who has an account where, who should, and how to get from one to the other without harm.")
    .version(host.version, "-V, --version", "print the version")
    .exitOverride()
    .showSuggestionAfterError(true)
    .showHelpAfterError("  tenure --help shows the commands")
    .configureOutput({
      writeOut: host.terminal.out,
      writeErr: host.terminal.err,
      getOutHelpWidth: () => Math.min(WIDEST, host.terminal.columns() || WIDEST),
      getErrHelpWidth: () => Math.min(WIDEST, host.terminal.columns() || WIDEST),
      outputError: (text, write) => write(text.replace(/^error: /, "error: ").replace(/\n\(/, "\n  (")),
    })
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(false)
    .helpOption("-h, --help", "explain a command")
    .usage("<command> [options]");
  addGlobalOptions(program);
  program.commandsGroup("Start:");
  addDemoCommand(program, host, outcome);
  addInitCommand(program, host, outcome);
  addUpCommand(program, host, outcome);
  addStatusCommand(program, host, outcome);
  addDoctorCommand(program, host, outcome);
  program.commandsGroup("Apps and people:");
  addAppCommands(program, host, outcome);
  addSyncCommand(program, host, outcome);
  addRosterCommands(program, host, outcome);
  addPeopleCommands(program, host, outcome);
  addMatchCommands(program, host, outcome);
  addFindingCommands(program, host, outcome);
  program.commandsGroup("Change:");
  addPlanCommands(program, host, outcome);
  addRunCommands(program, host, outcome);
  program.commandsGroup("More:");
  addSandboxCommands(program, host, outcome);
  addConfigCommands(program, host, outcome);
  addMetaCommands(program, host, outcome);
  program.addHelpText(
    "after",
    `\nExamples:\n  tenure demo                       a company, two apps, a plan and its run, in ten seconds\n  tenure plan --from hr             what should change, and why\n  tenure apply PL-42                do it, and read every change back\n\nTopics: tenure help ${Object.keys(HELP_TOPICS).join(" | ")}`,
  );
  return program;
}

function addGlobalOptions(program: Command): void {
  program
    .option("--data-dir <folder>", "where everything is kept (default: ./data)")
    .option("--config <file>", "configuration (default: ./tenure.yaml)")
    .option("-o, --output <format>", "text, json or ndjson")
    .option("--json", "the same as -o json")
    .option("--no-input", "never ask; what is missing is an error")
    .option("--as <name>", "who asks, for the audit log (default: your user name)")
    .option("--plain", "words instead of signs, one fact a line")
    .option("--no-color", "no colour")
    .option("--sandbox-clock <url>", "follow the clock of a sandbox (its control URL)");
}

/** Runs one command line; gives the exit code and never throws. `words` are the arguments after the program's name. */
export async function runCli(words: readonly string[], host: CliHost): Promise<number> {
  const outcome: Outcome = { code: EXIT.done };
  try {
    const program = createProgram(host, outcome);
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync([...words], { from: "user" });
    return outcome.code;
  } catch (error) {
    return usageExit(error, words, host);
  }
}

/** Commander has already written its message; JSON callers get the error as a document too. */
async function usageExit(error: unknown, words: readonly string[], host: CliHost): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  const known =
    error instanceof CommanderError ? new AppError("usage", error.message.replace(/^error: /, "")) : toAppError(error);
  const { errorDocument, exitOf, renderError } = await import("./output/errors.ts");
  const { createStyle } = await import("./output/style.ts");
  const format = wantedFormat(words);
  if (format !== null) {
    const document = errorDocument(known);
    host.terminal.out(`${JSON.stringify(format === "ndjson" ? { type: "result", ...document } : document)}\n`);
  }
  if (!(error instanceof CommanderError)) {
    const style = createStyle({ color: false, plain: false, width: 0 });
    host.terminal.err(`${renderError(known, style).join("\n")}\n`);
  }
  return isAppError(known) ? exitOf(known) : EXIT.failed;
}

function wantedFormat(words: readonly string[]): "json" | "ndjson" | null {
  const after = words[words.findIndex((word) => word === "-o" || word === "--output") + 1];
  if (words.includes("--json")) return "json";
  const given = words.find((word) => word.startsWith("--output="))?.slice("--output=".length) ?? after;
  return given === "json" || given === "ndjson" ? given : null;
}
