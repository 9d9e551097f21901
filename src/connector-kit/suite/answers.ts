import assert from "node:assert/strict";
import { yieldTurn } from "../../kernel/clock.ts";
import { toAppError } from "../../kernel/errors.ts";
import { walkListing } from "../walk.ts";
import type { BenchTest, SuiteListing, SuiteSubject } from "../suite.ts";
import type { Page } from "../contract.ts";
import type { Bench, Outcome, TwinFault } from "./bench.ts";

const PERMANENT = [
  { rule: { fault: "F23", status: 401 }, codes: ["auth"] },
  { rule: { fault: "F23", status: 403 }, codes: ["forbidden"] },
  { rule: { fault: "F20", status: 404 }, codes: ["not_found", "unsupported"] },
  { rule: { fault: "F20", status: 409 }, codes: ["conflict"] },
  { rule: { fault: "F20", status: 422 }, codes: ["invalid"] },
  { rule: { fault: "F20", status: 500 }, codes: ["unavailable"] },
  { rule: { fault: "F20", status: 503 }, codes: ["unavailable"] },
  { rule: { fault: "F08" }, codes: ["timeout"] },
  { rule: { fault: "F04" }, codes: ["unavailable"] },
  { rule: { fault: "F21", retryAfter: 1 }, codes: ["rate_limited"] },
  { rule: { fault: "F21", retryAfter: "absent" }, codes: ["rate_limited"] },
  { rule: { fault: "F24", status: 302, to: "same" }, codes: ["bad_response"] },
  { rule: { fault: "F24", status: 308, to: "cross" }, codes: ["bad_response"] },
  { rule: { fault: "F25", variant: "200-empty" }, codes: ["bad_response"] },
  { rule: { fault: "F26", status: 200 }, codes: ["bad_response"] },
  { rule: { fault: "F28", variant: "length" }, codes: ["bad_response", "unavailable"] },
  { rule: { fault: "F28", variant: "chunk" }, codes: ["bad_response", "unavailable"] },
  { rule: { fault: "F29" }, codes: ["bad_response"] },
  { rule: { fault: "F30", variant: "huge", size: 30_000_000 }, codes: ["bad_response"] },
  { rule: { fault: "F30", variant: "nested", size: 1000 }, codes: ["bad_response"] },
  { rule: { fault: "F31", variant: "missing", key: "id" }, codes: ["bad_response"] },
  { rule: { fault: "F31", variant: "null", key: "id" }, codes: ["bad_response"] },
  { rule: { fault: "F31", variant: "renamed", key: "email" }, codes: ["bad_response"] },
] as const;

/** One bad answer, then good ones: a read gets over it by itself. */
const PASSING: readonly TwinFault[] = [
  { fault: "F20", status: 503, times: 1 },
  { fault: "F21", retryAfter: 3, times: 1 },
  { fault: "F21", retryAfter: "absent", times: 1 },
  { fault: "F22", status: 429, reset: "seconds", times: 1 },
  { fault: "F05", times: 1 },
];

function accountListing(subject: SuiteSubject): SuiteListing {
  const listing = subject.listings.find(({ kind }) => kind === subject.accounts.kind);
  assert.ok(listing, "the suite needs the listing of accounts");
  return listing;
}

async function readFirst(bench: Bench, kind: string): Promise<Outcome<Page>> {
  return bench.attempt(bench.connector.list({ kind, parent: null, cursor: null, pageSize: 100 }, bench.context()));
}

