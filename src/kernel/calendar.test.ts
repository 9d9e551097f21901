import assert from "node:assert/strict";
import { test } from "node:test";
import { daysOfMonth, plainDate, wallClockOfCell, wallClockOfSerial, zoneDays } from "./calendar.ts";
import { addDays, parsePlainDate, startOfDay, toDate, toIso, type PlainDate } from "./dates.ts";
import { isAppError } from "./errors.ts";
import { present } from "./assert.ts";

function date(text: string): PlainDate {
  return present(parsePlainDate(text), text);
}

test("[A15] the start of every local day is the one that is looked for minute by minute, changes of clocks included", () => {
  for (const zone of [
    "Africa/Cairo",
    "America/Santiago",
    "Asia/Beirut",
    "Atlantic/Azores",
    "America/Havana",
    "Pacific/Apia",
  ]) {
    const days = zoneDays(zone);
    for (let day = date("2026-03-01"), count = 0; count < 60; count += 1, day = addDays(day, 4)) {
      assert.equal(days.start(day), startOfDay(day, zone), `${zone} ${day}`);
    }
  }
  assert.equal(toIso(zoneDays("Africa/Cairo").start(date("2026-04-24"))), "2026-04-23T22:00:00.000Z");
  assert.equal(toIso(zoneDays("America/Santiago").start(date("2026-09-06"))), "2026-09-06T04:00:00.000Z");
});

test("[A14] a day ends where the next one starts, in the zone that is asked", () => {
  assert.equal(toIso(zoneDays("America/Los_Angeles").end(date("2026-11-20"))), "2026-11-21T08:00:00.000Z");
  assert.equal(toIso(zoneDays("Pacific/Kiritimati").end(date("2026-11-20"))), "2026-11-20T10:00:00.000Z");
});

test("a time on the wall is an instant; one that a change of clocks skips is the first after the gap, one that comes twice the first", () => {
  const oakland = zoneDays("America/Los_Angeles");
  const at = (day: string, minutes: number): string => toIso(oakland.instant({ date: date(day), minutes }));
  assert.equal(at("2026-11-20", 17 * 60), "2026-11-21T01:00:00.000Z");
  assert.equal(at("2026-03-08", 150), "2026-03-08T10:30:00.000Z");
  assert.equal(at("2026-11-01", 90), "2026-11-01T08:30:00.000Z");
  // Just after a change: the offset of the wall time taken as UTC is not the one that holds.
  assert.equal(at("2026-03-08", 4 * 60), "2026-03-08T11:00:00.000Z");
  assert.equal(
    toIso(zoneDays("Asia/Tokyo").instant({ date: date("2026-01-01"), minutes: 60 })),
    "2025-12-31T16:00:00.000Z",
  );
  assert.equal(
    toIso(zoneDays("Europe/Berlin").instant({ date: date("2026-03-29"), minutes: 200 })),
    "2026-03-29T01:20:00.000Z",
  );
});

test("the wall clock of an instant", () => {
  assert.deepEqual(zoneDays("Asia/Kathmandu").wall(startOfDay(date("2026-11-20"), "UTC")), {
    date: "2026-11-20",
    minutes: 345,
  });
});

test("an unknown zone is an error with an example", () => {
  assert.throws(
    () => zoneDays("Mars/Olympus"),
    (error) => isAppError(error, "bad_input") && /such as Europe\/Berlin/.test(error.message),
  );
});

test("[A12] only days of the calendar come from numbers", () => {
  assert.equal(plainDate(2026, 2, 28), "2026-02-28");
  assert.equal(plainDate(2026, 2, 29), null);
  assert.equal(plainDate(2024, 2, 29), "2024-02-29");
  assert.deepEqual(
    [1, 2, 4, 12, 13, 0].map((month) => daysOfMonth(2026, month)),
    [31, 28, 30, 31, 0, 0],
  );
  assert.deepEqual([daysOfMonth(2000, 2), daysOfMonth(1900, 2)], [29, 28]);
});

test("cells and serial numbers of a sheet", () => {
  assert.deepEqual(wallClockOfCell(toDate(Date.parse("2026-11-20T17:00:00.400Z"))), {
    date: "2026-11-20",
    minutes: 1020,
  });
  assert.equal(wallClockOfCell(toDate(Number.NaN)), null);
  assert.equal(wallClockOfCell("2026-11-20"), null);
  assert.deepEqual(wallClockOfSerial(45_981), { date: "2025-11-20", minutes: 0 });
  assert.equal(wallClockOfSerial(7), null);
  assert.equal(wallClockOfSerial(Number.NaN), null);
});
