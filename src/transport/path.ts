import { AppError } from "../kernel/errors.ts";

/** What an id of a vendor may be made of. No slash, backslash, per cent sign, white space or control character (safety D18). */
const ID = /^[A-Za-z0-9._~:@+=,-]{1,255}$/;

function segment(id: string | number): string {
  const text = typeof id === "number" ? String(id) : id;
  // A clipped copy: what is refused may be anything, of any length.
  const shown = JSON.stringify(text.slice(0, 40));
  if (text === "") throw new AppError("bad_input", "an id in a request path is empty: nothing was sent");
  if (text === "." || text === ".." || !ID.test(text)) {
    throw new AppError("bad_input", `${shown} cannot be an id in a request path: nothing was sent`);
  }
  return encodeURIComponent(text);
}

/**
 * Makes a request path from a template: `` path`/users/${id}/teams` ``. Each value becomes exactly one segment, or part of
 * one; a value that is empty, climbs (`.`, `..`) or is no id throws `bad_input`, so that a call on one record can never
 * become a call on the collection (safety D18).
 */
export function path(fixed: TemplateStringsArray, ...ids: readonly (string | number)[]): string {
  let made = fixed[0] ?? "";
  for (const [index, id] of ids.entries()) made += segment(id) + (fixed[index + 1] ?? "");
  return made;
}

const SAFE_PATH = /^(?:\/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)+$/;
const CLIMBS = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Throws `bad_input` for a path that no `path` template makes: for those that were put together in another way. */
export function assertSafePath(made: string): void {
  if (!SAFE_PATH.test(made) || made.includes("//") || CLIMBS.test(made)) {
    throw new AppError("bad_input", `${JSON.stringify(made.slice(0, 80))} is not a request path: nothing was sent`);
  }
}
