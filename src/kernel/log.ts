import type { Clock } from "./clock.ts";
import { AppError } from "./errors.ts";
import { toIso } from "./dates.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** JSON lines for operators. Ids, not people: no names, addresses or bodies above `debug`. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** A human must act now. */
  error(message: string, fields?: LogFields): void;
}

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Writes one JSON object a line; control characters are escaped by JSON itself. */
export function jsonLog(options: {
  readonly write: (line: string) => void;
  readonly clock: Clock;
  readonly level: LogLevel;
}): Log {
  const emit = (level: LogLevel, message: string, fields: LogFields | undefined): void => {
    if (ORDER[level] < ORDER[options.level]) return;
    options.write(`${JSON.stringify({ at: toIso(options.clock.now()), level, message, ...fields })}\n`);
  };
  return {
    debug: (message, fields) => emit("debug", message, fields),
    info: (message, fields) => emit("info", message, fields),
    warn: (message, fields) => emit("warn", message, fields),
    error: (message, fields) => emit("error", message, fields),
  };
}

export function silentLog(): Log {
  const nothing = (): void => undefined;
  return { debug: nothing, info: nothing, warn: nothing, error: nothing };
}

/** What a log line may say of an error: its code and message, never the whole object (safety I1). */
export function errorFields(error: unknown): LogFields {
  if (error instanceof AppError) return { code: error.code, error: error.message };
  return { code: "internal", error: error instanceof Error ? error.message : String(error) };
}
