import { AppError } from "../../kernel/errors.ts";
import type { GridFault, GridRow } from "./grid.ts";

const QUOTE = 34;
const CR = 13;
const LF = 10;

/** Separators that are looked for, the usual one first. */
const SEPARATORS = [",", ";", "\t", "|"] as const;

/** How often each separator stands outside quotes in the first line that is not empty. */
export function detectSeparator(text: string): string {
  const counts = new Map<string, number>(SEPARATORS.map((separator) => [separator, 0]));
  let quoted = false;
  let seen = false;
  for (let at = 0; at < text.length && at < 65_536; at += 1) {
    const char = text.charAt(at);
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === "\n" || char === "\r")) {
      if (seen) break;
      continue;
    }
    if (!quoted && counts.has(char)) counts.set(char, (counts.get(char) ?? 0) + 1);
    seen = true;
  }
  let best = ",";
  for (const separator of SEPARATORS) if ((counts.get(separator) ?? 0) > (counts.get(best) ?? 0)) best = separator;
  return best;
}

interface Cursor {
  readonly text: string;
  readonly separator: number;
  at: number;
}

type Field = { readonly value: string; readonly fault: null } | { readonly value: null; readonly fault: string };

/** A cell in quotes, the cursor on the opening one; afterwards on what follows the closing one. */
function quotedField(cursor: Cursor): Field {
  const { text } = cursor;
  let from = cursor.at + 1;
  let value = "";
  for (;;) {
    const close = text.indexOf('"', from);
    if (close === -1) {
      return {
        value: null,
        fault: "a quoted cell begins here and never ends: the file was cut, or a quote is missing; export it again",
      };
    }
    value += text.slice(from, close);
    cursor.at = close + 1;
    const next = text.charCodeAt(cursor.at);
    if (next === QUOTE) {
      value += '"';
      from = cursor.at + 1;
      continue;
    }
    if (Number.isNaN(next) || next === cursor.separator || next === CR || next === LF) return { value, fault: null };
    return {
      value: null,
      fault: 'text follows the closing quote of this cell: a quote inside a quoted cell is written twice ("")',
    };
  }
}

/** Whether the character ends a cell that is not quoted. */
function endsField(code: number, separator: number): boolean {
  return code === separator || code === LF || code === CR;
}

function plainField(cursor: Cursor): Field {
  const { text, separator } = cursor;
  const from = cursor.at;
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (endsField(code, separator)) break;
    if (code === QUOTE) {
      return {
        value: null,
        fault:
          "a quote stands inside a cell that is not quoted: put the whole cell in quotes and write its quotes twice",
      };
    }
    at += 1;
  }
  cursor.at = at;
  return { value: text.slice(from, at), fault: null };
}

/** Steps over the end of a line (CRLF, LF or CR). */
function passLineEnd(cursor: Cursor): void {
  if (cursor.text.charCodeAt(cursor.at) === CR && cursor.text.charCodeAt(cursor.at + 1) === LF) cursor.at += 2;
  else cursor.at += 1;
}

function readRecord(cursor: Cursor, row: number, mostColumns: number): GridRow | GridFault {
  const cells: string[] = [];
  for (;;) {
    const field = cursor.text.charCodeAt(cursor.at) === QUOTE ? quotedField(cursor) : plainField(cursor);
    if (field.fault !== null) return { row, position: cells.length + 1, message: field.fault };
    cells.push(field.value);
    if (cells.length > mostColumns)
      return { row, position: null, message: `the row has more than ${mostColumns} columns` };
    if (cursor.text.charCodeAt(cursor.at) !== cursor.separator) break;
    cursor.at += 1;
  }
  if (cursor.at < cursor.text.length) passLineEnd(cursor);
  return { row, cells };
}

/**
 * The records of a CSV text by RFC 4180: quoted cells may hold separators, quotes (written twice) and line ends. Empty
 * lines are counted and left out. The first fault ends the reading: what follows a broken quote cannot be told apart.
 */
export function* csvRecords(text: string, separator: string, mostColumns: number): Generator<GridRow | GridFault> {
  if (separator.length !== 1) throw new AppError("internal", "a separator is one character");
  const cursor: Cursor = { text, separator: separator.charCodeAt(0), at: 0 };
  for (let row = 1; cursor.at < text.length; row += 1) {
    const record = readRecord(cursor, row, mostColumns);
    if ("message" in record) {
      yield record;
      return;
    }
    if (record.cells.some((cell) => typeof cell === "string" && cell.trim() !== "")) yield record;
  }
}
