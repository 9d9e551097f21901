import { existsSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Flags, OutputFormat, Settings } from "../cli/settings.ts";
import { AppError } from "../kernel/errors.ts";

/** The variables that Tenure reads, one line each; `tenure help environment` prints them. */
export const VARIABLES = [
  ["TENURE_CONFIG", "configuration file, as --config"],
  ["TENURE_DATA_DIR", "data directory, as --data-dir"],
  ["TENURE_OUTPUT", "text, json or ndjson, as --output"],
  ["TENURE_AS", "who asks, as --as"],
  ["TENURE_NO_INPUT", "1: never ask, as --no-input"],
  ["TENURE_PLAIN", "1: words instead of signs, as --plain"],
  ["TENURE_SANDBOX_CLOCK", "control URL of a sandbox, as --sandbox-clock"],
  ["TENURE_LOG_LEVEL", "debug, info, warn or error: what goes to the log on stderr"],
  ["DATABASE_URL", "PostgreSQL instead of the embedded store"],
  ["NO_COLOR, CLICOLOR_FORCE", "no colour, or colour where there is no terminal"],
  ["XDG_CONFIG_HOME", "where tenure/config.yaml is looked for when there is no ./tenure.yaml"],
] as const;

/** Variables of the process by name: given in by tests, the real ones by default. */
export type Variables = Readonly<Record<string, string | undefined>>;

export type SettingOrigin = "flag" | "environment" | "file" | "default";

/** A setting with the place that decided it, for `tenure config explain`. */
export interface Origin {
  readonly key: string;
  readonly value: string;
  readonly from: SettingOrigin;
  readonly place: string;
}

export interface Environment {
  /** Merges flags, environment and defaults. Throws `usage` on a value that makes no sense. */
  settings(flags: Flags): Settings;
  origins(flags: Flags): readonly Origin[];
  readonly variable: (name: string) => string | undefined;
  readonly databaseUrl: string | null;
  readonly noColor: boolean;
  readonly forceColor: boolean;
}

const FORMATS: readonly OutputFormat[] = ["text", "json", "ndjson"];
const LEVELS = ["debug", "info", "warn", "error"] as const;

/**
 * The one reader of the environment. Precedence: flag, TENURE_* variable, file, default.
 * The configuration file itself: --config, TENURE_CONFIG, ./tenure.yaml, then tenure/config.yaml under XDG_CONFIG_HOME.
 */
export function readEnvironment(variables: Variables = process.env, folder: string = process.cwd()): Environment {
  const variable = (name: string): string | undefined => {
    const value = variables[name];
    return value === undefined || value === "" ? undefined : value;
  };
  const origins = (flags: Flags): readonly Origin[] => [
    configOrigin(flags, variable, folder),
    pathOrigin("data-dir", flags.dataDir, "TENURE_DATA_DIR", "./data", variable, folder),
    textOrigin("output", flags.json === true ? "json" : flags.output, "TENURE_OUTPUT", "text", variable),
    textOrigin("as", flags.as, "TENURE_AS", userName(), variable),
    flagOrigin("no-input", flags.input === false, "TENURE_NO_INPUT", variable),
    flagOrigin("plain", flags.plain === true, "TENURE_PLAIN", variable),
    textOrigin("sandbox-clock", flags.sandboxClock, "TENURE_SANDBOX_CLOCK", "", variable),
    textOrigin("log-level", undefined, "TENURE_LOG_LEVEL", "", variable),
  ];
  return {
    origins,
    settings: (flags) => toSettings(flags, origins(flags)),
    variable,
    databaseUrl: variable("DATABASE_URL") ?? null,
    noColor: variable("NO_COLOR") !== undefined,
    forceColor: variable("CLICOLOR_FORCE") !== undefined && variable("CLICOLOR_FORCE") !== "0",
  };
}

function toSettings(flags: Flags, origins: readonly Origin[]): Settings {
  const get = (key: string): string => origins.find((one) => one.key === key)?.value ?? "";
  const output = get("output");
  const format = FORMATS.find((one) => one === output);
  if (format === undefined) throw new AppError("usage", `output ${output} is not known: give text, json or ndjson`);
  const level = LEVELS.find((one) => one === get("log-level")) ?? null;
  if (level === null && get("log-level") !== "") {
    throw new AppError("usage", `TENURE_LOG_LEVEL must be one of ${LEVELS.join(", ")}`);
  }
  const config = get("config");
  const clock = get("sandbox-clock");
  const actor = get("as").trim();
  if (actor === "" || actor.length > 200 || /[\u0000-\u001f\u007f]/.test(actor)) {
    throw new AppError("usage", "the name given with --as must be 1 to 200 printable characters");
  }
  const given = (key: string): boolean =>
    origins.some((one) => one.key === key && (one.from === "flag" || one.from === "environment"));
  return {
    dataDir: get("data-dir"),
    dataDirGiven: given("data-dir"),
    config: config === "" ? null : config,
    configGiven: given("config"),
    format,
    input: get("no-input") !== "true",
    actor,
    plain: get("plain") === "true",
    color: flags.color !== false,
    sandboxClock: clock === "" ? null : clock,
    logLevel: level,
  };
}

type Lookup = (name: string) => string | undefined;

function configOrigin(flags: Flags, variable: Lookup, folder: string): Origin {
  const key = "config";
  if (flags.config !== undefined) return { key, value: resolve(folder, flags.config), from: "flag", place: "--config" };
  const named = variable("TENURE_CONFIG");
  if (named !== undefined) return { key, value: resolve(folder, named), from: "environment", place: "TENURE_CONFIG" };
  const here = join(folder, "tenure.yaml");
  if (existsSync(here)) return { key, value: here, from: "file", place: "./tenure.yaml" };
  const home = variable("XDG_CONFIG_HOME") ?? join(variable("HOME") ?? homedir(), ".config");
  const own = join(home, "tenure", "config.yaml");
  if (existsSync(own)) return { key, value: own, from: "file", place: own };
  return { key, value: "", from: "default", place: "no file" };
}

function pathOrigin(
  key: string,
  flag: string | undefined,
  name: string,
  standard: string,
  variable: Lookup,
  folder: string,
): Origin {
  const one = textOrigin(key, flag, name, standard, variable);
  return { ...one, value: resolve(folder, one.value) };
}

function textOrigin(key: string, flag: string | undefined, name: string, standard: string, variable: Lookup): Origin {
  if (flag !== undefined) return { key, value: flag, from: "flag", place: `--${key}` };
  const value = variable(name);
  if (value !== undefined) return { key, value, from: "environment", place: name };
  return { key, value: standard, from: "default", place: "default" };
}

function flagOrigin(key: string, given: boolean, name: string, variable: Lookup): Origin {
  if (given) return { key, value: "true", from: "flag", place: `--${key}` };
  const value = variable(name);
  if (value !== undefined && value !== "0" && value !== "false") {
    return { key, value: "true", from: "environment", place: name };
  }
  return { key, value: "false", from: "default", place: "default" };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "operator";
  }
}
