import { daysOfMonth, plainDate, wallClockOfSerial, type WallClock } from "../../kernel/calendar.ts";
import { parseIso, parsePlainDate, type PlainDate } from "../../kernel/dates.ts";
import type { Cell } from "../file/grid.ts";

/** What a date cell says: a day, perhaps with a time on the wall, or an instant. `none`: no date. */
export type DateRead =
  | { readonly kind: "none" }
  | { readonly kind: "day"; readonly date: PlainDate; readonly minutes: number | null }
  /** `midnight`: written as the first instant of `date`, which in most exports means the day and no time. */
  | { readonly kind: "instant"; readonly at: number; readonly date: PlainDate; readonly midnight: boolean }
  | { readonly kind: "time"; readonly minutes: number }
  | { readonly kind: "fault"; readonly message: string };

/** How a file writes days with digits, as the configuration names it. */
export interface DateFormat {
  readonly text: string;
  readonly pattern: RegExp;
  readonly order: readonly ("year" | "month" | "day")[];
}

const NONE: DateRead = { kind: "none" };
/** Days that systems write for "never". */
const NEVER = new Set(["9999-12-31", "12/31/9999", "31/12/9999", "31.12.9999", "0000-00-00", "2999-12-31"]);
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH_NAMES = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** A format such as `MM/DD/YYYY`; null when it is none. */
export function parseDateFormat(text: string): DateFormat | null {
  const match = /^(YYYY|MM?|DD?)([-/. ])(YYYY|MM?|DD?)\2(YYYY|MM?|DD?)$/.exec(text.toUpperCase());
  if (match === null) return null;
  const separator = match[2] ?? "";
  const parts = [match[1] ?? "", match[3] ?? "", match[4] ?? ""];
  const order = parts.map((part) => (part.startsWith("Y") ? "year" : part.startsWith("M") ? "month" : "day"));
  if (new Set(order).size !== 3) return null;
  const digits = order.map((part) => (part === "year" ? "(\\d{4})" : "(\\d{1,2})"));
  return { text, pattern: new RegExp(`^${digits.join(`\\${separator}`)}$`), order };
}

function fault(message: string): DateRead {
  return { kind: "fault", message };
}

/** A day by its numbers, or the reason why the calendar has none (safety A12: never a day rolled over). */
function day(text: string, year: number, month: number, dayOfMonth: number, minutes: number | null): DateRead {
  const date = plainDate(year, month, dayOfMonth);
  if (date !== null) return { kind: "day", date, minutes };
  const days = daysOfMonth(year, month);
  if (days === 0) return fault(`"${text}" is not a day: there is no month ${month}; correct the cell`);
  if (dayOfMonth < 1 || dayOfMonth > days) {
    return fault(`"${text}" is not a day: ${MONTH_NAMES[month - 1]} ${year} has ${days} days; correct the cell`);
  }
  return fault(`"${text}" is not a day of employment: the year must be from 1900 to 2200; correct the cell`);
}

/** Minutes since midnight of `17:00`, `17:00:00` or `5:00 PM`; null for anything else. */
export function parseTime(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?:\s*([ap])\.?m\.?)?$/i.exec(text);
  if (match === null) return null;
  let hour = Number(match[1]);
  const minute = Number(match[2]);
  const half = match[3]?.toLowerCase();
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half === "p" ? 12 : 0);
  }
  return hour > 23 || minute > 59 ? null : hour * 60 + minute;
}

const ISO_DAY = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/;
const DAY_MONTH_NAME = /^(\d{1,2})[-\s.]*([a-z]{3,9})\.?[-\s,.]*(\d{4})$/i;
const MONTH_NAME_DAY = /^([a-z]{3,9})\.?[-\s]*(\d{1,2})(?:st|nd|rd|th)?[-\s,]+(\d{4})$/i;
const DIGITS = /^(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})$/;

function monthByName(name: string): number {
  const at = MONTHS.indexOf(name.slice(0, 3).toLowerCase());
  const full = MONTH_NAMES[at]?.toLowerCase() ?? "";
  return at !== -1 && (name.length === 3 || full.startsWith(name.toLowerCase()) || name.toLowerCase() === "sept")
    ? at + 1
    : 0;
}

