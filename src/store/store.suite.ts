import { identitySuite } from "./suites/identity.suite.ts";
import type { OpenHarness } from "./suites/harness.ts";
import { recordSuite } from "./suites/records.suite.ts";
import { rosterSuite } from "./suites/roster.suite.ts";
import { snapshotSuite } from "./suites/snapshots.suite.ts";
import { transactionSuite } from "./suites/transactions.suite.ts";
import { workSuite } from "./suites/work.suite.ts";

/** What every store must do. `open` gives a fresh, empty one each time. */
export function storeSuite(name: string, open: OpenHarness): void {
  rosterSuite(name, open);
  snapshotSuite(name, open);
  identitySuite(name, open);
  workSuite(name, open);
  recordSuite(name, open);
  transactionSuite(name, open);
}
