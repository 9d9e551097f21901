import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as assertProperty, asyncProperty, constantFrom, integer, record } from "fast-check";
import { virtualClock, type Clock } from "../kernel/clock.ts";
import { silentLog } from "../kernel/log.ts";
import { seededRandom } from "../kernel/random.ts";
import { Budget } from "./budget.ts";
import type { BudgetLedger } from "./contract.ts";
import { memoryLedger } from "./memory-ledger.ts";

const START_MS = 1_700_000_000_000;
const { signal } = new AbortController();

function budgetOf(limit: number, ledger: BudgetLedger, clock: Clock, maxInFlight: number): Budget {
  const quota = { scheme: "sliding-log", limit, windowMs: 60_000, owner: "credential" } as const;
  return new Budget({
    spec: { key: "key", quota, allowance: limit, urgentReserve: 0 },
    ledger,
    clock,
    random: seededRandom(1),
    log: silentLog(),
    maxInFlight,
    maxWaitMs: Number.POSITIVE_INFINITY,
    maxWaiting: 1_000,
  });
}

type Counting = "fixed-window" | "sliding-log" | "strict";

/** A vendor that counts calls when they arrive; true when it admits one. */
function vendor(counting: Counting, limit: number, windowMs: number, phaseMs: number): (nowMs: number) => boolean {
  let log: number[] = [];
  return (nowMs) => {
    const since = nowMs - (counting === "fixed-window" ? (nowMs - phaseMs) % windowMs : windowMs - 1);
    log = log.filter((at) => at >= since);
    const admitted = log.length < limit;
    if (admitted || counting === "strict") log.push(nowMs);
    return admitted;
  };
}

test("[S13] [X-10] two processes on one key are never refused, whatever the vendor's way of counting, its phase and its pace", async () => {
  const shapes = record({
    counting: constantFrom<Counting>("fixed-window", "sliding-log", "strict"),
    limit: integer({ min: 1, max: 40 }),
    phaseMs: integer({ min: 0, max: 59_999 }),
    roundTripMs: integer({ min: 1, max: 3_000 }),
    calls: integer({ min: 1, max: 90 }),
    inFlight: integer({ min: 1, max: 20 }),
    seed: integer(),
  });
  let made = 0;
  const job = asyncProperty(shapes, async ({ counting, limit, phaseMs, roundTripMs, calls, inFlight, seed }) => {
    const clock = virtualClock(START_MS);
    const random = seededRandom(seed);
    const ledger = memoryLedger(clock);
    const budgets = [1, 2].map(() => budgetOf(limit, ledger, clock, inFlight));
    const admits = vendor(counting, limit, 60_000, phaseMs);
    let refused = 0;
    let left = calls;
    const worker = async (budget: Budget): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const slot = budget.takeNow() ?? (await budget.take("bulk", signal));
        await clock.sleep(roundTripMs * random.next());
        if (!admits(clock.now())) refused += 1;
        await clock.sleep(roundTripMs * random.next());
        budget.answered(slot, null);
        made += 1;
      }
    };
    const ended = new AbortController();
    const work = Promise.all(budgets.flatMap((budget) => [worker(budget), worker(budget), worker(budget)]));
    work.finally(() => ended.abort());
    while (!ended.signal.aborted) await clock.step();
    await Promise.all(budgets.map((budget) => budget.close()));
    assert.equal(refused, 0);
  });
  await assertProperty(job, { numRuns: 25 });
  assert.ok(made > 100);
});
