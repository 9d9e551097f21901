import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../kernel/clock.ts";
import { seededRandom } from "../kernel/random.ts";
import { createBackoff } from "./backoff.ts";
import { createBreaker } from "./breaker.ts";

function make() {
  const clock = virtualClock(1_700_000_000_000);
  const breaker = createBreaker({
    threshold: 3,
    openMs: 5_000,
    longestOpenMs: 60_000,
    clock,
    random: seededRandom(7),
  });
  const failOnce = (): void => {
    const pass = breaker.enter();
    assert.ok(typeof pass === "string");
    breaker.failed(pass);
  };
  const waitMs = (): number => {
    const refusal = breaker.check();
    assert.ok(refusal !== null);
    return refusal.retryAfterMs;
  };
  return { clock, breaker, failOnce, waitMs };
}

test("[E6] opens after failures in a row, and a success between them starts the count again", () => {
  const { breaker, failOnce } = make();
  failOnce();
  failOnce();
  breaker.succeeded();
  failOnce();
  failOnce();
  assert.equal(breaker.check(), null);
  failOnce();
  assert.ok(breaker.check() !== null);
  assert.ok(typeof breaker.enter() === "object");
});

test("[E6] lets one probe fly when its time has passed, and the probe decides for all", async () => {
  const { clock, breaker, failOnce, waitMs } = make();
  for (let call = 0; call < 3; call += 1) failOnce();
  await clock.advance(waitMs());
  assert.equal(breaker.enter(), "probe");
  assert.deepEqual(breaker.enter(), { retryAfterMs: 1_000 });
  breaker.failed("call");
  assert.equal(waitMs(), 1_000, "a late failure of another call does not end the probe");
  breaker.failed("probe");
  assert.ok(waitMs() >= 5_000);
  await clock.advance(waitMs());
  assert.equal(breaker.enter(), "probe");
  breaker.withdrawn("call");
  assert.equal(typeof breaker.enter(), "object");
  breaker.withdrawn("probe");
  assert.equal(breaker.enter(), "probe");
  breaker.succeeded();
  assert.equal(breaker.enter(), "call");
});

test("[F80] a clock that was set back does not keep it open for longer than its longest time", () => {
  let nowMs = 1_700_000_000_000;
  const clock = { now: () => nowMs, sleep: async () => undefined };
  const breaker = createBreaker({ threshold: 1, openMs: 5_000, longestOpenMs: 60_000, clock, random: seededRandom(1) });
  breaker.failed("call");
  nowMs -= 3_600_000;
  assert.deepEqual(breaker.check(), { retryAfterMs: 60_000 });
});

test("[E6] waits scatter, grow up to their cap, and are short again after a success", () => {
  const waits = (seed: number): number[] => {
    const backoff = createBackoff({ baseMs: 200, capMs: 5_000, random: seededRandom(seed) });
    return Array.from({ length: 40 }, () => backoff.next());
  };
  for (let seed = 0; seed < 50; seed += 1) {
    const made = waits(seed);
    assert.ok(made.every((waitMs) => Number.isInteger(waitMs) && waitMs >= 200 && waitMs <= 5_000));
    assert.ok((made[0] ?? 0) <= 600, "the first wait lies between the base and three times the base");
    assert.ok(made.some((waitMs) => waitMs > 2_000));
  }
  assert.notDeepEqual(waits(1), waits(2));
  const backoff = createBackoff({ baseMs: 200, capMs: 5_000, random: seededRandom(3) });
  for (let step = 0; step < 20; step += 1) backoff.next();
  backoff.reset();
  assert.ok(backoff.next() <= 600);
});
