import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { virtualClock } from "../kernel/clock.ts";
import { budgetLedgerSuite } from "../transport/budget-ledger.suite.ts";
import { openEmbeddedStore, openMemoryStore } from "./open.ts";
import { storeSuite } from "./store.suite.ts";
import type { StoreHarness } from "./suites/harness.ts";

/** 2026-11-20 09:00 UTC. */
const START_MS = 1_795_165_200_000;

async function openInDirectory(): Promise<StoreHarness> {
  const directory = mkdtempSync(join(tmpdir(), "tenure-store-"));
  const clock = virtualClock(START_MS);
  const store = await openEmbeddedStore({ directory, clock });
  const close = async (): Promise<void> => {
    await store.close();
    rmSync(directory, { recursive: true });
  };
  return { store, other: store, clock, close };
}

async function openInMemory(): Promise<StoreHarness> {
  const clock = virtualClock(START_MS);
  const store = await openMemoryStore(clock);
  return { store, other: store, clock, close: () => store.close() };
}

storeSuite("embedded store", openInDirectory);
storeSuite("store in memory", openInMemory);

budgetLedgerSuite("embedded store's budgets", async () => {
  const { store, clock, close } = await openInMemory();
  return { ledger: store.budgets, other: store.budgets, clock, close };
});
