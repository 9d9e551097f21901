import { crashSuite } from "./suites/crash.suite.ts";
import type { OpenHarness } from "./suites/harness.ts";
import { stepSuite } from "./suites/steps.suite.ts";
import { waitSuite } from "./suites/waits.suite.ts";

/** What every engine must do. `open` gives fresh, empty durable state each time. */
export function engineSuite(name: string, open: OpenHarness): void {
  stepSuite(name, open);
  waitSuite(name, open);
  crashSuite(name, open);
}
