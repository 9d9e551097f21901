import assert from "node:assert/strict";
import { test } from "node:test";
import { OPEN_SIDES } from "./ledger.data.ts";
import { readLedger, unknownIds } from "./ledger.ts";

test("every side of every app that is not on the list of open sides has a test for each of its ids", async () => {
  const open = (await readLedger()).filter(
    (row) => row.open.length > 0 && !(OPEN_SIDES[row.app] ?? []).includes(row.side),
  );
  assert.deepEqual(
    open.map((row) => `${row.app} ${row.side}: ${row.open.join(" ")}`),
    [],
  );
});

test("a side that is whole has left the list of open sides", async () => {
  const whole = (await readLedger()).filter(
    (row) => row.open.length === 0 && (OPEN_SIDES[row.app] ?? []).includes(row.side),
  );
  assert.deepEqual(
    whole.map((row) => `${row.app} ${row.side}`),
    [],
  );
});

test("no test names an id that no contract has", async () => {
  assert.deepEqual(await unknownIds(), []);
});
