import assert from "node:assert/strict";
import type { Cursor } from "../../kernel/cursor.ts";
import type { Observation } from "../../model/account.ts";
import type { Page } from "../contract.ts";
import type { BenchTest, SuiteListing } from "../suite.ts";
import { MOST_PAGES, walkListing, type WalkResult } from "../walk.ts";
import type { Bench, TwinFault } from "./bench.ts";

interface Walked {
  readonly pages: readonly (readonly Observation[])[];
  readonly warnings: readonly string[];
}

/** Reads page by page as a workflow would, with nothing in between. */
async function readAll(bench: Bench, listing: SuiteListing, pageSize: number): Promise<Walked> {
  const { kind, parent } = listing;
  const pages: (readonly Observation[])[] = [];
  const warnings: string[] = [];
  let cursor: Cursor | null = null;
  do {
    const page: Page = await bench.drive(bench.connector.list({ kind, parent, cursor, pageSize }, bench.context()));
    pages.push(page.items);
    warnings.push(...page.warnings);
    cursor = page.next;
    assert.ok(pages.length <= 200, "the listing does not end");
  } while (cursor !== null);
  return { pages, warnings };
}

async function walk(bench: Bench, listing: SuiteListing, pageSize: number): Promise<WalkResult> {
  const { kind, parent } = listing;
  const { proof } = listing;
  const request = {
    list: bench.connector.list,
    kind,
    parent,
    proof,
    pageSize,
    onPage: null,
    resume: [],
    maxPages: MOST_PAGES,
  };
  return bench.drive(walkListing(request, bench.context()));
}

function idsOf(items: readonly Observation[]): readonly string[] {
  return items.map((item) => item.id).sort();
}

function expected(bench: Bench, listing: SuiteListing): readonly string[] {
  return [...listing.ids(bench.twin.state().collections)].sort();
}

function sizeCases(listing: SuiteListing, benchTest: BenchTest): void {
  const what = listing.kind;
  for (const [rows, size] of [
    [0, 2],
    [1, 1],
    [5, 1],
    [5, 2],
    [6, 2],
    [6, 3],
    [3, 100],
  ] as const) {
    benchTest(`lists ${rows} of ${what} in pages of ${size}, each once, with the end reached once`, async (bench) => {
      await bench.twin.reset({ data: listing.data(rows) });
      const { pages, warnings } = await readAll(bench, listing, size);
      assert.deepEqual(idsOf(pages.flat()), expected(bench, listing));
      assert.equal(pages.flat().length, rows);
      assert.deepEqual(warnings, []);
      if (listing.paged) assert.equal(pages.length, Math.max(1, Math.ceil(rows / size)), "pages");
      assert.ok(pages.every((page) => page.length <= size || !listing.paged));
    });
  }

  benchTest(`gives ${what} the same ids each time, and never an address as an id`, async (bench) => {
    await bench.twin.reset({ data: listing.data(5) });
    const first = (await readAll(bench, listing, 2)).pages.flat();
    const second = (await readAll(bench, listing, 5)).pages.flat();
    assert.deepEqual(idsOf(second), idsOf(first));
    assert.ok(first.every((item) => item.id !== "" && !item.id.includes("@") && item.kind === what));
  });

  benchTest(`goes on with ${what} from a kept cursor`, async (bench) => {
    if (!listing.paged) return;
    await bench.twin.reset({ data: listing.data(5) });
    const { kind, parent } = listing;
    const first = await bench.drive(bench.connector.list({ kind, parent, cursor: null, pageSize: 2 }, bench.context()));
    const kept = JSON.parse(JSON.stringify(first.next)) as Cursor;
    const ask = bench.connector.list({ kind, parent, cursor: kept, pageSize: 2 }, bench.context());
    const second = await bench.drive(ask);
    assert.equal(new Set([...idsOf(first.items), ...idsOf(second.items)]).size, 4);
    await assert.rejects(
      bench.connector.list({ kind, parent, cursor: "no cursor" as Cursor, pageSize: 2 }, bench.context()),
      { code: "bad_input" },
    );
  });
}

/** Rows come and go between the pages of the first walk, at each place. */
function movementFaults(): readonly TwinFault[] {
  return (["before", "after"] as const).flatMap((where) => [
    { fault: "F40", op: "delete", where, index: 0 },
    { fault: "F40", op: "insert", where },
  ]);
}

/**
 * Pages that are wrong in themselves. A pointer whose order changes under it (F49) breaks the one promise on which pointers
 * rest, and nothing in its pages shows it: only offsets are held against that.
 */
