import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { connectors } from "../connectors/index.ts";
import { FAULT_CODES } from "../emulator-kit/faults.ts";
import { commonOptions } from "../emulator-kit/options.ts";
import { VERBS } from "./control/verbs.ts";
import { loadEmulators } from "./registry.ts";

const page = readFileSync(new URL("../../docs/sandbox.md", import.meta.url), "utf8");

/** First cells of the table rows under a heading, without their marks. */
function rowsUnder(heading: string): readonly string[] {
  const start = page.indexOf(`\n${heading}\n`);
  assert.notEqual(start, -1, heading);
  const section = page.slice(start + heading.length + 2).split(/\n#{2,3} /)[0] ?? "";
  return Array.from(section.matchAll(/^\| `([^`]+)` \|/gm), (match) => match[1] ?? "");
}

test("the page has every verb, and no other", () => {
  assert.deepEqual([...rowsUnder("## Control")].sort(), Object.keys(VERBS).sort());
});

test("the page has every fault, and no other", () => {
  assert.deepEqual(rowsUnder("## Faults"), FAULT_CODES);
});

test("the page has every switch of every app, with its default first", async () => {
  assert.deepEqual(rowsUnder("### Every app"), Object.keys(commonOptions()));
  for (const module of Object.values(await loadEmulators(connectors))) {
    const own = Object.entries(module.options).filter(([name]) => !(name in commonOptions()));
    assert.deepEqual(
      rowsUnder(`### ${module.name}`),
      own.map(([name]) => name),
    );
    for (const [name, spec] of own) {
      const standard = JSON.stringify(spec.initial).replaceAll('"', "");
      assert.ok(page.includes(`| \`${name}\` | \`${standard}\`, `), name);
    }
  }
});
