import type { Command } from "commander";
import { AppError } from "../../kernel/errors.ts";
import { HELP_TOPICS } from "../help-topics.data.ts";
import type { CliHost } from "../host.ts";
import { act, required, type Outcome } from "../invocation.ts";

export function addMetaCommands(program: Command, host: CliHost, outcome: Outcome): void {
  program
    .command("help [topic...]")
    .summary("Explain a command or a topic")
    .description(`Explains a command, or a topic: ${Object.keys(HELP_TOPICS).join(", ")}.`)
    .action((topic: readonly string[]) => {
      explain(program, host, topic);
      outcome.code = 0;
    });
  program
    .command("completion <shell>")
    .summary("Print a completion script")
    .description("Prints a completion script for bash, zsh or fish.")
    .addHelpText("after", "\nExample:\n  source <(tenure completion bash)")
    .action(
      act(host, outcome, async (_invocation, args) => {
        const { completionScript } = await import("../output/completion.ts");
        host.terminal.out(completionScript(program, required(args, 0)));
        return 0;
      }),
    );
}

function explain(program: Command, host: CliHost, words: readonly string[]): void {
  const [first] = words;
  const topic = first !== undefined && Object.hasOwn(HELP_TOPICS, first) ? HELP_TOPICS[first] : undefined;
  if (topic !== undefined) {
    const variables =
      first === "environment" ? host.variables.map(([name, text]) => `  ${name.padEnd(28)}${text}`) : [];
    host.terminal.out(`${[topic.title, "", ...topic.lines, ...variables].join("\n")}\n`);
    return;
  }
  let command: Command = program;
  for (const word of words) {
    const inner = command.commands.find((one) => one.name() === word);
    if (inner === undefined) {
      const known = [...Object.keys(HELP_TOPICS), ...program.commands.map((one) => one.name())];
      throw new AppError(
        "usage",
        `there is no command or topic ${words.join(" ")}\nTopics and commands: ${known.join(", ")}`,
      );
    }
    command = inner;
  }
  command.outputHelp();
}