const WRONG_PAGES: readonly TwinFault[] = [
  { fault: "F41" },
  { fault: "F42" },
  { fault: "F43" },
  { fault: "F44", rows: 1 },
  { fault: "F45", size: 1 },
  { fault: "F46", total: "high", by: 1 },
  { fault: "F46", total: "changing", by: 1 },
  { fault: "F47", to: "other-host" },
  { fault: "F47", to: "http" },
  { fault: "F47", to: "other-account" },
  { fault: "F48", status: 410 },
  { fault: "F49" },
];

/**
 * The law of listings (safety S15, M8): a listing that says that it is whole has every row that was there all the time.
 * Whatever happens besides is allowed: more requests, no proof, or no listing at all.
 */
async function assertTruth(bench: Bench, listing: SuiteListing, title: string): Promise<boolean> {
  const before = expected(bench, listing);
  const { kind, parent } = listing;
  const attempt = await bench.attempt(walk(bench, listing, 2));
  if (!attempt.ok) {
    assert.ok(
      ["bad_response", "invalid", "unavailable", "not_found"].includes(attempt.error.code),
      `${title}: ${attempt.error.code}`,
    );
    return false;
  }
  const { items, listing: told } = attempt.value;
  assert.equal(new Set(idsOf(items)).size, items.length, `${title}: each id once`);
  assert.equal(told.kind, kind);
  assert.equal(told.parent, parent);
  if (told.proof === null) {
    assert.ok(told.warnings.length > 0, `${title}: says why there is no proof`);
    return false;
  }
  const after = new Set(expected(bench, listing));
  const lasting = before.filter((id) => after.has(id));
  assert.deepEqual(
    lasting.filter((id) => !idsOf(items).includes(id)),
    [],
    `${title}: every lasting row`,
  );
  return true;
}

function moving(listing: SuiteListing, benchTest: BenchTest): void {
  const offsets = listing.proof === "two-walks";
  for (const rule of movementFaults()) {
    const title = `${rule.fault} ${JSON.stringify([rule["op"], rule["where"]])}`;
    benchTest(`never says that ${listing.kind} are whole when a row was passed over (${title})`, async (bench) => {
      for (let nth = 1; nth <= 2; nth += 1) {
        await bench.twin.reset({ data: listing.data(5) });
        await bench.fault({ ...rule, path: listing.path, nth, times: 1 });
        await assertTruth(bench, listing, `${title}, page ${nth + 1}`);
        await bench.assertFired();
      }
    });
  }

  benchTest(`does not prove ${listing.kind} while rows go on moving through every walk`, async (bench) => {
    await bench.twin.reset({ data: listing.data(40) });
    await bench.fault({ fault: "F40", op: "delete", where: "before", index: 0, path: listing.path });
    const proven = await assertTruth(bench, listing, "moving all the time");
    await bench.assertFired();
    if (offsets) assert.equal(proven, false);
  });

  for (const rule of [
    { fault: "F44", rows: 1, times: 1 },
    { fault: "F45", size: 1 },
  ]) {
    const words = JSON.stringify(rule);
    benchTest(`loses no row of ${listing.kind} when pages are smaller than asked for (${words})`, async (bench) => {
      await bench.twin.reset({ data: listing.data(5) });
      await bench.fault({ ...rule, path: listing.path });
      const { items, listing: told } = await walk(bench, listing, 2);
      await bench.assertFired();
      assert.deepEqual(idsOf(items), expected(bench, listing));
      assert.ok(told.proof, told.warnings.join());
    });
  }

  for (const rule of WRONG_PAGES) {
    if (rule.fault === "F49" && !offsets) continue;
    const words = JSON.stringify(rule);
    benchTest(`is not misled by wrong pages of ${listing.kind} (${words})`, async (bench) => {
      await bench.twin.reset({ data: listing.data(5) });
      await bench.fault({ ...rule, path: listing.path });
      const seen = bench.mark();
      await assertTruth(bench, listing, words);
      await bench.assertFired();
      assert.ok(bench.twin.journal(seen).length < 200, "the walk is bounded");
      assert.ok(bench.twin.journal(seen).every((entry) => entry.credential === "known"));
    });
  }
}

/** Listings: every page size, every movement, every wrong page. */
export function pagingCases(listing: SuiteListing, benchTest: BenchTest): void {
  sizeCases(listing, benchTest);
  if (listing.paged) moving(listing, benchTest);
}
