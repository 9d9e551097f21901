import assert from "node:assert/strict";
import { test } from "node:test";
import { wallClockOfCell, wallClockOfSerial } from "../../kernel/calendar.ts";
import { parseIso, toDate, toIso } from "../../kernel/dates.ts";
import { parseDateFormat, parseTime, readDate, type DateRead } from "./dates.ts";

function read(text: string, format: string | null = null): DateRead {
  return readDate(text, text, format === null ? null : parseDateFormat(format));
}

function dayOf(text: string, format: string | null = null): string {
  const result = read(text, format);
  return result.kind === "day" ? result.date : result.kind === "fault" ? `fault: ${result.message}` : result.kind;
}

test("[A12] a day that the calendar does not have is refused and never rolled over", () => {
  assert.equal(dayOf("2026-02-30"), 'fault: "2026-02-30" is not a day: February 2026 has 28 days; correct the cell');
  assert.equal(dayOf("2024-02-29"), "2024-02-29");
  assert.match(dayOf("2023-02-29"), /February 2023 has 28 days/);
  assert.match(dayOf("2026-13-01"), /there is no month 13/);
  assert.match(dayOf("31 June 2026"), /June 2026 has 30 days/);
  assert.match(dayOf("02/30/2026", "MM/DD/YYYY"), /February 2026 has 28 days/);
  assert.match(dayOf("1826-01-01"), /the year must be from 1900 to 2200/);
});

test("[A13] digits that can be read as two days are refused, with the setting that settles it", () => {
  assert.match(dayOf("03/08/2026"), /two different days; set dateFormat: "MM\/DD\/YYYY" or "DD\/MM\/YYYY"/);
  assert.match(dayOf("13/08/2026"), /set dateFormat: "DD\/MM\/YYYY"/);
  assert.match(dayOf("08/13/2026"), /set dateFormat: "MM\/DD\/YYYY"/);
  assert.match(dayOf("03.08.2026"), /dateFormat: "MM.DD.YYYY" or "DD.MM.YYYY"/);
  assert.match(dayOf("03/08/26"), /no year of four digits/);
});

test("[A13] a configured format reads them, and only as it says", () => {
  assert.equal(dayOf("03/08/2026", "MM/DD/YYYY"), "2026-03-08");
  assert.equal(dayOf("03/08/2026", "DD/MM/YYYY"), "2026-08-03");
  assert.equal(dayOf("3.8.2026", "DD.MM.YYYY"), "2026-08-03");
  assert.match(dayOf("13/08/2026", "MM/DD/YYYY"), /there is no month 13/);
  assert.equal(dayOf("2026-08-03", "MM/DD/YYYY"), "2026-08-03");
  assert.equal(parseDateFormat("MM/YYYY"), null);
  assert.equal(parseDateFormat("MM/MM/YYYY"), null);
});

test("forms that cannot be misread are taken", () => {
  for (const text of ["2026-11-20", "2026/11/20", "20 Nov 2026", "20-Nov-2026", "November 20, 2026", "Nov 20 2026"]) {
    assert.equal(dayOf(text), "2026-11-20", text);
  }
  assert.match(dayOf("20 Foo 2026"), /is not a date; write it as YYYY-MM-DD/);
  assert.match(dayOf("soon"), /"soon" is not a date/);
});

test("what systems write for never is no date", () => {
  for (const text of ["", "9999-12-31", "12/31/9999", "0000-00-00", "9999-12-31T00:00:00Z"]) {
    assert.equal(dayOf(text), "none", text);
  }
});

test("a time beside the day, an instant and a time alone are told apart", () => {
  assert.deepEqual(read("2026-11-20 17:30"), { kind: "day", date: "2026-11-20", minutes: 1050 });
  assert.deepEqual(read("20 Nov 2026 5:30 PM"), { kind: "day", date: "2026-11-20", minutes: 1050 });
  assert.deepEqual(read("17:00"), { kind: "time", minutes: 1020 });
  const instant = read("2026-11-20T17:00:00-08:00");
  assert.equal(instant.kind === "instant" ? toIso(instant.at) : null, "2026-11-21T01:00:00.000Z");
  const midnight = read("2026-11-20T00:00:00.000Z");
  assert.equal(midnight.kind === "instant" && midnight.midnight ? midnight.date : null, "2026-11-20");
});

test("times of day", () => {
  assert.equal(parseTime("00:00"), 0);
  assert.equal(parseTime("12:15 am"), 15);
  assert.equal(parseTime("12:15 p.m."), 735);
  assert.equal(parseTime("24:00"), null);
  assert.equal(parseTime("13:00 PM"), null);
  assert.equal(parseTime("9"), null);
});

test("a date cell of a sheet is its day; a bare number is a serial day when it can be one", () => {
  const wall = wallClockOfCell(toDate(parseIso("2026-11-20T00:00:00Z") ?? 0));
  assert.ok(wall !== null);
  assert.deepEqual(readDate({ kind: "date", wall }, "", null), { kind: "day", date: "2026-11-20", minutes: null });
  assert.deepEqual(readDate({ kind: "number", text: "46346" }, "", null), {
    kind: "day",
    date: "2026-11-20",
    minutes: null,
  });
  assert.deepEqual(wallClockOfSerial(46346.5), { date: "2026-11-20", minutes: 720 });
  const small = readDate({ kind: "number", text: "20" }, "", null);
  assert.match(small.kind === "fault" ? small.message : "", /20 is a number, not a date/);
});
