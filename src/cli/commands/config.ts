import type { Command } from "commander";
import { AppError } from "../../kernel/errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { act, flagOption, type Invocation, type Options, type Outcome } from "../invocation.ts";

export function addConfigCommands(program: Command, host: CliHost, outcome: Outcome): void {
  const config = program
    .command("config")
    .helpCommand(false)
    .description("tenure.yaml and the settings around it.")
    .summary("Check and explain the configuration");
  config
    .command("validate")
    .description("Checks tenure.yaml: every error with its line and column.")
    .action(act(host, outcome, validate));
  config
    .command("schema")
    .description("Writes the JSON Schema of tenure.yaml to .tenure/schema.json beside it, for editors.")
    .option("--print", "print it instead")
    .action(act(host, outcome, schema));
  config
    .command("explain [key]")
    .description("Shows which value a setting has and where it comes from.")
    .addHelpText("after", "\nExamples:\n  tenure config explain\n  tenure config explain guards.removals.percent")
    .action(act(host, outcome, explain));
}

async function validate(invocation: Invocation): Promise<number> {
  const { renderConfigCheck } = await import("../output/catalog.ts");
  const check = await invocation.host.config.check(invocation.settings);
  invocation.output.result({ schema: "tenure.config-check/v1", ...check }, renderConfigCheck);
  if (check.file === null) invocation.output.next("tenure init");
  else invocation.output.next(check.ok ? "tenure apps test" : "correct the lines above, then: tenure config validate");
  return check.ok ? EXIT.done : EXIT.failed;
}

async function schema(invocation: Invocation, _args: readonly unknown[], options: Options): Promise<number> {
  const { host, output, settings } = invocation;
  if (flagOption(options, "print")) {
    host.terminal.out(`${JSON.stringify(await host.config.schema(), null, 2)}\n`);
    return EXIT.done;
  }
  const { renderInit } = await import("../output/catalog.ts");
  output.result({ schema: "tenure.written/v1", file: await host.config.writeSchema(settings), test: null }, renderInit);
  output.next("put this line first in tenure.yaml: # yaml-language-server: $schema=./.tenure/schema.json");
  return EXIT.done;
}

async function explain(invocation: Invocation, args: readonly (string | undefined)[]): Promise<number> {
  const { renderConfigExplain } = await import("../output/catalog.ts");
  const key = args[0] ?? null;
  const keys = await invocation.host.config.explain(invocation.settings, invocation.flags, key);
  if (keys.length === 0)
    throw new AppError("usage", `there is no setting ${key ?? ""}\nSee all: tenure config explain`);
  invocation.output.result({ schema: "tenure.config-explain/v1", keys }, renderConfigExplain);
  invocation.output.next("tenure config validate");
  return EXIT.done;
}
