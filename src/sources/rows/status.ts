import { toIso, type PlainDate } from "../../kernel/dates.ts";
import type { EmploymentStatus } from "../../model/person.ts";
import type { Problems } from "./problems.ts";
import { UNCLEAR_STATUSES } from "./status.data.ts";

/** Lower case, letters and digits, one space between words. */
export function foldStatus(word: string): string {
  return word
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

export interface StatusWords {
  readonly known: ReadonlyMap<string, EmploymentStatus>;
  /** Whether words that mean different things in different systems need a last day beside them. */
  readonly unclear: boolean;
}

export interface Dates {
  readonly startDate: PlainDate | null;
  readonly lastDay: PlainDate | null;
  /** Epoch milliseconds. */
  readonly accessEndsAt: number | null;
}

interface StatusInput {
  readonly row: number;
  /** Word of the status column; null when the file has none. */
  readonly word: string | null;
  readonly dates: Dates;
  readonly today: PlainDate;
  readonly now: number;
  readonly words: StatusWords;
  readonly problems: Problems;
}

export interface StatusResult {
  readonly status: EmploymentStatus;
  readonly dates: Dates;
}

function fromDates(input: StatusInput): EmploymentStatus {
  const { dates, now, today } = input;
  if (dates.accessEndsAt !== null && dates.accessEndsAt <= now) return "terminated";
  return dates.startDate !== null && dates.startDate > today ? "future" : "active";
}

/** What the status column's word means; null after an error. */
function fromWord(input: StatusInput, word: string): EmploymentStatus | null {
  const { words, dates, now, row, problems } = input;
  const folded = foldStatus(word);
  if (folded === "") {
    problems.error(row, "status", "the status is empty; write one (active, leave, terminated, future)");
    return null;
  }
  const known = words.known.get(folded);
  if (known !== undefined) return known;
  if (words.unclear && UNCLEAR_STATUSES.includes(folded)) {
    if (dates.accessEndsAt !== null && dates.accessEndsAt <= now) return "terminated";
    problems.error(
      row,
      "status",
      `"${word}" means "has left" in some systems and "on leave" in others, and no last day that has passed stands beside it; write Terminated or Leave, or give the last day`,
    );
    return null;
  }
  const examples = ["Active", "Leave", "Terminated", "Future hire"].join(", ");
  problems.error(
    row,
    "status",
    `"${word.slice(0, 60)}" is not a known status; write one of ${examples}, or map another column`,
  );
  return null;
}

/** An employment that began again after the last day that is still written: the last day belongs to the one before. */
function isRehire(dates: Dates): boolean {
  return dates.startDate !== null && dates.lastDay !== null && dates.startDate > dates.lastDay;
}

function onDate(at: number): string {
  return `${toIso(at).slice(0, 16).replace("T", " ")} UTC`;
}

/**
 * Employment status and dates that agree: a last day or end of access decides over the word beside it, in both
 * directions, and says so. Null when the row cannot be understood; then an error was added.
 */
export function settleStatus(input: StatusInput): StatusResult | null {
  const { row, problems, dates, now, today } = input;
  const said = input.word === null ? null : fromWord(input, input.word);
  if (input.word !== null && said === null) return null;
  if (isRehire(dates)) {
    if (said === null || said === "terminated") {
      problems.error(
        row,
        "lastDay",
        `the last day ${dates.lastDay} is before the first day ${dates.startDate}; correct one of them`,
      );
      return null;
    }
    problems.warn(
      row,
      "lastDay",
      `the last day ${dates.lastDay} is before the first day ${dates.startDate}: taken as that of an earlier employment`,
    );
    const again = { startDate: dates.startDate, lastDay: null, accessEndsAt: null };
    return settleStatus({ ...input, dates: again });
  }
  if (said === null) return { status: fromDates(input), dates };
  const ends = dates.accessEndsAt;
  if (ends !== null && ends > now && said === "terminated") {
    problems.warn(
      row,
      "status",
      `the status is "${input.word}" but access ends at ${onDate(ends)}: it ends then, not now`,
    );
    return { status: "active", dates };
  }
  if (ends !== null && ends <= now && said !== "terminated") {
    problems.warn(
      row,
      "status",
      `the status is "${input.word}" but access ended at ${onDate(ends)}: taken as left; clear the last day if that is wrong`,
    );
    return { status: "terminated", dates };
  }
  const notYet = said === "active" && dates.startDate !== null && dates.startDate > today;
  return { status: notYet ? "future" : said, dates };
}
