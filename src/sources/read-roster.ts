import { ROSTER_HEADERS } from "./columns/headers.data.ts";
import type { FileInput, PeopleReading, ReadOptions } from "./reading.ts";
import { readPeople } from "./rows/read-people.ts";
import { ROSTER_STATUSES } from "./rows/status.data.ts";

/**
 * Reads HR's roster: CSV (RFC 4180; comma, semicolon, tab or bar), XLSX, or a JSON array, told apart by content.
 *
 * Throws `bad_input` for what stops the whole file, each with a next step: unreadable, too large, of another kind, not
 * UTF-8, empty or a header only (safety A1), a column that is configured and not there, a needed column missing. Throws
 * `config` for a zone or date format that is none. Faults of rows (safety A10 to A13) come back in `errors`, each with row
 * and column; then `entries` is empty unless `acceptErrors`.
 */
export async function readRoster(input: FileInput, options: ReadOptions): Promise<PeopleReading> {
  return readPeople(input, { headers: ROSTER_HEADERS, statuses: ROSTER_STATUSES, unclearStatuses: true }, options);
}
