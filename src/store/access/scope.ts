import type { AsyncLocalStorage } from "node:async_hooks";
import { AppError } from "../../kernel/errors.ts";

/** Marks what runs inside a transaction, for as long as that is open. */
export interface TransactionMark {
  open: boolean;
}

/**
 * Waiting for the writer from inside a transaction would wait for ever, and on the server it would be another
 * transaction than the caller believes: `internal`.
 */
export function refuseInside(scope: AsyncLocalStorage<TransactionMark>): void {
  if (scope.getStore()?.open !== true) return;
  throw new AppError(
    "internal",
    "the store was called from inside one of its transactions: use the tables that the transaction was given",
  );
}
