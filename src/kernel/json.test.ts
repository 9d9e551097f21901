import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hashJson } from "./hash.ts";
import { canonicalJson, parseJson, type JsonValue } from "./json.ts";

test("[B13] integers beyond 2^53 keep their digits, as text", () => {
  assert.deepEqual(parseJson('{"id": 9007199254740993, "n": 12, "f": 1.5, "s": "9007199254740993"}'), {
    id: "9007199254740993",
    n: 12,
    f: 1.5,
    s: "9007199254740993",
  });
});

test("canonical JSON does not depend on the order of keys", () => {
  assert.equal(canonicalJson({ b: 1, a: [true, null, { d: "x", c: 2 }] }), '{"a":[true,null,{"c":2,"d":"x"}],"b":1}');
  assert.equal(hashJson({ b: 1, a: 2 }), hashJson({ a: 2, b: 1 }));
  assert.notEqual(hashJson({ a: 1 }), hashJson({ a: "1" }));
});

test("canonical JSON is JSON of the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as JsonValue;
      assert.deepEqual(JSON.parse(canonicalJson(plain)), plain);
    }),
  );
});

test("text that is no JSON, and JSON nested without end, are bad_response", () => {
  assert.throws(() => parseJson("<html>"), /not valid JSON/);
  assert.throws(() => parseJson("[".repeat(100_000) + "]".repeat(100_000)), /nested too deeply/);
  assert.deepEqual(parseJson("[[1]]", 2), [[1]]);
  assert.throws(() => parseJson("[[[1]]]", 2), /nested too deeply/);
});

test("[T9] a key named __proto__ is data and changes no object's prototype", () => {
  const value = parseJson('{"__proto__": {"role": "admin"}}');
  assert.equal(({} as { role?: string }).role, undefined);
  assert.equal(canonicalJson(value), '{"__proto__":{"role":"admin"}}');
});
