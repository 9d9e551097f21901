import { virtualClock } from "../kernel/clock.ts";
import { budgetLedgerSuite } from "./budget-ledger.suite.ts";
import { memoryLedger } from "./memory-ledger.ts";

budgetLedgerSuite("memory ledger", async () => {
  const clock = virtualClock(1_700_000_000_000);
  const ledger = memoryLedger(clock);
  return { ledger, other: ledger, clock, close: async () => undefined };
});
