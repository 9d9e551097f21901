import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cursor } from "../kernel/cursor.ts";
import type { TeamRecord } from "../model/account.ts";
import type { CallContext } from "../transport/contract.ts";
import type { ListRequest, Page } from "./contract.ts";
import { walkListing, type WalkPage, type WalkRequest } from "./walk.ts";

const context: CallContext = { signal: new AbortController().signal, lane: "normal", beforeSend: null };

function team(id: string): TeamRecord {
  return { noun: "team", kind: "team", id, name: id, memberCount: null };
}

/** An app that answers the n-th request with the n-th page. */
function scripted(
  pages: readonly {
    readonly ids: string;
    readonly next: string | null;
    readonly total?: number;
    readonly warnings?: readonly string[];
  }[],
): {
  readonly list: (request: ListRequest) => Promise<Page>;
  readonly asked: ListRequest[];
} {
  const asked: ListRequest[] = [];
  return {
    asked,
    async list(request) {
      const page = pages[asked.length];
      asked.push(request);
      assert.ok(page, `page ${asked.length} was not expected to be asked for`);
      return {
        items: page.ids.split("").map(team),
        next: page.next as Cursor | null,
        total: page.total ?? null,
        warnings: page.warnings ?? [],
      };
    },
  };
}

function request(list: WalkRequest["list"], extra: Partial<WalkRequest> = {}): WalkRequest {
  return {
    list,
    kind: "team",
    parent: null,
    proof: "two-walks",
    pageSize: 2,
    onPage: null,
    resume: [],
    maxPages: 50,
    ...extra,
  };
}

const idsOf = (items: readonly { readonly id: string }[]): string => items.map((item) => item.id).join("");

test("one page is proof enough, and its own total must agree", async () => {
  const app = scripted([{ ids: "ab", next: null, total: 2 }]);
  const { items, listing } = await walkListing(request(app.list), context);
  assert.equal(idsOf(items), "ab");
  assert.deepEqual(listing.proof, { method: "single-page" });
  const lying = scripted([
    { ids: "ab", next: null, total: 3 },
    { ids: "ab", next: null, total: 3 },
    { ids: "ab", next: null, total: 3 },
    { ids: "ab", next: null, total: 3 },
  ]);
  const { listing: doubted } = await walkListing(request(lying.list), context);
  assert.equal(doubted.proof, null);
  assert.match(doubted.warnings.join(), /total says 3, but 2 were listed/);
});

test("two walks that show the same rows in any order are proof; the rows of the last one count", async () => {
  const app = scripted([
    { ids: "ab", next: "1", total: 3 },
    { ids: "c", next: null, total: 3 },
    { ids: "cb", next: "1", total: 3 },
    { ids: "a", next: null, total: 3 },
  ]);
  const { items, listing } = await walkListing(request(app.list), context);
  assert.equal(idsOf(items), "cba");
  assert.deepEqual([listing.proof, listing.requests, listing.pages], [{ method: "two-walks", walks: 2 }, 4, 2]);
});

test("a walk that differs, repeats a row or sees its total change is repeated, at most three times", async () => {
  const settling = scripted([
    { ids: "ab", next: "1", total: 4 },
    { ids: "d", next: null, total: 3 },
    { ids: "ab", next: "1", total: 3 },
    { ids: "d", next: null, total: 3 },
    { ids: "ab", next: "1", total: 3 },
    { ids: "d", next: null, total: 3 },
  ]);
  const settled = await walkListing(request(settling.list), context);
  assert.deepEqual(
    settled.listing.proof,
    { method: "two-walks", walks: 3 },
    "the walk whose total changed is none of the two",
  );
  const restless = ["abc", "abd", "abe", "abf"].flatMap((ids) => [
    { ids: ids.slice(0, 2), next: "1", total: 3 },
    { ids: ids.slice(2), next: null, total: 3 },
  ]);
  const moving = scripted(restless);
  const never = await walkListing(request(moving.list), context);
  assert.equal(never.listing.proof, null);
  assert.match(never.listing.warnings[0] ?? "", /kept changing: 4 walks, no two alike/);
  assert.equal(moving.asked.length, 8);
});

