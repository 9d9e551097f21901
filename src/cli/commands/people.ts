import type { Command } from "commander";
import { AppError } from "../../kernel/errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { act, countOption, required, textOption, type Invocation, type Options, type Outcome } from "../invocation.ts";

export function addPeopleCommands(program: Command, host: CliHost, outcome: Outcome): void {
  const people = program
    .command("people")
    .helpCommand(false)
    .description("Who is known, and what they have where.")
    .summary("See people and what they have");
  people
    .command("list")
    .description("Lists people and their accounts in every app.")
    .option("--search <text>", "part of a name or address")
    .option("--app <name>", "only people with an account there")
    .option("--limit <n>", "how many rows")
    .action(act(host, outcome, listPeople));
  people
    .command("show <person>")
    .description("Shows one person: employment, accounts, what they own, findings.")
    .action(act(host, outcome, showPerson));
  people
    .command("explain <person>")
    .description("Says step by step why somebody has, or has not, an account in an app.")
    .requiredOption("--app <name>", "the app")
    .addHelpText("after", "\nExample:\n  tenure people explain priya.nakamura@harborpine.example --app crm")
    .action(act(host, outcome, explainPerson));
}

async function listPeople(invocation: Invocation, _args: readonly unknown[], options: Options): Promise<number> {
  const { renderPeople } = await import("../output/people.ts");
  const limit = countOption(options, "limit", {
    least: 1,
    most: 1_000_000,
    standard: invocation.output.format === "text" ? 200 : 1_000_000,
  });
  const filter = { search: textOption(options, "search"), app: textOption(options, "app"), limit };
  const result = await invocation.withSession((session) => invocation.call(session, "people.list", filter));
  invocation.output.result(result, renderPeople);
  const first = result.people[0];
  invocation.output.next(
    first === undefined ? "tenure roster import <file>" : `tenure people show ${first.person.email}`,
  );
  return EXIT.done;
}

async function showPerson(invocation: Invocation, args: readonly (string | undefined)[]): Promise<number> {
  const { renderPerson } = await import("../output/people.ts");
  const person = required(args, 0);
  const result = await invocation.withSession((session) => invocation.call(session, "people.show", { person }));
  invocation.output.result(result, renderPerson);
  const app = result.accounts[0]?.account.connection;
  invocation.output.next(
    `tenure plan --person ${result.person.email}`,
    ...(app === undefined ? [] : [`tenure people explain ${result.person.email} --app ${app}`]),
  );
  return EXIT.done;
}

async function explainPerson(
  invocation: Invocation,
  args: readonly (string | undefined)[],
  options: Options,
): Promise<number> {
  const { renderExplain } = await import("../output/people.ts");
  const app = textOption(options, "app");
  if (app === null) throw new AppError("usage", "--app is missing");
  const person = required(args, 0);
  const result = await invocation.withSession((session) => invocation.call(session, "people.explain", { person, app }));
  invocation.output.result(result, renderExplain);
  invocation.output.next(`tenure plan --person ${person} --app ${app}`);
  return EXIT.done;
}
