import type { RosterEntry, EmploymentStatus } from "../model/person.ts";

/** What a column of a file of people can hold. */
export type Field =
  | "key"
  | "email"
  | "aliases"
  | "givenName"
  | "familyName"
  | "displayName"
  | "status"
  | "startDate"
  | "lastDay"
  | "accessEnd"
  | "zone"
  | "department"
  | "title"
  | "office"
  | "workerType"
  | "manager"
  | "phone";

export const FIELDS: readonly Field[] = [
  "key",
  "email",
  "aliases",
  "givenName",
  "familyName",
  "displayName",
  "status",
  "startDate",
  "lastDay",
  "accessEnd",
  "zone",
  "department",
  "title",
  "office",
  "workerType",
  "manager",
  "phone",
];

/** A file by its path, or its bytes with the name to show in messages. */
export type FileInput = { readonly path: string } | { readonly bytes: Uint8Array; readonly fileName: string };

export interface FileLimits {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Bytes that a spreadsheet may hold once unpacked. */
  readonly unpackedBytes: number;
  readonly rows: number;
  readonly columns: number;
  /** Errors that are kept with their text; more are only counted. */
  readonly errors: number;
}

const FILE_LIMITS: FileLimits = {
  bytes: 50 * 1024 * 1024,
  unpackedBytes: 200 * 1024 * 1024,
  rows: 500_000,
  columns: 500,
  errors: 1000,
};

export interface ReadOptions {
  /** Name of the source in the configuration, for messages. */
  readonly name: string;
  /** Field → header in the file, where it is not found by itself. */
  readonly columns: Readonly<Record<string, string>>;
  /** IANA name: the zone of people whose row names none. */
  readonly defaultZone: string;
  /** Epoch milliseconds: what "has ended" and "has not started" mean. */
  readonly now: number;
  /** How the file writes dates (`MM/DD/YYYY`, `DD.MM.YYYY` …); null: only forms that cannot be misread. */
  readonly dateFormat: string | null;
  /** Words of the file's status column beyond the known ones. */
  readonly statuses: Readonly<Record<string, EmploymentStatus>>;
  /** Sheet of a workbook; null: the first. */
  readonly sheet: string | null;
  /** Give the good rows of a file with errors. */
  readonly acceptErrors: boolean;
  readonly limits: FileLimits;
  readonly signal: AbortSignal | null;
}

/** What most callers want; spread it and give name, zone and time. */
export const READ_DEFAULTS: Omit<ReadOptions, "name" | "defaultZone" | "now"> = {
  columns: {},
  dateFormat: null,
  statuses: {},
  sheet: null,
  acceptErrors: false,
  limits: FILE_LIMITS,
  signal: null,
};

/** A fault of one row, or of the file as a whole. */
export interface RowProblem {
  /** Row of the file as a spreadsheet numbers it, 1 being the header; 0: the file as a whole. */
  readonly row: number;
  /** Header of the column, or null when it is not about one. */
  readonly column: string | null;
  readonly field: Field | null;
  /** What is wrong and what to do, without the place. */
  readonly message: string;
}

/** How a field was found, for the person who has to trust the import. */
export interface ColumnUse {
  readonly field: Field;
  /** Header as the file writes it. */
  readonly column: string;
  /** Place in the file, 1 being the first column. */
  readonly position: number;
  /** `configured` by `columns`, or `known` by its name. */
  readonly by: "configured" | "known";
}

/** What was read of a file of people. */
export interface PeopleReading {
  /** Checked people. Empty when there are errors, unless the caller accepted them. */
  readonly entries: readonly RosterEntry[];
  /** People whose rows have no error, given or not. */
  readonly goodRows: number;
  /** Rows with something in them, without the header. */
  readonly rows: number;
  /** At most `limits.errors`, in the order of the rows. */
  readonly errors: readonly RowProblem[];
  readonly errorCount: number;
  readonly warnings: readonly RowProblem[];
  readonly warningCount: number;
  readonly columns: readonly ColumnUse[];
  /** Headers that were not used. */
  readonly unused: readonly string[];
  /** SHA-256 of the file's bytes, in hex. */
  readonly sha256: string;
  readonly format: "csv" | "xlsx" | "json";
}

/** `row 12, column "Termination Date": …`: one line for people. */
export function problemText(problem: RowProblem): string {
  const column = problem.column === null ? "" : `column "${problem.column}"`;
  const row = problem.row === 0 ? "" : `row ${problem.row}`;
  const place = [row, column].filter((part) => part !== "").join(", ");
  return place === "" ? problem.message : `${place}: ${problem.message}`;
}
