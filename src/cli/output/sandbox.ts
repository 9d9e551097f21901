import { isJsonObject, type JsonObject, type JsonValue } from "../../kernel/json.ts";
import { renderTable } from "./table.ts";
import type { Style } from "./style.ts";
import { counted } from "./text.ts";

function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((one: unknown): one is JsonObject => isJsonObject(one)) : [];
}

/** Where the emulators listen. Their keys open nothing but themselves, so they may be shown. */
export function renderSandbox(document: JsonObject, style: Style): readonly string[] {
  const apps = isJsonObject(document["apps"]) ? document["apps"] : {};
  const lines = Object.entries(apps).flatMap(([app, value]) => {
    if (!isJsonObject(value)) return [];
    const facts = Object.entries(value).flatMap(([key, one]) => (typeof one === "string" ? [`  ${key}: ${one}`] : []));
    return [style.bold(app), ...facts];
  });
  return [
    ...lines,
    `control: ${textOf(document["control"])}`,
    "The sandbox runs until Ctrl-C. With --json it prints all of this as one document.",
  ];
}

export function renderFaults(document: { readonly rules: JsonValue }, style: Style): readonly string[] {
  const rows = objects(document.rules).map((one) => [textOf(one["id"]), textOf(one["fired"])]);
  return rows.length === 0 ? ["No faults."] : renderTable(style, ["rule", "fired"], rows);
}

export function renderRequests(document: { readonly entries: JsonValue }, style: Style): readonly string[] {
  const rows = objects(document.entries).map((one) => [
    textOf(one["seq"]),
    textOf(one["at"]),
    textOf(one["app"]),
    `${textOf(one["method"])} ${textOf(one["path"])}`,
    textOf(one["status"]),
    textOf(one["effect"]),
    textOf(one["fault"]),
  ]);
  if (rows.length === 0) return ["No calls yet."];
  return [
    ...renderTable(style, ["seq", "at", "app", "call", "status", "effect", "fault"], rows),
    counted(rows.length, "call"),
  ];
}