function listingCases(subject: SuiteSubject, benchTest: BenchTest): void {
  const { kind } = subject.accounts;
  for (const { rule, codes } of PERMANENT) {
    benchTest(
      `a listing that meets ${JSON.stringify(rule)} is ${codes.join(" or ")}, never an empty page`,
      async (bench) => {
        const listing = accountListing(subject);
        await bench.twin.reset({ data: listing.data(3) });
        await bench.fault({ ...rule, method: "GET", path: listing.path });
        const seen = bench.mark();
        const outcome = await readFirst(bench, kind);
        await bench.assertFired();
        assert.ok(!outcome.ok, "it is no listing");
        assert.ok(
          codes.some((code) => code === outcome.error.code),
          `${outcome.error.code}: ${outcome.error.message}`,
        );
        assert.ok(bench.twin.journal(seen).length <= 6, "retries are bounded");
        const again = await readFirst(bench, kind);
        if (outcome.error.code !== "unavailable" && outcome.error.code !== "rate_limited")
          assert.ok(again.ok, "and then it works again");
      },
    );
  }

  for (const rule of PASSING) {
    benchTest(
      `a listing gets over ${JSON.stringify(rule)}, by itself or after the wait that it states`,
      async (bench) => {
        const listing = accountListing(subject);
        await bench.twin.reset({ data: listing.data(3) });
        await bench.fault({ ...rule, method: "GET", path: listing.path });
        const startedAt = bench.clock.now();
        let outcome = await readFirst(bench, kind);
        if (outcome.error?.code === "rate_limited") {
          const { retryAfterMs } = outcome.error.details;
          assert.ok(typeof retryAfterMs === "number" && retryAfterMs > 0, "it says how long");
          const tooEarly = bench.mark();
          assert.equal((await readFirst(bench, kind)).ok, false);
          assert.equal(bench.mark(), tooEarly, "nothing is sent inside the wait");
          await bench.drive(bench.clock.sleep(retryAfterMs));
          outcome = await readFirst(bench, kind);
        }
        await bench.assertFired();
        assert.equal(outcome.error, null);
        assert.equal(outcome.value?.items.length, 3);
        if (rule["retryAfter"] === 3) assert.ok(bench.clock.now() - startedAt >= 3_000, "it waited as told");
      },
    );
  }
}

function getCases(subject: SuiteSubject, benchTest: BenchTest): void {
  const { kind, path } = subject.accounts;
  benchTest(
    "asks for one account by its id, and says null only when the app itself says that it is not there",
    async (bench) => {
      const listing = accountListing(subject);
      await bench.twin.reset({ data: listing.data(2) });
      const [id = ""] = listing.ids(bench.twin.state().collections);
      const get = async (): Promise<Outcome<unknown>> =>
        bench.attempt(bench.connector.get({ kind, id }, bench.context()));
      assert.ok((await get()).value !== null);
      for (const rule of [
        { fault: "F23", status: 401 },
        { fault: "F23", status: 403 },
        { fault: "F20", status: 404, answer: { code: "no route" } },
        { fault: "F26", status: 404 },
        { fault: "F24", status: 301, to: "same" },
      ]) {
        await bench.fault({ ...rule, method: "GET", path });
        const outcome = await get();
        await bench.assertFired();
        assert.equal(outcome.ok, false, JSON.stringify(rule));
      }
      await bench.twin.reset({ data: listing.data(0) });
      assert.deepEqual(await get(), { ok: true, value: null, error: null });
    },
  );

  benchTest("refuses ids that would ask for something else, before anything is sent", async (bench) => {
    const seen = bench.mark();
    for (const id of ["", ".", "..", "../teams", "a/b", "1?x=1", "someone@example.com", "%2e%2e"]) {
      const outcome = await bench.attempt(
        Promise.resolve().then(async () => bench.connector.get({ kind, id }, bench.context())),
      );
      assert.equal(outcome.error?.code, "bad_input", JSON.stringify(id));
    }
    assert.equal(bench.twin.journal(seen).length, 0);
  });
}

function cancelCases(subject: SuiteSubject, benchTest: BenchTest): void {
  benchTest("stops in the middle of a listing when it is canceled, and asks for nothing more", async (bench) => {
    const listing = accountListing(subject);
    await bench.twin.reset({ data: listing.data(5) });
    await bench.fault({ fault: "F08", method: "GET", path: listing.path, nth: 2, times: 1 });
    const stop = new AbortController();
    const { kind, parent } = listing;
    const { proof } = listing;
    const request = {
      list: bench.connector.list,
      kind,
      parent,
      proof,
      pageSize: 2,
      onPage: null,
      resume: [],
      maxPages: 100,
    };
    const seen = bench.mark();
    const startedAt = bench.clock.now();
    const ended = walkListing(request, bench.context(stop.signal)).then(
      () => null,
      (error: unknown) => toAppError(error),
    );
    while (bench.twin.faults()[0]?.fired !== 1) await yieldTurn();
    stop.abort();
    const error = await ended;
    await bench.assertFired();
    assert.equal(error?.code, "canceled");
    assert.equal(bench.clock.now(), startedAt, "nothing was waited for");
    assert.equal(bench.twin.journal(seen).length, 2);
    const late = await bench.attempt(walkListing(request, bench.context(stop.signal)));
    assert.equal(late.error?.code, "canceled");
    assert.equal(bench.twin.journal(seen).length, 2);
  });
}

/** Answers of every kind to reads: each has its word, none is taken for an empty listing or an absent account. */
export function answerCases(subject: SuiteSubject, benchTest: BenchTest): void {
  listingCases(subject, benchTest);
  getCases(subject, benchTest);
  cancelCases(subject, benchTest);
}
