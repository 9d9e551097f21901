import { fingerprint } from "../../kernel/hash.ts";
import { canonicalJson, type JsonValue } from "../../kernel/json.ts";

/** How many rows are prepared, compared and written at a time. */
export const CHUNK_ROWS = 2_000;

/** A value on its way into a table: its text and the fingerprint of that. */
export interface Prepared<T> {
  readonly value: T;
  readonly body: string;
  readonly print: string;
}

export function prepare<T>(value: T): Prepared<T> {
  const body = JSON.stringify(value);
  return { value, body, print: fingerprint(body) };
}

/**
 * Whether two different texts could have the same content: keys in another order have the same length. Only then is it
 * worth reading the stored text back.
 */
export function mayBeReordered(print: string, stored: string): boolean {
  return print.slice(print.indexOf(".")) === stored.slice(stored.indexOf("."));
}

export function isSameContent(body: string, stored: string): boolean {
  return canonicalJson(JSON.parse(body) as JsonValue) === canonicalJson(JSON.parse(stored) as JsonValue);
}

export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
