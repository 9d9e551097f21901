import assert from "node:assert/strict";
import { test } from "node:test";
import { isJsonObject, type JsonValue } from "../../../kernel/json.ts";
import { errorOf, ids, rows, startFront, teammates, type Answer, type FrontUnderTest, textOf } from "./suite.ts";

function nextPath(front: FrontUnderTest, answer: Answer): string | null {
  const pagination = answer.body["_pagination"];
  assert.ok(isJsonObject(pagination));
  const next = pagination["next"];
  if (next === null) return null;
  assert.ok(typeof next === "string" && next.startsWith(front.emulator.origin));
  return next.slice(front.emulator.origin.length);
}

/** All pages from this path on, as lists of ids. */
async function walk(front: FrontUnderTest, path: string, between?: (page: number) => void): Promise<JsonValue[][]> {
  const pages: JsonValue[][] = [];
  let next: string | null = path;
  while (next !== null && pages.length < 20) {
    const answer = await front.send("GET", next);
    assert.equal(answer.status, 200, answer.text);
    pages.push([...ids(answer)]);
    between?.(pages.length);
    next = nextPath(front, answer);
  }
  return pages;
}

test("[FRONT-46] pages have 50 rows unless limit says otherwise, at most 100, and page_token leads on", async (t) => {
  const front = await startFront(t, teammates(120));
  const standard = await walk(front, "/teammates");
  assert.deepEqual(
    standard.map((page) => page.length),
    [50, 50, 20],
  );
  assert.equal(new Set(standard.flat()).size, 120);
  assert.deepEqual(
    (await walk(front, "/teammates?limit=100")).map((page) => page.length),
    [100, 20],
  );
  assert.equal(rows(await front.send("GET", "/teammates?limit=1")).length, 1);
  assert.equal((await front.send("GET", "/teammates?limit=101")).status, 400);
  assert.equal((await front.send("GET", "/teammates?offset=50")).status, 400);
});

test("the last page has no next, also when it is full", async (t) => {
  const front = await startFront(t, teammates(4));
  assert.deepEqual(
    (await walk(front, "/teammates?limit=2")).map((page) => page.length),
    [2, 2],
  );
  await front.emulator.reset({ data: { teammates: [] } });
  assert.deepEqual(await walk(front, "/teammates"), [[]]);
});

test("[FRONT-A6] what the document does not allow in a listing gets 400", async (t) => {
  const front = await startFront(t, teammates(120));
  const first = await front.send("GET", "/teammates?limit=2");
  const token = (nextPath(front, first) ?? "").replace(/^.*page_token=/, "");
  const wrong = ["limit=101", "limit=0", "limit=-1", "limit=1.5", "limit=many", "limit="];
  const broken = ["page_token=abc", "page_token=", `page_token=${token.slice(1)}`, `page_token=${token}x`];
  for (const query of [...wrong, ...broken, "offset=50", "page=2", `page_token=${token}&offset=0`]) {
    const answer = await front.send("GET", `/teammates?${query}`);
    assert.equal(answer.status, 400, query);
    assert.equal(errorOf(answer)["title"], "Bad request");
  }
  assert.equal((await front.send("GET", `/teammates?limit=5&page_token=${token}`)).status, 200);
});

test("offset parameters are passed over when the switch says so", async (t) => {
  const front = await startFront(t, teammates(3));
  front.emulator.set("invalidOffset", "ignore");
  assert.deepEqual(ids(await front.send("GET", "/teammates?offset=2&page=9")), ["tea_1", "tea_2", "tea_3"]);
  front.emulator.set("invalidOffset", 400);
  assert.equal((await front.send("GET", "/teammates?offset=2")).status, 400);
});

test("out of strict mode a wrong limit is put right", async (t) => {
  const front = await startFront(t, teammates(120));
  front.emulator.set("strict", false);
  assert.equal(rows(await front.send("GET", "/teammates?limit=500")).length, 100);
  assert.equal(rows(await front.send("GET", "/teammates?limit=none")).length, 50);
});

test("a page token belongs to one company and one listing", async (t) => {
  const front = await startFront(t, teammates(3));
  front.emulator.set("teamPages", "cursor");
  const first = await front.send("GET", "/teammates?limit=2");
  const query = (nextPath(front, first) ?? "").replace("/teammates", "");
  assert.equal((await front.send("GET", `/teams${query}`)).status, 400);
  const other = { token: textOf(front.emulator.document["otherToken"]) };
  assert.equal((await front.send("GET", `/teammates${query}`, other)).status, 400);
});

test("a walk misses nobody when rows before, at and behind the mark disappear", async (t) => {
  const front = await startFront(t, teammates(9));
  const drop = (id: string): string => front.emulator.mutate({ op: "delete", kind: "teammate", id });
  const pages = await walk(front, "/teammates?limit=3", (page) => {
    if (page === 1) for (const id of ["tea_1", "tea_3"]) drop(id);
    if (page === 2) for (const id of ["tea_6", "tea_7"]) drop(id);
  });
  const seen = new Set(pages.flat());
  for (const id of ["tea_2", "tea_4", "tea_5", "tea_8", "tea_9"]) assert.ok(seen.has(id), id);
});

test("links carry the company's own host when the switch says so", async (t) => {
  const front = await startFront(t, teammates(3));
  front.emulator.set("linkHost", "company");
  const answer = await front.send("GET", "/teammates?limit=1");
  const pagination = answer.body["_pagination"];
  assert.ok(isJsonObject(pagination));
  assert.match(textOf(pagination["next"]), /^https:\/\/harbor-pine\.api\.frontapp\.com\/teammates\?page_token=/);
  assert.match(JSON.stringify(rows(answer)[0]?.["_links"]), /https:\/\/harbor-pine\.api\.frontapp\.com/);
});

test("[FRONT-A4] teams and members come in pages when the switch says so", async (t) => {
  const front = await startFront(t);
  assert.equal((await front.send("GET", "/teams")).body["_pagination"], undefined);
  front.emulator.set("teamPages", "cursor");
  assert.deepEqual(await walk(front, "/teams?limit=1"), [["tim_1"], ["tim_2"]]);
  assert.deepEqual(await walk(front, "/teams/tim_2/teammates?limit=1"), [["tea_123"], ["tea_456"]]);
});
