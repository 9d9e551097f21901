import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock, type VirtualClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { silentLog } from "../kernel/log.ts";
import { seededRandom } from "../kernel/random.ts";
import { Budget, type BudgetOptions, type Slot } from "./budget.ts";
import type { BudgetLedger, BudgetSpec, Lane } from "./contract.ts";
import { memoryLedger } from "./memory-ledger.ts";

const START_MS = 1_700_000_000_000;
const { signal } = new AbortController();

function specOf(limit: number, change: Partial<BudgetSpec> = {}): BudgetSpec {
  return {
    key: "key",
    quota: { scheme: "sliding-log", limit, windowMs: 60_000, owner: "credential" },
    allowance: limit,
    urgentReserve: 0,
    ...change,
  };
}

interface Made {
  readonly clock: VirtualClock;
  readonly ledger: BudgetLedger;
  readonly budget: Budget;
}

function make(spec: BudgetSpec, change: Partial<BudgetOptions> = {}): Made {
  const clock = virtualClock(START_MS);
  const ledger = change.ledger ?? memoryLedger(clock);
  const budget = new Budget({
    spec,
    ledger,
    clock,
    random: seededRandom(1),
    log: silentLog(),
    maxInFlight: 20,
    maxWaitMs: Number.POSITIVE_INFINITY,
    maxWaiting: 1_000,
    ...change,
  });
  return { clock, ledger, budget };
}

/** Lets what is ready happen, without moving the time. */
async function turn(clock: VirtualClock): Promise<void> {
  await clock.advance(0);
}

/** A call that waits for its slot and tells when it has one. */
function ask(budget: Budget, lane: Lane = "normal", again = false) {
  const asked: { slot: Slot | null; error: unknown } = { slot: null, error: null };
  budget.take(lane, signal, again).then(
    (slot) => (asked.slot = slot),
    (error: unknown) => (asked.error = error),
  );
  return asked;
}

function slotOf(asked: { readonly slot: Slot | null }): Slot {
  if (asked.slot === null) assert.fail("the call should have its slot by now");
  return asked.slot;
}

/** Uses up the quota. */
async function spend(made: Made, calls: number): Promise<void> {
  const asked = Array.from({ length: calls }, () => ask(made.budget, "urgent"));
  await turn(made.clock);
  for (const one of asked) made.budget.answered(slotOf(one), null);
  await turn(made.clock);
}

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : "none";
}

test("[E5] an urgent call goes before all others, and each lane before the next; first come, first served", async () => {
  const made = make(specOf(1), { maxInFlight: 1 });
  await spend(made, 1);
  const order: string[] = [];
  const queue = (name: string, lane: Lane, again = false): void => {
    void made.budget.take(lane, signal, again).then((slot) => {
      order.push(name);
      made.budget.answered(slot, null);
    });
  };
  queue("poll", "poll");
  queue("bulk 1", "bulk");
  queue("bulk 2", "bulk");
  queue("bulk again", "bulk", true);
  queue("normal", "normal");
  queue("urgent", "urgent");
  await made.clock.advance(7 * 60_001);
  assert.deepEqual(order, ["urgent", "normal", "bulk again", "bulk 1", "bulk 2", "poll"]);
  await made.budget.close();
});

test("[E5] the reserve lets an urgent call through while bulk work waits for the next window", async () => {
  const made = make(specOf(10, { urgentReserve: 1 }));
  const bulk = Array.from({ length: 12 }, () => ask(made.budget, "bulk"));
  await turn(made.clock);
  assert.equal(bulk.filter((one) => one.slot !== null).length, 9);
  for (const one of bulk.slice(0, 9)) made.budget.answered(slotOf(one), null);
  await made.clock.advance(5_000);
  const urgent = ask(made.budget, "urgent");
  await turn(made.clock);
  assert.ok(urgent.slot !== null);
  assert.equal(bulk[9]?.slot, null);
  await made.budget.close();
});

test("[E5] a slot of the reserve that an urgent call left behind goes to no other lane", async () => {
  const clock = virtualClock(START_MS);
  const inner = memoryLedger(clock);
  // A ledger on a server takes a moment to answer.
  const ledger: BudgetLedger = {
    ...inner,
    take: async (spec, lane, want) => {
      await clock.sleep(5);
      return inner.take(spec, lane, want);
    },
  };
  const reserved = specOf(40, { urgentReserve: 39 });
  const { budget } = make(reserved, { ledger, clock });
  const used = ask(budget, "bulk");
  await clock.advance(10);
  budget.answered(slotOf(used), null);
  // The first is asked for alone; for the next two a batch is under way when one of them leaves.
  for (const alone of [true, false]) {
    const stop = new AbortController();
    const first = ask(budget, "urgent");
    const canceled = budget.take("urgent", stop.signal).catch(codeOf);
    const urgent = ask(budget, "urgent");
    const bulk = alone ? null : ask(budget, "bulk");
    await clock.advance(7);
    stop.abort();
    assert.equal(await canceled, "canceled");
    await clock.advance(4);
    assert.equal(budget.takeNow(), null);
    await clock.advance(1_000);
    for (const one of [first, urgent]) budget.answered(slotOf(one), null);
    assert.equal(bulk?.slot ?? null, null);
  }
  await budget.close();
});

