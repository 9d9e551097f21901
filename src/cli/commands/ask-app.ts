import { AppError } from "../../kernel/errors.ts";
import type { CatalogEntry, NewApp } from "../host.ts";
import type { Invocation } from "../invocation.ts";

export interface Asked {
  readonly connector: string | null;
  readonly name: string | null;
  readonly settings: Readonly<Record<string, string>>;
}

/** Completes what was given by asking on a terminal; without one, what is missing is a `usage` error that names it. */
export async function askForApp(invocation: Invocation, asked: Asked): Promise<NewApp> {
  const catalog = await invocation.host.catalog();
  const canAsk = invocation.settings.input && invocation.host.terminal.inIsTerminal;
  const entry = await chooseConnector(catalog, asked.connector, canAsk);
  const suggested = asked.name ?? entry.id;
  const name = asked.name ?? (canAsk ? await ask("What shall it be called here?", suggested) : suggested);
  const settings = { ...asked.settings };
  // The first secret is what the app cannot do without; further ones belong to parts that may be left out.
  const [first] = entry.secretFields;
  if (first !== undefined && settings[first] === undefined) {
    const variable = `${entry.id}_${first}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
    if (!canAsk) {
      throw new AppError(
        "usage",
        `${entry.name} needs ${first}\nGive it as a reference: --set ${first}=env:${variable}`,
      );
    }
    settings[first] = await ask(`Where is ${first}? A reference, never the secret itself`, `env:${variable}`);
  }
  return { connector: entry.id, name, settings };
}

async function chooseConnector(
  catalog: readonly CatalogEntry[],
  given: string | null,
  canAsk: boolean,
): Promise<CatalogEntry> {
  const ids = catalog.map((one) => one.id);
  const wanted = given ?? (canAsk ? await choose(catalog) : null);
  if (wanted === null) throw new AppError("usage", `name a connector\nConnectors: ${ids.join(", ")}`);
  const entry = catalog.find((one) => one.id === wanted);
  if (entry === undefined)
    throw new AppError("usage", `there is no connector ${wanted}\nConnectors: ${ids.join(", ")}`);
  return entry;
}

async function choose(catalog: readonly CatalogEntry[]): Promise<string> {
  const { askChoice } = await import("../prompts.ts");
  const answer = await askChoice(
    "Which app?",
    catalog.map((one) => ({ value: one.id, label: one.name })),
  );
  if (answer === null) throw new AppError("canceled", "nothing was written");
  return answer;
}

async function ask(message: string, suggested: string): Promise<string> {
  const { askText } = await import("../prompts.ts");
  const answer = await askText(message, (text) => text !== "", suggested);
  if (answer === null) throw new AppError("canceled", "nothing was written");
  return answer;
}
