import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as assertProperty, constantFrom, integer, oneof, property, string } from "fast-check";
import { toHttpDate } from "../kernel/dates.ts";
import { LONGEST_HOLD_MS } from "./contract.ts";
import { parseRetryAfter } from "./retry-after.ts";

const NOW = Date.UTC(2026, 10, 20, 22, 0, 0);

test("[F21] [E3] reads a Retry-After in each form that a vendor may send", () => {
  const cases: readonly (readonly [string | readonly string[] | undefined, number | null])[] = [
    ["7", 7_000],
    ["0", 0],
    ["1.5", 1_500],
    [" 12 ", 12_000],
    [toHttpDate(NOW + 90_000), 90_000],
    ["Friday, 20-Nov-26 22:00:30 GMT", 30_000],
    ["Fri Nov 20 22:01:00 2026", 60_000],
    [toHttpDate(NOW - 90_000), 0],
    [["3", "9"], 9_000],
    ["3, 9", 9_000],
    [[toHttpDate(NOW + 5_000), "2"], 5_000],
    [`${toHttpDate(NOW + 5_000)}, 2`, 5_000],
    ["soon, 4", 4_000],
    ["-1", null],
    ["", null],
    ["soon", null],
    ["1e9", null],
    ["NaN", null],
    ["Fri, 31 Feb 2026 22:00:00 GMT", null],
    [[], null],
    [undefined, null],
  ];
  for (const [value, waitMs] of cases) assert.equal(parseRetryAfter(value, NOW), waitMs, JSON.stringify(value));
});

test("[E1] believes no wait beyond a day, so that no timer overflows", () => {
  for (const value of ["2592000", "9".repeat(400), toHttpDate(NOW + 30 * LONGEST_HOLD_MS)]) {
    assert.equal(parseRetryAfter(value, NOW), LONGEST_HOLD_MS);
  }
});

test("[E3] any header at all gives whole milliseconds within a day, or null", () => {
  const text = oneof(
    string(),
    string({ unit: constantFrom("1", "0", ".", "-", ",", " ", "+", "e", "N", "Fri", "GMT", ":") }),
    integer().map((number) => toHttpDate(NOW + number)),
    integer().map(String),
  );
  assertProperty(
    property(oneof(text, array(text, { maxLength: 4 })), (value) => {
      const waitMs = parseRetryAfter(value, NOW);
      if (waitMs === null) return;
      assert.ok(Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= LONGEST_HOLD_MS, `${waitMs}`);
    }),
  );
});

test("a date later by n seconds and the number n say the same", () => {
  assertProperty(
    property(integer({ min: 0, max: 86_400 }), (seconds) => {
      assert.equal(parseRetryAfter(toHttpDate(NOW + seconds * 1000), NOW), parseRetryAfter(`${seconds}`, NOW));
    }),
  );
});
