import type { AppEvent, UseCaseName } from "../app/contract.ts";
import { AppError, ERROR_TRAITS, type ErrorCode, type ErrorDetails } from "../kernel/errors.ts";
import { isJsonObject, toJson, type JsonObject, type JsonValue } from "../kernel/json.ts";

/**
 * What goes over the command socket of a running `tenure up`: one JSON object a line, both ways.
 * The server greets; the client calls; events and one result or error come back; leaving cancels.
 */
export type ServerLine =
  | {
      readonly type: "hello";
      readonly protocol: number;
      readonly version: string;
      readonly pid: number;
      /** Absolute path; null: runs without a configuration file. */
      readonly config: string | null;
      /** When the file was last changed before it was read, epoch milliseconds. */
      readonly configReadMs: number;
    }
  | { readonly type: "event"; readonly id: number; readonly event: AppEvent }
  | { readonly type: "result"; readonly id: number; readonly output: JsonValue }
  | {
      readonly type: "error";
      readonly id: number;
      readonly code: string;
      readonly message: string;
      readonly details: JsonObject;
    };

export type ClientLine =
  | {
      readonly type: "call";
      readonly id: number;
      readonly name: UseCaseName;
      readonly input: JsonValue;
      readonly actor: string;
    }
  | { readonly type: "cancel"; readonly id: number };

/** Changes when the lines change: a client of another build is told so instead of being misunderstood. */
export const PROTOCOL = 1;

export function encodeLine(line: ServerLine | ClientLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** The error as it travels. Its cause stays behind: it may hold what nobody outside should see. */
export function errorLine(id: number, error: AppError): ServerLine {
  return { type: "error", id, code: error.code, message: error.message, details: toJson(error.details) as JsonObject };
}

export function readError(code: string, message: string, details: JsonValue): AppError {
  const known = Object.hasOwn(ERROR_TRAITS, code) ? (code as ErrorCode) : "internal";
  return new AppError(known, message, { details: isJsonObject(details) ? (details as ErrorDetails) : {} });
}

/**
 * Cuts a stream into lines. Throws `bad_response` when one is longer than `mostBytes`; the rest of a chunk is kept
 * until its line is whole.
 */
export function lineReader(mostBytes: number): (chunk: string) => readonly string[] {
  let kept: string[] = [];
  let size = 0;
  return (chunk) => {
    const parts = chunk.split("\n");
    const whole: string[] = [];
    for (const [index, part] of parts.entries()) {
      kept.push(part);
      size += part.length;
      if (size > mostBytes) throw new AppError("bad_response", "a line on the command socket is too long");
      if (index === parts.length - 1) continue;
      whole.push(kept.join(""));
      kept = [];
      size = 0;
    }
    return whole;
  };
}
