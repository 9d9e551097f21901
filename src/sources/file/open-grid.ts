import { AppError } from "../../kernel/errors.ts";
import type { FileLimits } from "../reading.ts";
import { csvRecords, detectSeparator } from "./csv.ts";
import { decodeText, fileKind } from "./decode.ts";
import { cellText, isFault, type Grid, type GridFault, type GridRow } from "./grid.ts";
import { jsonRows } from "./json-rows.ts";
import type { FileBytes } from "./read-bytes.ts";
import { sheetRows } from "./xlsx.ts";

interface OpenOptions {
  readonly sheet: string | null;
  readonly limits: FileLimits;
}

/** Rows until there are too many: a limit that is passed is an error of the file, never a silent cut. */
function* bounded(
  rows: Iterable<GridRow | GridFault>,
  most: number,
  headerRows: 0 | 1,
  fileName: string,
): Generator<GridRow | GridFault> {
  let count = 0;
  for (const row of rows) {
    count += 1;
    if (count > most + headerRows) {
      throw new AppError(
        "bad_input",
        `${fileName} has more than ${most} rows, the most that is read: split it into several sources`,
      );
    }
    yield row;
  }
}

function noPeople(fileName: string, header: readonly string[]): AppError {
  const what =
    header.length === 0 ? "has no rows" : `has a header (${header.slice(0, 20).join(", ")}) and no rows below it`;
  return new AppError(
    "bad_input",
    `${fileName} ${what}: an empty list is taken for a failed export, and nobody is taken to have left (export it again)`,
  );
}

/** Takes the header off and makes sure that at least one row follows. */
function withHeader(
  format: Grid["format"],
  rows: Iterator<GridRow | GridFault>,
  fileName: string,
  notes: readonly string[],
): Grid {
  const first = rows.next();
  if (first.done === true) throw noPeople(fileName, []);
  if (isFault(first.value)) {
    throw new AppError("bad_input", `${fileName}, row ${first.value.row}: ${first.value.message}`);
  }
  const header = first.value.cells.map((cell) => cellText(cell));
  const second = rows.next();
  if (second.done === true) throw noPeople(fileName, header);
  const rest = function* (): Generator<GridRow | GridFault> {
    yield second.value;
    for (let next = rows.next(); next.done !== true; next = rows.next()) yield next.value;
  };
  return { format, header, headerRow: first.value.row, rows: rest(), notes };
}

/**
 * The rows of a file of people, its format told by its content: XLSX, JSON, or text with a separator. Throws `bad_input`
 * for a file that holds no people: unreadable, of another kind, or empty (safety A1: never "everyone has left").
 */
export async function openGrid(file: FileBytes, options: OpenOptions): Promise<Grid> {
  const { bytes, fileName } = file;
  const { limits } = options;
  if (fileKind(bytes, fileName) === "zip") {
    const rows = await sheetRows(bytes, fileName, options.sheet, limits.unpackedBytes);
    return withHeader("xlsx", bounded(rows, limits.rows, 1, fileName), fileName, []);
  }
  const notes: string[] = [];
  const text = decodeText(bytes, fileName, notes);
  const first = text.trimStart().charAt(0);
  if (first === "[" || first === "{") {
    const { header, rows } = jsonRows(text, fileName);
    if (rows.length === 0) throw noPeople(fileName, []);
    return { format: "json", header, headerRow: 1, rows: bounded(rows, limits.rows, 0, fileName), notes };
  }
  const declared = /^sep=([,;|\t])\r?\n/i.exec(text)?.[1];
  const separator = declared ?? detectSeparator(text);
  if (separator !== ",") notes.push(`cells are separated by ${separator === "\t" ? "tabs" : `"${separator}"`}`);
  if (!/[\r\n]$/.test(text)) {
    notes.push(
      "the last row has no line end: if the program that wrote the file ends its rows with one, the file was cut",
    );
  }
  const records = csvRecords(text, separator, limits.columns);
  // Spreadsheet programs may write the separator into a line of its own before the header.
  if (declared !== undefined) records.next();
  return withHeader("csv", bounded(records, limits.rows, 1, fileName), fileName, notes);
}
