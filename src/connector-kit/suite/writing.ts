import assert from "node:assert/strict";
import type { BenchTest, SuiteWrite } from "../suite.ts";
import type { WriteAnswer } from "../contract.ts";
import type { Bench, Outcome, TwinFault } from "./bench.ts";

/** The effect is there, and its answer never comes. */
const LOST: readonly TwinFault[] = [
  { fault: "F05" },
  { fault: "F06", phase: "after" },
  { fault: "F07", phase: "after" },
  { fault: "F09", phase: "after" },
  { fault: "F20", phase: "after", status: 500 },
  { fault: "F20", phase: "after", status: 502 },
  { fault: "F20", phase: "after", status: 504 },
];

/** The effect is there, and its answer says something else. */
const GARBLED: readonly TwinFault[] = [
  { fault: "F26", phase: "after", status: 200 },
  { fault: "F26", phase: "after", status: 502 },
  { fault: "F28", variant: "length" },
  { fault: "F28", variant: "chunk" },
  { fault: "F25", variant: "200-empty" },
  { fault: "F24", phase: "after", status: 302, to: "same" },
  { fault: "F24", phase: "after", status: 303, to: "cross" },
];

/** Nothing has happened, but nobody can know. */
const UNSURE: readonly TwinFault[] = [
  { fault: "F04" },
  { fault: "F06", phase: "before" },
  { fault: "F08" },
  { fault: "F20", phase: "before", status: 500 },
  { fault: "F20", phase: "before", status: 503 },
];

/** Nothing has happened, and the app says so: status and what it is called. */
const REFUSED = [
  { rule: { fault: "F23", status: 401 }, codes: ["auth"] },
  { rule: { fault: "F23", status: 403 }, codes: ["forbidden"] },
  { rule: { fault: "F20", phase: "before", status: 400 }, codes: ["invalid"] },
  { rule: { fault: "F20", phase: "before", status: 409 }, codes: ["conflict"] },
  { rule: { fault: "F20", phase: "before", status: 422 }, codes: ["invalid"] },
  { rule: { fault: "F20", phase: "before", status: 405 }, codes: ["unsupported"] },
] as const;

interface Sent {
  readonly outcome: Outcome<WriteAnswer>;
  /** Requests that could have had the effect. */
  readonly sent: number;
  /** Requests that had an effect. */
  readonly applied: number;
}

async function send(bench: Bench, write: SuiteWrite, signal?: AbortSignal): Promise<Sent> {
  const mark = bench.mark();
  const outcome = await bench.attempt(write.run(bench.connector, bench.context(signal)));
  const requests = bench.requests(mark, write.request.method, write.request.path);
  const applied = bench.twin.journal(mark).filter((entry) => entry.effect === "applied").length;
  return { outcome, sent: requests.length, applied };
}

function effect(bench: Bench, write: SuiteWrite): unknown {
  return write.effect(bench.twin.state().collections);
}

function onWrite(write: SuiteWrite, rule: TwinFault): TwinFault {
  return { ...rule, method: write.request.method, path: write.request.path };
}

function nameOf(write: SuiteWrite): string {
  return write.way === undefined ? write.verb : `${write.verb} (${write.way})`;
}

function doneCases(write: SuiteWrite, benchTest: BenchTest): void {
  const name = nameOf(write);
  benchTest(`${name}: twice is once, and the plan's count of requests is right`, async (bench) => {
    await bench.twin.reset({ data: write.data });
    const before = effect(bench, write);
    const mark = bench.mark();
    const first = await send(bench, write);
    assert.equal(first.outcome.error, null);
    assert.equal(first.outcome.value?.outcome, write.first);
    assert.equal(first.sent, 1);
    const done = effect(bench, write);
    assert.notDeepEqual(done, before, "the first time has an effect");
    if (write.way === undefined) {
      assert.equal(bench.twin.journal(mark).length, bench.traits.verbs[write.verb]?.requests, "requests as declared");
    }
    const second = await send(bench, write);
    assert.deepEqual(effect(bench, write), done, "the second time changes nothing");
    const word = second.outcome.ok ? second.outcome.value.outcome : second.outcome.error.code;
    assert.ok(write.again.includes(word), `the second time says ${word}`);
  });

  benchTest(`${name}: sends nothing when the lease is lost, and shows it as such`, async (bench) => {
    await bench.twin.reset({ data: write.data });
    const before = effect(bench, write);
    const mark = bench.mark();
    const fence = (): never => {
      throw new TypeError("the lease is lost");
    };
    const outcome = await bench.attempt(write.run(bench.connector, { ...bench.context(), beforeSend: fence }));
    assert.equal(outcome.ok, false);
    assert.deepEqual(effect(bench, write), before);
    assert.equal(bench.requests(mark, write.request.method, write.request.path).length, 0);
  });
}

