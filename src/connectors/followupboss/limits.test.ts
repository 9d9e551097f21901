import assert from "node:assert/strict";
import { test } from "node:test";
import { walkListing, wholeListing } from "../../connector-kit/walk.ts";
import { present } from "../../kernel/assert.ts";
import { parseIso } from "../../kernel/dates.ts";
import type { Page } from "../../connector-kit/contract.ts";
import { withTwin, type TwinBench } from "../twin.suite.ts";
import manifest from "./index.ts";

const WINDOW_MS = 600_000;

async function readOne(bench: TwinBench): Promise<Page> {
  const request = { kind: "user", parent: null, cursor: null, pageSize: 1 };
  return bench.drive(bench.connector.list(request, bench.context()));
}

function timesOf(bench: TwinBench): readonly number[] {
  return bench.twin.journal().map((entry) => present(parseIso(entry.at), "time"));
}

test("[FUB-45] sends 1,000 requests in 10 minutes and then waits for the next window", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const from = bench.clock.now();
    for (let count = 0; count < 1000; count += 1) await readOne(bench);
    assert.ok(bench.clock.now() - from < WINDOW_MS, "the whole quota is used in one window");
    const next = await bench.attempt(readOne(bench));
    assert.equal(next.error?.code, "rate_limited");
    assert.equal(bench.twin.journal().length, 1000, "the next one is not sent");
    const waitMs = Number(next.error?.details["retryAfterMs"]);
    assert.ok(waitMs > 0 && waitMs <= WINDOW_MS + 1_000, `${waitMs}`);
    await bench.drive(bench.clock.sleep(waitMs));
    await readOne(bench);
    const times = timesOf(bench);
    assert.ok(present(times.at(-1), "last") - present(times[0], "first") >= WINDOW_MS);
    assert.ok(bench.twin.journal().every((entry) => entry.status === 200));
  });
});

test("[FUB-46] sees in the rate-limit headers that somebody else uses the key, and holds back", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.fault({ fault: "F22", status: 200, reset: "seconds", inSeconds: 25, remaining: 0, times: 1 });
    await readOne(bench);
    await bench.assertFired();
    const from = bench.clock.now();
    await readOne(bench);
    assert.ok(bench.clock.now() - from >= 24_000, "it waited for the reset that the header names");
  });
});

test("[FUB-47] waits after a 429 without Retry-After for the reset, and for Retry-After where there is one", async () => {
  await withTwin(manifest, {}, async (bench) => {
    bench.twin.set("rateLimit", { limit: 2, windowSeconds: 20, scheme: "fixed-window" });
    await readOne(bench);
    await readOne(bench);
    const from = bench.clock.now();
    await readOne(bench);
    const waitedMs = bench.clock.now() - from;
    assert.ok(waitedMs > 0 && waitedMs <= 40_000, `${waitedMs}`);
    const refused = bench.twin.journal().filter((entry) => entry.status === 429);
    assert.ok(refused.length <= 1, "nothing is sent inside the wait");
    bench.twin.set("rateLimit", null);
    await bench.fault({ fault: "F21", retryAfter: 7, times: 1, path: "^/v1/teams$" });
    const at = bench.clock.now();
    const request = { kind: "team", parent: null, cursor: null, pageSize: 1 };
    await bench.attempt(bench.connector.list(request, bench.context()));
    await bench.assertFired();
    assert.ok(bench.clock.now() - at >= 7_000);
  });
});

test("the wait after a 429 without any header grows by itself and is bounded", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.fault({ fault: "F22", status: 429, reset: "absent", path: "^/v1/users$" });
    const from = bench.clock.now();
    const outcome = await bench.attempt(readOne(bench));
    await bench.assertFired();
    assert.equal(outcome.error?.code, "rate_limited");
    assert.ok(bench.clock.now() - from >= 1_000, "it waited between the tries");
    assert.ok(bench.twin.journal().length <= 6);
  });
});

