import type { Command } from "commander";
import type { PlanResult } from "../../app/contract.ts";
import { AppError } from "../../kernel/errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import {
  act,
  flagOption,
  listOption,
  required,
  textOption,
  type Invocation,
  type Options,
  type Outcome,
} from "../invocation.ts";
import { collect } from "./options.ts";

export function addPlanCommands(program: Command, host: CliHost, outcome: Outcome): void {
  program
    .command("plan")
    .summary("Work out what should change, and show it before anything happens")
    .description(
      "Works out what should change, in which order and why. Nothing is changed; tenure apply <plan> does it.",
    )
    .option("--from <what>", "hr: what the roster and the rules ask for; findings: what the apps show", "hr")
    .option("--person <person>", "only this person: id, key, address or a unique part of the name")
    .option("--app <name>", "only this app")
    .option("--answer <question=value>", "answer to a question of the plan; again for more", collect)
    .option("--out <file>", "write the plan as JSON to a file as well")
    .option("--no-refresh", "plan from what was read before, even when it is old")
    .option("--detailed-exitcode", "exit 2 when there is something to do, 0 when there is not")
    .addHelpText(
      "after",
      "\nExamples:\n  tenure plan --from hr\n  tenure plan --person maya.okafor@harborpine.example\n  tenure plan --from findings --app inbox --detailed-exitcode",
    )
    .action(act(host, outcome, makePlan));
  program
    .command("show <plan>")
    .summary("Show a plan again")
    .description("Shows a plan as it was made, and what became of it. <plan> is PL-42, 42 or the id.")
    .action(act(host, outcome, showPlan));
  program
    .command("apply <plan>")
    .summary("Do what a plan says, exactly, and read every change back")
    .description("Applies a plan. Each step is checked, done, and read back; what is interrupted can be resumed.")
    .option("--yes", "do not ask; needed where there is no terminal and something is taken away")
    .option("--approve-as <name>", "approve as this person, in the sandbox only; again for more", collect)
    .addHelpText(
      "after",
      "\nExamples:\n  tenure apply PL-42\n  tenure apply PL-42 --yes --approve-as rosa --approve-as omar",
    )
    .action(act(host, outcome, applyPlan));
}

function parseAnswers(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf("=");
      if (at < 1 || at === one.length - 1) throw new AppError("usage", "--answer must be <question>=<value>");
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

async function makePlan(invocation: Invocation, _args: readonly unknown[], options: Options): Promise<number> {
  const { renderPlan } = await import("../output/plan.ts");
  const from = textOption(options, "from") ?? "hr";
  const person = textOption(options, "person");
  if (from !== "hr" && from !== "findings") throw new AppError("usage", "--from must be hr or findings");
  const view = await invocation.withSession((session) =>
    invocation.call(session, "plan", {
      from: person === null ? from : "person",
      person,
      app: textOption(options, "app"),
      answers: parseAnswers(listOption(options, "answer")),
      refresh: options["refresh"] !== false,
    }),
  );
  const out = textOption(options, "out");
  if (out !== null) {
    await invocation.host.writeFile(out, `${JSON.stringify(view, null, 2)}\n`);
    invocation.output.say(`Written to ${out}`);
  }
  invocation.output.result(view, renderPlan);
  nextAfterPlan(invocation, view);
  if (view.state === "blocked") return EXIT.blocked;
  const changes = view.plan.content.steps.length > 0 || view.plan.content.questions.length > 0;
  return flagOption(options, "detailedExitcode") && changes ? EXIT.differences : EXIT.done;
}

function nextAfterPlan(invocation: Invocation, view: PlanResult): void {
  const { label } = view;
  switch (view.state) {
    case "ready":
      invocation.output.next(`tenure apply ${label}`);
      return;
    case "needs-approval":
      invocation.output.next(
        `tenure apply ${label}   does what needs no approval`,
        `tenure apply ${label} --approve-as <name>   does the rest too, in the sandbox`,
      );
      return;
    case "blocked":
      invocation.output.next("tenure findings list   shows what the guard is about");
      return;
    case "empty":
      invocation.output.next("tenure people list");
      return;
    case "stale":
      invocation.output.next("tenure plan --from hr");
      return;
    case "applied":
    case "partly-applied":
      invocation.output.next(`tenure runs show RN-${view.runs[0]?.number ?? 1}`);
      return;
  }
}

async function showPlan(invocation: Invocation, args: readonly (string | undefined)[]): Promise<number> {
  const { renderPlan, renderPlanRuns } = await import("../output/plan.ts");
  const plan = required(args, 0);
  const view = await invocation.withSession((session) => invocation.call(session, "plan.show", { plan }));
  invocation.output.result(view, (shown, style) => {
    const runs = renderPlanRuns(shown, style);
    return runs.length === 0 ? renderPlan(shown, style) : [...renderPlan(shown, style), "", ...runs];
  });
  nextAfterPlan(invocation, view);
  return EXIT.done;
}

async function applyPlan(
  invocation: Invocation,
  args: readonly (string | undefined)[],
  options: Options,
): Promise<number> {
  const reference = required(args, 0);
  const { finishRun } = await import("./runs.ts");
  return invocation.withSession(async (session) => {
    const view = await invocation.call(session, "plan.show", { plan: reference });
    if (!flagOption(options, "yes")) {
      const { confirmPlan } = await import("./confirm.ts");
      if (!(await confirmPlan(invocation, view))) {
        invocation.output.say("Nothing was done.");
        return EXIT.interrupted;
      }
    }
    const result = await invocation.call(session, "apply", {
      plan: view.plan.id,
      approveAs: listOption(options, "approveAs"),
    });
    return finishRun(invocation, result);
  });
}
