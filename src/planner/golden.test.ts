import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson } from "../kernel/json.ts";
import { goldenText, readGolden } from "./testing/golden.ts";
import { SCENARIOS } from "./testing/scenarios.ts";

for (const name of Object.keys(SCENARIOS)) {
  test(`makes the plan that was reviewed, hash and all: ${name}`, () => {
    assert.deepEqual(parseJson(goldenText(name)), parseJson(readGolden(name)));
  });
}
