import { AppError } from "../../kernel/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../kernel/json.ts";

/** Typed access to the members of a request; every reader throws `bad_input` that names the member. */
export interface Fields {
  text(name: string): string;
  textOrNull(name: string): string | null;
  number(name: string): number;
  numberOrNull(name: string): number | null;
  object(name: string): JsonObject;
  objectOrNull(name: string): JsonObject | null;
  list(name: string): readonly JsonValue[];
  listOrNull(name: string): readonly JsonValue[] | null;
  /** Null when it was not given and when it was given as null. */
  json(name: string): JsonValue;
}

export function readFields(body: JsonValue): Fields {
  if (!isJsonObject(body)) throw new AppError("bad_input", "the body must be a JSON object");
  const get = (name: string): JsonValue => (Object.hasOwn(body, name) ? (body[name] ?? null) : null);
  const wrong = (name: string, wanted: string): AppError => new AppError("bad_input", `${name} must be ${wanted}`);
  const read = <T>(name: string, wanted: string, take: (value: JsonValue) => T | undefined): T | null => {
    const value = get(name);
    if (value === null) return null;
    const taken = take(value);
    if (taken === undefined) throw wrong(name, wanted);
    return taken;
  };
  const needed = <T>(name: string, wanted: string, value: T | null): T => {
    if (value === null) throw wrong(name, wanted);
    return value;
  };
  const textOrNull = (name: string): string | null =>
    read(name, "a text", (value) => (typeof value === "string" ? value : undefined));
  const numberOrNull = (name: string): number | null =>
    read(name, "a number", (value) => (typeof value === "number" && Number.isFinite(value) ? value : undefined));
  const objectOrNull = (name: string): JsonObject | null =>
    read(name, "an object", (value) => (isJsonObject(value) ? value : undefined));
  const listOrNull = (name: string): readonly JsonValue[] | null =>
    read(name, "a list", (value): readonly JsonValue[] | undefined => (Array.isArray(value) ? value : undefined));
  return {
    text: (name) => needed(name, "a text", textOrNull(name)),
    textOrNull,
    number: (name) => needed(name, "a number", numberOrNull(name)),
    numberOrNull,
    object: (name) => needed(name, "an object", objectOrNull(name)),
    objectOrNull,
    list: (name) => needed(name, "a list", listOrNull(name)),
    listOrNull,
    json: get,
  };
}
