import type { Command } from "commander";
import { AppError } from "../../kernel/errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { CatalogEntry, CliHost } from "../host.ts";
import { act, listOption, required, textOption, type Invocation, type Options, type Outcome } from "../invocation.ts";
import { collect } from "./options.ts";

export function addAppCommands(program: Command, host: CliHost, outcome: Outcome): void {
  const apps = program
    .command("apps")
    .helpCommand(false)
    .description("The apps that Tenure speaks to.")
    .summary("Add, test and understand apps");
  apps
    .command("list")
    .description("Lists the configured apps.")
    .action(act(host, outcome, listApps));
  apps
    .command("add [connector]")
    .description(
      "Writes an app into tenure.yaml and tests it. Secrets are given as references: env:NAME or secret:NAME.",
    )
    .option("--name <name>", "its name in the configuration; the connector's name by default")
    .option("--set <key=value>", "a setting, such as apiKey=env:FUB_API_KEY; again for more", collect)
    .addHelpText(
      "after",
      "\nExamples:\n  tenure apps add front --name inbox --set token=env:FRONT_TOKEN\n  tenure apps add followupboss --name crm --set apiKey=env:FUB_API_KEY --set seats=65",
    )
    .action(act(host, outcome, addApp));
  apps
    .command("show <app>")
    .description("Shows one app: what can be done by API, what by hand, what can be undone.")
    .action(act(host, outcome, showApp));
  apps
    .command("test [app]")
    .description("Tests credentials, scopes and addresses, by reading only.")
    .action(act(host, outcome, testApps));
  apps
    .command("caveats <app>")
    .description(
      "Prints the facts of the vendor's document that are honoured. <app> is a connector or a configured app.",
    )
    .action(act(host, outcome, showCaveats));
  apps
    .command("limits [app]")
    .description("Shows the quotas and how much of them Tenure uses.")
    .action(act(host, outcome, showLimits));
}

async function listApps(invocation: Invocation): Promise<number> {
  const { renderApps } = await import("../output/apps.ts");
  const result = await invocation.withSession((session) => invocation.call(session, "apps.list", {}));
  invocation.output.result(result, renderApps);
  const first = result.apps[0];
  if (first === undefined) {
    const known = (await invocation.host.catalog()).map((one) => one.id).join(", ");
    invocation.output.next(`tenure apps add <connector>   connectors: ${known}`);
  } else invocation.output.next("tenure apps test", `tenure apps show ${first.name}`);
  return EXIT.done;
}

async function showApp(invocation: Invocation, args: readonly (string | undefined)[]): Promise<number> {
  const { renderApp } = await import("../output/apps.ts");
  const app = required(args, 0);
  const result = await invocation.withSession((session) => invocation.call(session, "apps.show", { app }));
  invocation.output.result(result, renderApp);
  invocation.output.next(`tenure apps test ${result.app.name}`, `tenure apps caveats ${result.app.name}`);
  return EXIT.done;
}

async function testApps(invocation: Invocation, args: readonly (string | undefined)[]): Promise<number> {
  const { renderAppsTest } = await import("../output/apps.ts");
  const app = args[0] ?? null;
  const result = await invocation.withSession((session) => invocation.call(session, "apps.test", { app }));
  invocation.output.result(result, renderAppsTest);
  if (result.apps.length === 0) invocation.output.next("tenure apps add");
  else if (result.ok) invocation.output.next("tenure sync");
  else invocation.output.next("tenure doctor");
  return result.ok ? EXIT.done : EXIT.failed;
}

async function showLimits(invocation: Invocation, args: readonly (string | undefined)[]): Promise<number> {
  const { renderLimits } = await import("../output/apps.ts");
  const app = args[0] ?? null;
  const result = await invocation.withSession((session) => invocation.call(session, "apps.limits", { app }));
  invocation.output.result(result, renderLimits);
  invocation.output.next("tenure help rate-limits");
  return EXIT.done;
}

/** A connector of this build by its id, or by the name of a configured app. */
async function findConnector(invocation: Invocation, name: string): Promise<CatalogEntry> {
  const catalog = await invocation.host.catalog();
  const direct = catalog.find((one) => one.id === name);
  if (direct !== undefined) return direct;
  const configured = await invocation.host.configuredApps(invocation.settings);
  const found = catalog.find((one) => one.id === configured[name]);
  if (found !== undefined) return found;
  const known = [...Object.keys(configured), ...catalog.map((one) => one.id)];
  throw new AppError("usage", `there is no app or connector ${name}\nKnown: ${known.join(", ")}`);
}

async function showCaveats(invocation: Invocation, args: readonly (string | undefined)[]): Promise<number> {
  const { renderCaveats } = await import("../output/catalog.ts");
  const entry = await findConnector(invocation, required(args, 0));
  const document = {
    schema: "tenure.caveats/v1",
    connector: entry.id,
    name: entry.name,
    guide: entry.guide,
    caveats: entry.caveats,
  } as const;
  invocation.output.result(document, renderCaveats);
  invocation.output.next("tenure help rate-limits", "tenure apps list");
  return EXIT.done;
}

/** `key=value` pairs; `usage` when one is none. */
export function parsePairs(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf("=");
      if (at < 1) throw new AppError("usage", "--set must be <key>=<value>, such as apiKey=env:FUB_API_KEY");
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

async function addApp(
  invocation: Invocation,
  args: readonly (string | undefined)[],
  options: Options,
): Promise<number> {
  const { host, settings, output } = invocation;
  const { askForApp } = await import("./ask-app.ts");
  const app = await askForApp(invocation, {
    connector: args[0] ?? null,
    name: textOption(options, "name"),
    settings: parsePairs(listOption(options, "set")),
  });
  const file = await host.config.addApp(settings, app);
  const entry = (await host.catalog()).find((one) => one.id === app.connector);
  const { renderAdded } = await import("../output/catalog.ts");
  const { testNewApp } = await import("./new-app.ts");
  const document = {
    schema: "tenure.app-added/v1",
    name: app.name,
    connector: app.connector,
    file,
    setup: entry?.setup ?? [],
    test: await testNewApp(invocation, file, app.name),
  } as const;
  output.result(document, renderAdded);
  output.next(`tenure apps test ${app.name}`, "tenure sync");
  return EXIT.done;
}
