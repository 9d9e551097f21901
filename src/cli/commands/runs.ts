import type { Command } from "commander";
import type { RunResult } from "../../app/contract.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { act, countOption, required, type Invocation, type Options, type Outcome } from "../invocation.ts";

export function addRunCommands(program: Command, host: CliHost, outcome: Outcome): void {
  const runs = program
    .command("runs")
    .helpCommand(false)
    .description("Plans that were or are being applied.")
    .summary("Look at runs, and resume them");
  runs
    .command("list")
    .description("Lists runs, newest first.")
    .option("--limit <n>", "how many")
    .action(act(host, outcome, listRuns));
  runs
    .command("show <run>")
    .description("Shows each step of a run: what was done and proven, what waits, what went wrong.")
    .action(act(host, outcome, showRun));
  runs
    .command("resume <run>")
    .description("Goes on with a run that stopped. What was done is not done again.")
    .action(act(host, outcome, resumeRun));
}

async function listRuns(invocation: Invocation, _args: readonly unknown[], options: Options): Promise<number> {
  const { renderRuns } = await import("../output/runs.ts");
  const limit = countOption(options, "limit", { least: 1, most: 1000, standard: 20 });
  const result = await invocation.withSession((session) => invocation.call(session, "runs.list", { limit }));
  invocation.output.result(result, renderRuns);
  const newest = result.runs[0];
  invocation.output.next(newest === undefined ? "tenure plan" : `tenure runs show ${newest.label}`);
  return EXIT.done;
}

async function showRun(invocation: Invocation, args: readonly (string | undefined)[]): Promise<number> {
  const { renderRun } = await import("../output/runs.ts");
  const run = required(args, 0);
  const result = await invocation.withSession((session) => invocation.call(session, "runs.show", { run }));
  invocation.output.result(result, renderRun);
  nextAfterRun(invocation, result);
  return EXIT.done;
}

async function resumeRun(invocation: Invocation, args: readonly (string | undefined)[]): Promise<number> {
  const run = required(args, 0);
  const result = await invocation.withSession((session) => invocation.call(session, "runs.resume", { run }));
  return finishRun(invocation, result);
}

/** Prints what a run came to; gives the exit code it deserves. */
export async function finishRun(invocation: Invocation, result: RunResult): Promise<number> {
  const { renderRunSummary } = await import("../output/runs.ts");
  invocation.output.result(result, renderRunSummary);
  if (invocation.signal.aborted && result.exit !== EXIT.done) {
    invocation.output.say("Stopped. What was done is kept.");
    invocation.output.next(`tenure runs resume ${result.label}`);
    return EXIT.interrupted;
  }
  nextAfterRun(invocation, result);
  return result.exit;
}

function nextAfterRun(invocation: Invocation, result: RunResult): void {
  const shown = `tenure runs show ${result.label}`;
  const next = result.exit === EXIT.done ? ["tenure plan   shows that nothing is left", ...result.next] : result.next;
  invocation.output.next(...(next.length === 0 ? [shown] : next));
}
