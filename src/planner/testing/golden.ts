import { readFileSync, writeFileSync } from "node:fs";
import { present } from "../../kernel/assert.ts";
import { hashPlan } from "../plan.ts";
import { planCompany } from "./planning.ts";
import { SCENARIOS } from "./scenarios.ts";

/** Where the plan of a scenario is kept. */
export function goldenFile(name: string): URL {
  return new URL(`../golden/${name}.golden.json`, import.meta.url);
}

/** A scenario's plan and hash as it is kept: indented, so that a change can be reviewed. */
export function goldenText(name: string): string {
  const content = planCompany(present(SCENARIOS[name], `the scenario ${name}`)());
  return `${JSON.stringify({ hash: hashPlan(content), content }, null, 2)}\n`;
}

export function readGolden(name: string): string {
  return readFileSync(goldenFile(name), "utf8");
}

/** Writes the golden files anew; each difference is then reviewed by a person (docs/CONVENTIONS.md, section 8). */
export function writeGolden(): readonly string[] {
  for (const name of Object.keys(SCENARIOS)) writeFileSync(goldenFile(name), goldenText(name));
  return Object.keys(SCENARIOS);
}
