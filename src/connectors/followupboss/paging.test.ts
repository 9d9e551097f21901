import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cursor } from "../../kernel/cursor.ts";
import { pageEnd, pageQuery, placeOf } from "./paging.ts";

const at = (offset: number, pageSize = 100): ReturnType<typeof placeOf> => ({
  ...placeOf({ cursor: null, pageSize }),
  offset,
});
const said = (total: number, offset: number, limit = 100): { total: number; offset: number; limit: number } => ({
  total,
  offset,
  limit,
});

function offsetOf(cursor: Cursor | null): unknown {
  return cursor === null ? null : pageQuery(placeOf({ cursor, pageSize: 100 }))["offset"];
}

test("goes on behind the rows that came, not behind those that were asked for", () => {
  assert.equal(offsetOf(pageEnd(at(0), said(250, 0), 100, false).next), 100);
  assert.equal(offsetOf(pageEnd(at(0), said(250, 0, 30), 30, false).next), 30, "a page that the app cut");
  assert.equal(offsetOf(pageEnd(at(100), said(250, 100), 7, false).next), 107, "a short page in the middle");
});

test("ends where the total is used up, without a further request", () => {
  for (const [offset, received] of [
    [200, 50],
    [0, 250],
    [150, 100],
  ] as const) {
    const end = pageEnd(at(offset), said(250, offset), received, false);
    assert.deepEqual([end.next, end.warnings], [null, []]);
  }
  assert.deepEqual(pageEnd(at(0), said(0, 0), 0, false), { total: 0, next: null, warnings: [] });
});

test("warns of a total that the rows contradict, and goes on where there may be more", () => {
  const empty = pageEnd(at(200), said(250, 200), 0, false);
  assert.equal(empty.next, null);
  assert.match(empty.warnings.join(), /says 250 in all, but there is nothing after 200/);
  const full = pageEnd(at(200), said(250, 200), 100, false);
  assert.equal(offsetOf(full.next), 300);
  assert.match(full.warnings.join(), /says 250 in all, but shows at least 300/);
  assert.equal(pageEnd(at(200), said(250, 200), 60, false).next, null);
});

test("refuses an answer with other rows than those asked for", () => {
  assert.throws(() => pageEnd(at(100), said(250, 0), 100, false), { code: "bad_response" });
});

test("profile vendor goes on by the pointer alone, and never to the same page", () => {
  const first = pageEnd(at(0), { ...said(250, 0), next: "opaque" }, 100, true);
  assert.ok(first.next);
  const second = placeOf({ cursor: first.next, pageSize: 100 });
  assert.deepEqual(pageQuery(second), { limit: 100, next: "opaque" });
  assert.throws(() => pageEnd(second, { ...said(250, 0), next: "opaque" }, 100, true), { code: "bad_response" });
  assert.equal(pageEnd(second, { ...said(250, 0), next: null }, 50, true).next, null);
});
