import type { Terminal } from "../cli/host.ts";
import type { Environment } from "./config.ts";

/** The process's own streams. A reader that went away (`| head`) ends the process quietly. */
export function processTerminal(environment: Environment): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTerminal: process.stdout.isTTY,
    errIsTerminal: process.stderr.isTTY,
    inIsTerminal: process.stdin.isTTY,
    columns: () => (process.stdout.isTTY ? process.stdout.columns : 0),
    forceColor: environment.forceColor,
    noColor: environment.noColor,
  };
}

/** Resolves when everything written so far has left the process. */
export async function flushed(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => {
      stream.write("", () => resolve());
    });
  }
}
