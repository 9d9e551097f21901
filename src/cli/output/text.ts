import { isJsonObject, toJson, type JsonValue } from "../../kernel/json.ts";

/** Control characters, terminal escapes, and marks that turn the reading direction: a name must not move the cursor. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text from outside, made safe for a terminal: what cannot be shown becomes a visible mark (safety T18). */
export function cleanText(text: string): string {
  return text.replace(UNSAFE, (mark) => (mark === "\n" || mark === "\t" ? " " : "\ufffd"));
}

/** The same for every text of a document. Every renderer gets documents that went through here. */
export function cleanDocument<T>(document: T): T {
  return cleanValue(toJson(document)) as T;
}

function cleanValue(value: JsonValue): JsonValue {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(cleanValue);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [cleanText(key), cleanValue(member)]));
}

/** `1,234` */
export function grouped(number: number): string {
  return number.toLocaleString("en-US");
}

/** `1 step`, `2 steps` */
export function counted(number: number, one: string, many: string = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

/** `0.3 s`, `42 s`, `1 min 20 s`, `2 h 5 min` */
export function spelledSeconds(seconds: number): string {
  if (seconds < 10) return `${(Math.round(seconds * 10) / 10).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `2026-11-20 14:02` of an ISO time in UTC, with the zone said. */
export function shortTime(iso: string): string {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(iso) ? `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC` : iso;
}

/** Lists for sentences: `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

/** Lines of at most `width` characters, broken between words; a longer word stays whole. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}
