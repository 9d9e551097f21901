import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { present } from "../kernel/assert.ts";
import { virtualClock } from "../kernel/clock.ts";
import { openEmbeddedStore } from "./open.ts";

test("[F8] a lease of a process that died holds nobody up once the directory has another owner; its epoch stays fenced", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tenure-reopened-"));
  const clock = virtualClock(1_795_212_000_000);
  try {
    const first = await openEmbeddedStore({ directory, clock });
    const dead = present(await first.leases.take("account:a", "dead", 30_000, clock.now()), "a lease");
    await first.close();
    const second = await openEmbeddedStore({ directory, clock });
    const taken = present(await second.leases.take("account:a", "alive", 30_000, clock.now()), "a lease");
    assert.ok(taken.epoch > dead.epoch);
    assert.equal(await second.leases.renew(dead, 30_000, clock.now()), null);
    await second.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
