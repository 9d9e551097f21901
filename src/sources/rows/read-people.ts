import { AppError } from "../../kernel/errors.ts";
import { isZone } from "../../kernel/dates.ts";
import { sha256Hex } from "../../kernel/hash.ts";
import type { EmploymentStatus, RosterEntry } from "../../model/person.ts";
import { mapColumns } from "../columns/map-columns.ts";
import { isEmptyCell, isFault, type Grid, type GridRow } from "../file/grid.ts";
import { openGrid } from "../file/open-grid.ts";
import { readBytes } from "../file/read-bytes.ts";
import { problemText, type Field, type FileInput, type PeopleReading, type ReadOptions } from "../reading.ts";
import { checkAddresses, checkAliases, checkKeys } from "./check-doubles.ts";
import { parseDateFormat, type DateFormat } from "./dates.ts";
import { parseRow, type ParsedRow, type RowContext } from "./parse-row.ts";
import { problemList, type Problems } from "./problems.ts";
import { foldStatus, type StatusWords } from "./status.ts";

/** What tells one kind of file of people from another. */
export interface PeopleProfile {
  readonly headers: Readonly<Record<Field, readonly string[]>>;
  readonly statuses: Readonly<Record<string, EmploymentStatus>>;
  readonly unclearStatuses: boolean;
}

function checkedFormat(options: ReadOptions): DateFormat | null {
  if (options.dateFormat === null) return null;
  const format = parseDateFormat(options.dateFormat);
  if (format !== null) return format;
  throw new AppError(
    "config",
    `dateFormat "${options.dateFormat}" of source ${options.name} is not understood: write YYYY, MM and DD with -, / or . between them, such as MM/DD/YYYY`,
  );
}

function checkZone(options: ReadOptions): void {
  if (isZone(options.defaultZone)) return;
  throw new AppError(
    "config",
    `zone "${options.defaultZone}" of source ${options.name} is not a time zone: use an IANA name such as America/Los_Angeles`,
  );
}

function statusWords(profile: PeopleProfile, options: ReadOptions): StatusWords {
  const own = Object.entries(options.statuses).map(([word, status]) => [foldStatus(word), status] as const);
  return { known: new Map([...Object.entries(profile.statuses), ...own]), unclear: profile.unclearStatuses };
}

/** The row with as many cells as the header; null when it has others (then every cell may belong to another column, safety A11). */
function fitted(row: GridRow, width: number, grid: Grid, problems: Problems): GridRow | null {
  const { cells } = row;
  if (cells.length === width) return row;
  if (grid.format === "xlsx") {
    // A sheet leaves out empty cells at the end; cells beyond the header belong to no column.
    if (cells.length < width)
      return { row: row.row, cells: [...cells, ...Array<string>(width - cells.length).fill("")] };
    if (cells.slice(width).every((cell) => isEmptyCell(cell))) return { row: row.row, cells: cells.slice(0, width) };
  }
  problems.error(
    row.row,
    null,
    `the row has ${cells.length} cells and the header has ${width}: a separator inside a cell needs quotes around the cell, or the row was cut`,
  );
  return null;
}

interface Collected {
  readonly rows: readonly ParsedRow[];
  readonly count: number;
}

function collect(grid: Grid, context: RowContext, problems: Problems): Collected {
  const rows: ParsedRow[] = [];
  let count = 0;
  for (const item of grid.rows) {
    count += 1;
    if (isFault(item)) {
      const header =
        item.position === null ? null : (grid.header[item.position - 1]?.trim() ?? `number ${item.position}`);
      problems.cellError(item.row, header, `${item.message}; nothing after this row was read`);
      break;
    }
    const row = fitted(item, grid.header.length, grid, problems);
    if (row !== null) rows.push(parseRow(context, row));
  }
  return { rows, count };
}

function goodEntries(rows: readonly ParsedRow[], problems: Problems): readonly RosterEntry[] {
  return rows.flatMap((row) => (row.entry === null || problems.isBad(row.row) ? [] : [row.entry]));
}

/** Accepting errors must not turn a broken file into an empty roster (safety A1). */
function nobodyLeft(fileName: string, problems: Problems): AppError {
  const first = problems.errors()[0];
  const example = first === undefined ? "" : `; the first: ${problemText(first)}`;
  return new AppError(
    "bad_input",
    `${fileName}: not one row is without an error, so nothing can be imported${example}`,
  );
}

/**
 * Reads a file of people: bytes, rows, columns, every row checked, then the rows against each other. Throws `bad_input` or
 * `config` for what stops the whole file; faults of rows come back with row and column.
 */
export async function readPeople(
  input: FileInput,
  profile: PeopleProfile,
  options: ReadOptions,
): Promise<PeopleReading> {
  const format = checkedFormat(options);
  checkZone(options);
  const file = await readBytes(input, options.limits.bytes, options.signal);
  const grid = await openGrid(file, options);
  const mapping = mapColumns({
    fileName: file.fileName,
    source: options.name,
    header: grid.header,
    configured: options.columns,
    known: profile.headers,
  });
  const problems = problemList(new Map(mapping.uses.map((use) => [use.field, use.column])), options.limits.errors);
  for (const note of grid.notes) problems.warn(0, null, note);
  const hasKey = mapping.index.has("key");
  if (!hasKey) {
    problems.warn(
      0,
      null,
      "no column with an employee id was found: people are told apart by their address, so a new address looks like a leaver and a new person; map columns.key",
    );
  }
  const words = statusWords(profile, options);
  const context: RowContext = {
    index: mapping.index,
    defaultZone: options.defaultZone,
    now: options.now,
    format,
    words,
    problems,
    zones: new Map(),
    repeated: new Map(),
    dates: new Map(),
  };
  const { rows, count } = collect(grid, context, problems);
  checkKeys(rows, hasKey, problems);
  checkAddresses(goodEntries(rows, problems), problems);
  const good = goodEntries(rows, problems);
  checkAliases(good, problems);
  if (good.length === 0 && options.acceptErrors) throw nobodyLeft(file.fileName, problems);
  return {
    entries: problems.errorCount === 0 || options.acceptErrors ? good : [],
    goodRows: good.length,
    rows: count,
    errors: problems.errors(),
    errorCount: problems.errorCount,
    warnings: problems.warnings(),
    warningCount: problems.warningCount,
    columns: mapping.uses,
    unused: mapping.unused,
    sha256: sha256Hex(file.bytes),
    format: grid.format,
  };
}