test("[FUB-60] gives a lead to another owner by a PUT that names the owner and nothing else", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const users = [{ id: 1 }, { id: 2 }];
    await bench.twin.reset({ data: { users, people: [{ id: 70, name: "A lead", ownerId: 1 }] } });
    const transfer = present(bench.connector.transfer, "transfer");
    const request = { holding: "lead", id: "70", from: { kind: "user", id: "1" }, to: { kind: "user", id: "2" } };
    const done = await bench.drive(transfer({ ...request, owner: "1" }, bench.context()));
    assert.equal(done.outcome, "transferred");
    const entry = bench.twin.journal().at(-1);
    assert.deepEqual([entry?.method, entry?.path, entry?.body], ["PUT", "/v1/people/70", { ownerId: 2 }]);
    const seen = bench.mark();
    assert.equal((await bench.drive(transfer({ ...request, owner: "2" }, bench.context()))).outcome, "was-owner");
    const stranger = await bench.attempt(transfer({ ...request, owner: "3" }, bench.context()));
    assert.equal(stranger.error?.code, "conflict");
    assert.equal(bench.mark(), seen, "nothing is sent for a lead that is not the leaver's");
  });
});

test("[FUB-62] hands over lead by lead, goes on from a kept page, and shows what is left", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const people = Array.from({ length: 7 }, (_, index) => ({ id: index + 1, ownerId: 1 }));
    await bench.twin.reset({ data: { users: [{ id: 1 }, { id: 2 }], people } });
    const [from, to] = [
      { kind: "user", id: "1" },
      { kind: "user", id: "2" },
    ];
    const holdings = present(bench.connector.holdings, "holdings");
    const transfer = present(bench.connector.transfer, "transfer");
    const first = await bench.drive(
      holdings({ holding: "lead", owner: from, cursor: null, pageSize: 3 }, bench.context()),
    );
    assert.equal(first.total, 7, "the first page already tells how many");
    // Ids first: the filtered list shrinks while leads are given away.
    const rest = wholeListing(
      { connector: bench.connector, pageSize: 3 },
      "lead",
      present(bench.traits.kinds["lead"], "lead"),
      "1",
    );
    const { items } = await bench.drive(walkListing({ ...rest, resume: [{ ...first, page: 1 }] }, bench.context()));
    assert.equal(items.length, 7);
    const mark = bench.mark();
    for (const { id } of items) {
      await bench.drive(transfer({ holding: "lead", id, owner: "1", from, to }, bench.context()));
    }
    assert.equal(bench.requests(mark, "PUT", "^/v1/people/").length, 7, "one call a lead, there is no bulk call");
    const left = await bench.drive(
      holdings({ holding: "lead", owner: from, cursor: null, pageSize: 3 }, bench.context()),
    );
    assert.deepEqual([left.items, left.total, left.next], [[], 0, null]);
  });
});

test("[FUB-69] says what a plan needs to count calls and minutes: requests a verb, rows a page, quota", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { users: Array.from({ length: 250 }, (_, index) => ({ id: index + 1 })) } });
    const users = present(bench.traits.kinds["user"], "users");
    const { listing } = await bench.drive(
      walkListing(wholeListing({ connector: bench.connector, pageSize: 100 }, "user", users), bench.context()),
    );
    const pages = Math.ceil(250 / users.maxPageSize);
    assert.equal(listing.requests, 2 * pages, "as many pages as the rows need, twice as the proof");
    assert.equal(bench.twin.journal().length, listing.requests);
    assert.deepEqual(listing.proof, { method: "two-walks", walks: 2 });
    // 5,000 leads: one call each, so that the declared quota gives the minutes that a plan shows.
    const { requests } = present(bench.traits.verbs.transfer, "transfer");
    const { limit, windowMs } = bench.traits.quota;
    assert.equal((Math.ceil((5000 * requests) / limit) - 1) * (windowMs / 60_000), 40);
  });
});
