import type { LogLevel } from "../kernel/log.ts";

export type OutputFormat = "text" | "json" | "ndjson";

/** The global options as typed; what is not given is not there. */
export interface Flags {
  readonly dataDir?: string;
  readonly config?: string;
  readonly output?: string;
  readonly json?: boolean;
  /** False with `--no-input`. */
  readonly input?: boolean;
  readonly as?: string;
  readonly plain?: boolean;
  /** False with `--no-color`. */
  readonly color?: boolean;
  readonly sandboxClock?: string;
}

/** The same with environment and defaults laid under it. Paths are absolute. */
export interface Settings {
  readonly dataDir: string;
  /** Named by flag or variable. */
  readonly dataDirGiven: boolean;
  /** Null: there is no configuration file. */
  readonly config: string | null;
  /** Named by flag or variable, not found by itself. */
  readonly configGiven: boolean;
  readonly format: OutputFormat;
  readonly input: boolean;
  readonly actor: string;
  readonly plain: boolean;
  readonly color: boolean;
  readonly sandboxClock: string | null;
  /** Null: as the command thinks fit: errors for one command, more for a process that stays. */
  readonly logLevel: LogLevel | null;
}
