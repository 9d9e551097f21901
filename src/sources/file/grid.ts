import type { WallClock } from "../../kernel/calendar.ts";

/** A cell: text, or a date that a spreadsheet kept as one. `serial` marks a bare number of a spreadsheet. */
export type Cell = string | SheetDate | SheetNumber;

export interface SheetDate {
  readonly kind: "date";
  readonly wall: WallClock;
}

export interface SheetNumber {
  readonly kind: "number";
  /** As the sheet writes it: nothing is rounded. */
  readonly text: string;
}

/** A row with something in it. */
export interface GridRow {
  /** As a spreadsheet numbers it: 1 is the first row of the file, empty rows count. */
  readonly row: number;
  readonly cells: readonly Cell[];
}

/** What stops the reading of a file at a row: everything after it would be guesswork. */
export interface GridFault {
  readonly row: number;
  /** 1 being the first column; null when it is about the row. */
  readonly position: number | null;
  readonly message: string;
}

/** A file as rows, whatever its format. The rows are read once, in order. */
export interface Grid {
  readonly format: "csv" | "xlsx" | "json";
  readonly header: readonly string[];
  readonly headerRow: number;
  readonly rows: Iterable<GridRow | GridFault>;
  /** Sentences about the file as a whole. */
  readonly notes: readonly string[];
}

export function isFault(item: GridRow | GridFault): item is GridFault {
  return "message" in item;
}

export function isEmptyCell(cell: Cell): boolean {
  return typeof cell === "string" && (cell === "" || cell.trim() === "");
}

/** A cell as text, for fields that are text. */
export function cellText(cell: Cell): string {
  if (typeof cell === "string") return cell;
  switch (cell.kind) {
    case "number":
      return cell.text;
    case "date":
      return cell.wall.date;
  }
}
