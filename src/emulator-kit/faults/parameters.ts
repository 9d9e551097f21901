import { AppError } from "../../kernel/errors.ts";
import { isJsonObject, type JsonValue } from "../../kernel/json.ts";
import type { FaultRule } from "../running.ts";
import type { Parameters } from "./scene.ts";

/** What a rule says about when it fires; everything else in it is a parameter of its fault. */
const RULE_WORDS = new Set(["app", "method", "path", "body", "nth", "times", "probability", "seed", "phase", "fault"]);

/** The readers, and `close`, which refuses what no reader asked for. */
export function readParameters(rule: FaultRule): { readonly parameters: Parameters; readonly close: () => void } {
  const asked = new Set<string>();
  const get = (name: string): JsonValue | undefined => {
    asked.add(name);
    return rule[name];
  };
  const wrong = (name: string, wanted: string): AppError =>
    new AppError("bad_input", `fault ${rule.fault}: parameter ${name} must be ${wanted}`);
  const read = <T>(name: string, fallback: T, wanted: string, take: (value: JsonValue) => T | undefined): T => {
    const value = get(name);
    if (value === undefined) return fallback;
    const taken = take(value);
    if (taken === undefined) throw wrong(name, wanted);
    return taken;
  };
  const number = (value: JsonValue): number | undefined =>
    typeof value === "number" && Number.isFinite(value) ? value : undefined;
  const text = (value: JsonValue): string | undefined => (typeof value === "string" ? value : undefined);
  const parameters: Parameters = {
    number: (name, fallback) => read(name, fallback, "a number", number),
    numberOrNull: (name) => read<number | null>(name, null, "a number", number),
    text: (name, fallback) => read(name, fallback, "a text", text),
    textOrNull: (name) => read<string | null>(name, null, "a text", text),
    flag: (name, fallback) =>
      read(name, fallback, "true or false", (value) => (typeof value === "boolean" ? value : undefined)),
    oneOf: (name, values) =>
      read(name, values[0], `one of ${values.join(", ")}`, (value) => values.find((one) => one === value)),
    texts: (name) =>
      read<readonly string[]>(name, [], "a list of texts", (value) =>
        Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined,
      ),
    json: (name) => get(name),
    object: (name) => read(name, {}, "an object", (value) => (isJsonObject(value) ? value : undefined)),
  };
  return {
    parameters,
    close() {
      const stray = Object.keys(rule).find((name) => !RULE_WORDS.has(name) && !asked.has(name));
      if (stray !== undefined) throw new AppError("bad_input", `fault ${rule.fault} has no parameter ${stray}`);
    },
  };
}
