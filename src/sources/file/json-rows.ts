import { AppError, isAppError } from "../../kernel/errors.ts";
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "../../kernel/json.ts";
import type { GridRow } from "./grid.ts";

const DEEPEST = 3;

function scalarText(value: JsonValue): string {
  return typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
}

/** Members of an object by dotted names: `{name: {first: "Maya"}}` gives `name.first`. Lists of scalars are joined by ";". */
function flatten(object: JsonObject, prefix: string, depth: number, into: Map<string, string>): void {
  for (const [name, value] of Object.entries(object)) {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    if (isJsonObject(value)) {
      if (depth < DEEPEST) flatten(value, path, depth + 1, into);
    } else if (Array.isArray(value)) {
      flattenList(value as readonly JsonValue[], path, depth, into);
    } else {
      into.set(path, scalarText(value));
    }
  }
}

/** A list of objects with a `value` (as SCIM writes addresses) gives the primary or first one; a list of scalars its text. */
function flattenList(list: readonly JsonValue[], path: string, depth: number, into: Map<string, string>): void {
  const objects = list.filter((item) => isJsonObject(item));
  if (objects.length === 0) {
    into.set(path, list.filter((item) => item !== null && typeof item !== "object").join(";"));
    return;
  }
  const first = objects.find((item) => item["primary"] === true) ?? objects[0];
  if (first !== undefined && depth < DEEPEST) flatten(first, path, depth + 1, into);
}

/** The list of people in a JSON file: the file itself, or the one list that an envelope holds. */
function findList(value: JsonValue, fileName: string): readonly JsonValue[] {
  if (Array.isArray(value)) return value as readonly JsonValue[];
  const lists = isJsonObject(value) ? Object.entries(value).filter(([, member]) => Array.isArray(member)) : [];
  const only = lists[0];
  if (lists.length === 1 && only !== undefined) return only[1] as readonly JsonValue[];
  throw new AppError(
    "bad_input",
    `${fileName} holds no list of people: give a JSON array of objects, one for each person`,
  );
}

/**
 * A JSON array of objects as a header and rows: the first object is row 2, as if the names stood in row 1. Throws
 * `bad_input` when it is no such list.
 */
export function jsonRows(
  text: string,
  fileName: string,
): { readonly header: readonly string[]; readonly rows: readonly GridRow[] } {
  let value: JsonValue;
  try {
    value = parseJson(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const why = isAppError(cause) && cause.cause instanceof Error ? cause.cause.message : "";
    throw new AppError(
      "bad_input",
      `${fileName} is not valid JSON${why === "" ? "" : ` (${why})`}: it was cut, or is not JSON; export it again`,
      { cause },
    );
  }
  const records: Map<string, string>[] = [];
  const positions = new Map<string, number>();
  for (const [index, item] of findList(value, fileName).entries()) {
    if (!isJsonObject(item)) {
      throw new AppError("bad_input", `${fileName}: item ${index + 1} is not an object; every person is one object`);
    }
    const record = new Map<string, string>();
    flatten(item, "", 0, record);
    for (const name of record.keys()) if (!positions.has(name)) positions.set(name, positions.size);
    records.push(record);
  }
  const header = [...positions.keys()];
  const rows = records.map((record, index) => ({
    row: index + 2,
    cells: header.map((name) => record.get(name) ?? ""),
  }));
  return { header, rows };
}
