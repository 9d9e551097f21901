import { Compile } from "typebox/compile";
import type { Static, TSchema } from "typebox";
import { AppError } from "../kernel/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../kernel/json.ts";

/**
 * A parser for one kind of body: unknown members are allowed, missing or wrong ones throw `bad_response` with the place
 * in the body (never its values). The schema is compiled when the first body arrives, so that importing costs nothing.
 */
export function bodyParser<S extends TSchema>(what: string, schema: S): (body: JsonValue) => Static<S> {
  let validator: ReturnType<typeof Compile<S>> | null = null;
  return (body) => {
    validator ??= Compile(schema);
    if (validator.Check(body)) return body;
    throw new AppError(
      "bad_response",
      `${what} looks different from what the app's document says: ${firstProblem(validator.Errors(body)[0], body)}`,
    );
  };
}

interface Problem {
  readonly instancePath: string;
  readonly message: string;
}

function firstProblem(problem: Problem | undefined, body: JsonValue): string {
  if (body === null) return "there is no JSON body";
  if (problem === undefined) return "it cannot be read";
  return `${problem.instancePath === "" ? "the body" : problem.instancePath} ${problem.message}`;
}

/** Text of a vendor's message, short enough for an error and on one line. */
function shortText(text: string): string {
  const line = text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

/** The member as text when it is a non-empty one; for error bodies, of which nothing can be expected. */
export function textAt(body: JsonValue, ...keys: readonly string[]): string | null {
  let value: JsonValue | undefined = body;
  for (const key of keys) value = isJsonObject(value) ? value[key] : undefined;
  return typeof value === "string" && value.trim() !== "" ? shortText(value) : null;
}

/** The vendor's record as it came, without the members that are secrets. */
export function withoutSecrets(record: JsonObject, secretNames: readonly string[]): JsonObject {
  if (!secretNames.some((name) => Object.hasOwn(record, name))) return record;
  return Object.fromEntries(Object.entries(record).filter(([name]) => !secretNames.includes(name)));
}
