import { crashSuite } from "./suites/crash.suite.ts";
import type { OpenHarness } from "./suites/harness.ts";
import { stepSuite } from "./suites/steps.suite.ts";
import { waitSuite } from "./suites/waits.suite.ts";

/**
 * What every engine must do. `open` gives fresh, empty durable state each time. `manySteps` is for one that can do
 * thousands of steps in a second.
 */
export function engineSuite(name: string, open: OpenHarness, options: { readonly manySteps: boolean }): void {
  stepSuite(name, open, options);
  waitSuite(name, open);
  crashSuite(name, open);
}
