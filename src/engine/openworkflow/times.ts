import type { Clock } from "../../kernel/clock.ts";
import { toDate, toIso } from "../../kernel/dates.ts";

/**
 * openworkflow reckons with the machine's time, the product with its own clock, which may be a sandbox's. Rows hold the
 * product's time; what the library gets to see is moved by the difference between the two as it is then.
 */
export interface Times {
  readonly nowMs: () => number;
  readonly toLibrary: (productMs: number) => Date;
  readonly toLibraryText: (productMs: number) => string;
}

export function timesBetween(product: Clock, machine: Clock): Times {
  const ahead = (): number => product.now() - machine.now();
  return {
    nowMs: () => product.now(),
    toLibrary: (productMs) => toDate(productMs - ahead()),
    toLibraryText: (productMs) => toIso(productMs - ahead()),
  };
}
