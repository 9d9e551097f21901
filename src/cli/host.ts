import type { App } from "../app/contract.ts";
import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { Flags, Settings } from "./settings.ts";

/** The terminal, pipe or file at the other end. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  /** Columns of stdout's terminal; 0 when it is none. */
  readonly columns: () => number;
  /** Colour is wanted where there is no terminal, or not wanted where there is one. */
  readonly forceColor: boolean;
  readonly noColor: boolean;
}

/** The use cases, opened for one command: in this process, or in a running `tenure up`. */
export interface Session {
  readonly app: App;
  /** Process id of the `tenure up` that answers; null: this process does the work. */
  readonly runningAs: number | null;
  /** Remarks for people: which process answers, which clock is followed. */
  readonly remarks: readonly string[];
  close(): Promise<void>;
}

/** A connector that this build knows, configured or not. */
export interface CatalogEntry {
  readonly id: string;
  readonly name: string;
  readonly guide: { readonly title: string; readonly version: string };
  readonly secretFields: readonly string[];
  readonly setup: readonly string[];
  readonly scopes: readonly string[];
  readonly warnings: readonly string[];
  readonly caveats: readonly CaveatRow[];
}

export interface CaveatRow {
  readonly id: string;
  readonly says: string;
  readonly where: string;
  readonly profile: string;
}

export interface ConfigCheck {
  readonly file: string | null;
  readonly ok: boolean;
  readonly problems: readonly string[];
  /** References whose value is not there in this environment. */
  readonly unresolved: readonly string[];
  readonly apps: readonly string[];
  readonly sources: readonly string[];
  readonly rules: number;
}

export interface ExplainedKey {
  readonly key: string;
  readonly value: JsonValue;
  /** `flag`, `environment`, `file` or `default`. */
  readonly from: string;
  /** `tenure.yaml:12:5`, a variable or a flag. */
  readonly place: string;
}

/** An app to be written into the configuration. */
export interface NewApp {
  readonly connector: string;
  readonly name: string;
  /** Dotted setting → value; secrets as references. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface ConfigTools {
  check(settings: Settings): Promise<ConfigCheck>;
  /** The JSON Schema of `tenure.yaml`. */
  schema(): Promise<JsonObject>;
  /** Writes it to `.tenure/schema.json` beside the configuration; gives the path. */
  writeSchema(settings: Settings): Promise<string>;
  explain(settings: Settings, flags: Flags, key: string | null): Promise<readonly ExplainedKey[]>;
  /** Writes a commented file; `conflict` when one is there and `force` is not given. Gives the path. */
  init(
    settings: Settings,
    options: { readonly app: NewApp | null; readonly roster: string | null; readonly force: boolean },
  ): Promise<string>;
  /** The same for every app of the sandbox noted in the data directory; its keys go into secret files there. */
  initSandbox(
    settings: Settings,
    options: { readonly roster: string | null; readonly force: boolean },
  ): Promise<string>;
  /** Adds a connection to the file, comments kept; throws `config` and writes nothing when the result has errors. */
  addApp(settings: Settings, app: NewApp): Promise<string>;
}

export interface SandboxStart {
  /** 0: any free port. */
  readonly port: number;
  /** Connector ids; empty: all. */
  readonly apps: readonly string[];
  readonly company: "demo" | "empty";
  readonly profile: "guide" | "vendor";
}

export interface RunningSandbox {
  /** The one document of settled decisions: `{schema, apps, control}`. */
  readonly document: JsonObject;
  stop(): Promise<void>;
}

export interface SandboxTools {
  /** Starts it in this process and notes its control URL in the data directory. */
  start(settings: Settings, options: SandboxStart, signal: AbortSignal): Promise<RunningSandbox>;
  /** One verb of the control API; on loopback only. */
  control(url: string, verb: string, body: JsonObject, signal: AbortSignal): Promise<JsonValue>;
  /** Control URL of the sandbox that was last started for this data directory, or null. */
  noted(settings: Settings): Promise<{ readonly control: string; readonly pid: number } | null>;
  /** Ends the noted sandbox's process. False when it was not running. */
  stop(settings: Settings, signal: AbortSignal): Promise<boolean>;
}

export interface DoctorCheck {
  readonly what: string;
  readonly state: "ok" | "warn" | "fail";
  readonly text: string;
  /** What to do; null when nothing is to be done. */
  readonly fix: string | null;
}

export interface UpReport {
  readonly socket: string;
  readonly apps: readonly string[];
  readonly schedule: readonly string[];
  readonly remarks: readonly string[];
}

/** Everything that the command line gets from outside. Built by `main`; each part loads what it needs when it is called. */
export interface CliHost {
  readonly version: string;
  readonly terminal: Terminal;
  /** Lays environment and defaults under the flags; throws `usage`. */
  settings(flags: Flags): Settings;
  /** One line a variable, for `help environment`. */
  readonly variables: readonly (readonly [string, string])[];
  /** Time of day as `14:02:11`. */
  timeOfDay(): string;
  /** Called at each Ctrl-C or polite request to end; gives back how to stop listening. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process at once. */
  leave(code: number): void;
  /** Readable by the owner only: plans and reports name people. */
  writeFile(path: string, text: string): Promise<void>;
  /** Relative paths as the user means them. */
  absolute(path: string): string;
  open(settings: Settings, signal: AbortSignal): Promise<Session>;
  catalog(): Promise<readonly CatalogEntry[]>;
  /** Connection name → connector id, of the configuration; empty when it cannot be read. */
  configuredApps(settings: Settings): Promise<Readonly<Record<string, string>>>;
  readonly config: ConfigTools;
  readonly sandbox: SandboxTools;
  doctor(settings: Settings, signal: AbortSignal): Promise<readonly DoctorCheck[]>;
  /** Runs until the signal aborts. */
  up(settings: Settings, ready: (report: UpReport) => void, signal: AbortSignal): Promise<void>;
  /** Starts the sandbox with the demo company and a workspace that speaks to it. */
  demo(settings: Settings, options: { readonly port: number }, signal: AbortSignal): Promise<Demo>;
}

/** The demo company, up and wired: what the `demo` command plays through. */
export interface Demo {
  readonly session: Session;
  readonly workspace: string;
  /** What to type for this program. */
  readonly program: string;
  /** The variables with which another shell reaches the workspace, as `export` takes them. */
  readonly variables: string;
  /** Works on as `tenure up` does, so that commands of other terminals run here; resolves at Ctrl-C. */
  serve(): Promise<void>;
  /** Moves the sandbox's clock, and with it the product's. */
  advance(seconds: number): Promise<void>;
  /** The apps, as people know them. */
  readonly apps: readonly string[];
  readonly people: number;
  readonly clock: string;
  close(): Promise<void>;
}
