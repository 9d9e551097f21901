import { basename, dirname, join } from "node:path";
import { z } from "zod";
import type { ConfigCheck, ExplainedKey } from "../cli/host.ts";
import type { Flags, Settings } from "../cli/settings.ts";
import { isJsonObject, toJson, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { loadManifests } from "./catalog.ts";
import type { Environment } from "./config.ts";
import { checkConfig, loadConfig, type LoadedConfig } from "./config/load.ts";
import { configSchema } from "./config/schema.ts";
import type { SecretSource } from "./config/secrets.ts";
import { writePrivate } from "./files.ts";

export function secretSource(environment: Environment, settings: Settings): SecretSource {
  return { variable: environment.variable, folder: join(settings.dataDir, "secrets") };
}

/** The configuration of these settings; throws `config` with every problem. */
export async function loadSettingsConfig(environment: Environment, settings: Settings): Promise<LoadedConfig> {
  return loadConfig({
    file: settings.config,
    manifests: await loadManifests(),
    secrets: secretSource(environment, settings),
  });
}

export async function checkConfigFile(environment: Environment, settings: Settings): Promise<ConfigCheck> {
  const { config, problems, unresolved } = await checkConfig({
    file: settings.config,
    manifests: await loadManifests(),
    secrets: secretSource(environment, settings),
  });
  return {
    file: settings.config,
    ok: problems.length === 0,
    problems,
    unresolved,
    apps: Object.keys(config.values.apps),
    sources: Object.keys(config.values.sources),
    rules: config.values.rules.length,
  };
}

const REFERENCE = {
  type: "string",
  pattern: "^(env|secret):[A-Za-z_][A-Za-z0-9_.-]{0,99}$",
  description: "A reference, never the secret: env:NAME or secret:NAME.",
} as const;

/** The JSON Schema of `tenure.yaml`: the common part, and for each connector the settings of its own. */
export async function configJsonSchema(): Promise<JsonObject> {
  const whole = jsonSchemaOf(configSchema);
  const apps = (await loadManifests()).map((manifest) => {
    const schema = jsonSchemaOf(manifest.settings);
    const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
    return { ...schema, title: manifest.name, properties: { ...properties, connector: { const: manifest.id } } };
  });
  const properties = isJsonObject(whole["properties"]) ? whole["properties"] : {};
  return {
    ...whole,
    title: "tenure.yaml",
    properties: {
      ...properties,
      apps: {
        type: "object",
        description: "Connection name → its connector and settings.",
        additionalProperties: { oneOf: apps.map((one) => withoutMark(one)) },
      },
    },
  };
}

function withoutMark(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$schema"));
}

function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const made = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      // The only custom type of settings is the secret, which the file names by reference.
      if (zodSchema._zod.def.type === "custom") Object.assign(jsonSchema, REFERENCE);
    },
  });
  const json = toJson(made);
  return isJsonObject(json) ? json : {};
}

/** Writes `.tenure/schema.json` beside the configuration; gives the path. */
export async function writeConfigSchema(settings: Pick<Settings, "config">): Promise<string> {
  const folder = settings.config === null ? "." : dirname(settings.config);
  const path = join(folder, ".tenure", "schema.json");
  await writePrivate(path, `${JSON.stringify(await configJsonSchema(), null, 2)}\n`, 0o644);
  return path;
}

/** Every setting, or those under `key`, each with the place that decided it. */
export async function explainConfig(
  environment: Environment,
  settings: Settings,
  flags: Flags,
  key: string | null,
): Promise<readonly ExplainedKey[]> {
  const own: ExplainedKey[] = environment
    .origins(flags)
    .map((one) => ({ key: one.key, value: one.value, from: one.from, place: one.place }));
  const { config } = await checkConfig({
    file: settings.config,
    manifests: await loadManifests(),
    secrets: secretSource(environment, settings),
  });
  const name = settings.config === null ? "" : basename(settings.config);
  const all = [...own, ...leaves(toJson(config.values), []).map((leaf) => explainLeaf(leaf, config, name))];
  return key === null ? all : all.filter((one) => one.key === key || one.key.startsWith(`${key}.`));
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: JsonValue;
}

function leaves(value: JsonValue, path: readonly string[]): readonly Leaf[] {
  const inner = Array.isArray(value)
    ? (value as readonly JsonValue[]).map((item, index) => [String(index), item] as const)
    : isJsonObject(value)
      ? Object.entries(value)
      : null;
  if (inner === null || inner.length === 0) return [{ path, value }];
  return inner.flatMap(([key, item]) => leaves(item, [...path, key]));
}

/** Kept in milliseconds, shown as they are written. */
const DURATIONS: readonly string[] = ["guards.snapshotAge", "schedule.sync"];

function explainLeaf(leaf: Leaf, config: LoadedConfig, name: string): ExplainedKey {
  const path = leaf.path.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const key = leaf.path.join(".");
  const given = valueAt(config.document.data, leaf.path);
  const place = given === undefined ? null : config.document.place(path, "value");
  const standard = DURATIONS.includes(key) ? `${Number(leaf.value) / 60_000}m` : leaf.value;
  return {
    key,
    value: isSecretLike(leaf.path, config) ? "(a secret that is no reference)" : (given ?? standard),
    from: given === undefined ? "default" : "file",
    place: place === null ? "default" : `${name}:${place.line}:${place.column}`,
  };
}

/** A secret that stands in the file by mistake is not repeated. */
function isSecretLike(path: readonly string[], config: LoadedConfig): boolean {
  const [section, app, ...field] = path;
  if (section !== "apps" || app === undefined) return false;
  const value = valueAt(config.document.data, path);
  if (typeof value !== "string" || /^(env|secret):[A-Za-z_][A-Za-z0-9_.-]*$/.test(value)) return false;
  return /key|token|secret|password/i.test(field.at(-1) ?? "");
}

function valueAt(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  let here: JsonValue | undefined = value;
  for (const part of path) {
    if (Array.isArray(here)) here = (here as readonly JsonValue[])[Number(part)];
    else if (isJsonObject(here)) here = Object.hasOwn(here, part) ? here[part] : undefined;
    else return undefined;
  }
  return here;
}
