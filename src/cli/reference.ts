import type { Command } from "commander";
import { AppError } from "../kernel/errors.ts";
import { HELP_TOPICS } from "./help-topics.data.ts";
import type { CliHost } from "./host.ts";
import { createProgram, runCli } from "./program.ts";

function notNeeded(): never {
  throw new AppError("internal", "help needs nothing of the host");
}

/** A host that can print and nothing else. */
function printingHost(variables: CliHost["variables"], print: (text: string) => void): CliHost {
  return {
    version: "0.0.0",
    terminal: {
      out: print,
      err: print,
      outIsTerminal: false,
      errIsTerminal: false,
      inIsTerminal: false,
      columns: () => 0,
      forceColor: false,
      noColor: true,
    },
    variables,
    settings: notNeeded,
    timeOfDay: notNeeded,
    onInterrupt: notNeeded,
    leave: notNeeded,
    writeFile: notNeeded,
    absolute: notNeeded,
    open: notNeeded,
    catalog: notNeeded,
    configuredApps: notNeeded,
    config: {
      check: notNeeded,
      schema: notNeeded,
      writeSchema: notNeeded,
      explain: notNeeded,
      init: notNeeded,
      initSandbox: notNeeded,
      addApp: notNeeded,
    },
    sandbox: { start: notNeeded, control: notNeeded, noted: notNeeded, stop: notNeeded },
    doctor: notNeeded,
    up: notNeeded,
    demo: notNeeded,
  };
}

/** The command tree, for what is made from it: reference, completion. */
export function commandTree(): Command {
  return createProgram(
    printingHost([], () => undefined),
    { code: 0 },
  );
}

/** What `tenure <words>` prints when it only has to explain. */
export async function printedHelp(words: readonly string[], variables: CliHost["variables"]): Promise<string> {
  let text = "";
  await runCli(
    words,
    printingHost(variables, (part) => (text += part)),
  );
  return text.trimEnd();
}

/** Every command and topic as one page of the docs. */
export async function cliReference(variables: CliHost["variables"]): Promise<string> {
  const parts = [
    "# The command line",
    "Made from the command tree by `npm run generate`: what `tenure --help`, `tenure <command> --help` and `tenure help <topic>` print.",
    fenced(await printedHelp([], variables)),
  ];
  for (const command of commandTree().commands) {
    const inner = command.commands.map((one) => [command.name(), one.name()]);
    for (const path of inner.length === 0 ? [[command.name()]] : inner) {
      const text = await printedHelp([...path, "--help"], variables);
      // The global options are the same everywhere.
      parts.push(`## tenure ${path.join(" ")}`, fenced(text.replace(/\n\nGlobal Options:\n(?: {2}.*(?:\n|$))+/, "\n")));
    }
  }
  for (const topic of Object.keys(HELP_TOPICS)) {
    parts.push(`## tenure help ${topic}`, fenced(await printedHelp(["help", topic], variables)));
  }
  return `${parts.join("\n\n")}\n`;
}

function fenced(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}
