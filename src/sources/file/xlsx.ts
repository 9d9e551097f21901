import { readSheet } from "read-excel-file/node";
import { wallClockOfCell } from "../../kernel/calendar.ts";
import { AppError } from "../../kernel/errors.ts";
import { toJson } from "../../kernel/json.ts";
import type { Cell, GridRow } from "./grid.ts";
import { checkWorkbook } from "./zip.ts";

/** A number as the sheet writes it, kept apart from text so that a date column can tell a serial day from "45981". */
interface RawNumber {
  readonly number: string;
}

function isRawNumber(value: unknown): value is RawNumber {
  return typeof value === "object" && value !== null && "number" in value && typeof value.number === "string";
}

/** Numbers without a trailing ".0" and without an exponent where they are whole: an employee id must stay what it was. */
function numberText(raw: string): string {
  if (!/[eE.]/.test(raw)) return raw;
  const value = Number(raw);
  return Number.isSafeInteger(value) ? String(value) : raw;
}

function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (isRawNumber(value)) return { kind: "number", text: numberText(value.number) };
  const wall = wallClockOfCell(value);
  if (wall !== null) return { kind: "date", wall };
  const other = toJson(value);
  return typeof other === "string" ? other : JSON.stringify(other);
}

function words(cause: unknown, fileName: string): string {
  const name = cause instanceof Error ? cause.name : "";
  const text = cause instanceof Error ? cause.message : String(cause);
  if (name === "SheetNotFoundError") return `${fileName} has no such sheet: ${text}; name one of its sheets`;
  return `${fileName} cannot be read as an Excel workbook (${text}); open it, save it again as .xlsx, or save it as CSV UTF-8`;
}

/** The rows of one sheet, empty ones left out. Formulas give the value they had when the file was saved. */
export async function sheetRows(
  bytes: Uint8Array,
  fileName: string,
  sheet: string | null,
  unpackedBytes: number,
): Promise<readonly GridRow[]> {
  await checkWorkbook(bytes, fileName, unpackedBytes);
  let data: readonly (readonly unknown[])[];
  try {
    const options = { trim: false, parseNumber: (text: string): RawNumber => ({ number: text }) };
    const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    data = await readSheet<RawNumber>(input, sheet ?? 1, options);
  } catch (cause) {
    throw new AppError("bad_input", words(cause, fileName), { cause });
  }
  const rows: GridRow[] = [];
  for (const [index, line] of data.entries()) {
    const cells = line.map((value) => toCell(value));
    if (cells.some((cell) => typeof cell !== "string" || cell.trim() !== "")) rows.push({ row: index + 1, cells });
  }
  return rows;
}
