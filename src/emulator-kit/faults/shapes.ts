import { gzipSync } from "node:zlib";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import { isObject } from "./answers.ts";
import type { Answer, FaultDefinition, Scene } from "./scene.ts";

const MEBIBYTE = 1024 * 1024;

/** 200 MiB in pieces of 1 MiB; none of it is held. */
function* hugeText(bytes: number): Generator<Uint8Array> {
  const piece = Buffer.alloc(MEBIBYTE, 0x61);
  yield Buffer.from('{"a":"');
  for (let left = bytes; left > 0; left -= MEBIBYTE) yield piece.subarray(0, Math.min(MEBIBYTE, left));
  yield Buffer.from('"}');
}

/** Members of gzip may follow each other: one packed mebibyte, sent as often as needed. */
function* gzipBomb(bytes: number): Generator<Uint8Array> {
  const piece = gzipSync(Buffer.alloc(MEBIBYTE, 0x20));
  for (let left = bytes; left > 0; left -= MEBIBYTE) yield piece;
}

function* nested(depth: number): Generator<Uint8Array> {
  yield Buffer.from("[".repeat(depth));
  yield Buffer.from("]".repeat(depth));
}

function* longArray(length: number): Generator<Uint8Array> {
  yield Buffer.from("[0");
  for (let left = length - 1; left > 0; left -= 10_000) yield Buffer.from(",0".repeat(Math.min(10_000, left)));
  yield Buffer.from("]");
}

const excess: FaultDefinition = {
  phases: ["before", "after"],
  build(parameters, phase) {
    const variant = parameters.oneOf("variant", ["huge", "gzip", "nested", "array"]);
    const size = parameters.numberOrNull("size");
    const makers = {
      huge: () => hugeText(size ?? 200 * MEBIBYTE),
      gzip: () => gzipBomb(size ?? 200 * MEBIBYTE),
      nested: () => nested(size ?? 100_000),
      array: () => longArray(size ?? 1_000_000),
    };
    const headers: (readonly [string, string])[] = [["Content-Type", "application/json; charset=utf-8"]];
    if (variant === "gzip") headers.push(["Content-Encoding", "gzip"]);
    const answer: Answer = { status: 200, headers, body: null, pieces: makers[variant] };
    return { plan: () => (phase === "before" ? { instead: answer } : { rewrite: () => answer }) };
  },
};

const BIG = "an integer beyond 2^53";
const HOSTILE = '<script>alert(1)</script>\r\nX-Injected: 1\u{202e}=HYPERLINK("http://evil.example")';

type Drift = "missing" | "null" | "renamed" | "string-id" | "big-id" | "value" | "extra" | "hostile";

function driftRow(row: JsonObject, drift: Drift, key: string, value: JsonValue): JsonObject {
  const { [key]: old, ...rest } = row;
  switch (drift) {
    case "missing":
      return rest;
    case "null":
      return { ...row, [key]: null };
    case "renamed":
      return { ...rest, [typeof value === "string" ? value : `${key}New`]: old ?? null };
    case "string-id":
      return { ...row, [key]: typeof old === "string" ? Number.parseInt(old, 36) : JSON.stringify(old ?? null) };
    case "big-id":
      return { ...row, [key]: BIG };
    case "value":
      return { ...row, [key]: value };
    case "extra":
      return { ...row, addedByVendor: { since: "2026-11-01", list: [1, "two", null] } };
    case "hostile":
      return { ...row, [key]: HOSTILE };
  }
}

/** The body with its rows changed, or the bare object itself where it is no listing. */
function driftBody(scene: Scene, answer: Answer, drift: (row: JsonObject) => JsonObject): Answer {
  if (answer.status >= 300 || !isObject(answer.body)) return answer;
  const { pages } = scene.module;
  const isListing = pages.listing(scene.request) !== null;
  const body = isListing
    ? pages.write(answer.body, { rows: pages.read(answer.body).rows.map(drift) })
    : drift(answer.body);
  const text = JSON.stringify(body);
  // No JavaScript number can hold it, so it is put into the text.
  return text.includes(`"${BIG}"`)
    ? { ...answer, body: text.replaceAll(`"${BIG}"`, "9007199254740993") }
    : { ...answer, body };
}

const schemaDrift: FaultDefinition = {
  phases: ["after"],
  build(parameters) {
    const drift = parameters.oneOf("variant", [
      "missing",
      "null",
      "renamed",
      "string-id",
      "big-id",
      "value",
      "extra",
      "hostile",
    ]);
    const key = parameters.text("key", drift === "hostile" ? "name" : "id");
    const value = parameters.json("value") ?? null;
    const every = parameters.number("every", 1);
    return {
      plan: (scene) => ({
        rewrite(answer) {
          let index = 0;
          return driftBody(scene, answer, (row) => {
            index += 1;
            return index % every === 0 ? driftRow(row, drift, key, value) : row;
          });
        },
      }),
    };
  },
};

export const SHAPE_FAULTS: Readonly<Record<string, FaultDefinition>> = { F30: excess, F31: schemaDrift };
