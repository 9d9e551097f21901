import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../kernel/clock.ts";
import { isAppError } from "../kernel/errors.ts";
import { sandboxClock } from "./clock.ts";

const START = 1_000_000;

/** A clock over a virtual one, and what has woken up so far. */
function sleepers(...lengths: readonly number[]) {
  const base = virtualClock(50);
  const clock = sandboxClock(base, START);
  const woken: number[] = [];
  const all = Promise.all(lengths.map((ms) => clock.sleep(ms).then(() => woken.push(ms))));
  return { base, clock, woken, all };
}

test("starts where it is told and runs with the clock beneath it", async () => {
  const { base, clock } = sleepers();
  assert.equal(clock.now(), START);
  await base.advance(700);
  assert.equal(clock.now(), START + 700);
});

test("a move by hand wakes those whose time has come, and only them", async () => {
  const { base, clock, woken, all } = sleepers(100, 5000);
  clock.advance(1000);
  await base.advance(0);
  assert.deepEqual(woken, [100]);
  await base.advance(4000);
  await all;
  assert.deepEqual(woken, [100, 5000]);
  assert.equal(clock.now(), START + 5000);
});

test("a move back makes sleepers wait longer", async () => {
  const { base, clock, woken, all } = sleepers(1000);
  clock.advance(-5000);
  await base.advance(5999);
  assert.deepEqual(woken, []);
  await base.advance(1);
  await all;
});

test("a reset goes back to the start and wakes everybody", async () => {
  const { base, clock, all } = sleepers(1_000_000);
  await base.advance(10);
  clock.advance(500);
  clock.reset();
  await all;
  assert.equal(clock.now(), START);
});

test("a canceled sleep ends with canceled", async () => {
  const { clock } = sleepers();
  const cancel = new AbortController();
  const sleep = clock.sleep(10, cancel.signal);
  cancel.abort();
  await assert.rejects(sleep, (error) => isAppError(error, "canceled"));
});
