import { AppError } from "./errors.ts";
import { isJsonObject, parseJson, type JsonObject } from "./json.ts";

/** A place in a listing, as text that callers store and give back but do not read. */
export type Cursor = string & { readonly cursor: true };

export function encodeCursor(state: JsonObject): Cursor {
  return Buffer.from(JSON.stringify(state), "utf8").toString("base64url") as Cursor;
}

/** Throws `bad_input` for text that is no cursor of ours. */
export function decodeCursor(cursor: Cursor): JsonObject {
  try {
    const state = parseJson(Buffer.from(cursor, "base64url").toString("utf8"));
    if (isJsonObject(state)) return state;
  } catch (cause) {
    throw new AppError("bad_input", "this cursor is not one of ours: start the listing again", { cause });
  }
  throw new AppError("bad_input", "this cursor is not one of ours: start the listing again");
}
