import { AppError } from "./errors.ts";

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Integers beyond 2^53 - 1 lose digits in a JavaScript number: these are kept as the text they were written in. */
function keepLongInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || context?.source === undefined) return value;
  return /^-?\d+$/.test(context.source) ? context.source : value;
}

/**
 * Parses JSON without losing digits: an integer beyond 2^53 - 1 comes back as its text (safety B13).
 * Throws `bad_response` when the text is no JSON or is nested deeper than `maxDepth`.
 */
export function parseJson(text: string, maxDepth = 32): JsonValue {
  try {
    const value = JSON.parse(text) as JsonValue;
    // One walk finds both; only a text with a lossy number is parsed again, the slow way.
    return isLossy(value, maxDepth) ? (JSON.parse(text, keepLongInteger) as JsonValue) : value;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("bad_response", "the text is not valid JSON", { cause });
  }
}

/** Whether a number in it may have lost digits. Throws when it is nested too deeply. */
function isLossy(value: JsonValue, left: number): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (value === null || typeof value !== "object") return false;
  if (left === 0) throw new AppError("bad_response", "the JSON is nested too deeply");
  let lossy = false;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) if (isLossy(item, left - 1)) lossy = true;
  } else {
    const object = value as JsonObject;
    // Parsed objects inherit nothing but what Object.prototype hides from this loop.
    for (const name in object) if (isLossy(object[name] ?? null, left - 1)) lossy = true;
  }
  return lossy;
}

/** JSON with sorted keys and no white space (RFC 8785 for the values we store): equal content, equal bytes. */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== "object") {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new AppError("internal", "a number that is not finite cannot be stored as JSON");
    }
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map((item) => canonicalJson(item)).join(",")}]`;
  const object = value as JsonObject;
  const members: string[] = [];
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(",")}}`;
}

/** Plain data as JSON data, by way of its text: what is not JSON (functions, undefined) is left out. */
export function toJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value ?? null)) as JsonValue;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
