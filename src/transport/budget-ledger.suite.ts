import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as assertProperty, asyncProperty, nat } from "fast-check";
import type { VirtualClock } from "../kernel/clock.ts";
import { GRANT_RECHECK_MS, GRANT_TTL_MS, LONGEST_HOLD_MS } from "./contract.ts";
import type { BudgetLedger, BudgetSpec, Grant, GrantAnswer, Lane } from "./contract.ts";

const WINDOW_MS = 60_000;

/** What a store brings to the suite. */
export interface LedgerHarness {
  readonly ledger: BudgetLedger;
  /** Another process on the same rows; the same object where there is only one process. */
  readonly other: BudgetLedger;
  /** The clock of both. */
  readonly clock: VirtualClock;
  close(): Promise<void>;
}

function spec(allowance: number, urgentReserve = 0, key = "key-a"): BudgetSpec {
  return {
    key,
    quota: { scheme: "sliding-log", limit: allowance, windowMs: WINDOW_MS, owner: "credential" },
    allowance,
    urgentReserve,
  };
}

function granted(answer: GrantAnswer): Grant {
  if (answer.granted === null) assert.fail(`a grant was due, the ledger says not before ${answer.notBeforeMs}`);
  return answer.granted;
}

function notBefore(answer: GrantAnswer): number {
  if (answer.granted !== null) assert.fail(`no grant was due, the ledger gave ${answer.granted.count}`);
  return answer.notBeforeMs;
}

type Use = (run: (harness: LedgerHarness) => Promise<void>) => () => Promise<void>;

function counting(name: string, use: Use): void {
  test(
    `${name}: grants what is free and no more, then says when`,
    use(async ({ ledger, clock }) => {
      const ten = spec(10);
      const first = await ledger.take(ten, "normal", 6);
      assert.equal(granted(first).count, 6);
      assert.equal(first.granted !== null && first.occupied, 6);
      const rest = granted(await ledger.take(ten, "normal", 6));
      assert.equal(rest.count, 4);
      assert.equal(notBefore(await ledger.take(ten, "normal", 1)), clock.now() + GRANT_RECHECK_MS);
    }),
  );

  test(
    `${name}: a used slot is free one window after its answer, not after it was taken`,
    use(async ({ ledger, clock }) => {
      const two = spec(2);
      const grant = granted(await ledger.take(two, "normal", 2));
      await clock.advance(20_000);
      const answeredMs = clock.now();
      await ledger.settle(two, grant, 2, answeredMs);
      assert.equal(notBefore(await ledger.take(two, "normal", 2)), answeredMs + WINDOW_MS + 1);
      await clock.advance(WINDOW_MS);
      assert.equal(notBefore(await ledger.take(two, "normal", 2)), answeredMs + WINDOW_MS + 1);
      await clock.advance(1);
      assert.equal(granted(await ledger.take(two, "normal", 2)).count, 2);
    }),
  );

  test(
    `${name}: slots that were not sent come back at once`,
    use(async ({ ledger, other, clock }) => {
      const five = spec(5);
      const grant = granted(await ledger.take(five, "bulk", 5));
      await ledger.settle(five, grant, 2, clock.now());
      assert.equal(granted(await other.take(five, "bulk", 5)).count, 3);
    }),
  );

  test(
    `${name}: a grant is settled once`,
    use(async ({ ledger, clock }) => {
      const four = spec(4);
      const grant = granted(await ledger.take(four, "normal", 2));
      await ledger.settle(four, grant, 1, clock.now());
      await ledger.settle(four, grant, 2, clock.now());
      await ledger.settle(four, { id: "no-such-grant", count: 4 }, 4, clock.now());
      assert.equal(granted(await ledger.take(four, "normal", 4)).count, 3);
    }),
  );

  test(
    `${name}: the time to ask again is when enough slots are free for the lane`,
    use(async ({ ledger, clock }) => {
      const reserved = spec(4, 1);
      const early = granted(await ledger.take(reserved, "urgent", 2));
      await ledger.settle(reserved, early, 2, clock.now());
      await clock.advance(5_000);
      const late = granted(await ledger.take(reserved, "urgent", 2));
      await ledger.settle(reserved, late, 2, clock.now());
      assert.equal(notBefore(await ledger.take(reserved, "normal", 1)), clock.now() - 5_000 + WINDOW_MS + 1);
      const all = spec(4, 3);
      assert.equal(notBefore(await ledger.take(all, "normal", 1)), clock.now() + WINDOW_MS + 1);
    }),
  );

  test(
    `${name}: the reserve is for the urgent lane, and one slot is always for all`,
    use(async ({ ledger }) => {
      const reserved = spec(10, 2);
      assert.equal(granted(await ledger.take(reserved, "normal", 10)).count, 8);
      for (const lane of ["normal", "bulk", "poll"] as const) notBefore(await ledger.take(reserved, lane, 1));
      assert.equal(granted(await ledger.take(reserved, "urgent", 10)).count, 2);
      notBefore(await ledger.take(reserved, "urgent", 1));
      assert.equal(granted(await ledger.take(spec(1, 1, "key-b"), "poll", 1)).count, 1);
    }),
  );
}