test("a call costs no round trip: slots are taken in batches", async () => {
  const clock = virtualClock(START_MS);
  const inner = memoryLedger(clock);
  let takes = 0;
  const ledger: BudgetLedger = {
    ...inner,
    take: (spec, lane, want) => {
      takes += 1;
      return inner.take(spec, lane, want);
    },
  };
  const { budget } = make(specOf(1_000), { ledger, clock });
  for (let call = 0; call < 400; call += 1) {
    const slot = budget.takeNow() ?? (await budget.take("bulk", signal));
    if (call % 10 === 9) await clock.advance(1);
    budget.answered(slot, null);
  }
  assert.ok(takes <= 20, `${takes} round trips for 400 calls`);
  await budget.close();
});

test("gives back what it does not use: after a span, and when it ends", async () => {
  const { clock, ledger, budget } = make(specOf(320));
  const left = async (): Promise<number> => {
    const answer = await ledger.take(specOf(320), "normal", 1_000);
    if (answer.granted === null) return 0;
    await ledger.settle(specOf(320), answer.granted, 0, 0);
    return answer.granted.count;
  };
  // The pace of the first calls makes the second batch larger than what is asked for.
  for (let call = 0; call < 3; call += 1)
    budget.answered(budget.takeNow() ?? (await budget.take("normal", signal)), null);
  await turn(clock);
  assert.ok((await left()) < 317, "a batch is in hand");
  await clock.advance(1_000);
  assert.equal(await left(), 317);
  const slot = await budget.take("normal", signal);
  budget.unsent(slot);
  await budget.close();
  assert.equal(await left(), 317);
  assert.equal(clock.sleeping, 0);
});

test("calls one after another that take most of a span take one slot each: none is dated by the next one's answer", async () => {
  const clock = virtualClock(START_MS);
  const inner = memoryLedger(clock);
  const wanted: number[] = [];
  const ledger: BudgetLedger = {
    ...inner,
    take: (spec, lane, want) => {
      wanted.push(want);
      return inner.take(spec, lane, want);
    },
  };
  const { budget } = make(specOf(120), { ledger, clock });
  for (let call = 0; call < 5; call += 1) {
    const asked = ask(budget);
    await turn(clock);
    await clock.advance(100);
    budget.answered(slotOf(asked), null);
    await turn(clock);
  }
  assert.deepEqual(wanted, [1, 1, 1, 1, 1]);
  await budget.close();
});

test("a slot that one process gives back is another's within a quarter of a second", async () => {
  const made = make(specOf(1));
  const other = make(specOf(1), { ledger: made.ledger, clock: made.clock });
  const [mine, theirs] = [ask(made.budget), ask(other.budget)];
  await turn(made.clock);
  await made.clock.advance(100);
  assert.equal(theirs.slot, null);
  made.budget.unsent(slotOf(mine));
  await made.clock.advance(150);
  other.budget.answered(slotOf(theirs), null);
  await made.budget.close();
  await other.budget.close();
});

test("never has more requests under way than it may", async () => {
  const { clock, budget } = make(specOf(100), { maxInFlight: 3 });
  const asked = Array.from({ length: 5 }, () => ask(budget));
  await turn(clock);
  assert.equal(asked.filter((one) => one.slot !== null).length, 3);
  assert.equal(budget.takeNow(), null);
  budget.unsent(slotOf(asked[0] ?? ask(budget)));
  await turn(clock);
  assert.equal(asked.filter((one) => one.slot !== null).length, 4);
  await budget.close();
});

test("[S13] [F21] after a 429 everything of the key waits, then one probe flies, then all", async () => {
  const made = make(specOf(100));
  const flying = ask(made.budget);
  await turn(made.clock);
  const waitMs = made.budget.refused(slotOf(flying), { retryAfterMs: 7_000, resetInMs: 20_000 });
  const waiting = Array.from({ length: 6 }, () => ask(made.budget, "urgent"));
  assert.equal(await waitMs, 7_000);
  const got = (): number => waiting.filter((one) => one.slot !== null).length;
  await made.clock.advance(6_999);
  assert.equal(got(), 0);
  await made.clock.advance(1);
  assert.equal(got(), 1);
  await made.clock.advance(10_000);
  assert.equal(got(), 1, "the probe is still under way");
  const probe = waiting.find((one) => one.slot !== null) ?? flying;
  made.budget.answered(slotOf(probe), null);
  await turn(made.clock);
  assert.equal(got(), 6);
  await made.budget.close();
});

