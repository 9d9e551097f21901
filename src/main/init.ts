import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseDocument } from "yaml";
import type { NewApp } from "../cli/host.ts";
import type { Settings } from "../cli/settings.ts";
import type { ConnectorManifest } from "../connector-kit/manifest.ts";
import { AppError } from "../kernel/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { Secret } from "../kernel/secret.ts";
import { loadManifests } from "./catalog.ts";
import type { Environment } from "./config.ts";
import { renderTemplate } from "./config-template.ts";
import { checkConfigText } from "./config/load.ts";
import { secretSource, writeConfigSchema } from "./config-tools.ts";
import { makeFolder, writePrivate } from "./files.ts";
import { notedDocument } from "./sandbox.ts";

/** Where a new configuration goes: the file that was named, or `./tenure.yaml`. */
function targetFile(settings: Settings): string {
  return settings.config !== null && settings.configGiven ? settings.config : resolve("tenure.yaml");
}

function refuseToOverwrite(file: string, force: boolean): void {
  if (force || !existsSync(file)) return;
  throw new AppError(
    "conflict",
    `${file} is there already; nothing was written\nAdd an app to it: tenure apps add. Write over it: --force`,
  );
}

/** Writes only what has no errors: references whose values are not here yet are none. */
async function writeChecked(environment: Environment, settings: Settings, file: string, text: string): Promise<string> {
  const report = await checkConfigText(text, {
    file,
    manifests: await loadManifests(),
    secrets: secretSource(environment, settings),
  });
  if (report.problems.length > 0) {
    throw new AppError("config", `nothing was written: ${file} would have errors\n${report.problems.join("\n")}`, {
      details: { file, problems: report.problems },
    });
  }
  await writePrivate(file, text, 0o644);
  await writeConfigSchema({ ...settings, config: file });
  return file;
}

export async function initConfig(
  environment: Environment,
  settings: Settings,
  options: { readonly app: NewApp | null; readonly roster: string | null; readonly force: boolean },
): Promise<string> {
  const file = targetFile(settings);
  refuseToOverwrite(file, options.force);
  const apps = options.app === null ? {} : { [options.app.name]: toSettings(options.app) };
  const text = renderTemplate({ apps, roster: rosterPart(options.roster), sections: {} });
  return writeChecked(environment, settings, file, text);
}

function rosterPart(file: string | null) {
  return file === null ? null : { file, zone: null };
}

/** Adds a connection to the file, keeping its comments; makes the file when there is none. */
export async function addApp(environment: Environment, settings: Settings, app: NewApp): Promise<string> {
  if (settings.config === null || !existsSync(settings.config)) {
    return initConfig(environment, settings, { app, roster: null, force: false });
  }
  const document = parseDocument(await readFile(settings.config, "utf8"), { prettyErrors: false });
  if (document.errors.length > 0) {
    throw new AppError(
      "config",
      `${settings.config} is not valid YAML; nothing was written\nSee where: tenure config validate`,
    );
  }
  if (document.hasIn(["apps", app.name])) {
    throw new AppError(
      "conflict",
      `there is an app ${app.name} already; nothing was written\nGive another name: --name`,
    );
  }
  if (!document.hasIn(["apps"]) || document.get("apps") === null) document.set("apps", document.createNode({}));
  document.setIn(["apps", app.name], document.createNode(toSettings(app)));
  const apps = document.get("apps");
  // `apps: {}` of a new file would put the first app on one line.
  if (typeof apps === "object" && apps !== null && "flow" in apps) apps.flow = false;
  return writeChecked(environment, settings, settings.config, document.toString({ lineWidth: 0 }));
}

/** Dotted keys become maps; numbers, true and false are read as such unless the setting is a secret. */
function toSettings(app: NewApp): JsonObject {
  let made: JsonObject = { connector: app.connector };
  for (const [key, text] of Object.entries(app.settings)) {
    const plain = /^(true|false|-?\d+(\.\d+)?)$/.test(text);
    made = withValue(made, key.split("."), plain ? (JSON.parse(text) as JsonValue) : text);
  }
  return made;
}

function withValue(object: JsonObject, path: readonly string[], value: JsonValue): JsonObject {
  const [first, ...rest] = path;
  if (first === undefined) return object;
  const inner = object[first] ?? {};
  return { ...object, [first]: rest.length === 0 ? value : withValue(isJsonObject(inner) ? inner : {}, rest, value) };
}

/** For every app of the noted sandbox; its keys go into secret files. */
export async function initForSandbox(
  environment: Environment,
  settings: Settings,
  options: { readonly roster: string | null; readonly force: boolean },
): Promise<string> {
  const file = targetFile(settings);
  refuseToOverwrite(file, options.force);
  const document = await notedDocument(settings);
  const apps = await sandboxApps(document, settings.dataDir, (manifest) => manifest.id);
  return writeChecked(
    environment,
    settings,
    file,
    renderTemplate({ apps, roster: rosterPart(options.roster), sections: {} }),
  );
}

/**
 * The `apps:` section that speaks to a sandbox. Its keys are written as secret files of the data directory, so that the
 * configuration has the same form as with real apps.
 */
export async function sandboxApps(
  document: JsonObject,
  dataDir: string,
  nameOf: (manifest: ConnectorManifest) => string,
): Promise<JsonObject> {
  const made: Record<string, JsonValue> = {};
  makeFolder(dataDir);
  makeFolder(join(dataDir, "secrets"));
  const apps = isJsonObject(document["apps"]) ? document["apps"] : {};
  for (const manifest of await loadManifests()) {
    const part = apps[manifest.id];
    if (!isJsonObject(part)) continue;
    const name = nameOf(manifest);
    made[name] = await withReferences(manifest.sandboxSettings(part), `sandbox-${name}`, dataDir);
  }
  return made;
}

async function withReferences(
  settings: Readonly<Record<string, unknown>>,
  prefix: string,
  dataDir: string,
): Promise<JsonObject> {
  const made: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(settings)) {
    const name = `${prefix}-${key}`;
    if (value instanceof Secret) {
      // The sandbox's own keys open nothing but the sandbox, and were printed by it.
      await writePrivate(join(dataDir, "secrets", name), `${value.expose()}\n`);
      made[key] = `secret:${name}`;
    } else if (isPlainRecord(value)) made[key] = await withReferences(value, name, dataDir);
    else if (value !== undefined) made[key] = value as JsonValue;
  }
  return made;
}

function isPlainRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
