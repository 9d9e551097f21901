import Table from "cli-table3";
import type { Style } from "./style.ts";

/** Below this many columns a table with more than two columns is written as facts, one a line. */
const NARROW = 80;

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
} as const;

/** Rows under each other in columns, one line a row; wide characters count as what they take. */
export function alignRows(rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const table = new Table({ chars: NO_LINES, style: { "padding-left": 0, "padding-right": 0, head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

/** A table with a heading; on narrow terminals and with `--plain` it becomes `heading: value` lines. */
export function renderTable(
  style: Style,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return [];
  if (style.plain || (style.width > 0 && style.width < NARROW && heads.length > 2)) return asFacts(heads, rows);
  return alignRows([heads.map((head) => style.dim(head.toUpperCase())), ...rows]);
}

function asFacts(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : [""]),
    ...heads.flatMap((head, at) => {
      const value = row[at] ?? "";
      return value === "" ? [] : [`${head}: ${value}`];
    }),
  ]);
}
