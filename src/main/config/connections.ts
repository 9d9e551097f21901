import {
  isLoopbackUrl,
  applyCommonSettings,
  commonSettings,
  type CommonSettings,
} from "../../connector-kit/settings.ts";
import type { ConnectorManifest } from "../../connector-kit/manifest.ts";
import { canonicalEmail } from "../../kernel/email.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../kernel/json.ts";
import type { ConnectionPolicy, LeaverPolicy } from "../../model/policy.ts";
import type { Traits } from "../../model/traits.ts";
import type { ConfigDocument, ConfigPath, ConfigProblem } from "./document.ts";
import { toProblems } from "./issues.ts";
import { leaverSchema, NAME, NAME_RULE, type ConfigFile } from "./schema.ts";
import { REFERENCE_RULE, resolveSecret, type SecretSource } from "./secrets.ts";
import { suggestion } from "./suggest.ts";

/** One connection as configured, ready to be wired. */
export interface ConnectionConfig {
  readonly name: string;
  readonly manifest: ConnectorManifest;
  /** Parsed by the manifest's schema; secrets are `Secret`. */
  readonly settings: unknown;
  readonly common: CommonSettings;
  readonly traits: Traits;
  /** Every endpoint is on loopback. */
  readonly loopback: boolean;
  readonly policy: ConnectionPolicy;
}

export interface ConnectionsAnswer {
  readonly connections: readonly ConnectionConfig[];
  readonly problems: readonly ConfigProblem[];
  /** References whose values cannot be had here; errors unless secrets are optional. */
  readonly unresolved: readonly ConfigProblem[];
}

interface Reading {
  readonly document: ConfigDocument;
  readonly file: ConfigFile;
  readonly manifests: readonly ConnectorManifest[];
  readonly secrets: SecretSource;
}

/** Reads `apps:` and `leavers:`, all problems at once. */
export async function readConnections(reading: Reading): Promise<ConnectionsAnswer> {
  const connections: ConnectionConfig[] = [];
  const problems: ConfigProblem[] = [];
  const unresolved: ConfigProblem[] = [];
  for (const [name, value] of Object.entries(reading.file.apps)) {
    const answer = await readConnection(name, value, reading);
    problems.push(...answer.problems);
    unresolved.push(...answer.unresolved);
    if (answer.connection !== null) connections.push(answer.connection);
  }
  for (const name of Object.keys(reading.file.leavers)) {
    if (!Object.hasOwn(reading.file.apps, name)) {
      const message = `no app has this name${suggestion(name, Object.keys(reading.file.apps))}`;
      problems.push(problemAt(reading.document, ["leavers", name], message, "key"));
    }
  }
  return { connections, problems, unresolved };
}

function problemAt(
  document: ConfigDocument,
  path: ConfigPath,
  message: string,
  part: "key" | "value" = "value",
): ConfigProblem {
  return { path, message, place: document.place(path, part) };
}

interface OneAnswer {
  readonly connection: ConnectionConfig | null;
  readonly problems: readonly ConfigProblem[];
  readonly unresolved: readonly ConfigProblem[];
}

async function readConnection(name: string, value: unknown, reading: Reading): Promise<OneAnswer> {
  const { document, manifests } = reading;
  const path: ConfigPath = ["apps", name];
  const wrong = (inner: ConfigPath, message: string, part: "key" | "value" = "value"): OneAnswer => ({
    connection: null,
    problems: [problemAt(document, inner, message, part)],
    unresolved: [],
  });
  if (!NAME.test(name)) return wrong(path, NAME_RULE, "key");
  if (!isJsonObject(value)) return wrong(path, "must be a map of keys, with connector: among them");
  const ids = manifests.map((one) => one.id);
  const id = value["connector"];
  if (typeof id !== "string") return wrong([...path, "connector"], `is missing: give one of ${ids.join(", ")}`);
  const manifest = manifests.find((one) => one.id === id);
  if (manifest === undefined) {
    return wrong([...path, "connector"], `there is no such connector; the connectors are ${ids.join(", ")}`);
  }
  const taken = await takeSecrets(value, path, manifest, reading);
  const parsed = manifest.settings.safeParse(taken.settings);
  const problems = [...taken.problems];
  if (!parsed.success) {
    // A missing secret is already named with its own words.
    const named = new Set([...problems, ...taken.unresolved].map((one) => one.path.join(".")));
    const found = toProblems({ error: parsed.error, schema: manifest.settings, document, prefix: path });
    problems.push(...found.filter((one) => !named.has(one.path.join("."))).map(secretWords(manifest, path, value)));
    return { connection: null, problems, unresolved: taken.unresolved };
  }
  if (problems.length > 0 || taken.unresolved.length > 0)
    return { connection: null, problems, unresolved: taken.unresolved };
  // A sandbox has no other integrations to leave room for.
  const inSandbox = value["share"] === undefined && isLoopbackOnly(manifest, parsed.data);
  const settings = inSandbox ? manifest.settings.parse({ ...taken.settings, share: 1 }) : parsed.data;
  const built = build(name, manifest, settings, reading);
  return { ...built, problems: [...problems, ...built.problems], unresolved: taken.unresolved };
}