test("the end of a pointer is proof, unless a row was listed twice or the connector warned", async () => {
  const good = scripted([
    { ids: "ab", next: "1" },
    { ids: "c", next: null },
  ]);
  const cursor = { proof: "cursor-end" } as const;
  assert.deepEqual((await walkListing(request(good.list, cursor), context)).listing.proof, {
    method: "cursor-end",
    pages: 2,
  });
  const twice = scripted([
    { ids: "ab", next: "1" },
    { ids: "bc", next: null },
  ]);
  const { items, listing } = await walkListing(request(twice.list, cursor), context);
  assert.deepEqual([idsOf(items), listing.proof, listing.warnings], ["abc", null, ["1 rows were listed twice"]]);
  const warned = scripted([{ ids: "ab", next: null, warnings: ["one row was left out"] }]);
  assert.deepEqual((await walkListing(request(warned.list, cursor), context)).listing.warnings, [
    "one row was left out",
  ]);
});

test("a walk that was interrupted goes on behind its last page, and proves nothing", async () => {
  const kept: WalkPage[] = [];
  const first = scripted([
    { ids: "ab", next: "1" },
    { ids: "cd", next: "2" },
  ]);
  const keep = { onPage: async (page: WalkPage) => void kept.push(page) };
  await assert.rejects(walkListing(request(first.list, keep), context));
  assert.deepEqual(
    kept.map((page) => page.page),
    [1, 2],
  );
  const rest = scripted([{ ids: "e", next: null }]);
  const resume = JSON.parse(JSON.stringify(kept)) as readonly WalkPage[];
  const { items, listing } = await walkListing(request(rest.list, { resume, proof: "cursor-end" }), context);
  assert.equal(idsOf(items), "abcde");
  assert.equal(rest.asked[0]?.cursor, "2");
  assert.equal(listing.proof, null);
  assert.match(listing.warnings.join(), /interrupted and resumed/);
});

test("pages are handed out in order, before the next one is asked for", async () => {
  const app = scripted([
    { ids: "ab", next: "1" },
    { ids: "c", next: null },
  ]);
  const order: string[] = [];
  const onPage = async (page: WalkPage): Promise<void> => {
    order.push(`kept ${page.page} after ${app.asked.length} asked`);
  };
  await walkListing(request(app.list, { onPage, proof: "cursor-end" }), context);
  assert.deepEqual(order, ["kept 1 after 1 asked", "kept 2 after 2 asked"]);
});

test("a listing that goes in a circle, shows nothing new or does not end is no listing", async () => {
  const wrong = { code: "bad_response" };
  const circle = scripted([
    { ids: "ab", next: "1" },
    { ids: "cd", next: "2" },
    { ids: "ef", next: "1" },
  ]);
  await assert.rejects(walkListing(request(circle.list), context), wrong);
  const idle = scripted(Array.from({ length: 7 }, (_, index) => ({ ids: index === 0 ? "ab" : "", next: `${index}` })));
  await assert.rejects(walkListing(request(idle.list), context), wrong);
  assert.equal(idle.asked.length, 6);
  const again = scripted(Array.from({ length: 7 }, (_, index) => ({ ids: "ab", next: `${index}` })));
  await assert.rejects(walkListing(request(again.list), context), wrong);
  const endless = scripted(Array.from({ length: 4 }, (_, index) => ({ ids: "abcd"[index] ?? "", next: `${index}` })));
  await assert.rejects(walkListing(request(endless.list, { maxPages: 3 }), context), wrong);
});

test("memberships of the same account in two teams are two rows", async () => {
  const member = (of: string) => ({ noun: "membership", kind: "membership", id: "tea_1", team: of }) as const;
  const list = async (): Promise<Page> => ({
    items: [member("tim_1"), member("tim_2")],
    next: null,
    total: null,
    warnings: [],
  });
  const { items } = await walkListing(request(list, { kind: "membership" }), context);
  assert.equal(items.length, 2);
});
