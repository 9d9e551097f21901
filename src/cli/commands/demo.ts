import type { Command } from "commander";
import type { RunResult, UseCaseName, UseCases } from "../../app/contract.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliHost, Demo } from "../host.ts";
import { act, countOption, flagOption, type Invocation, type Options, type Outcome } from "../invocation.ts";
import type { Renderer } from "../output/output.ts";
import { cleanDocument, listed } from "../output/text.ts";

/** Longer lists are cut here: the demo shows the idea, the commands it names show all. */
const FINDINGS_SHOWN = 8;

/** From the afternoon at which the demo begins to the next morning, when the leaver's access has ended. */
const TO_MORNING_SECONDS = 18 * 3600;

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
  try {
    const run = await tellStory(invocation, demo);
    if (invocation.output.format !== "text") invocation.output.result(run, () => []);
    const once = flagOption(options, "once");
    sayNext(invocation, demo, run, once);
    if (!once) await demo.serve();
    return run.exit === EXIT.failed ? EXIT.failed : EXIT.done;
  } finally {
    await demo.session.close();
    await demo.close();
  }
}

/** One chapter: a heading, a call, and what came of it. Only text tells the story; other formats give its end. */
async function chapter<Name extends UseCaseName>(
  invocation: Invocation,
  demo: Demo,
  part: {
    readonly title: string;
    readonly name: Name;
    readonly input: UseCases[Name]["input"];
    readonly render: Renderer<UseCases[Name]["output"]>;
  },
): Promise<UseCases[Name]["output"]> {
  const { host, output } = invocation;
  const isText = output.format === "text";
  if (isText) host.terminal.out(`\n${output.style.bold(part.title)}\n`);
  const result = await invocation.call(demo.session, part.name, part.input);
  if (isText) host.terminal.out(`${part.render(cleanDocument(result), output.style).join("\n")}\n`);
  return result;
}

async function tellStory(invocation: Invocation, demo: Demo): Promise<RunResult> {
  const { host, output, signal } = invocation;
  const roster = await import("../output/roster.ts");
  const { renderFindingsShort } = await import("../output/findings.ts");
  const { renderPlan } = await import("../output/plan.ts");
  const { renderRunSummary } = await import("../output/runs.ts");
  if (output.format === "text") {
    host.terminal.out(
      `Sandbox ready: ${listed(demo.apps)}, a company of ${demo.people} people. Its clock says ${demo.clock}.\n`,
    );
  }
  await chapter(invocation, demo, {
    title: "1. Read the apps",
    name: "sync",
    input: { apps: null },
    render: (result, style) => roster.renderSync(result, style).slice(0, -1),
  });
  await chapter(invocation, demo, {
    title: "2. Import the roster of HR",
    name: "roster.import",
    input: { source: null, file: null, acceptErrors: false, acceptShrink: false },
    render: (result, style) => roster.renderRoster(result, style).slice(-1),
  });
  await chapter(invocation, demo, {
    title: "3. What is not as it should be",
    name: "findings.list",
    input: { kinds: [], severity: null, app: null, person: null },
    render: (result, style) => renderFindingsShort(result, style, FINDINGS_SHOWN),
  });
  const plan = await chapter(invocation, demo, {
    title: "4. The plan: nothing has been changed yet",
    name: "plan",
    input: { from: "hr", person: null, app: null, answers: {}, refresh: true },
    render: (view, style) => renderPlan({ ...view, read: [] }, style),
  });
  const first = await chapter(invocation, demo, {
    title: "5. Apply what can be done now, and read every change back",
    name: "apply",
    input: { plan: plan.plan.id, approveAs: [] },
    render: renderRunSummary,
  });
  if (signal.aborted) return first;
  await demo.advance(TO_MORNING_SECONDS);
  return chapter(invocation, demo, {
    title: "6. The next morning: the sandbox's clock has moved on, and a last day is over",
    name: "runs.resume",
    input: { run: first.run.id },
    render: renderRunSummary,
  });
}

function sayNext(invocation: Invocation, demo: Demo, run: RunResult, once: boolean): void {
  const { output, host } = invocation;
  if (output.format !== "text") return;
  const { style } = output;
  if (once) {
    host.terminal.out(`\nNext: ${demo.program} demo   keeps the sandbox up, to try everything on\n`);
    host.terminal.out(`      ${demo.program} init   starts with your own apps, reading only\n`);
    return;
  }
  const rows: readonly (readonly [string, string])[] = [
    [`apply ${run.plan.label} --yes --approve-as rosa --approve-as omar`, "does what needs two approvers"],
    ["people list", "who has what, where"],
    ["plan", "what is left to do"],
    ["sandbox requests", "every call that was made, and its effect"],
    ["sandbox fault F20 --times 3", "makes the next calls fail"],
    ["sandbox clock +3d", "moves the time; then plan again"],
  ];
  const width = Math.max(...rows.map(([words]) => words.length));
  host.terminal.out(`\n${style.bold("Try next")}, in another terminal:\n\n  export ${demo.variables}\n\n`);
  for (const [words, text] of rows) {
    host.terminal.out(`  ${demo.program} ${words.padEnd(width)}   ${style.dim(text)}\n`);
  }
  host.terminal.out("\nThe sandbox stays up until Ctrl-C.\n");
}