function sharing(name: string, use: Use): void {
  test(
    `${name}: [X-10] one key is one budget for all processes, other keys are not touched`,
    use(async ({ ledger, other, clock }) => {
      const grant = granted(await ledger.take(spec(6), "normal", 4));
      const answer = await other.take(spec(6), "normal", 4);
      assert.equal(granted(answer).count, 2);
      assert.equal(answer.granted !== null && answer.occupied, 6);
      notBefore(await other.take(spec(6), "normal", 1));
      await ledger.settle(spec(6), grant, 4, clock.now());
      notBefore(await other.take(spec(6), "normal", 1));
      assert.equal(granted(await other.take(spec(6, 0, "key-b"), "normal", 4)).count, 4);
    }),
  );

  test(
    `${name}: a connection with a smaller share waits while a bigger one has used more than that`,
    use(async ({ ledger, clock }) => {
      const grant = granted(await ledger.take(spec(10), "normal", 7));
      await ledger.settle(spec(10), grant, 7, clock.now());
      assert.equal(notBefore(await ledger.take(spec(5), "normal", 1)), clock.now() + WINDOW_MS + 1);
      assert.equal(granted(await ledger.take(spec(10), "normal", 5)).count, 3);
    }),
  );

  test(
    `${name}: processes that ask at the same time never get more than there is`,
    use(async ({ ledger, other }) => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? ledger : other).take(spec(25), "normal", 3)),
      );
      const total = answers.reduce((sum, answer) => sum + (answer.granted?.count ?? 0), 0);
      assert.equal(total, 25);
    }),
  );

  test(
    `${name}: [F81] what a killed process had taken counts as used at the end of its time, then is free`,
    use(async ({ ledger, other, clock }) => {
      granted(await ledger.take(spec(3), "normal", 3));
      const takenMs = clock.now();
      await clock.advance(GRANT_TTL_MS);
      assert.equal(notBefore(await other.take(spec(3), "normal", 1)), takenMs + GRANT_TTL_MS + WINDOW_MS + 1);
      await clock.advance(WINDOW_MS + 1);
      assert.equal(granted(await other.take(spec(3), "normal", 3)).count, 3);
    }),
  );
}

function holding(name: string, use: Use): void {
  test(
    `${name}: nobody is granted anything during a hold, and a shorter one does not end it`,
    use(async ({ ledger, other, clock }) => {
      const untilMs = clock.now() + 20_000;
      await ledger.hold(spec(10, 2), untilMs);
      await other.hold(spec(10, 2), untilMs - 5_000);
      for (const lane of ["urgent", "normal", "bulk", "poll"] satisfies Lane[]) {
        assert.equal(notBefore(await other.take(spec(10, 2), lane, 1)), untilMs);
      }
    }),
  );

  test(
    `${name}: after a hold one probe flies, and its answer lets all go`,
    use(async ({ ledger, other, clock }) => {
      const ten = spec(10);
      await ledger.hold(ten, clock.now() + 1_000);
      await clock.advance(1_000);
      const probe = granted(await other.take(ten, "normal", 10));
      assert.equal(probe.count, 1);
      assert.equal(notBefore(await ledger.take(ten, "urgent", 1)), clock.now() + GRANT_RECHECK_MS);
      await other.settle(ten, probe, 1, clock.now());
      assert.equal(granted(await ledger.take(ten, "normal", 10)).count, 9);
    }),
  );

  test(
    `${name}: a probe that was not sent goes to the next who asks`,
    use(async ({ ledger, other, clock }) => {
      const ten = spec(10);
      await ledger.hold(ten, clock.now());
      const probe = granted(await ledger.take(ten, "normal", 5));
      await ledger.settle(ten, probe, 0, clock.now());
      assert.equal(granted(await other.take(ten, "normal", 5)).count, 1);
    }),
  );

  test(
    `${name}: a probe that is refused holds again`,
    use(async ({ ledger, clock }) => {
      const ten = spec(10);
      await ledger.hold(ten, clock.now());
      const probe = granted(await ledger.take(ten, "normal", 5));
      await ledger.hold(ten, clock.now() + 4_000);
      await ledger.settle(ten, probe, 1, clock.now());
      assert.equal(notBefore(await ledger.take(ten, "normal", 5)), clock.now() + 4_000);
      await clock.advance(4_000);
      assert.equal(granted(await ledger.take(ten, "normal", 5)).count, 1);
    }),
  );

  test(
    `${name}: [F81] the probe of a killed process is replaced`,
    use(async ({ ledger, other, clock }) => {
      const ten = spec(10);
      await ledger.hold(ten, clock.now());
      granted(await ledger.take(ten, "normal", 5));
      await clock.advance(GRANT_TTL_MS);
      assert.equal(granted(await other.take(ten, "normal", 5)).count, 1);
    }),
  );

  test(
    `${name}: [E1] a hold lasts a day at most`,
    use(async ({ ledger, clock }) => {
      await ledger.hold(spec(10), clock.now() + 30 * 24 * 3_600_000);
      assert.equal(notBefore(await ledger.take(spec(10), "normal", 1)), clock.now() + LONGEST_HOLD_MS);
    }),
  );
}

