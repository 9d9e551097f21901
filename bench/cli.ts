import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../src/kernel/clock.ts";
import { withWorkspace } from "../src/main/testing/workspace.ts";
import { atMost, median, shown, type Bench, type Measure } from "./measure.ts";

const BIN = fileURLToPath(new URL("../bin/tenure", import.meta.url));

/** Bounds of the issue, in milliseconds. */
const HELP_MS = 200;
const PLAN_MS = 2_000;
const ROUNDS = 9;

/** Milliseconds from the start of a process to its end; throws when it fails. */
async function timeProcess(args: readonly string[]): Promise<number> {
  const clock = systemClock();
  const startedMs = clock.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  return clock.now() - startedMs;
}

async function medianOf(args: readonly string[]): Promise<number> {
  // The first start fills the compile cache, as the first command of a user does.
  await timeProcess(args);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await timeProcess(args));
  return median(times);
}

async function run(): Promise<readonly Measure[]> {
  const bareMs = await medianOf(["-e", "0"]);
  const helpMs = await medianOf([BIN, "--help"]);
  const measures: Measure[] = [
    shown("node -e 0, for comparison", bareMs, "ms"),
    atMost("tenure --help", helpMs, HELP_MS, "ms"),
  ];
  await withWorkspace(async (workspace) => {
    const place = ["--data-dir", join(workspace.folder, "data"), "--config", join(workspace.folder, "tenure.yaml")];
    const follow = ["--sandbox-clock", workspace.control, "--json"];
    for (const words of [["sync"], ["roster", "import"]]) {
      const ran = await workspace.run([...words, ...follow]);
      if (ran.code !== 0) throw new Error(ran.err);
    }
    const planMs = await medianOf([BIN, "plan", ...place, ...follow]);
    measures.push(atMost("tenure plan on the demo company", planMs, PLAN_MS, "ms"));
  });
  return measures;
}

/** How long a user waits for the command line itself. */
export const cli: Bench = { name: "cli", run };
