import assert from "node:assert/strict";
import type { LimitScheme } from "../contract.ts";
import type { Bench, BenchTest } from "../suite.ts";

const LIMIT = 3;
const WINDOW_SECONDS = 60;

async function limited(bench: Bench, scheme: LimitScheme): Promise<() => Promise<number>> {
  bench.emulator.set("rateLimit", { limit: LIMIT, windowSeconds: WINDOW_SECONDS, scheme });
  return async () => (await bench.list()).status;
}

/** The vendor's limit headers for any standing: their names are what answers must (or must not) carry. */
function limitHeaderNames({ subject, clock }: Bench): readonly string[] {
  const standing = { limit: 1, remaining: 1, windowSeconds: 1, now: clock.now(), resetAt: clock.now() };
  return Object.keys(subject.module.limits.headers(standing, subjectOptions(subject.module.options)));
}

/** The vendor's own switches at their defaults: all that a header can depend on. */
function subjectOptions(specs: Bench["subject"]["module"]["options"]): never {
  const values = Object.entries(specs).map(([name, spec]) => [name, spec.initial]);
  return Object.fromEntries(values) as never;
}

/** Rate limits by the scheme that is set, with the vendor's own headers and refusal. */
export function limitCases(benchTest: BenchTest): void {
  benchTest("counts in fixed windows of the clock", async (bench) => {
    const call = await limited(bench, "fixed-window");
    bench.clock.advance(50_000);
    for (let index = 0; index < LIMIT; index += 1) assert.equal(await call(), 200);
    assert.equal(await call(), 429);
    bench.clock.advance(9999);
    assert.equal(await call(), 429);
    bench.clock.advance(1);
    assert.equal(await call(), 200);
  });

  benchTest("counts in a sliding log, in which refused calls do not count", async (bench) => {
    const call = await limited(bench, "sliding-log");
    for (let index = 0; index < LIMIT; index += 1) {
      assert.equal(await call(), 200);
      bench.clock.advance(10_000);
    }
    assert.equal(await call(), 429);
    bench.clock.advance(30_000);
    assert.equal(await call(), 200);
    assert.equal(await call(), 429);
  });

  benchTest("counts refused calls too where the scheme is strict", async (bench) => {
    const call = await limited(bench, "strict");
    for (let index = 0; index < LIMIT; index += 1) assert.equal(await call(), 200);
    for (let index = 0; index < 6; index += 1) {
      bench.clock.advance(15_000);
      assert.equal(await call(), 429);
    }
    bench.clock.advance(WINDOW_SECONDS * 1000);
    assert.equal(await call(), 200);
  });

  benchTest("sends the vendor's limit headers, and none where the scheme has none", async (bench) => {
    const names = limitHeaderNames(bench);
    const counted = await bench.list();
    for (const name of names) assert.notEqual(counted.headers.get(name), null, name);
    const call = await limited(bench, "no-headers");
    const answers = [await bench.list()];
    while ((await call()) === 200);
    answers.push(await bench.list());
    for (const answer of answers) {
      for (const name of [...names, "Retry-After"]) assert.equal(answer.headers.get(name), null, name);
    }
    assert.equal(answers.at(-1)?.status, 429);
  });

  benchTest("refuses calls over the limit without any effect, and keeps other accounts out of it", async (bench) => {
    const call = await limited(bench, "fixed-window");
    for (let index = 0; index < LIMIT; index += 1) await call();
    const before = bench.stored();
    assert.equal((await bench.create()).status, 429);
    assert.deepEqual(bench.stored(), before);
    assert.equal(bench.emulator.journal().at(-1)?.effect, "none");
    assert.equal((await bench.list(10, bench.subject.credentials.otherAccount)).status, 200);
  });
}
