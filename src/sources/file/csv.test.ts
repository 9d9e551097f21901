import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { csvRecords, detectSeparator } from "./csv.ts";
import { isFault, type GridFault, type GridRow } from "./grid.ts";

function read(text: string, separator = ","): (GridRow | GridFault)[] {
  return [...csvRecords(text, separator, 100)];
}

function cells(text: string, separator = ","): unknown[] {
  return read(text, separator).map((item) => (isFault(item) ? item.message : item.cells));
}

function quote(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

const anyCell = fc.string({
  unit: fc.constantFrom("a", "é", ",", ";", '"', "\n", "\r\n", "\t", " ", "=", "+1", "𝒳"),
  maxLength: 8,
});
const anyTable = fc
  .integer({ min: 1, max: 5 })
  .chain((width) =>
    fc.array(fc.array(anyCell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
  );

test("[A11] whatever is written with quotes comes back cell by cell, whatever ends the lines", () => {
  fc.assert(
    fc.property(anyTable, fc.constantFrom("\n", "\r\n"), fc.constantFrom(",", ";", "\t"), (table, end, separator) => {
      const text = table.map((row) => row.map((cell) => quote(cell)).join(separator)).join(end) + end;
      const filled = table.filter((row) => row.some((cell) => cell.trim() !== ""));
      assert.deepEqual(cells(text, separator), filled);
    }),
    { numRuns: 500 },
  );
});

test("[A11] reads and refuses the same texts as an independent RFC 4180 parser", () => {
  const piece = fc.constantFrom("a", "b c", ",", '"', '""', "\n", "\r\n", " ", "x,y", '"q"', '"q,""r"""');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join("");
      const ours = read(text);
      let theirs: string[][] | null;
      try {
        theirs = parse(text, { relax_column_count: true, record_delimiter: ["\r\n", "\n"] });
      } catch {
        theirs = null;
      }
      assert.equal(
        ours.some((item) => isFault(item)),
        theirs === null,
        JSON.stringify(text),
      );
      if (theirs === null) return;
      const filled = theirs.filter((row) => row.some((cell) => cell.trim() !== ""));
      assert.deepEqual(cells(text), filled, JSON.stringify(text));
    }),
    { numRuns: 1000 },
  );
});

test("empty lines are left out and still counted, so that a row has the number a spreadsheet shows", () => {
  const rows = read("id,mail\n\n1,a\n,\n2,b");
  assert.deepEqual(
    rows.map((row) => row.row),
    [1, 3, 5],
  );
});

test("[A3] a quoted cell that never ends is a fault with row and column", () => {
  const items = read('id,name\n1,"Maya\n2,Jo\n');
  assert.equal(items.length, 2);
  assert.deepEqual(items[1], {
    row: 2,
    position: 2,
    message: "a quoted cell begins here and never ends: the file was cut, or a quote is missing; export it again",
  });
});

test("a quote in the middle of a cell and text behind a closing quote are faults", () => {
  assert.match(String(cells('a,b"c\n')[0]), /a quote stands inside a cell/);
  assert.match(String(cells('"a"b,c\n')[0]), /text follows the closing quote/);
});

test("a row with more columns than allowed is a fault", () => {
  assert.match(String(cells(",".repeat(101))[0]), /more than 100 columns/);
});

test("the separator is the one that stands most often in the header, outside quotes", () => {
  assert.equal(detectSeparator("id,mail,name\n1;2;3;4;5\n"), ",");
  assert.equal(detectSeparator('id;"a,b,c,d";mail\n'), ";");
  assert.equal(detectSeparator("id\tmail\tname\n"), "\t");
  assert.equal(detectSeparator("\n\nid|mail\n"), "|");
  assert.equal(detectSeparator("mail\n"), ",");
});
