import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as assertProperty, constantFrom, dictionary, double, oneof, property, string } from "fast-check";
import { toHttpDate } from "../kernel/dates.ts";
import { LONGEST_HOLD_MS } from "./contract.ts";
import { readRateHeaders, readRetryAfter } from "./rate-headers.ts";

const NOW = Date.UTC(2026, 10, 20, 22, 0, 0);

test("[X-02] reads the families of rate headers, with decimals", () => {
  for (const family of ["x-ratelimit-", "x-rate-limit-", "ratelimit-"]) {
    const headers = { [`${family}limit`]: "7000.0", [`${family}remaining`]: "12.0", [`${family}reset`]: "30" };
    assert.deepEqual(readRateHeaders(headers, NOW), { limit: 7000, remaining: 12, resetInMs: 30_000 }, family);
  }
  assert.deepEqual(readRateHeaders({ "x-ratelimit-total": "100", "x-ratelimit-remaining": "99" }, NOW), {
    limit: 100,
    remaining: 99,
    resetInMs: null,
  });
  assert.equal(readRateHeaders({ "content-type": "application/json" }, NOW), null);
});

test("[X-02] [F22] reads a reset as epoch seconds, epoch milliseconds or seconds from now", () => {
  const reset = (value: string): number | null =>
    readRateHeaders({ "x-ratelimit-reset": value }, NOW)?.resetInMs ?? null;
  assert.equal(reset(String(NOW / 1000 + 45)), 45_000);
  assert.equal(reset(String(NOW + 45_000)), 45_000);
  assert.equal(reset("45"), 45_000);
  assert.equal(reset("0.5"), 500);
  assert.equal(reset(String(NOW / 1000 - 45)), 0);
  assert.equal(reset("-45"), 0);
  assert.equal(reset("9".repeat(20)), LONGEST_HOLD_MS);
  assert.equal(reset("tomorrow"), null);
});

test("[F22] counts a reset on the clock that made it: the vendor's own date", () => {
  const skewMs = 3 * 3_600_000;
  const headers = { date: toHttpDate(NOW + skewMs), "x-ratelimit-reset": String((NOW + skewMs) / 1000 + 20) };
  assert.equal(readRateHeaders(headers, NOW)?.resetInMs, 20_000);
  const dated = { date: toHttpDate(NOW - skewMs), "retry-after": toHttpDate(NOW - skewMs + 8_000) };
  assert.equal(readRetryAfter(dated, NOW), 8_000);
});

test("[F22] what lies below nothing is nothing left", () => {
  const headers = { "x-ratelimit-limit": "0", "x-ratelimit-remaining": "-3" };
  assert.deepEqual(readRateHeaders(headers, NOW), { limit: null, remaining: 0, resetInMs: null });
});

test("[E3] any headers at all give numbers in range, or null", () => {
  const name = constantFrom("x-ratelimit-limit", "x-ratelimit-remaining", "x-rate-limit-reset", "retry-after", "date");
  const value = oneof(string(), double().map(String), string({ unit: constantFrom("9", ".", "-", ",", ";", " ") }));
  assertProperty(
    property(dictionary(name, value), (headers) => {
      const rate = readRateHeaders(headers, NOW);
      const numbers = [rate?.limit, rate?.remaining, rate?.resetInMs, readRetryAfter(headers, NOW)];
      for (const number of numbers) {
        if (number === null || number === undefined) continue;
        assert.ok(Number.isInteger(number) && number >= 0, `${number}`);
      }
      assert.ok((rate?.resetInMs ?? 0) <= LONGEST_HOLD_MS);
    }),
  );
});
