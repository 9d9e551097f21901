import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { Cron } from "croner";
import type { RosterSource } from "../../app/deployment.ts";
import type { ConnectorManifest } from "../../connector-kit/manifest.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Policy } from "../../model/policy.ts";
import { readConnections, type ConnectionConfig } from "./connections.ts";
import { emptyDocument, problemLine, readDocument, type ConfigDocument, type ConfigProblem } from "./document.ts";
import { toProblems } from "./issues.ts";
import { readPolicy } from "./policy.ts";
import { configSchema, NAME, NAME_RULE, type ConfigFile } from "./schema.ts";
import type { SecretSource } from "./secrets.ts";

export interface LoadOptions {
  /** Absolute path; null: no file, all defaults. */
  readonly file: string | null;
  readonly manifests: readonly ConnectorManifest[];
  readonly secrets: SecretSource;
}

/** A configuration without problems: what everything is built from. */
export interface LoadedConfig {
  readonly file: string | null;
  readonly document: ConfigDocument;
  readonly values: ConfigFile;
  readonly connections: readonly ConnectionConfig[];
  readonly sources: readonly RosterSource[];
  readonly policy: Policy;
  readonly schedule: { readonly syncMs: number | null; readonly roster: string | null };
}

export interface ConfigReport {
  readonly config: LoadedConfig;
  /** Lines for people, in the order of the file. */
  readonly problems: readonly string[];
  /** References whose values cannot be had in this environment. */
  readonly unresolved: readonly string[];
}

/** Reads and checks the file; all problems at once. Throws `config` only when the file cannot be read. */
export async function checkConfig(options: LoadOptions): Promise<ConfigReport> {
  return checkDocument(await openDocument(options.file), options);
}

/** The same for a text that is not written yet. */
export async function checkConfigText(text: string, options: LoadOptions): Promise<ConfigReport> {
  return checkDocument(readDocument(options.file === null ? "tenure.yaml" : basename(options.file), text), options);
}

async function checkDocument(document: ConfigDocument, options: LoadOptions): Promise<ConfigReport> {
  const parsed = configSchema.safeParse(document.data);
  const problems: ConfigProblem[] = [...document.problems];
  if (!parsed.success) {
    problems.push(...toProblems({ error: parsed.error, schema: configSchema, document, prefix: [] }));
  }
  // What is wrong in one part does not hide what is wrong in another.
  const values = parsed.success ? parsed.data : soundParts(document);
  const read = await readConnections({
    document,
    file: values,
    manifests: options.manifests,
    secrets: options.secrets,
  });
  const rest = readPolicy({ document, file: values, connections: read.connections });
  problems.push(
    ...read.problems,
    ...rest.problems,
    ...sourceProblems(values, document),
    ...cronProblems(values, document),
  );
  const lines = (found: readonly ConfigProblem[]): readonly string[] =>
    [...found].sort(byPlace).map((one) => problemLine(document.name, one));
  return {
    config: {
      file: options.file,
      document,
      values,
      connections: read.connections,
      sources: readSources(values, options.file),
      policy: rest.policy,
      schedule: { syncMs: values.schedule.sync ?? null, roster: values.schedule.roster ?? null },
    },
    problems: lines(problems),
    unresolved: lines(read.unresolved),
  };
}

/** The configuration, or `config` with every problem and its place. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const report = await checkConfig(options);
  const lines = [...report.problems, ...report.unresolved];
  if (lines.length === 0) return report.config;
  const many = lines.length === 1 ? "1 error" : `${lines.length} errors`;
  throw new AppError("config", `${report.config.document.name} has ${many}; nothing was done\n${lines.join("\n")}`, {
    details: { file: options.file, problems: lines },
  });
}

async function openDocument(file: string | null): Promise<ConfigDocument> {
  if (file === null) return emptyDocument("tenure.yaml");
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const what =
      code === "ENOENT" ? `there is no file ${file}` : `the file ${file} cannot be read (${code ?? "unknown"})`;
    throw new AppError("config", `${what}\nGive another with --config, or write one: tenure init`, { cause });
  }
  if (bytes.includes(0)) throw new AppError("config", `${file} is no text file\nWrite a new one: tenure init --force`);
  return readDocument(basename(file), bytes.toString("utf8"));
}

function byPlace(left: ConfigProblem, right: ConfigProblem): number {
  const at = (one: ConfigProblem): number => (one.place === null ? 0 : one.place.line * 10_000 + one.place.column);
  return at(left) - at(right);
}

/** The sections that parse by themselves; the others have their defaults. */
function soundParts(document: ConfigDocument): ConfigFile {
  const sound: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(configSchema.shape)) {
    const parsed = part.safeParse(document.data[key]);
    if (parsed.success && document.data[key] !== undefined) sound[key] = document.data[key];
  }
  return configSchema.parse(sound);
}

function sourceProblems(values: ConfigFile, document: ConfigDocument): readonly ConfigProblem[] {
  return Object.keys(values.sources)
    .filter((name) => !NAME.test(name))
    .map((name) => ({
      path: ["sources", name],
      message: NAME_RULE,
      place: document.place(["sources", name], "key"),
    }));
}

function cronProblems(values: ConfigFile, document: ConfigDocument): readonly ConfigProblem[] {
  const pattern = values.schedule.roster;
  if (pattern === undefined) return [];
  try {
    new Cron(pattern, { paused: true }).stop();
    return [];
  } catch {
    const path = ["schedule", "roster"];
    const message = 'must be a cron expression of five fields, such as "0 2 * * *" for every night at two';
    return [{ path, message, place: document.place(path, "value") }];
  }
}

function readSources(values: ConfigFile, file: string | null): readonly RosterSource[] {
  const folder = file === null ? "." : dirname(file);
  return Object.entries(values.sources).map(([name, source]) => ({
    name,
    kind: source.directory === undefined ? "roster" : "directory",
    file: resolve(folder, source.directory ?? source.roster ?? ""),
    columns: source.columns,
    zone: source.zone,
    dateFormat: source.dateFormat ?? null,
  }));
}
