import type { z } from "zod";
import type { ConfigDocument, ConfigPath, ConfigProblem } from "./document.ts";
import { suggestion } from "./suggest.ts";

type Issue = z.core.$ZodIssue;
type AnySchema = z.core.$ZodType;

/** The problems that a schema found, in the order of the file, each with its place. */
export function toProblems(options: {
  readonly error: z.core.$ZodError;
  readonly schema: AnySchema;
  readonly document: ConfigDocument;
  readonly prefix: ConfigPath;
}): readonly ConfigProblem[] {
  return options.error.issues.flatMap((issue) => fromIssue(issue, options));
}

function fromIssue(
  issue: Issue,
  options: { readonly schema: AnySchema; readonly document: ConfigDocument; readonly prefix: ConfigPath },
): readonly ConfigProblem[] {
  const inner = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  const path = [...options.prefix, ...inner];
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(options.schema, inner);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key${suggestion(key, known)}`,
      place: options.document.place([...path, key], "key"),
    }));
  }
  return [{ path, message: issueMessage(issue), place: options.document.place(path, "value") }];
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map of keys",
  record: "a map of keys",
};

/** In words for people, never with the value: it may be a secret in the wrong place. */
function issueMessage(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type": {
      const wanted = TYPE_WORDS[issue.expected] ?? issue.expected;
      if (issue.input === undefined && issue.message.startsWith("Invalid input")) return `is missing: give ${wanted}`;
      return issue.message.startsWith("Invalid input") ? `must be ${wanted}` : issue.message;
    }
    case "invalid_value":
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_big":
      return issue.message.startsWith("Too big") ? `must be at most ${String(issue.maximum)}` : issue.message;
    case "too_small":
      return issue.message.startsWith("Too small")
        ? `must be ${issue.inclusive === true ? "at least" : "more than"} ${String(issue.minimum)}`
        : issue.message;
    case "invalid_union":
      return issue.message === "Invalid input" ? "has none of the forms it may have" : issue.message;
    case "invalid_key":
      return "this key cannot be used";
    default:
      return issue.message;
  }
}

/** The keys that an object schema knows at a path, for "did you mean". */
function keysAt(schema: AnySchema, path: readonly (string | number)[]): readonly string[] {
  let here = unwrap(schema);
  for (const part of path) {
    const def = here._zod.def as unknown as SchemaParts;
    if (def.type === "object") here = unwrap(def.shape?.[String(part)] ?? here);
    else if (def.type === "record" && def.valueType !== undefined) here = unwrap(def.valueType);
    else if (def.type === "array" && def.element !== undefined) here = unwrap(def.element);
    else return [];
  }
  const def = here._zod.def as unknown as SchemaParts;
  return def.type === "object" ? Object.keys(def.shape ?? {}) : [];
}

/** What zod keeps in the definition of the schemas that hold others. */
interface SchemaParts {
  readonly type: string;
  readonly shape?: Readonly<Record<string, AnySchema>>;
  readonly valueType?: AnySchema;
  readonly element?: AnySchema;
  readonly innerType?: AnySchema;
  readonly in?: AnySchema;
}

function unwrap(schema: AnySchema): AnySchema {
  const def = schema._zod.def as unknown as SchemaParts;
  if (def.type === "pipe" && def.in !== undefined) return unwrap(def.in);
  return def.innerType === undefined ? schema : unwrap(def.innerType);
}
