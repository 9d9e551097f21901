import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cleanText, isBlank, unescapeCell } from "./text.ts";

test("[A17] a hostile cell stays the text that it is, and a phone number keeps its plus", () => {
  for (const text of ['=HYPERLINK("https://evil.example","x")', "@SUM(A1)", "+1 415 555 0100", "-2+3", "＝1+1"]) {
    assert.equal(cleanText(text).text, text);
    assert.equal(cleanText(text).fault, null);
  }
  assert.equal(cleanText("=1+1").oddity, "formula");
  assert.equal(cleanText("＝1+1").oddity, "formula");
  assert.equal(cleanText("+1 415 555 0100").oddity, null);
});

test("[A17] only the apostrophe that an export put before such a sign is taken off", () => {
  assert.equal(unescapeCell("'=1+1"), "=1+1");
  assert.equal(unescapeCell("'+1 415"), "+1 415");
  assert.equal(unescapeCell("' =x"), " =x");
  assert.equal(unescapeCell("'tHooft"), "'tHooft");
  fc.assert(
    fc.property(fc.string(), (text) => {
      const escaped = /^\s*[=+\-@\t\r\u0000＝＋－＠]/.test(text) ? `'${text}` : text;
      if (!text.startsWith("'")) assert.equal(unescapeCell(escaped), text);
    }),
  );
});

test("names are composed, trimmed and have one space between words", () => {
  assert.equal(cleanText("  Jose\u0301  Marti\u0301nez ").text, "José Martínez");
  assert.equal(cleanText("Two\nlines").text, "Two lines");
  assert.equal(cleanText("a\u00a0\u00a0b").text, "a b");
});

test("[B2] composing never turns a look-alike into a plain letter", () => {
  assert.equal(cleanText("\u212Aim@x.example").text, "\u212Aim@x.example");
});

test("control characters and endless texts are refused, turned writing is told", () => {
  assert.match(cleanText("a\u0000b").fault ?? "", /control characters/);
  assert.match(cleanText("x".repeat(501)).fault ?? "", /501 characters/);
  assert.equal(cleanText("abc\u202Efed").oddity, "direction");
});

test("cells that say nothing", () => {
  for (const text of ["", "-", "--", "N/A", "null", "none"]) assert.ok(isBlank(text), text);
  assert.ok(!isBlank("0"));
  assert.ok(!isBlank("None at all"));
});
