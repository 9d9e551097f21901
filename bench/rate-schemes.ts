import { virtualClock, type Clock, type VirtualClock } from "../src/kernel/clock.ts";
import { silentLog } from "../src/kernel/log.ts";
import { seededRandom, type Random } from "../src/kernel/random.ts";
import { Budget } from "../src/transport/budget.ts";
import type { BudgetLedger } from "../src/transport/contract.ts";
import { memoryLedger } from "../src/transport/memory-ledger.ts";
import { readRateHeaders, readRetryAfter } from "../src/transport/rate-headers.ts";
import { FakeVendor, type Scheme } from "./fake-vendor.ts";
import { fairness } from "./fairness.ts";
import { atMost, shown, type Bench, type Measure } from "./measure.ts";

const ROUND_TRIP_MS = 150;
const SCHEMES: readonly Scheme[] = ["fixed-window", "sliding-log", "strict", "no-headers"];
const START_MS = 1_700_000_000_000;

interface Limit {
  readonly scheme: Scheme;
  readonly limit: number;
  readonly windowMs: number;
}

interface Run {
  readonly vendor: FakeVendor;
  readonly elapsedMs: number;
}

function budgetOf(limit: Limit, share: number, ledger: BudgetLedger, clock: Clock, random: Random): Budget {
  const scheme = limit.scheme === "no-headers" ? "fixed-window" : limit.scheme;
  return new Budget({
    spec: {
      key: "bench",
      quota: { scheme, limit: limit.limit, windowMs: limit.windowMs, owner: "credential" },
      allowance: Math.max(1, Math.floor(limit.limit * share)),
      urgentReserve: 0,
    },
    ledger,
    clock,
    random,
    log: silentLog(),
    maxInFlight: 20,
    maxWaitMs: Number.POSITIVE_INFINITY,
    maxWaiting: 10_000,
  });
}

/** Makes `calls` calls, `inFlight` at a time; a refused call is made again. */
async function job(budget: Budget, vendor: FakeVendor, caller: string, calls: number, inFlight: number, clock: Clock) {
  const { signal } = new AbortController();
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      for (let again = false; ; again = true) {
        const slot = budget.takeNow() ?? (await budget.take("normal", signal, again));
        const answer = await vendor.call(caller);
        const rate = readRateHeaders(answer.headers, clock.now());
        if (answer.status === 200) {
          budget.answered(slot, rate);
          break;
        }
        const retryAfterMs = readRetryAfter(answer.headers, clock.now());
        await budget.refused(slot, { retryAfterMs, resetInMs: rate?.resetInMs ?? null });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, calls) }, worker));
}

/** Moves the clock until the work has ended. */
async function drive(clock: VirtualClock, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  work.then(end, end);
  while (!ended.signal.aborted) await clock.step();
  await work;
}

async function oneProcess(limit: Limit, calls: number, inFlight: number, seed: number): Promise<Run> {
  const random = seededRandom(seed);
  const clock = virtualClock(START_MS + Math.floor(random.next() * limit.windowMs));
  const phaseMs = Math.floor(random.next() * limit.windowMs);
  const vendor = new FakeVendor({ ...limit, phaseMs, roundTripMs: ROUND_TRIP_MS, clock });
  const budget = budgetOf(limit, 1, memoryLedger(clock), clock, random);
  const startMs = clock.now();
  await drive(clock, job(budget, vendor, "us", calls, inFlight, clock));
  const elapsedMs = clock.now() - startMs;
  await budget.close();
  return { vendor, elapsedMs };
}

/** The least time: all windows but the last, then the calls of the last one. */
function bound(limit: Limit, calls: number, inFlight: number): number {
  const windows = Math.ceil(calls / limit.limit);
  const last = calls - (windows - 1) * limit.limit;
  return (windows - 1) * limit.windowMs + Math.ceil(last / inFlight) * ROUND_TRIP_MS;
}

async function schemes(): Promise<readonly Measure[]> {
  const measures: Measure[] = [];
  const jobs = [
    { limit: 120, windowMs: 60_000, calls: 1_000, inFlight: 20, what: "1,000 calls at 120/min" },
    { limit: 120, windowMs: 60_000, calls: 960, inFlight: 20, what: "960 calls at 120/min (8 windows exactly)" },
    { limit: 120, windowMs: 60_000, calls: 361, inFlight: 1, what: "361 calls at 120/min, one after another" },
    { limit: 300, windowMs: 60_000, calls: 1_000, inFlight: 20, what: "1,000 calls at 300/min" },
    { limit: 300, windowMs: 60_000, calls: 900, inFlight: 20, what: "900 calls at 300/min (3 windows exactly)" },
    { limit: 1_000, windowMs: 600_000, calls: 2_016, inFlight: 20, what: "2,016 calls at 1,000/10 min" },
    {
      limit: 1_000,
      windowMs: 600_000,
      calls: 2_000,
      inFlight: 20,
      what: "2,000 calls at 1,000/10 min (2 windows exactly)",
    },
  ];
  for (const { calls, inFlight, what, ...rate } of jobs) {
    for (const scheme of SCHEMES) {
      const limit = { ...rate, scheme };
      const { vendor, elapsedMs } = await oneProcess(limit, calls, inFlight, calls + inFlight);
      measures.push(atMost(`${scheme}: ${what}`, elapsedMs / bound(limit, calls, inFlight), 1.01, "× bound"));
      measures.push(atMost(`${scheme}: ${what}, refused`, vendor.refused.get("us") ?? 0, 0, "429s"));
    }
  }
  return measures;
}