function lostCases(write: SuiteWrite, benchTest: BenchTest): void {
  const name = nameOf(write);
  benchTest(`${name}: an answer that was lost is outcome_unknown, and the effect is there once`, async (bench) => {
    for (const rule of LOST) {
      await bench.twin.reset({ data: write.data });
      const before = effect(bench, write);
      await bench.fault(onWrite(write, rule));
      const { outcome, sent, applied } = await send(bench, write);
      await bench.assertFired();
      const title = JSON.stringify(rule);
      assert.equal(outcome.error?.code, "outcome_unknown", title);
      assert.equal(sent, 1, `${title}: sent once`);
      assert.equal(applied, 1, `${title}: applied once`);
      assert.notDeepEqual(effect(bench, write), before, title);
    }
  });

  benchTest(`${name}: an answer that cannot be read is outcome_unknown or the effect itself, once`, async (bench) => {
    for (const rule of GARBLED) {
      await bench.twin.reset({ data: write.data });
      await bench.fault(onWrite(write, rule));
      const { outcome, sent, applied } = await send(bench, write);
      await bench.assertFired();
      const title = JSON.stringify(rule);
      if (!outcome.ok) assert.equal(outcome.error.code, "outcome_unknown", title);
      assert.equal(sent, 1, `${title}: sent once`);
      assert.equal(applied, 1, `${title}: applied once`);
    }
  });

  benchTest(`${name}: a request that may have been carried out is outcome_unknown, never sent again`, async (bench) => {
    for (const rule of UNSURE) {
      await bench.twin.reset({ data: write.data });
      const before = effect(bench, write);
      await bench.fault(onWrite(write, rule));
      const { outcome, sent } = await send(bench, write);
      await bench.assertFired();
      const title = JSON.stringify(rule);
      assert.equal(outcome.error?.code, "outcome_unknown", title);
      assert.equal(sent, 1, `${title}: sent once`);
      assert.deepEqual(effect(bench, write), before, title);
    }
  });
}

function refusedCases(write: SuiteWrite, benchTest: BenchTest): void {
  const name = nameOf(write);
  benchTest(`${name}: a refusal has its own word, changes nothing and is not sent again`, async (bench) => {
    for (const { rule, codes } of REFUSED) {
      await bench.twin.reset({ data: write.data });
      const before = effect(bench, write);
      await bench.fault(onWrite(write, rule));
      const { outcome, sent } = await send(bench, write);
      await bench.assertFired();
      const title = JSON.stringify(rule);
      assert.ok(
        codes.some((code) => code === outcome.error?.code),
        `${title}: ${outcome.error?.code ?? "ok"}`,
      );
      assert.equal(outcome.error?.details["status"], rule.status, title);
      assert.equal(sent, 1, title);
      assert.deepEqual(effect(bench, write), before, title);
    }
  });

  benchTest(
    `${name}: a 404 of some other server is no answer of the app, and nothing counts as done`,
    async (bench) => {
      for (const rule of [
        { fault: "F20", phase: "before", status: 404, answer: { code: "no route" } },
        { fault: "F26", phase: "before", status: 404 },
      ]) {
        await bench.twin.reset({ data: write.data });
        const before = effect(bench, write);
        await bench.fault(onWrite(write, rule));
        const { outcome } = await send(bench, write);
        await bench.assertFired();
        assert.equal(outcome.ok, false, JSON.stringify(rule));
        assert.deepEqual(effect(bench, write), before);
      }
    },
  );

  for (const wait of [{ retryAfter: 2 }, { retryAfter: "absent" }] as const) {
    const words = wait.retryAfter === 2 ? "with Retry-After" : "without Retry-After";
    benchTest(`${name}: a 429 ${words} is waited for and has the effect once`, async (bench) => {
      await bench.twin.reset({ data: write.data });
      await bench.fault(onWrite(write, { fault: "F21", ...wait, times: 1 }));
      const startedAt = bench.clock.now();
      const { outcome, applied } = await send(bench, write);
      await bench.assertFired();
      if (outcome.ok) {
        assert.equal(outcome.value.outcome, write.first);
        assert.equal(applied, 1);
        assert.ok(bench.clock.now() - startedAt >= (wait.retryAfter === 2 ? 2_000 : 1), "it waited");
      } else {
        assert.equal(outcome.error.code, "rate_limited");
        assert.equal(typeof outcome.error.details["retryAfterMs"], "number");
        assert.equal(applied, 0);
      }
    });
  }

  benchTest(`${name}: a refused connection is unavailable, and nothing was sent`, async (bench) => {
    await bench.twin.reset({ data: write.data });
    const before = effect(bench, write);
    await bench.fault({ fault: "F02" });
    const { outcome, sent } = await send(bench, write);
    await bench.fault();
    assert.equal(outcome.error?.code, "unavailable");
    assert.equal(sent, 0);
    assert.deepEqual(effect(bench, write), before);
  });
}

/** Writes: twice is once, lost answers are known to be lost, refusals are clear. */
export function writingCases(write: SuiteWrite, benchTest: BenchTest): void {
  doneCases(write, benchTest);
  lostCases(write, benchTest);
  refusedCases(write, benchTest);
}
