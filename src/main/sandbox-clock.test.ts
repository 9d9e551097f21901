import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock, type VirtualClock } from "../kernel/clock.ts";
import { isAppError } from "../kernel/errors.ts";
import { startSandbox, type Sandbox } from "../sandbox/start.ts";
import { createControl } from "./control.ts";
import { followClock, type FollowedClock } from "./sandbox-clock.ts";

const HOUR_MS = 3_600_000;

async function withClock(
  work: (clock: FollowedClock, base: VirtualClock, sandbox: Sandbox) => Promise<void>,
): Promise<void> {
  const base = virtualClock(0);
  const sandbox = await startSandbox({ emulators: {}, clock: base });
  const control = createControl(sandbox.document.control);
  const clock = await followClock({ control, base, signal: new AbortController().signal });
  try {
    await work(clock, base, sandbox);
  } finally {
    clock.close();
    await sandbox.stop();
  }
}

test("the product's time is the sandbox's, and goes on between two looks", async () => {
  await withClock(async (clock, base, sandbox) => {
    assert.equal(clock.now(), sandbox.clock.now());
    await base.advance(100);
    assert.equal(clock.now(), sandbox.clock.now());
    sandbox.clock.advance(72 * HOUR_MS);
    await clock.look();
    assert.equal(clock.now(), sandbox.clock.now());
  });
});

test("who sleeps wakes when the sandbox is moved past the end of the sleep", async () => {
  await withClock(async (clock, base, sandbox) => {
    let awake = false;
    const sleeping = clock.sleep(11 * HOUR_MS).then(() => (awake = true));
    await base.advance(1000);
    assert.equal(awake, false);
    sandbox.clock.advance(12 * HOUR_MS);
    await clock.look();
    await base.advance(250);
    await sleeping;
  });
});

test("a sandbox that is set back sets the clock back, and lets nobody sleep longer", async () => {
  await withClock(async (clock, base, sandbox) => {
    sandbox.clock.advance(24 * HOUR_MS);
    await clock.look();
    const before = clock.now();
    const sleeping = clock.sleep(1000);
    sandbox.clock.reset();
    await clock.look();
    assert.equal(clock.now(), before - 24 * HOUR_MS);
    await base.advance(1000);
    await sleeping;
  });
});

test("a sleep ends when it is canceled, and when no sandbox answers the clock does not begin", async () => {
  await withClock(async (clock, base) => {
    const stop = new AbortController();
    const sleeping = clock.sleep(HOUR_MS, stop.signal).catch((error: unknown) => error);
    stop.abort();
    await base.advance(250);
    assert.ok(isAppError(await sleeping, "canceled"));
  });
  const nobody = createControl("http://127.0.0.1:1");
  await assert.rejects(
    followClock({ control: nobody, base: virtualClock(0), signal: new AbortController().signal }),
    (error: unknown) => isAppError(error, "unavailable"),
  );
});