interface Sent {
  readonly sentMs: number;
  readonly answeredMs: number;
}

interface Flying {
  readonly grant: Grant;
  readonly used: number;
  readonly sentMs: number;
  readonly by: BudgetLedger;
}

/** Plays one random job and gives when each call was sent and answered. */
async function play(harness: LedgerHarness, budget: BudgetSpec, moves: readonly number[]): Promise<readonly Sent[]> {
  const { clock } = harness;
  const sent: Sent[] = [];
  const end = async (call: Flying): Promise<void> => {
    await call.by.settle(budget, call.grant, call.used, clock.now());
    for (let one = 0; one < call.used; one += 1) sent.push({ sentMs: call.sentMs, answeredMs: clock.now() });
  };
  const flying: Flying[] = [];
  for (const move of moves) {
    const by = move % 2 === 0 ? harness.ledger : harness.other;
    if (move % 3 === 0) {
      const answer = await by.take(budget, "normal", 1 + (move % 5));
      if (answer.granted !== null) {
        flying.push({ grant: answer.granted, used: move % (answer.granted.count + 1), sentMs: clock.now(), by });
      }
    } else if (move % 3 === 1) {
      const call = flying.shift();
      if (call !== undefined) await end(call);
    } else {
      // A request ends within 30 s.
      for (let oldest = flying[0]; oldest !== undefined && clock.now() - oldest.sentMs > 10_000; oldest = flying[0]) {
        flying.shift();
        await end(oldest);
      }
      await clock.advance(move % 20_000);
    }
  }
  for (const call of flying) await end(call);
  return sent;
}

/** The most calls that a vendor can have counted within one window, however it chose the instants between send and answer. */
function worstWindow(calls: readonly Sent[]): number {
  let worst = 0;
  for (const { answeredMs: startMs } of calls) {
    // All that may have arrived within [start, start + window]: sent by its end and answered from its beginning on.
    const within = calls.filter((call) => call.answeredMs >= startMs && call.sentMs <= startMs + WINDOW_MS);
    worst = Math.max(worst, within.length);
  }
  return worst;
}

function windows(name: string, use: Use): void {
  test(
    `${name}: [S13] no window of the vendor sees more than the allowance, wherever it begins`,
    use(async (harness) => {
      let job = 0;
      await assertProperty(
        asyncProperty(array(nat(59_999), { minLength: 30, maxLength: 60 }), async (moves) => {
          job += 1;
          const budget = spec(5, 0, `key-${job}`);
          assert.ok(worstWindow(await play(harness, budget, moves)) <= budget.allowance);
        }),
        { numRuns: 40 },
      );
      assert.ok(job >= 40);
    }),
  );

  test(
    `${name}: [F80] slots are not lost for longer than a window after a clock was set back`,
    use(async ({ ledger, clock }) => {
      const dayMs = 24 * 3_600_000;
      const grant = granted(await ledger.take(spec(1), "normal", 1));
      await ledger.settle(spec(1), grant, 1, clock.now() + dayMs);
      assert.equal(notBefore(await ledger.take(spec(1), "normal", 1)), clock.now() + WINDOW_MS + 1);
      await clock.advance(WINDOW_MS + 1);
      assert.equal(granted(await ledger.take(spec(1), "normal", 1)).count, 1);
    }),
  );
}

/** What every `BudgetLedger` must do. `open` gives a fresh, empty one each time. */
export function budgetLedgerSuite(name: string, open: () => Promise<LedgerHarness>): void {
  const use: Use = (run) => async () => {
    const harness = await open();
    try {
      await run(harness);
    } finally {
      await harness.close();
    }
  };
  counting(name, use);
  sharing(name, use);
  holding(name, use);
  windows(name, use);
}
