import { AppError, isAppError, type ErrorCode } from "../../kernel/errors.ts";
import { isJsonObject, toJson, type JsonValue } from "../../kernel/json.ts";

/** How often a failing step is tried, and how long it pauses: 1 s, 2 s, 4 s … at most 100 s. */
export const MOST_TRIES = 10;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 100_000;

/** After the given number of failures in a row. */
export function pauseAfter(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
}

/** How soon a step is taken up again that was only interrupted. */
export const INTERRUPTED_PAUSE_MS = 1_000;

/** Step attempts of one run, sleeps and waits among them: more would make each replay slow. */
export const MOST_STEPS = 1_000;

/**
 * What a step leaves behind for replays: its result, or the error that its last try ended with, which is then thrown in
 * the workflow at the same place each time.
 */
export type StepResult =
  | { readonly value: JsonValue }
  | { readonly failed: { readonly code: ErrorCode; readonly message: string } };

/** What to do with an error of a step: try again, give up, or take it up later as if nothing had been tried. */
export type Verdict = "again" | "give-up" | "interrupted";

/** A worker that stops throws `canceled` out of its steps: that says nothing of the step. */
export function judge(error: unknown, failuresBefore: number): Verdict {
  if (isAppError(error, "canceled")) return "interrupted";
  return failuresBefore + 1 >= MOST_TRIES ? "give-up" : "again";
}

export function succeeded(value: unknown): StepResult {
  return { value: toJson(value) };
}

export function gaveUp(error: unknown): StepResult {
  return { failed: { code: isAppError(error) ? error.code : "internal", message: messageOf(error) } };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The value of a stored result, or the error it stands for. */
export function unpack(stored: JsonValue): JsonValue {
  if (isJsonObject(stored) && isJsonObject(stored["failed"])) {
    const { code, message } = stored["failed"];
    // Written by `gaveUp`.
    throw new AppError(code as ErrorCode, typeof message === "string" ? message : "the step failed");
  }
  return isJsonObject(stored) ? (stored["value"] ?? null) : null;
}
