import { runCli } from "../cli/program.ts";
import { readEnvironment } from "./config.ts";
import { createHost } from "./host.ts";
import { flushed, processTerminal } from "./terminal.ts";

/** `bin/tenure` starts here. Nothing heavy is loaded before the command is known. */
const environment = readEnvironment();
const code = await runCli(process.argv.slice(2), createHost(environment, processTerminal(environment)));
await flushed();
process.exit(code);