/** A secret that is not there asks for a reference, not for a piece of text. */
function secretWords(
  manifest: ConnectorManifest,
  prefix: ConfigPath,
  value: JsonObject,
): (problem: ConfigProblem) => ConfigProblem {
  return (problem) => {
    const field = problem.path.slice(prefix.length).join(".");
    if (!manifest.secretFields.includes(field)) return problem;
    const missing = valueAt(value, field.split(".")) === undefined;
    return { ...problem, message: missing ? "is missing: give a reference such as env:NAME" : REFERENCE_RULE };
  };
}

/** The settings with each reference replaced by its secret. */
async function takeSecrets(value: JsonObject, path: ConfigPath, manifest: ConnectorManifest, reading: Reading) {
  const problems: ConfigProblem[] = [];
  const unresolved: ConfigProblem[] = [];
  let settings: Readonly<Record<string, unknown>> = value;
  for (const field of manifest.secretFields) {
    const parts = field.split(".");
    const reference = valueAt(value, parts);
    if (reference === undefined) continue;
    const answer = await resolveSecret(reference, reading.secrets);
    if ("secret" in answer) settings = replaceAt(settings, parts, answer.secret);
    else {
      const problem = problemAt(reading.document, [...path, ...parts], answer.problem);
      (answer.kind === "form" ? problems : unresolved).push(problem);
    }
  }
  return { settings, problems, unresolved };
}

function valueAt(value: JsonValue, parts: readonly string[]): JsonValue | undefined {
  let here: JsonValue | undefined = value;
  for (const part of parts) {
    if (!isJsonObject(here) || !Object.hasOwn(here, part)) return undefined;
    here = here[part];
  }
  return here;
}

function replaceAt(
  value: Readonly<Record<string, unknown>>,
  parts: readonly string[],
  to: unknown,
): Readonly<Record<string, unknown>> {
  const [first, ...rest] = parts;
  if (first === undefined) return value;
  const inner = value[first];
  return { ...value, [first]: rest.length === 0 ? to : replaceAt(isJsonObject(inner) ? inner : {}, rest, to) };
}

function isLoopbackOnly(manifest: ConnectorManifest, settings: unknown): boolean {
  const endpoints = manifest.endpoints(settings);
  return endpoints.length > 0 && endpoints.every((one) => isLoopbackUrl(one.endpoint.baseUrl));
}

/** Settings that all connectors share, taken from what the manifest's schema made. */
function commonOf(settings: unknown): CommonSettings {
  const known = Object.keys(commonSettings.shape);
  const all = isRecord(settings) ? settings : {};
  return commonSettings.parse(Object.fromEntries(Object.entries(all).filter(([key]) => known.includes(key))));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function build(
  name: string,
  manifest: ConnectorManifest,
  settings: unknown,
  reading: Reading,
): { readonly connection: ConnectionConfig; readonly problems: readonly ConfigProblem[] } {
  const common = commonOf(settings);
  const traits = applyCommonSettings(manifest.traits(settings), common);
  const problems: ConfigProblem[] = [];
  const guarded: string[] = [];
  common.protected.forEach((address, index) => {
    const key = canonicalEmail(address);
    if (key === null)
      problems.push(problemAt(reading.document, ["apps", name, "protected", index], "must be an e-mail address"));
    else guarded.push(key);
  });
  const leaver = readLeaver(name, traits, reading);
  problems.push(...leaver.problems);
  return {
    connection: {
      name,
      manifest,
      settings,
      common,
      traits,
      loopback: isLoopbackOnly(manifest, settings),
      policy: {
        name,
        appName: manifest.name,
        share: common.share,
        seats: common.seats ?? null,
        protected: guarded,
        keyOwner: null,
        leaver: leaver.policy,
      },
    },
    problems,
  };
}

/** Kinds of holdings go by the app's own word for many ("leads") or by the kind's name. */
function readLeaver(name: string, traits: Traits, reading: Reading) {
  const problems: ConfigProblem[] = [];
  const holdings = Object.entries(traits.kinds).filter(([, kind]) => kind.noun === "holding");
  const handOver: Record<string, string | null> = Object.fromEntries(holdings.map(([kind]) => [kind, null]));
  const given = reading.file.leavers[name] ?? {};
  const { final, grace, ...rest } = given;
  for (const [key, receiver] of Object.entries(rest)) {
    const path: ConfigPath = ["leavers", name, key];
    const kind = holdings.find(([id, one]) => id === key || one.many === key)?.[0];
    if (kind === undefined) {
      const known = ["final", "grace", ...holdings.map(([, one]) => one.many)];
      problems.push(problemAt(reading.document, path, `unknown key${suggestion(key, known)}`, "key"));
    } else if (receiver !== "manager" && receiver !== "park" && canonicalEmail(String(receiver)) === null) {
      problems.push(problemAt(reading.document, path, "must be manager, park, or an e-mail address"));
    } else handOver[kind] = String(receiver);
  }
  const parsed = leaverSchema.safeParse({ final, grace });
  if (!parsed.success) {
    const prefix: ConfigPath = ["leavers", name];
    problems.push(...toProblems({ error: parsed.error, schema: leaverSchema, document: reading.document, prefix }));
  }
  const policy: LeaverPolicy = {
    handOver,
    final: parsed.success ? parsed.data.final : "delete",
    graceDays: parsed.success ? parsed.data.grace : 0,
  };
  return { problems, policy };
}