function byName(text: string, minutes: number | null): DateRead | null {
  const first = DAY_MONTH_NAME.exec(text);
  if (first !== null && monthByName(first[2] ?? "") > 0) {
    return day(text, Number(first[3]), monthByName(first[2] ?? ""), Number(first[1]), minutes);
  }
  const second = MONTH_NAME_DAY.exec(text);
  if (second !== null && monthByName(second[1] ?? "") > 0) {
    return day(text, Number(second[3]), monthByName(second[1] ?? ""), Number(second[2]), minutes);
  }
  return null;
}

function byFormat(text: string, format: DateFormat, minutes: number | null): DateRead | null {
  const match = format.pattern.exec(text);
  if (match === null) return null;
  const part = (name: "year" | "month" | "day"): number => Number(match[format.order.indexOf(name) + 1]);
  return day(text, part("year"), part("month"), part("day"), minutes);
}

/** Why digits alone cannot be read, with the setting that says how. */
function ambiguous(text: string, match: RegExpExecArray): DateRead {
  const [first, second, last] = [Number(match[1]), Number(match[3]), match[4] ?? ""];
  const separator = match[2] ?? "/";
  if (last.length !== 4) {
    return fault(`"${text}" has no year of four digits; write the day as YYYY-MM-DD`);
  }
  const names = [`MM${separator}DD${separator}YYYY`, `DD${separator}MM${separator}YYYY`];
  const fits = first > 12 ? names.slice(1) : second > 12 ? names.slice(0, 1) : names;
  const ask = `set dateFormat: "${fits.join('" or "')}" for this source, or write the day as YYYY-MM-DD`;
  return fault(
    fits.length === 2
      ? `"${text}" can be read as two different days; ${ask}`
      : `"${text}" is not written as YYYY-MM-DD; ${ask}`,
  );
}

/** The day in front and the time behind, where a cell has both. */
function splitTime(text: string): { readonly date: string; readonly minutes: number | null } {
  const match = /^(\S.*?)(?:T|[ ,]+)(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?)$/i.exec(text);
  const minutes = match === null ? null : parseTime((match[2] ?? "").trim());
  return match === null || minutes === null ? { date: text, minutes: null } : { date: match[1] ?? text, minutes };
}

function readText(text: string, format: DateFormat | null): DateRead {
  const plain = parsePlainDate(text);
  if (plain !== null) return { kind: "day", date: plain, minutes: null };
  if (NEVER.has(text) || text.startsWith("9999-12-31")) return NONE;
  const at = parseIso(text);
  const written = at === null ? null : parsePlainDate(text.slice(0, 10));
  if (at !== null && written !== null) {
    return { kind: "instant", at, date: written, midnight: /T00:00(?::00(?:\.0+)?)?(?:Z|[+-])/.test(text) };
  }
  const time = parseTime(text);
  if (time !== null) return { kind: "time", minutes: time };
  const { date, minutes } = splitTime(text);
  if (NEVER.has(date)) return NONE;
  const configured = format === null ? null : byFormat(date, format, minutes);
  if (configured !== null) return configured;
  const iso = ISO_DAY.exec(date);
  if (iso !== null) return day(text, Number(iso[1]), Number(iso[2]), Number(iso[3]), minutes);
  const named = byName(date, minutes);
  if (named !== null) return named;
  const digits = DIGITS.exec(date);
  if (digits !== null && format === null) return ambiguous(text, digits);
  const wanted = format === null ? "YYYY-MM-DD" : `${format.text} or YYYY-MM-DD`;
  return fault(`"${text.slice(0, 60)}" is not a date; write it as ${wanted}`);
}

function fromWall(wall: WallClock): DateRead {
  if (NEVER.has(wall.date)) return NONE;
  return { kind: "day", date: wall.date, minutes: wall.minutes === 0 ? null : wall.minutes };
}

/**
 * What a cell says of a day. Forms that can be misread (03/08/2026) are refused unless `format` says how the file writes
 * them (safety A13); days that do not exist are refused (safety A12). `text` is the cell's cleaned text.
 */
export function readDate(cell: Cell, text: string, format: DateFormat | null): DateRead {
  if (typeof cell === "string") return text === "" ? NONE : readText(text, format);
  switch (cell.kind) {
    case "date":
      return fromWall(cell.wall);
    case "number": {
      const wall = wallClockOfSerial(Number(cell.text));
      return wall === null
        ? fault(`${cell.text} is a number, not a date; format the column as a date in the sheet, or write YYYY-MM-DD`)
        : fromWall(wall);
    }
  }
}
