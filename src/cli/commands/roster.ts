import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { act, flagOption, textOption, type Invocation, type Options, type Outcome } from "../invocation.ts";

export function addRosterCommands(program: Command, host: CliHost, outcome: Outcome): void {
  const roster = program
    .command("roster")
    .helpCommand(false)
    .description("The list of people that HR keeps: CSV or XLSX.")
    .summary("Import the list of people");
  roster
    .command("import [file]")
    .description("Checks every row and takes the file in. A file with errors changes nothing.")
    .option("--source <name>", "name of the source in the configuration")
    .option("--accept-errors", "take the rows that are right, leave out those that are not")
    .option("--accept-shrink", "take a file with far fewer people as it is")
    .addHelpText("after", "\nExamples:\n  tenure roster import\n  tenure roster import ./roster.csv")
    .action(act(host, outcome, importRoster));
  roster
    .command("diff [file]")
    .description("Shows what an import would change. Nothing is changed.")
    .option("--source <name>", "name of the source in the configuration")
    .option("--detailed-exitcode", "exit 2 when the file would change something")
    .action(act(host, outcome, diffRoster));
}

function inputOf(invocation: Invocation, args: readonly (string | undefined)[], options: Options) {
  const file = args[0];
  return {
    source: textOption(options, "source"),
    file: file === undefined ? null : invocation.host.absolute(file),
    acceptErrors: flagOption(options, "acceptErrors"),
    acceptShrink: flagOption(options, "acceptShrink"),
  };
}

async function importRoster(
  invocation: Invocation,
  args: readonly (string | undefined)[],
  options: Options,
): Promise<number> {
  const { renderRoster } = await import("../output/roster.ts");
  const input = inputOf(invocation, args, options);
  const result = await invocation.withSession((session) => invocation.call(session, "roster.import", input));
  invocation.output.result(result, renderRoster);
  if (result.importId === null && result.errors.length > 0) {
    invocation.output.next(
      "correct the rows and import again",
      "tenure roster import --accept-errors   takes the good rows",
    );
    return EXIT.failed;
  }
  invocation.output.next("tenure plan --from hr");
  return EXIT.done;
}

async function diffRoster(
  invocation: Invocation,
  args: readonly (string | undefined)[],
  options: Options,
): Promise<number> {
  const { renderRoster } = await import("../output/roster.ts");
  const input = inputOf(invocation, args, options);
  const result = await invocation.withSession((session) => invocation.call(session, "roster.diff", input));
  invocation.output.result(result, renderRoster);
  invocation.output.next(args[0] === undefined ? "tenure roster import" : `tenure roster import ${args[0]}`);
  if (result.errors.length > 0) return EXIT.failed;
  const changes = result.added.length + result.changed.length + result.vanished.length;
  return flagOption(options, "detailedExitcode") && changes > 0 ? EXIT.differences : EXIT.done;
}
