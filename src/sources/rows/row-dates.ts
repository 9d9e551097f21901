import type { ZoneDays } from "../../kernel/calendar.ts";
import type { PlainDate } from "../../kernel/dates.ts";
import type { Cell } from "../file/grid.ts";
import { readDate, type DateFormat, type DateRead } from "./dates.ts";
import type { Problems } from "./problems.ts";
import type { Dates } from "./status.ts";

export interface DateCells {
  readonly startDate: DateCell | null;
  readonly lastDay: DateCell | null;
  readonly accessEnd: DateCell | null;
}

export interface DateCell {
  readonly cell: Cell;
  /** The cleaned text of the cell. */
  readonly text: string;
}

interface Input {
  readonly row: number;
  readonly cells: DateCells;
  readonly zone: ZoneDays;
  readonly format: DateFormat | null;
  readonly problems: Problems;
  /** What texts of date cells said so far: the same few thousand days come again and again. */
  readonly known: Map<string, DateRead>;
}

const MOST_KNOWN = 50_000;

type DateField = keyof DateCells;

function readOnce(input: Input, { cell, text }: DateCell): DateRead {
  if (typeof cell !== "string") return readDate(cell, text, input.format);
  const known = input.known.get(text);
  if (known !== undefined) return known;
  const result = readDate(cell, text, input.format);
  if (input.known.size < MOST_KNOWN) input.known.set(text, result);
  return result;
}

function read(input: Input, field: DateField): DateRead {
  const cell = input.cells[field];
  if (cell === null) return { kind: "none" };
  const result = readOnce(input, cell);
  if (result.kind === "fault") input.problems.error(input.row, field, result.message);
  return result;
}

function readStart(input: Input): PlainDate | null {
  const start = read(input, "startDate");
  switch (start.kind) {
    case "day":
      return start.date;
    case "instant":
      return start.midnight ? start.date : input.zone.wall(start.at).date;
    case "time":
      input.problems.error(input.row, "startDate", "this is a time without a day; write the day as YYYY-MM-DD");
      return null;
    case "none":
    case "fault":
      return null;
  }
}

interface End {
  readonly day: PlainDate | null;
  readonly at: number | null;
}

const NO_END: End = { day: null, at: null };

/** A last day ends when the day does, in the person's zone; a time written beside it ends it earlier (safety A14). */
function readLastDay(input: Input): End {
  const { zone } = input;
  const last = read(input, "lastDay");
  switch (last.kind) {
    case "day":
      // 00:00 is what systems write that keep days as times: the whole day is meant.
      return last.minutes === null || last.minutes === 0
        ? { day: last.date, at: zone.end(last.date) }
        : { day: last.date, at: zone.instant({ date: last.date, minutes: last.minutes }) };
    case "instant":
      return last.midnight
        ? { day: last.date, at: zone.end(last.date) }
        : { day: zone.wall(last.at).date, at: last.at };
    case "time":
      input.problems.error(input.row, "lastDay", "this is a time without a day; write the day as YYYY-MM-DD");
      return NO_END;
    case "none":
    case "fault":
      return NO_END;
  }
}

/** The end of access that a column of its own states; it wins over the end of the last day. */
function readAccessEnd(input: Input, last: End): End {
  const { zone } = input;
  const end = read(input, "accessEnd");
  switch (end.kind) {
    case "day":
      return {
        day: last.day ?? end.date,
        at: end.minutes === null ? zone.end(end.date) : zone.instant({ date: end.date, minutes: end.minutes }),
      };
    case "instant":
      return { day: last.day ?? zone.wall(end.at).date, at: end.at };
    case "time":
      if (last.day !== null) return { day: last.day, at: zone.instant({ date: last.day, minutes: end.minutes }) };
      input.problems.error(
        input.row,
        "accessEnd",
        "this is a time, and the row has no last day for it; give the day too",
      );
      return last;
    case "none":
    case "fault":
      return last;
  }
}

/** The dates of a row, in the person's zone. Faults are added to the problems. */
export function readDates(input: Input): Dates {
  const startDate = readStart(input);
  const end = readAccessEnd(input, readLastDay(input));
  return { startDate, lastDay: end.day, accessEndsAt: end.at };
}
