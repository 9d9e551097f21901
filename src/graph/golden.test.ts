import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findDrift } from "./drift.ts";
import { resolveGraph } from "./resolve.ts";
import { NOW } from "./testing/company.ts";
import { HARBOR, HARBOR_POLICY } from "./testing/harbor.ts";

test("a small company's findings are exactly these, word for word", () => {
  const drift = findDrift({ graph: resolveGraph(HARBOR), policy: HARBOR_POLICY, now: NOW, removedByUs: new Set() });
  const golden: unknown = JSON.parse(readFileSync(new URL("testing/findings.golden.json", import.meta.url), "utf8"));
  assert.deepEqual(JSON.parse(JSON.stringify(drift)), golden);
});
