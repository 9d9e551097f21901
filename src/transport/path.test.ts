import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as assertProperty, constantFrom, oneof, property, string } from "fast-check";
import { AppError } from "../kernel/errors.ts";
import { assertSafePath, path } from "./path.ts";

function refused(make: () => unknown): boolean {
  try {
    make();
    return false;
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "bad_input");
    return true;
  }
}

test("[D18] a path of a record never becomes the path of its collection", () => {
  assert.equal(path`/users/${"42"}`, "/users/42");
  assert.equal(path`/users/${42}/teams/${"tea_1"}`, "/users/42/teams/tea_1");
  assert.equal(path`/users/${"alt:email:a+b@c.example"}`, "/users/alt%3Aemail%3Aa%2Bb%40c.example");
  const wrong = ["", ".", "..", "../teams", "a/b", "a\\b", "%2e%2e", " ", "1\n", "a?b", "a#b", "é", "a".repeat(256)];
  for (const id of wrong)
    assert.ok(
      refused(() => path`/users/${id}`),
      JSON.stringify(id),
    );
});

test("[D18] whatever the id is, it is one segment that reads as itself, or nothing is sent", () => {
  const nasty = constantFrom(
    "..",
    ".",
    "",
    "/",
    "%2f",
    "%2e%2e",
    "\\",
    "//",
    "?",
    "#",
    "\u0000",
    "a",
    "1",
    "@",
    "\uD800",
  );
  let kept = 0;
  assertProperty(
    property(oneof(string({ unit: nasty }), string({ maxLength: 3 })), (id) => {
      let made = "";
      if (refused(() => (made = path`/v1/users/${id}/teams`))) return;
      kept += 1;
      const url = new URL(`https://api.example${made}?limit=1`);
      const segments = url.pathname.split("/");
      assert.deepEqual(segments.slice(0, 3), ["", "v1", "users"]);
      assert.equal(segments.length, 5);
      assert.equal(decodeURIComponent(segments[3] ?? ""), id);
      assert.notEqual(id, "");
      assertSafePath(made);
    }),
    { numRuns: 400 },
  );
  assert.ok(kept > 0);
});

test("[D18] a path that was put together in another way is checked before it is sent", () => {
  for (const made of ["/users", "/users/", "/users/a%40b", "/Users/1"]) assertSafePath(made);
  const wrong = [
    "",
    "users",
    "//evil.example/x",
    "/users//1",
    "/users/../x",
    "/users/..",
    "/a/%2E%2e/b",
    "/a/./b",
    "/a?x=1",
  ];
  for (const made of [...wrong, "/a#b", "/a b", "https://evil.example/", "/a\\b", "/a\r\nHost: x"]) {
    assert.ok(
      refused(() => assertSafePath(made)),
      made,
    );
  }
});
