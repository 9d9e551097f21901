// Writes the kept plans of the scenarios that are named, one by one: each difference is reviewed, never bulk-updated.
// node scripts/golden-plan.ts joiner && npx oxfmt src/planner/golden && git diff src/planner/golden
import { writeGolden } from "../src/planner/testing/golden.ts";

for (const name of process.argv.slice(2)) writeGolden(name);
