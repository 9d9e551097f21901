import { parseHttpDate } from "../kernel/dates.ts";
import { clampWait, parseRetryAfter, type HeaderValue } from "./retry-after.ts";

/** Headers of an answer, by lower-case name. */
export type RawHeaders = Readonly<Record<string, HeaderValue>>;

/** What an answer says of the vendor's own count. Each is null when the answer does not say it, or says nonsense. */
export interface RateHeaders {
  readonly limit: number | null;
  /** Calls left, 0 or more. */
  readonly remaining: number | null;
  /** Milliseconds until the count starts again, 0 to a day. */
  readonly resetInMs: number | null;
}

/** five vendors, five spellings; names are compared in lower case. */
const FAMILIES: readonly string[] = ["x-ratelimit-", "x-rate-limit-", "ratelimit-"];
const REMAINING: readonly string[] = FAMILIES.map((family) => `${family}remaining`);
const LIMIT: readonly string[] = FAMILIES.flatMap((family) => [`${family}limit`, `${family}total`]);
const RESET: readonly string[] = FAMILIES.map((family) => `${family}reset`);

/** Decimals ("7000.0") and what stands before a list or a weight ("100, 100;w=60"). */
const NUMBER = /^\s*(-?\d+(?:\.\d+)?)\s*(?:$|[,;])/;

function numberOf(headers: RawHeaders, names: readonly string[]): number | null {
  for (const name of names) {
    const value = headers[name];
    if (value === undefined) continue;
    const match = NUMBER.exec(typeof value === "string" ? value : (value[0] ?? ""));
    const number = match === null ? Number.NaN : Number(match[1]);
    if (Number.isFinite(number)) return number;
  }
  return null;
}

/** The vendor's own time, from the answer's `Date`; ours when it has none. Waits are counted on the clock that made them. */
function vendorNow(headers: RawHeaders, nowMs: number): number {
  const date = headers["date"];
  return (typeof date === "string" ? parseHttpDate(date) : null) ?? nowMs;
}

/** above 1e12 epoch milliseconds, above 1e9 epoch seconds, else seconds from now. */
function resetWait(reset: number, headers: RawHeaders, nowMs: number): number {
  if (reset > 1e12) return clampWait(reset - vendorNow(headers, nowMs));
  if (reset > 1e9) return clampWait(reset * 1000 - vendorNow(headers, nowMs));
  return clampWait(reset * 1000);
}

/** Reads the rate headers of any answer. Total: whatever stands there gives numbers in range or null. */
export function readRateHeaders(headers: RawHeaders, nowMs: number): RateHeaders | null {
  const remaining = numberOf(headers, REMAINING);
  const limit = numberOf(headers, LIMIT);
  const reset = numberOf(headers, RESET);
  if (remaining === null && limit === null && reset === null) return null;
  return {
    limit: limit === null || limit < 1 ? null : Math.floor(limit),
    remaining: remaining === null ? null : Math.max(0, Math.floor(remaining)),
    resetInMs: reset === null ? null : resetWait(reset, headers, nowMs),
  };
}

/** The wait that an answer asks for by Retry-After, in milliseconds; null when it does not. */
export function readRetryAfter(headers: RawHeaders, nowMs: number): number | null {
  const value = headers["retry-after"];
  return value === undefined ? null : parseRetryAfter(value, vendorNow(headers, nowMs));
}
