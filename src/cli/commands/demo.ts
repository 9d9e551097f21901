import type { Command } from "commander";
import type { RunResult } from "../../app/contract.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliHost, Demo } from "../host.ts";
import { act, countOption, flagOption, type Invocation, type Options, type Outcome } from "../invocation.ts";
import { listed } from "../output/text.ts";
import { untilAborted } from "./sandbox.ts";

/** Longer lists are cut here: the demo shows the idea, the commands it names show all. */
const FINDINGS_SHOWN = 6;

export function addDemoCommand(program: Command, host: CliHost, outcome: Outcome): void {
  program
    .command("demo")
    .summary("Play the whole story on a demo company, with no real app")
    .description(
      "Starts emulators of the apps and a demo company, reads them, imports the roster, shows findings and a plan,\n" +
        "applies what needs no approval and reads it back. The sandbox stays up until Ctrl-C.",
    )
    .option("--once", "end by itself")
    .option("--port <port>", "first port of the sandbox; any free ones by default")
    .action(act(host, outcome, playDemo));
}

async function playDemo(invocation: Invocation, _args: readonly unknown[], options: Options): Promise<number> {
  const port = countOption(options, "port", { least: 0, most: 65_535, standard: 0 });
  const demo = await invocation.host.demo(invocation.settings, { port }, invocation.signal);
  let closed = false;
  try {
    const run = await tellStory(invocation, demo);
    // The workspace is free for other commands from here on; the sandbox stays up.
    await demo.session.close();
    closed = true;
    sayNext(invocation, demo, run);
    if (flagOption(options, "once")) return run.exit === EXIT.failed ? EXIT.failed : EXIT.done;
    invocation.output.say("The sandbox stays up until Ctrl-C.");
    await untilAborted(invocation.signal);
    return EXIT.done;
  } finally {
    if (!closed) await demo.session.close();
    await demo.close();
  }
}

function heading(invocation: Invocation, number: number, text: string): void {
  const { host, output } = invocation;
  if (output.format === "text") host.terminal.out(`\n${output.style.bold(`${number}. ${text}`)}\n`);
}

async function tellStory(invocation: Invocation, demo: Demo): Promise<RunResult> {
  const { host, output } = invocation;
  const { session } = demo;
  const roster = await import("../output/roster.ts");
  const { renderFindings } = await import("../output/findings.ts");
  const { renderPlan } = await import("../output/plan.ts");
  const { renderRunSummary } = await import("../output/runs.ts");
  if (output.format === "text") {
    host.terminal.out(
      `Sandbox ready: ${listed(demo.apps)}, a company of ${demo.people} people. Its clock says ${demo.clock}.\n`,
    );
  }

  heading(invocation, 1, "Read the apps");
  output.result(await invocation.call(session, "sync", { apps: null }), roster.renderSync);

  heading(invocation, 2, "Import the roster of HR");
  const input = { source: null, file: null, acceptErrors: false, acceptShrink: false };
  output.result(await invocation.call(session, "roster.import", input), (result, style) =>
    roster.renderRoster(result, style).slice(-1),
  );

  heading(invocation, 3, "What is not as it should be");
  const filter = { kinds: [], severity: null, app: null, person: null };
  output.result(await invocation.call(session, "findings.list", filter), (result, style) => {
    const lines = renderFindings(result, style);
    const most = FINDINGS_SHOWN + 1;
    return lines.length <= most + 1 ? lines : [...lines.slice(0, most), "…", ...lines.slice(-1)];
  });

  heading(invocation, 4, "The plan: nothing has been changed yet");
  const plan = await invocation.call(session, "plan", {
    from: "hr",
    person: null,
    app: null,
    answers: {},
    refresh: true,
  });
  output.result(plan, renderPlan);

  heading(invocation, 5, "Apply what needs no approval, and read every change back");
  const run = await invocation.call(session, "apply", { plan: plan.plan.id, approveAs: [] });
  output.result(run, renderRunSummary);
  return run;
}

function sayNext(invocation: Invocation, demo: Demo, run: RunResult): void {
  const { output, host } = invocation;
  if (output.format !== "text") return;
  const rows: readonly (readonly [string, string])[] = [
    [`apply ${run.plan.label} --approve-as rosa --approve-as omar`, "the steps that need two approvers"],
    ["people list", "who has what, where"],
    ["plan", "what is left to do"],
    ["sandbox requests", "every call that was made"],
    ["sandbox clock +3d", "move the time, then plan again"],
  ];
  const width = Math.max(...rows.map(([words]) => words.length));
  host.terminal.out(`\n${output.style.bold("Try next")}, in another terminal:\n`);
  host.terminal.out(`  alias t="${demo.command}"\n`);
  for (const [words, text] of rows) host.terminal.out(`  t ${words.padEnd(width)}   ${output.style.dim(text)}\n`);
}