/** A job that fits the window must run at the speed of the network. */
async function oneWindow(): Promise<readonly Measure[]> {
  const limit: Limit = { scheme: "fixed-window", limit: 1_000, windowMs: 600_000 };
  const { vendor, elapsedMs } = await oneProcess(limit, 508, 20, 5);
  return [
    atMost("508 calls that fit one window", elapsedMs / (Math.ceil(508 / 20) * ROUND_TRIP_MS), 1.2, "× network"),
    atMost("508 calls that fit one window, refused", vendor.refused.get("us") ?? 0, 0, "429s"),
  ];
}

async function twoProcesses(): Promise<readonly Measure[]> {
  const measures: Measure[] = [];
  for (const scheme of SCHEMES) {
    for (const each of [500, 480]) {
      const limit: Limit = { scheme, limit: 120, windowMs: 60_000 };
      const clock = virtualClock(START_MS + 17_000);
      const vendor = new FakeVendor({ ...limit, phaseMs: 4_321, roundTripMs: ROUND_TRIP_MS, clock });
      const ledger = memoryLedger(clock);
      const budgets = [1, 2].map((seed) => budgetOf(limit, 1, ledger, clock, seededRandom(seed)));
      const startMs = clock.now();
      const work = budgets.map(async (budget, index) => {
        await clock.sleep(index * 500);
        await job(budget, vendor, `process ${index}`, each, 20, clock);
      });
      await drive(clock, Promise.all(work));
      const elapsedMs = clock.now() - startMs;
      await Promise.all(budgets.map((budget) => budget.close()));
      const refused = [...vendor.refused.values()].reduce((sum, count) => sum + count, 0);
      const what = `${scheme}: two processes, ${2 * each} calls at 120/min`;
      measures.push(atMost(what, elapsedMs / bound(limit, 2 * each, 20), 1.01, "× bound"));
      measures.push(atMost(`${what}, refused`, refused, 0, "429s"));
      const jain = fairness(vendor.admitted.get("process 0") ?? [], vendor.admitted.get("process 1") ?? [], 60_000);
      measures.push(atMost(`${what}, unfairness (1 - Jain, worst window)`, 1 - jain, 0.01, ""));
    }
  }
  return measures;
}

/** The most that any window of that length saw. */
function worstWindow(times: readonly number[], windowMs: number): number {
  let worst = 0;
  let from = 0;
  for (const [index, at] of times.entries()) {
    while ((times[from] ?? at) <= at - windowMs) from += 1;
    worst = Math.max(worst, index - from + 1);
  }
  return worst;
}

interface Sharing {
  readonly share: number;
  /** Calls that the other one makes in a minute, at random times and without ever waiting. */
  readonly others: number;
  /** Most of the other's calls that may be refused, as a part of them; null: it asks for more than we leave. */
  readonly lost: number | null;
}

/** Another integration of the same account makes calls at random times, and never waits. */
async function besideAnother(scheme: Scheme, { share, others, lost }: Sharing): Promise<readonly Measure[]> {
  const limit: Limit = { scheme, limit: 120, windowMs: 60_000 };
  const random = seededRandom(11);
  const clock = virtualClock(START_MS);
  const vendor = new FakeVendor({ ...limit, phaseMs: 9_000, roundTripMs: ROUND_TRIP_MS, clock });
  const budget = budgetOf(limit, share, memoryLedger(clock), clock, random);
  const stop = new AbortController();
  const another = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // Exponential waits make a Poisson stream of calls.
      await clock.sleep((-Math.log(1 - random.next()) * 60_000) / others);
      void vendor.call("them");
    }
  };
  void another();
  const startMs = clock.now();
  await drive(clock, job(budget, vendor, "us", 500, 20, clock));
  stop.abort();
  const elapsedMs = clock.now() - startMs;
  await budget.close();
  const allowance = Math.floor(limit.limit * share);
  const ours = worstWindow(vendor.admitted.get("us") ?? [], limit.windowMs);
  const refused = vendor.refused.get("them") ?? 0;
  const theirs = refused / (refused + (vendor.admitted.get("them")?.length ?? 0));
  const what = `${scheme}: share ${share} beside one that makes ${others} calls a minute of 120`;
  const theirLoss = `${what}, its refused calls`;
  return [
    atMost(`${what}, our worst window`, ours / allowance, 1, "× share"),
    lost === null ? shown(theirLoss, theirs, "of them") : atMost(theirLoss, theirs, lost, "of them"),
    atMost(`${what}, our refused calls`, (vendor.refused.get("us") ?? 0) / 500, 0.02, "of ours"),
    shown(`${what}, elapsed`, elapsedMs / bound({ ...limit, limit: allowance }, 500, 20), "× bound of the share"),
  ];
}

async function sharedQuota(): Promise<readonly Measure[]> {
  const measures: Measure[] = [];
  // Not the strict scheme: beside an integration that never waits, its own refused calls leave nobody anything.
  for (const scheme of ["fixed-window", "sliding-log"] as const) {
    measures.push(...(await besideAnother(scheme, { share: 0.5, others: 60, lost: 0.15 })));
    measures.push(...(await besideAnother(scheme, { share: 0.7, others: 72, lost: null })));
  }
  return measures;
}

export const rateSchemes: Bench = {
  name: "rate-schemes",
  run: async () => [...(await schemes()), ...(await oneWindow()), ...(await twoProcesses()), ...(await sharedQuota())],
};
