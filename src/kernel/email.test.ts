import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalByRule, canonicalEmail, emailDomain, isPlainEmail } from "./email.ts";

test("[B1] the matching key is trimmed and lower-cased, and nothing else is folded", () => {
  assert.equal(canonicalEmail("  Maya.Okafor@HarborPine.Example "), "maya.okafor@harborpine.example");
  assert.notEqual(canonicalEmail("a.b@x.example"), canonicalEmail("ab@x.example"));
  assert.notEqual(canonicalEmail("x+1@x.example"), canonicalEmail("x@x.example"));
});

test("[B2] only ASCII letters of the local part are folded: KELVIN SIGN is not k", () => {
  const kelvin = canonicalEmail("\u212Aim@x.example");
  assert.notEqual(kelvin, canonicalEmail("kim@x.example"));
  assert.ok(kelvin !== null && !isPlainEmail(kelvin));
  assert.notEqual(canonicalEmail("\u0130@x.example"), canonicalEmail("i@x.example"));
});

test("[B3] a domain becomes its A-label, and such an address is never plain", () => {
  const key = canonicalEmail("anna@b\u00fccher.example");
  assert.equal(key, "anna@xn--bcher-kva.example");
  assert.ok(key !== null && !isPlainEmail(key));
});

test("[M3] composed and decomposed forms of one address are one key", () => {
  assert.equal(canonicalEmail("jos\u00e9@x.example"), canonicalEmail("jose\u0301@x.example"));
});

test("what is no address has no key", () => {
  for (const text of [
    "",
    "@x.example",
    "a@",
    "a b@x.example",
    "a@@x.example",
    "a@x..",
    "<a@x.example>",
    "a@.x",
    "a".repeat(260),
  ]) {
    assert.equal(canonicalEmail(text), null, text);
  }
  const key = canonicalEmail("a@x.example");
  assert.equal(key === null ? null : emailDomain(key), "x.example");
});

test("[B1] the short cut for plain addresses gives what the rule gives", () => {
  const label = fc.string({
    unit: fc.constantFrom(..."a b c X Y Z 0 1 9 - x n".split(" ")),
    minLength: 1,
    maxLength: 6,
  });
  const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  const local = fc.string({
    unit: fc.constantFrom(...`a b X 0 9 . + _ - ' " ( \u212a \u0430`.split(" "), " "),
    minLength: 0,
    maxLength: 8,
  });
  fc.assert(
    fc.property(local, domain, (before, after) => {
      const text = `${before}@${after}`;
      assert.equal(canonicalEmail(text), canonicalByRule(text), text);
    }),
    { numRuns: 2000 },
  );
  for (const text of ["a@0x7f.1", "a@1.2.3.4", "a@x.c0", "a@xn--a.com", "a@XN--BCHER-KVA.example", "a@b", "a@b..com"]) {
    assert.equal(canonicalEmail(text), canonicalByRule(text), text);
  }
});
