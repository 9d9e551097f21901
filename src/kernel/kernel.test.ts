import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { assert as must, present } from "./assert.ts";
import { virtualClock } from "./clock.ts";
import { decodeCursor, encodeCursor, type Cursor } from "./cursor.ts";
import { AppError, ERROR_TRAITS, isAppError, toAppError, withContext } from "./errors.ts";
import { deriveId, isId, newId } from "./ids.ts";
import { errorFields, jsonLog } from "./log.ts";
import { seededRandom, systemRandom } from "./random.ts";
import { Secret } from "./secret.ts";

test("ids sort by age, repeat for the same clock and chance, and derived ids never change", () => {
  const random = seededRandom(7);
  const first = newId("pln", virtualClock(1_000), random);
  const second = newId("pln", virtualClock(2_000), random);
  assert.ok(first < second);
  assert.ok(isId("pln", first) && !isId("run", first));
  assert.equal(newId("pln", virtualClock(1_000), seededRandom(7)), first);
  assert.equal(deriveId("stp", "crm", "user", "42"), "stp_69xkn8h0pdh1ghcayspdqt4cx3");
  assert.notEqual(deriveId("stp", "ab", "c"), deriveId("stp", "a", "bc"));
});

test("chance is in [0, 1) and repeats for a seed", () => {
  const [one, two, system] = [seededRandom(1), seededRandom(1), systemRandom()];
  for (let turn = 0; turn < 100; turn += 1) {
    const value = one.next();
    assert.equal(value, two.next());
    assert.ok(value >= 0 && value < 1);
    assert.ok(system.next() < 1);
  }
  assert.equal(system.bytes(16).length, 16);
});

test("[T14] a secret prints as [secret] in every way", () => {
  const secret = new Secret("canary-123");
  const wrapped = { secret, list: [secret] };
  for (const text of [
    String(secret),
    `${JSON.stringify(wrapped)}`,
    inspect(wrapped, { depth: 9 }),
    `${inspect(secret)}`,
  ]) {
    assert.ok(!text.includes("canary"), text);
    assert.ok(text.includes("[secret]"), text);
  }
  assert.equal(secret.expose(), "canary-123");
});

test("errors keep their code and cause when context is added, and log lines hold no more than code and message", () => {
  const inner = new AppError("rate_limited", "wait 3 s", { details: { retryAfterMs: 3_000 } });
  const outer = withContext(inner, "crm: list users", { page: 2 });
  assert.equal(outer.code, "rate_limited");
  assert.equal(outer.message, "crm: list users: wait 3 s");
  assert.deepEqual(outer.details, { retryAfterMs: 3_000, page: 2 });
  assert.equal(outer.cause, inner);
  assert.equal(toAppError(new TypeError("x")).code, "internal");
  assert.deepEqual(errorFields(outer), { code: "rate_limited", error: "crm: list users: wait 3 s" });
  const known: unknown = outer;
  assert.equal(isAppError(known, "auth", "rate_limited"), true);
  assert.equal(isAppError(known, "auth"), false);
  assert.equal(ERROR_TRAITS[outer.code].retry, "after");
});

test("[T18] a log line is one line of JSON whatever a message holds", () => {
  const lines: string[] = [];
  const log = jsonLog({ write: (line) => lines.push(line), clock: virtualClock(0), level: "info" });
  log.debug("hidden");
  log.warn("bad\nname \u001b[31m", { id: "a\u2028b" });
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.split("\n").length, 2);
  assert.deepEqual(JSON.parse(lines[0] ?? ""), {
    at: "1970-01-01T00:00:00.000Z",
    level: "warn",
    message: "bad\nname \u001b[31m",
    id: "a\u2028b",
  });
});

test("cursors come back as they were, and what is none of ours is bad input", () => {
  assert.deepEqual(decodeCursor(encodeCursor({ offset: 100, total: 3 })), { offset: 100, total: 3 });
  for (const text of ["", "!!!", "W10", "Zm9v"]) {
    assert.throws(
      () => decodeCursor(text as Cursor),
      (error) => isAppError(error, "bad_input"),
      text,
    );
  }
});

test("a broken assumption stops the work", () => {
  assert.throws(() => must(false, "one writer"), /assertion failed: one writer/);
  assert.throws(() => present(null, "the plan"), /the plan is missing/);
  assert.equal(present(0, "zero"), 0);
});
