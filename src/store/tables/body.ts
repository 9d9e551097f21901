import { AppError } from "../../kernel/errors.ts";

/** Version of the JSON that is written now, for every table. A table that changes its shape gets its own number and a reader for the old one. */
export const BODY_VERSION = 1;

/** Keys are compared byte by byte in both databases; PostgreSQL knows no NUL in a text. */
export function keyText(text: string): string {
  if (text.includes("\u0000")) throw new AppError("bad_input", "a key with a NUL character cannot be stored");
  return text;
}

export function writeBody(value: unknown): { readonly v: number; readonly body: string } {
  return { v: BODY_VERSION, body: JSON.stringify(value) };
}

/**
 * The value of a stored body. Our own text, so its shape is trusted; a version that this Tenure does not know is refused
 * (safety S21, F15).
 */
export function readBody<T>(table: string, row: { readonly v: number; readonly body: string }): T {
  if (row.v !== BODY_VERSION) {
    throw new AppError(
      "storage",
      `a row of ${table} was written by a newer Tenure (version ${row.v}): use the newer version`,
      { details: { table, version: row.v } },
    );
  }
  return JSON.parse(row.body) as T;
}
