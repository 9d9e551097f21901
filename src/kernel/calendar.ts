import { AppError } from "./errors.ts";
import { addDays, isZone, parsePlainDate, startOfDay, type PlainDate } from "./dates.ts";

/** A day and the minutes since its midnight on a wall clock, without a zone. */
export interface WallClock {
  readonly date: PlainDate;
  readonly minutes: number;
}

/** How many days a month has; 0 when there is no such month. */
export function daysOfMonth(year: number, month: number): number {
  return month < 1 || month > 12 ? 0 : new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The day of these numbers, or null when the calendar has no such day (safety A12). */
export function plainDate(year: number, month: number, day: number): PlainDate | null {
  const pad = (value: number, length: number): string => String(value).padStart(length, "0");
  return parsePlainDate(`${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`);
}

/** What a spreadsheet library hands out as a date object (midnight UTC = the day), as a wall clock; null for anything else. */
export function wallClockOfCell(value: unknown): WallClock | null {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return null;
  // A serial number is a fraction of a day: rounding to the minute takes back what the fraction lost.
  const minutes = Math.round(value.getTime() / 60_000);
  const date = parsePlainDate(new Date(minutes * 60_000).toISOString().slice(0, 10));
  return date === null ? null : { date, minutes: ((minutes % 1440) + 1440) % 1440 };
}

/** The wall clock of a spreadsheet's serial day number (1900 system: 45981 is 2025-11-20); null outside 1954 to 2119. */
export function wallClockOfSerial(serial: number): WallClock | null {
  if (!(serial >= 20_000 && serial < 80_500)) return null;
  return wallClockOfCell(new Date(Math.round((serial - 25_569) * 1440) * 60_000));
}

/** The days of one zone. Built once per zone and use, because making the platform's formatter is what costs. */
export interface ZoneDays {
  readonly zone: string;
  /** First instant of that local day, in epoch milliseconds (as `startOfDay` of dates.ts). */
  start(date: PlainDate): number;
  /** First instant after that local day: when access that ends that day ends (safety A14). */
  end(date: PlainDate): number;
  /** The instant at which a wall clock there shows this; where a clock change skips it, the first instant after the gap. */
  instant(wall: WallClock): number;
  /** What a wall clock there shows. */
  wall(epochMs: number): WallClock;
}

/** Throws `bad_input` for an unknown zone. Remembers at most `remember` days. */
export function zoneDays(zone: string, remember = 20_000): ZoneDays {
  if (!isZone(zone))
    throw new AppError("bad_input", `unknown time zone ${zone}: use an IANA name such as Europe/Berlin`);
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const known = new Map<PlainDate, number>();
  const wall = (epochMs: number): WallClock => {
    const parts: Record<string, string> = {};
    for (const part of format.formatToParts(epochMs)) parts[part.type] = part.value;
    return {
      date: `${parts["year"]}-${parts["month"]}-${parts["day"]}` as PlainDate,
      minutes: Number(parts["hour"]) * 60 + Number(parts["minute"]),
    };
  };
  const asUtc = (clock: WallClock): number => Date.parse(`${clock.date}T00:00:00Z`) + clock.minutes * 60_000;
  const instant = (clock: WallClock): number => {
    const wanted = asUtc(clock);
    // The offset at the wanted time, then once more at the time found with it: enough for any single change of clocks.
    const first = wanted - (asUtc(wall(wanted)) - wanted);
    const second = wanted - (asUtc(wall(first)) - first);
    return asUtc(wall(second)) === wanted ? second : Math.max(first, second);
  };
  const start = (date: PlainDate): number => {
    const before = known.get(date);
    if (before !== undefined) return before;
    const guess = instant({ date, minutes: 0 });
    const here = wall(guess);
    const exact = here.date === date && here.minutes === 0 && wall(guess - 60_000).date < date;
    const found = exact ? guess : startOfDay(date, zone);
    if (known.size < remember) known.set(date, found);
    return found;
  };
  return { zone, wall, instant, start, end: (date) => start(addDays(date, 1)) };
}
