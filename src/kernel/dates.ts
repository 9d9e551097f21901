import { AppError } from "./errors.ts";

/** A day of the calendar, `YYYY-MM-DD`, without a time or a zone. */
export type PlainDate = string & { readonly plainDate: true };

/** ISO 8601 in UTC with milliseconds, as all times leave the product. */
export function toIso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** For libraries that ask for a `Date`; the product itself keeps epoch milliseconds. */
export function toDate(epochMs: number): Date {
  return new Date(epochMs);
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Epoch milliseconds of an ISO 8601 time with an offset; null when it is not one or names a day that does not exist. */
export function parseIso(text: string): number | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match;
  if (parsePlainDate(`${year}-${month}-${day}`) === null) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** A calendar day that exists, or null: 2026-02-30 is null, never silently 2 March (safety A12). Only `YYYY-MM-DD` is taken. */
export function parsePlainDate(text: string): PlainDate | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < 1900 || year > 2200 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return text as PlainDate;
}

export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

interface WallTime {
  readonly date: PlainDate;
  readonly minutes: number;
}

/** What a clock on the wall shows in `zone` at that instant. */
export function wallTime(epochMs: number, zone: string): WallTime {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(epochMs);
  const get = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  return {
    date: `${get("year")}-${get("month")}-${get("day")}` as PlainDate,
    minutes: Number(get("hour")) * 60 + Number(get("minute")),
  };
}

/**
 * The first instant of that local day in `zone`, in epoch milliseconds; where local midnight does not exist
 * (a clock change at midnight), the first instant that does (safety A15).
 */
export function startOfDay(date: PlainDate, zone: string): number {
  const utcMidnight = Date.parse(`${date}T00:00:00Z`);
  if (!isZone(zone))
    throw new AppError("bad_input", `unknown time zone ${zone}: use an IANA name such as Europe/Berlin`);
  // The day begins between 15 h before and 15 h after UTC midnight; look for the first minute that shows this date.
  let low = utcMidnight - 15 * 3_600_000;
  let high = utcMidnight + 15 * 3_600_000;
  while (high - low > 60_000) {
    const middle = low + Math.floor((high - low) / 120_000) * 60_000;
    if (wallTime(middle, zone).date >= date) high = middle;
    else low = middle;
  }
  return high;
}

export function addDays(date: PlainDate, days: number): PlainDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10) as PlainDate;
}

/** The first instant after that local day: when access that "ends that day" ends (safety A14). */
export function endOfDay(date: PlainDate, zone: string): number {
  return startOfDay(addDays(date, 1), zone);
}

/** The form of the `Date` header (RFC 9110): `Fri, 20 Nov 2026 22:00:00 GMT`. */
export function toHttpDate(epochMs: number): string {
  return new Date(epochMs).toUTCString();
}

const MONTHS: readonly string[] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** RFC 9110: the form in use, and the two old ones that a recipient must still read. */
const IMF_DATE = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const RFC850_DATE = /^[A-Z][a-z]{5,8}, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

/** Epoch milliseconds of an HTTP date; null when it is not one or names a day or hour that does not exist. */
export function parseHttpDate(text: string): number | null {
  const trimmed = text.trim();
  const asctime = ASCTIME_DATE.exec(trimmed);
  const match =
    asctime === null
      ? (IMF_DATE.exec(trimmed) ?? RFC850_DATE.exec(trimmed))
      : ["", asctime[2], asctime[1], asctime[6], asctime[3], asctime[4], asctime[5]];
  if (match === null) return null;
  const [, day, monthName, yearText = "", hour, minute, second] = match;
  const month = MONTHS.indexOf(monthName ?? "");
  const shortYear = Number(yearText) < 70 ? 2000 : 1900;
  const year = Number(yearText) + (yearText.length === 2 ? shortYear : 0);
  if (month < 0 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  if (Number(day) < 1 || Number(day) > daysInMonth(year, month + 1)) return null;
  return Date.UTC(year, month, Number(day), Number(hour), Number(minute), Math.min(59, Number(second)));
}
