import { zoneDays, type ZoneDays } from "../../kernel/calendar.ts";
import { isZone, toIso, type PlainDate } from "../../kernel/dates.ts";
import { canonicalEmail, isPlainEmail, type EmailKey } from "../../kernel/email.ts";
import type { RosterEntry } from "../../model/person.ts";
import { cellText, type Cell, type GridRow } from "../file/grid.ts";
import type { Field } from "../reading.ts";
import type { DateFormat, DateRead } from "./dates.ts";
import type { Problems } from "./problems.ts";
import { readDates, type DateCell } from "./row-dates.ts";
import { settleStatus, type StatusWords } from "./status.ts";
import { cleanText, isBlank, type CleanText } from "./text.ts";

export interface RowContext {
  /** Field → index of its column. */
  readonly index: ReadonlyMap<Field, number>;
  readonly defaultZone: string;
  readonly now: number;
  readonly format: DateFormat | null;
  readonly words: StatusWords;
  readonly problems: Problems;
  /** Zones met so far; null: no such zone. */
  readonly zones: Map<string, Zone | null>;
  /** Cleaned texts of cells that come again. */
  readonly repeated: Map<string, string>;
  /** What date cells said. */
  readonly dates: Map<string, DateRead>;
}

export interface Zone {
  readonly days: ZoneDays;
  /** The day it is there now. */
  readonly today: PlainDate;
}

/** Fields in which "None", "NA" or "Null" is somebody's name and not an empty cell. */
const NAMES: readonly Field[] = ["key", "email", "givenName", "familyName", "displayName"];

/** Fields in which the same few texts come again and again: each is cleaned and kept once. */
const REPEATED: ReadonlySet<Field> = new Set<Field>(["status", "zone", "department", "title", "office", "workerType"]);
const MOST_REPEATED = 10_000;

/** The text of one field of a row: empty when the file has no such column or the cell says nothing. */
type Take = (field: Field) => string;

function takeText(context: RowContext, row: number, field: Field, cell: Cell): string {
  const { problems } = context;
  const clean: CleanText = cleanText(cellText(cell));
  if (clean.fault !== null) problems.error(row, field, clean.fault);
  if (clean.oddity === "formula") {
    problems.warn(row, field, "the cell looks like a formula; it is kept as text and never run");
  }
  if (clean.oddity === "direction") {
    problems.warn(
      row,
      field,
      "the cell holds signs that turn the writing direction: what is shown may not be what it is",
    );
  }
  return !NAMES.includes(field) && isBlank(clean.text) ? "" : clean.text;
}

function taker(context: RowContext, row: GridRow): Take {
  return (field) => {
    const at = context.index.get(field);
    const cell = at === undefined ? undefined : row.cells[at];
    if (cell === undefined || cell === "") return "";
    if (typeof cell !== "string" || !REPEATED.has(field)) return takeText(context, row.row, field, cell);
    const known = context.repeated.get(cell);
    if (known !== undefined) return known;
    const { warningCount } = context.problems;
    const text = takeText(context, row.row, field, cell);
    // A text that gave reason to say something is looked at again in every row, so that each row is named.
    const quiet = context.problems.warningCount === warningCount && !context.problems.isBad(row.row);
    if (quiet && context.repeated.size < MOST_REPEATED) context.repeated.set(cell, text);
    return text;
  };
}

function findZone(name: string, now: number): Zone | null {
  if (!isZone(name)) return null;
  const days = zoneDays(name);
  return { days, today: days.wall(now).date };
}

function takeZone(context: RowContext, row: number, take: Take): Zone | null {
  const name = take("zone") || context.defaultZone;
  let zone = context.zones.get(name);
  if (zone === undefined) {
    zone = findZone(name, context.now);
    context.zones.set(name, zone);
  }
  if (zone === null) {
    context.problems.error(
      row,
      "zone",
      `"${name.slice(0, 60)}" is not a time zone; write an IANA name such as America/Los_Angeles`,
    );
  }
  return zone;
}

function takeEmail(
  context: RowContext,
  row: number,
  take: Take,
): { readonly text: string; readonly key: EmailKey } | null {
  const text = take("email");
  const { problems } = context;
  if (text === "") {
    problems.error(row, "email", "the e-mail address is empty; give one, or take the row out of the export");
    return null;
  }
  const key = canonicalEmail(text);
  if (key === null) {
    problems.error(row, "email", `"${text.slice(0, 80)}" is not an e-mail address; correct the cell`);
    return null;
  }
  if (!isPlainEmail(key)) {
    problems.warn(
      row,
      "email",
      "the address holds letters beyond plain ASCII, which can look like others: its accounts are only linked by hand",
    );
  }
  return { text, key };
}

