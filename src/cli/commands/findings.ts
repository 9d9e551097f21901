import type { Command } from "commander";
import { AppError } from "../../kernel/errors.ts";
import type { FindingKind, Severity } from "../../model/finding.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { act, flagOption, listOption, textOption, type Invocation, type Options, type Outcome } from "../invocation.ts";
import { collect } from "./options.ts";

const KINDS: Readonly<Record<FindingKind, true>> = {
  "leaver-access": true,
  orphaned: true,
  unlinked: true,
  missing: true,
  "role-mismatch": true,
  "team-mismatch": true,
  "attribute-drift": true,
  "admin-outside-policy": true,
  "invitation-old": true,
  "seat-overuse": true,
  duplicate: true,
  disputed: true,
  "shared-mailbox": true,
  "vanished-account": true,
  "vanished-person": true,
  contradiction: true,
};
const SEVERITIES: readonly Severity[] = ["low", "medium", "high"];

export function addFindingCommands(program: Command, host: CliHost, outcome: Outcome): void {
  const findings = program
    .command("findings")
    .helpCommand(false)
    .summary("See where the apps differ from what should be")
    .description("Differences between what is and what should be, with evidence.");
  findings
    .command("list")
    .description("Lists open findings, the worst first.")
    .option("--kind <kind>", "only this kind; again for more", collect)
    .option("--severity <severity>", "only high, medium or low")
    .option("--app <name>", "only this app")
    .option("--person <person>", "only this person")
    .option("--fail-on <severity>", "exit 2 when there is one of this severity or worse")
    .option("--detailed-exitcode", "exit 2 when there are any")
    .action(act(host, outcome, listFindings));
}

function isKind(text: string): text is FindingKind {
  return Object.hasOwn(KINDS, text);
}

function severityOption(options: Options, name: string, flag: string): Severity | null {
  const text = textOption(options, name);
  if (text === null) return null;
  const found = SEVERITIES.find((one) => one === text);
  if (found === undefined) throw new AppError("usage", `--${flag} must be high, medium or low`);
  return found;
}

async function listFindings(invocation: Invocation, _args: readonly unknown[], options: Options): Promise<number> {
  const { renderFindings } = await import("../output/findings.ts");
  const kinds = listOption(options, "kind").map((one) => one.replaceAll(" ", "-"));
  const wrong = kinds.find((one) => !isKind(one));
  if (wrong !== undefined) {
    throw new AppError("usage", `there is no kind of finding ${wrong}\nKinds: ${Object.keys(KINDS).join(", ")}`);
  }
  const failOn = severityOption(options, "failOn", "fail-on");
  const filter = {
    kinds: kinds.filter(isKind),
    severity: severityOption(options, "severity", "severity"),
    app: textOption(options, "app"),
    person: textOption(options, "person"),
  };
  const result = await invocation.withSession((session) => invocation.call(session, "findings.list", filter));
  invocation.output.result(result, renderFindings);
  invocation.output.next(result.findings.length === 0 ? "tenure people list" : "tenure plan --from findings");
  const bad = failOn === null ? [] : SEVERITIES.slice(SEVERITIES.indexOf(failOn));
  const fails = result.findings.some((one) => bad.includes(one.severity));
  const any = flagOption(options, "detailedExitcode") && result.findings.length > 0;
  return fails || any ? EXIT.differences : EXIT.done;
}
