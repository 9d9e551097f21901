import { readFileSync, writeFileSync } from "node:fs";
import { present } from "../../kernel/assert.ts";
import { hashPlan } from "../plan.ts";
import { planCompany } from "./planning.ts";
import { SCENARIOS } from "./scenarios.ts";

function fileOf(name: string): URL {
  return new URL(`../golden/${name}.golden.json`, import.meta.url);
}

/** A scenario's plan and hash as they are kept. */
export function goldenText(name: string): string {
  const content = planCompany(present(SCENARIOS[name], `the scenario ${name}`)());
  return `${JSON.stringify({ hash: hashPlan(content), content }, null, 2)}\n`;
}

export function readGolden(name: string): string {
  return readFileSync(fileOf(name), "utf8");
}

/** Writes the kept plan of one scenario anew; the difference is then for a person to review. */
export function writeGolden(name: string): void {
  writeFileSync(fileOf(name), goldenText(name));
}
