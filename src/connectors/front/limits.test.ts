import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "../../connector-kit/contract.ts";
import { withTwin, type TwinBench } from "../twin.suite.ts";
import manifest from "./index.ts";

async function readOne(bench: TwinBench): Promise<Page> {
  const request = { kind: "teammate", parent: null, cursor: null, pageSize: 1 };
  return bench.drive(bench.connector.list(request, bench.context()));
}

test("[FRONT-43] sends 120 requests a minute and then waits for the next one", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const from = bench.clock.now();
    for (let count = 0; count < 120; count += 1) await readOne(bench);
    assert.ok(bench.clock.now() - from < 60_000, "the whole quota is used in one window");
    const next = await bench.attempt(readOne(bench));
    if (!next.ok) {
      assert.equal(next.error.code, "rate_limited");
      await bench.drive(bench.clock.sleep(Number(next.error.details["retryAfterMs"])));
      await readOne(bench);
    }
    assert.ok(bench.clock.now() - from >= 60_000);
    assert.equal(bench.twin.journal().length, 121);
    assert.ok(bench.twin.journal().every((entry) => entry.status === 200));
  });
});

test("[FRONT-44] takes the reset header for an epoch in seconds, and holds back when nothing remains", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.fault({ fault: "F22", status: 200, reset: "seconds", inSeconds: 20, remaining: 0, times: 1 });
    await readOne(bench);
    await bench.assertFired();
    const from = bench.clock.now();
    await readOne(bench);
    const waitedMs = bench.clock.now() - from;
    assert.ok(waitedMs >= 19_000 && waitedMs <= 30_000, `${waitedMs}`);
  });
});

test("[FRONT-45] waits after a 429 for as long as Retry-After says", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.fault({ fault: "F21", retryAfter: 9, times: 1 });
    const from = bench.clock.now();
    await readOne(bench);
    await bench.assertFired();
    const waitedMs = bench.clock.now() - from;
    assert.ok(waitedMs >= 9_000 && waitedMs < 15_000, `${waitedMs}`);
    assert.equal(bench.twin.journal().length, 2, "nothing is sent inside the wait");
    await bench.fault({ fault: "F21", retryAfter: 120, times: 1 });
    const long = await bench.attempt(readOne(bench));
    await bench.assertFired();
    assert.equal(long.error?.code, "rate_limited");
    assert.ok(Number(long.error.details["retryAfterMs"]) >= 119_000, "a long wait is the workflow's");
  });
});
