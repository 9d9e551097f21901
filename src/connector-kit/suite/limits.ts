import assert from "node:assert/strict";
import { parseIso } from "../../kernel/dates.ts";
import type { BenchTest, SuiteSubject } from "../suite.ts";

const LIMIT = 10;
const WINDOW_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Most requests in any span of one window, wherever it begins. */
function most(times: readonly number[]): number {
  let best = 0;
  let first = 0;
  for (const [last, at] of times.entries()) {
    while ((times[first] ?? at) <= at - WINDOW_MS) first += 1;
    best = Math.max(best, last - first + 1);
  }
  return best;
}

/** The budget: never more than the app allows, by the app's own count, and not much less. */
export function limitCases(subject: SuiteSubject, benchTest: BenchTest): void {
  const { kind } = subject.accounts;
  for (const scheme of ["fixed-window", "sliding-log", "strict", "no-headers"] as const) {
    const declared = scheme === "no-headers" ? "fixed-window" : scheme;
    const settings = { rate: { limit: LIMIT, windowSeconds: WINDOW_MS / 1000, scheme: declared } };
    const hour = async (bench: Parameters<Parameters<BenchTest>[1]>[0]): Promise<void> => {
      bench.twin.set("rateLimit", { limit: LIMIT, windowSeconds: WINDOW_MS / 1000, scheme });
      const from = bench.clock.now();
      const seen = bench.mark();
      while (bench.clock.now() < from + HOUR_MS) {
        const request = { kind, parent: null, cursor: null, pageSize: 1 };
        const outcome = await bench.attempt(bench.connector.list(request, bench.context()));
        if (outcome.ok) continue;
        // A wait that is too long for a step is the workflow's: it sleeps durably for as long as it is told.
        assert.equal(outcome.error.code, "rate_limited");
        await bench.drive(bench.clock.sleep(Number(outcome.error.details["retryAfterMs"])));
      }
      const entries = bench.twin.journal(seen);
      assert.deepEqual(
        entries.filter((entry) => entry.status === 429),
        [],
      );
      const times = entries.map((entry) => parseIso(entry.at) ?? 0);
      assert.ok(most(times) <= LIMIT, `${most(times)} requests in one window`);
      const windows = HOUR_MS / WINDOW_MS;
      assert.ok(entries.length >= 0.9 * LIMIT * windows, `${entries.length} requests in an hour: the quota is used`);
    };
    benchTest(`stays within the quota for an hour (${scheme})`, hour, settings);
  }
}