test("[F21] a 429 that says nothing is waited out with growing waits, once for all that were refused together", async () => {
  const { clock, budget } = make(specOf(100));
  const silent = { retryAfterMs: null, resetInMs: null };
  const waits: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    const flying = round === 0 ? [ask(budget), ask(budget), ask(budget)] : [ask(budget)];
    await clock.advance(waits.at(-1) ?? 0);
    const told = await Promise.all(flying.map((one) => budget.refused(slotOf(one), silent)));
    assert.equal(new Set(told).size, 1);
    waits.push(told[0] ?? 0);
  }
  assert.ok(waits.every((waitMs) => waitMs >= 1_000 && waitMs <= 60_000));
  assert.ok(Math.max(...waits) > 3_000);
  const zero = ask(budget);
  await clock.advance(60_000);
  assert.ok((await budget.refused(slotOf(zero), { retryAfterMs: 0, resetInMs: 0 })) >= 1_000, "0 is no leave to storm");
  await budget.close();
});

test("[F22] a reset beyond the window is not believed", async () => {
  const { clock, budget } = make(specOf(100));
  const flying = ask(budget);
  await turn(clock);
  assert.equal(await budget.refused(slotOf(flying), { retryAfterMs: null, resetInMs: 9 * 3_600_000 }), 60_000);
  await budget.close();
});

test("[E1] who would wait for too long is told when to come back instead", async () => {
  const { clock, budget } = make(specOf(100), { maxWaitMs: 30_000 });
  const flying = ask(budget);
  await turn(clock);
  const refused = budget.refused(slotOf(flying), { retryAfterMs: 45_000, resetInMs: null });
  const waiting = ask(budget);
  await refused;
  await turn(clock);
  assert.equal(codeOf(waiting.error), "rate_limited");
  assert.equal(waiting.error instanceof AppError && waiting.error.details["retryAfterMs"], 45_000);
  await clock.advance(20_000);
  const patient = ask(budget);
  await clock.advance(25_000);
  assert.ok(patient.slot !== null);
  await budget.close();
});

test("[E4] a vendor that counts more than we do shares its quota: its end is waited for", async () => {
  const { clock, budget } = make(specOf(100, { allowance: 70 }));
  const first = ask(budget);
  await turn(clock);
  budget.answered(slotOf(first), { limit: 100, remaining: 0, resetInMs: 12_000 });
  const next = ask(budget);
  await clock.advance(11_999);
  assert.equal(next.slot, null);
  await clock.advance(1);
  assert.ok(next.slot !== null);
  await budget.close();
});

test("[E4] what the vendor has left bounds how many are under way when others use its quota", async () => {
  const { clock, budget } = make(specOf(100, { allowance: 70 }));
  const first = ask(budget);
  await turn(clock);
  budget.answered(slotOf(first), { limit: 100, remaining: 4, resetInMs: 12_000 });
  const rest = Array.from({ length: 10 }, () => ask(budget));
  await turn(clock);
  assert.equal(rest.filter((one) => one.slot !== null).length, 4);
  for (const one of rest.slice(0, 4)) budget.answered(slotOf(one), { limit: 100, remaining: 90, resetInMs: 12_000 });
  await turn(clock);
  assert.equal(rest.filter((one) => one.slot !== null).length, 10);
  await budget.close();
});

test("a vendor at its end because of our own calls does not stop us longer than our own count", async () => {
  const made = make(specOf(10));
  await spend(made, 9);
  const last = ask(made.budget);
  await turn(made.clock);
  made.budget.answered(slotOf(last), { limit: 10, remaining: 0, resetInMs: 60_000 });
  await made.clock.advance(60_001);
  const next = ask(made.budget);
  await turn(made.clock);
  assert.ok(next.slot !== null);
  await made.budget.close();
});

test("[E4] a limit that is not the configured one is reported once", async () => {
  const warnings: string[] = [];
  const log = { ...silentLog(), warn: (message: string) => void warnings.push(message) };
  const { budget } = make(specOf(100), { log });
  for (let call = 0; call < 3; call += 1) {
    budget.answered(await budget.take("normal", signal), { limit: 50, remaining: 40, resetInMs: 1_000 });
  }
  assert.equal(warnings.length, 1);
  await budget.close();
});

test("[S20] without its ledger nothing is sent", async () => {
  const broken: BudgetLedger = {
    ...memoryLedger(virtualClock(START_MS)),
    take: () => Promise.reject(new AppError("storage", "the disk is full")),
  };
  const { clock, budget } = make(specOf(100), { ledger: broken });
  const asked = [ask(budget), ask(budget, "urgent")];
  await turn(clock);
  assert.deepEqual(
    asked.map((one) => codeOf(one.error)),
    ["storage", "storage"],
  );
  await budget.close();
});

test("a call that is canceled while it waits leaves the line, and a bounded number may wait", async () => {
  const made = make(specOf(1), { maxWaiting: 2 });
  await spend(made, 1);
  const stop = new AbortController();
  const leaving = made.budget.take("normal", stop.signal).catch((error: unknown) => codeOf(error));
  const staying = ask(made.budget);
  const tooMany = ask(made.budget);
  await turn(made.clock);
  assert.equal(codeOf(tooMany.error), "busy");
  stop.abort();
  assert.equal(await leaving, "canceled");
  await made.clock.advance(60_001);
  assert.ok(staying.slot !== null);
  const late = ask(made.budget);
  await turn(made.clock);
  await made.budget.close();
  await turn(made.clock);
  assert.equal(codeOf(late.error), "canceled");
  assert.equal(made.clock.sleeping, 0);
});
