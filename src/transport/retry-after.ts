import { parseHttpDate } from "../kernel/dates.ts";
import { LONGEST_HOLD_MS } from "./contract.ts";

/** A header as it came: once, several times, or not at all. */
export type HeaderValue = string | readonly string[] | undefined;

const SECONDS = /^\+?(\d+)(\.\d+)?$/;

/** A wait of whole milliseconds between nothing and a day (safety E1: longer ones are asked again after it). */
export function clampWait(ms: number): number {
  return Math.min(LONGEST_HOLD_MS, Math.max(0, Math.ceil(ms)));
}

function parseOne(text: string, nowMs: number): number | null {
  const trimmed = text.trim();
  if (SECONDS.test(trimmed)) return clampWait(Number(trimmed) * 1000);
  const at = parseHttpDate(trimmed);
  return at === null ? null : clampWait(at - nowMs);
}

/** The parts of a value that is a list; a date keeps the comma after its weekday. */
function parts(text: string): readonly string[] {
  return text.split(/,(?!\s\d{2}[ -][A-Z][a-z]{2}[ -])/);
}

/**
 * The wait of a Retry-After header in milliseconds, 0 to `LONGEST_HOLD_MS`; null when there is no usable one, and the caller
 * waits as if it were absent (safety E2, E3). Total: takes whole and broken seconds and HTTP dates (counted from `nowMs`, the
 * vendor's own clock where its answer has a date); of several the longest. Negative numbers and other texts are no answer.
 */
export function parseRetryAfter(value: HeaderValue, nowMs: number): number | null {
  if (value === undefined) return null;
  let longest: number | null = null;
  for (const line of typeof value === "string" ? [value] : value) {
    for (const part of parts(line)) {
      const waitMs = parseOne(part, nowMs);
      if (waitMs !== null && (longest === null || waitMs > longest)) longest = waitMs;
    }
  }
  return longest;
}
