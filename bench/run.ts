import { cli } from "./cli.ts";
import { connectorCall } from "./connector-call.ts";
import { planning } from "./plan.ts";
import { rateSchemes } from "./rate-schemes.ts";
import { readAccounts } from "./read-accounts.ts";
import { rosterDiff } from "./roster-diff.ts";
import { storeBulk } from "./store.ts";
import type { Bench, Measure } from "./measure.ts";

/** All benches; add one line for a new one. */
const BENCHES: readonly Bench[] = [rateSchemes, readAccounts, connectorCall, storeBulk, rosterDiff, planning, cli];

function line(measure: Measure): string {
  const mark = measure.ok ? "ok  " : "OVER";
  const value = Number.isInteger(measure.value) ? `${measure.value}` : measure.value.toFixed(4);
  const bound = measure.bound === null ? "" : `(bound ${measure.bound}) `;
  return `  ${mark} ${value.padStart(9)} ${bound}${measure.unit}  ${measure.name}\n`;
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `unknown bench ${unknown.join(", ")}; there are: ${BENCHES.map((one) => one.name).join(", ")}\n`,
    );
    return 64;
  }
  let broken = 0;
  for (const bench of BENCHES) {
    if (names.length > 0 && !names.includes(bench.name)) continue;
    process.stdout.write(`${bench.name}\n`);
    try {
      for (const measure of await bench.run()) {
        if (!measure.ok) broken += 1;
        process.stdout.write(line(measure));
      }
    } catch (error) {
      // The others are still worth their figures.
      broken += 1;
      process.stdout.write(`  FAILED ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    }
  }
  process.stdout.write(broken === 0 ? "all within their bounds\n" : `${broken} over their bounds or failed\n`);
  return broken === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