function takeAliases(context: RowContext, row: number, take: Take, own: EmailKey): readonly EmailKey[] {
  const text = take("aliases");
  if (text === "") return [];
  const keys = new Set<EmailKey>();
  for (const part of text.split(/[;,|\s]+/)) {
    const address = part.replace(/^smtp:/i, "");
    if (address === "") continue;
    const key = canonicalEmail(address);
    if (key === null)
      context.problems.warn(row, "aliases", `"${address.slice(0, 80)}" is not an e-mail address: left out`);
    else if (key !== own) keys.add(key);
  }
  return [...keys].sort();
}

interface Names {
  readonly givenName: string;
  readonly familyName: string;
  readonly displayName: string;
}

/** Names as HR has them. A full name alone is parted at its comma ("Okafor, Maya") or first space. */
function takeNames(context: RowContext, row: number, take: Take): Names | null {
  const [givenName, familyName, written] = [take("givenName"), take("familyName"), take("displayName")];
  const joined = [givenName, familyName].filter((part) => part !== "").join(" ");
  const comma = /^([^,]+), *([^,]+)$/.exec(written);
  if (joined !== "") {
    return { givenName, familyName, displayName: written === "" || comma !== null ? joined : written };
  }
  if (written === "") {
    const field = context.index.has("displayName") ? "displayName" : "familyName";
    context.problems.error(row, field, "the name is empty; give one");
    return null;
  }
  if (comma !== null) {
    const [family, given] = [(comma[1] ?? "").trim(), (comma[2] ?? "").trim()];
    return { givenName: given, familyName: family, displayName: `${given} ${family}` };
  }
  const space = written.indexOf(" ");
  return space === -1
    ? { givenName: written, familyName: "", displayName: written }
    : { givenName: written.slice(0, space), familyName: written.slice(space + 1), displayName: written };
}

function takeKey(context: RowContext, row: number, take: Take, email: EmailKey | null): string | null {
  if (!context.index.has("key")) return email;
  const key = take("key");
  if (key !== "") return key;
  context.problems.error(
    row,
    "key",
    "the employee id is empty: without it a change of address would look like a leaver and a new person; give it",
  );
  return null;
}

function dateCell(context: RowContext, row: GridRow, take: Take, field: Field): DateCell | null {
  const at = context.index.get(field);
  if (at === undefined) return null;
  const cell: Cell = row.cells[at] ?? "";
  return { cell, text: typeof cell === "string" ? take(field) : "" };
}

function orNull(text: string): string | null {
  return text === "" ? null : text;
}

/** Known by its key even when the rest of the row is faulty, so that a double of it is seen. */
export interface ParsedRow {
  readonly row: number;
  readonly key: string | null;
  readonly entry: RosterEntry | null;
}

/** One row as a person. Every fault is added to the problems with its column; the entry is null when there was one. */
export function parseRow(context: RowContext, row: GridRow): ParsedRow {
  const take = taker(context, row);
  const email = takeEmail(context, row.row, take);
  const key = takeKey(context, row.row, take, email?.key ?? null);
  const names = takeNames(context, row.row, take);
  const zone = takeZone(context, row.row, take);
  if (zone === null) return { row: row.row, key, entry: null };
  const cells = {
    startDate: dateCell(context, row, take, "startDate"),
    lastDay: dateCell(context, row, take, "lastDay"),
    accessEnd: dateCell(context, row, take, "accessEnd"),
  };
  const { problems, format, now, words } = context;
  const dates = readDates({ row: row.row, cells, zone: zone.days, format, problems, known: context.dates });
  const word = context.index.has("status") ? take("status") : null;
  const settled = problems.isBad(row.row)
    ? null
    : settleStatus({ row: row.row, word, dates, today: zone.today, now, words, problems });
  if (email === null || key === null || names === null || settled === null) return { row: row.row, key, entry: null };
  const entry: RosterEntry = {
    key,
    email: email.text,
    emailKey: email.key,
    aliases: takeAliases(context, row.row, take, email.key),
    ...names,
    status: settled.status,
    startDate: settled.dates.startDate,
    lastDay: settled.dates.lastDay,
    accessEndsAt: settled.dates.accessEndsAt === null ? null : toIso(settled.dates.accessEndsAt),
    zone: zone.days.zone,
    department: orNull(take("department")),
    title: orNull(take("title")),
    office: orNull(take("office")),
    workerType: orNull(take("workerType")),
    manager: orNull(take("manager")),
    phone: orNull(take("phone")),
    row: row.row,
  };
  return { row: row.row, key, entry: problems.isBad(row.row) ? null : entry };
}
