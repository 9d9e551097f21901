import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { act, flagOption, type Invocation, type Options, type Outcome } from "../invocation.ts";

export function addSyncCommand(program: Command, host: CliHost, outcome: Outcome): void {
  program
    .command("sync [app...]")
    .summary("Read the apps now")
    .description("Reads the apps now, all or those named. Nothing is changed in them.")
    .option("--accept-loss", "take it as it is when most of the known accounts are not there any more")
    .action(act(host, outcome, syncApps));
}

async function syncApps(
  invocation: Invocation,
  args: readonly (string | undefined)[],
  options: Options,
): Promise<number> {
  const { renderSync } = await import("../output/roster.ts");
  const apps = args.filter((one) => one !== undefined);
  const input = { apps: apps.length === 0 ? null : apps, acceptLoss: flagOption(options, "acceptLoss") };
  const result = await invocation.withSession((session) => invocation.call(session, "sync", input));
  invocation.output.result(result, renderSync);
  if (result.snapshots.length === 0 && result.failed.length === 0) invocation.output.next("tenure apps add");
  else invocation.output.next("tenure findings list", "tenure plan");
  return result.failed.length > 0 ? EXIT.failed : EXIT.done;
}
