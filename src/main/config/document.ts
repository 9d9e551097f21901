import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from "yaml";
import { isJsonObject, toJson, type JsonObject, type JsonValue } from "../../kernel/json.ts";

/** Names from the root: `["apps", "crm", "apiKey"]`. */
export type ConfigPath = readonly (string | number)[];

/** Where something stands in the file; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong. The message never repeats a value: it could be a secret in the wrong field. */
export interface ConfigProblem {
  readonly path: ConfigPath;
  readonly message: string;
  readonly place: Place | null;
}

/** A configuration file as read: plain data, and where each part of it stands. */
export interface ConfigDocument {
  /** As people know it: `tenure.yaml`. */
  readonly name: string;
  readonly data: JsonObject;
  readonly problems: readonly ConfigProblem[];
  /** Of the value at the path, or of its key; of the nearest parent that is there when it is not. */
  place(path: ConfigPath, part: "key" | "value"): Place | null;
}

/** A configuration is written by people: more than this is a wrong file. */
const MAX_BYTES = 1_048_576;
const MAX_ALIASES = 50;

function pathText(path: ConfigPath): string {
  return path.map(String).join(".");
}

/** One line for people: `tenure.yaml:4:12  apps.crm.apiKey: must start with "env:" …`. */
export function problemLine(name: string, problem: ConfigProblem): string {
  const at = problem.place === null ? name : `${name}:${problem.place.line}:${problem.place.column}`;
  return problem.path.length === 0
    ? `${at}  ${problem.message}`
    : `${at}  ${pathText(problem.path)}: ${problem.message}`;
}

/** No file at all: everything has its default. */
export function emptyDocument(name: string): ConfigDocument {
  return { name, data: {}, problems: [], place: () => null };
}

export function readDocument(name: string, text: string): ConfigDocument {
  if (Buffer.byteLength(text, "utf8") > MAX_BYTES) {
    const message = "is larger than 1 MB: this is not a configuration of Tenure";
    return { ...emptyDocument(name), problems: [{ path: [], message, place: null }] };
  }
  const lines = new LineCounter();
  // Pretty errors would quote the line, and the line may hold a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, strict: true });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems: ConfigProblem[] = [...document.errors, ...document.warnings].map((error) => ({
    path: [],
    message: syntaxMessage(error.message),
    place: at(error.pos[0]),
  }));
  problems.push(...forbiddenKeys(document, at));
  const data = problems.length > 0 ? {} : plainData(document);
  if (data === "aliases") {
    const message = "holds more references (*name) than a configuration needs, or one that is defined nowhere";
    problems.push({ path: [], message, place: { line: 1, column: 1 } });
  } else if (!isJsonObject(data) && data !== null) {
    problems.push({ path: [], message: "must hold keys such as apps: and sources:", place: { line: 1, column: 1 } });
  }
  return {
    name,
    data: isJsonObject(data) ? data : {},
    problems,
    place: (path, part) => {
      const offset = findOffset(document, path, part);
      return offset === null ? null : at(offset);
    },
  };
}

function plainData(document: Document): JsonValue {
  try {
    return toJson(document.toJS({ maxAliasCount: MAX_ALIASES }));
  } catch {
    return "aliases";
  }
}

/** The words of the YAML library, without the piece of the file that it quotes. */
function syntaxMessage(message: string): string {
  const words = message.replace(/[:,]? ?["'`*][\s\S]*$/, "").trim();
  return `is not valid YAML: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

/** Names that mean something else to JavaScript objects. */
function forbiddenKeys(document: Document, at: (offset: number) => Place): readonly ConfigProblem[] {
  const found: ConfigProblem[] = [];
  const walk = (node: unknown, path: ConfigPath): void => {
    if (isSeq(node)) node.items.forEach((item, index) => walk(item, [...path, index]));
    if (!isMap(node)) return;
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? pair.key.value : null;
      const inner = [...path, String(key)];
      const place = at(startOf(pair.key) ?? 0);
      if (typeof key !== "string" && typeof key !== "number") {
        found.push({ path, message: "a key must be plain text", place });
      } else if (key === "__proto__" || key === "constructor" || key === "prototype") {
        found.push({ path: inner, message: "this name cannot be used", place });
      }
      walk(pair.value, inner);
    }
  };
  walk(document.contents, []);
  return found;
}

function startOf(node: unknown): number | null {
  const range = (node as Node | null | undefined)?.range;
  return range === null || range === undefined ? null : range[0];
}

function findOffset(document: Document, path: ConfigPath, part: "key" | "value"): number | null {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [index, name] of path.entries()) {
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(name),
      );
      if (pair === undefined) return offset;
      node = pair.value;
      const inside = startOf(pair.value);
      const wanted = last && part === "value" && inside !== null ? inside : startOf(pair.key);
      offset = wanted ?? offset;
    } else if (isSeq(node) && typeof name === "number" && node.items[name] !== undefined) {
      node = node.items[name];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}
