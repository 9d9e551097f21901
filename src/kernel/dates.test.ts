import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDays,
  endOfDay,
  isZone,
  parseIso,
  parsePlainDate,
  startOfDay,
  toIso,
  wallTime,
  type PlainDate,
} from "./dates.ts";

const day = (text: string): PlainDate => {
  const date = parsePlainDate(text);
  assert.ok(date !== null, text);
  return date;
};

test("[A12] a day that does not exist is no date", () => {
  for (const text of [
    "2026-02-30",
    "2026-13-01",
    "2026-00-10",
    "2026-04-31",
    "2025-02-29",
    "26-01-01",
    "2026-1-1",
    "",
  ]) {
    assert.equal(parsePlainDate(text), null, text);
  }
  assert.equal(parsePlainDate("2024-02-29"), "2024-02-29");
});

test("[A14] a last day ends with the local day of the person's zone", () => {
  assert.equal(toIso(endOfDay(day("2026-11-20"), "America/Los_Angeles")), "2026-11-21T08:00:00.000Z");
  assert.equal(toIso(endOfDay(day("2026-11-20"), "Pacific/Kiritimati")), "2026-11-20T10:00:00.000Z");
  assert.equal(toIso(endOfDay(day("2026-11-20"), "Asia/Kathmandu")), "2026-11-20T18:15:00.000Z");
});

test("[A15] where local midnight does not exist the day begins with its first instant", () => {
  for (const [date, zone, wall] of [
    ["2026-04-24", "Africa/Cairo", 60],
    ["2026-09-06", "America/Santiago", 60],
    ["2026-03-29", "Asia/Beirut", 60],
    ["2026-03-29", "Europe/Berlin", 0],
  ] as const) {
    const start = startOfDay(day(date), zone);
    assert.deepEqual(wallTime(start, zone), { date, minutes: wall }, zone);
    assert.notEqual(wallTime(start - 60_000, zone).date, date, zone);
  }
});

test("times are taken only whole and with an offset", () => {
  assert.equal(parseIso("2026-11-20T14:00:00Z"), Date.UTC(2026, 10, 20, 14));
  assert.equal(parseIso("2026-11-20T14:00:00+02:00"), Date.UTC(2026, 10, 20, 12));
  for (const text of [
    "2026-11-20",
    "2026-11-20T14:00:00",
    "2026-02-30T10:00:00Z",
    "2026-11-20T24:30:00Z",
    "yesterday",
  ]) {
    assert.equal(parseIso(text), null, text);
  }
});

test("days are added over month and leap ends; zones are told from words", () => {
  assert.equal(addDays(day("2024-02-28"), 2), "2024-03-01");
  assert.equal(addDays(day("2026-01-01"), -1), "2025-12-31");
  assert.ok(isZone("Europe/Berlin"));
  assert.equal(isZone("Mars/Olympus"), false);
  assert.throws(() => startOfDay(day("2026-01-01"), "Mars/Olympus"), /IANA/);
});
