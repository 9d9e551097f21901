import { test } from "node:test";
import type { VirtualClock } from "../../kernel/clock.ts";
import { AppError, type ErrorCode } from "../../kernel/errors.ts";
import type { OpenStore } from "../open.ts";

/** What an implementation brings to the suites: a fresh, empty store each time. */
export interface StoreHarness {
  readonly store: OpenStore;
  /** Another process on the same database; the same object where there is only one process. */
  readonly other: OpenStore;
  readonly clock: VirtualClock;
  readonly close: () => Promise<void>;
}

export type OpenHarness = () => Promise<StoreHarness>;

/** One test with a store of its own, closed whatever happens. */
export type StoreTest = (title: string, run: (harness: StoreHarness) => Promise<void>) => void;

export function storeTests(name: string, open: OpenHarness): StoreTest {
  return (title, run) => {
    void test(`${name}: ${title}`, async () => {
      const harness = await open();
      try {
        await run(harness);
      } finally {
        await harness.close();
      }
    });
  };
}

/** For `assert.rejects`: an AppError of that code whose message has these words. */
export function withCode(code: ErrorCode, words = /./): (error: unknown) => boolean {
  return (error) => error instanceof AppError && error.code === code && words.test(error.message);
}
