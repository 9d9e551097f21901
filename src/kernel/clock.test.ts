import assert from "node:assert/strict";
import { test } from "node:test";
import { deadline, systemClock, virtualClock } from "./clock.ts";
import { isAppError } from "./errors.ts";

test("a virtual clock wakes sleepers in the order of their times, equal times in the order of arrival", async () => {
  const clock = virtualClock(1_000);
  const woken: string[] = [];
  const sleep = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    woken.push(`${name}@${clock.now()}`);
  };
  const all = Promise.all([sleep("late", 50), sleep("first", 10), sleep("second", 10)]);
  await clock.advance(50);
  await all;
  assert.deepEqual(woken, ["first@1010", "second@1010", "late@1050"]);
});

test("a sleeper that starts another sleep inside an advance is woken within it", async () => {
  const clock = virtualClock(0);
  const twice = clock.sleep(10).then(() => clock.sleep(10));
  await clock.advance(20);
  await twice;
  assert.equal(clock.sleeping, 0);
  assert.equal(await clock.step(), false);
});

test("an aborted sleep rejects with canceled and leaves no sleeper", async () => {
  const clock = virtualClock(0);
  const controller = new AbortController();
  const sleeping = clock.sleep(10, controller.signal);
  controller.abort();
  await assert.rejects(sleeping, (error) => isAppError(error, "canceled"));
  assert.equal(clock.sleeping, 0);
  await assert.rejects(clock.sleep(1, controller.signal), (error) => isAppError(error, "canceled"));
});

test("[E1] 30 days are not given to one timer of the platform, which would fire at once", async () => {
  const controller = new AbortController();
  let woke = false;
  const sleeping = systemClock()
    .sleep(30 * 86_400_000, controller.signal)
    .then(() => {
      woke = true;
    });
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  assert.equal(woke, false);
  controller.abort();
  await assert.rejects(sleeping, (error) => isAppError(error, "canceled"));
});

test("a deadline aborts with timeout after its time, and not when the work was done before", async () => {
  const clock = virtualClock(0);
  const late = deadline(clock, 1_000);
  await clock.advance(1_000);
  assert.ok(late.signal.aborted);
  assert.ok(isAppError(late.signal.reason, "timeout"));
  const early = deadline(clock, 1_000);
  early.done();
  await clock.advance(2_000);
  assert.equal(early.signal.aborted, false);
});

test("a deadline aborts with its parent", () => {
  const parent = new AbortController();
  const child = deadline(virtualClock(0), 1_000, parent.signal);
  parent.abort();
  assert.ok(child.signal.aborted);
  child.done();
});
