import type { Log } from "../../kernel/log.ts";
import type { BudgetSpec } from "../contract.ts";
import type { RateHeaders } from "../rate-headers.ts";

/**
 * What the vendor says of its own count. It matters where it counts more calls than we know of: then someone else uses the
 * quota too (safety E4), and the vendor's count goes before ours.
 */
export class VendorCount {
  readonly #spec: BudgetSpec;
  readonly #slack: number;
  readonly #log: Log;
  #occupied = 0;
  #left = Number.POSITIVE_INFINITY;
  #untilMs = 0;
  #warned = false;

  /** `slack`: calls of our other processes that we may not have heard of yet. */
  constructor(spec: BudgetSpec, slack: number, log: Log) {
    this.#spec = spec;
    this.#slack = slack;
    this.#log = log;
  }

  /** Calls within the window that the ledger knows of. */
  know(occupied: number): void {
    this.#occupied = occupied;
  }

  /** Whether one more call may be under way. At least one always may: its answer brings the newest count. */
  allows(inFlight: number, nowMs: number): boolean {
    if (this.#left === Number.POSITIVE_INFINITY) return true;
    if (this.#untilMs < nowMs) this.#left = Number.POSITIVE_INFINITY;
    return inFlight < Math.max(1, this.#left);
  }

  /** Takes in the headers of an answer. Gives the milliseconds for which nobody should call, or null. */
  observe(rate: RateHeaders, nowMs: number): number | null {
    if (rate.remaining === null) return null;
    const { limit, windowMs } = this.#spec.quota;
    const known = rate.limit === null || rate.limit === limit;
    if (!known) this.#warn(rate.limit);
    const others = limit - rate.remaining - this.#occupied;
    if (known && others <= this.#slack) {
      this.#left = Number.POSITIVE_INFINITY;
      return null;
    }
    const resetInMs = rate.resetInMs === null ? windowMs : Math.min(rate.resetInMs, windowMs);
    if (rate.remaining === 0 && rate.resetInMs !== null) return resetInMs > 0 ? resetInMs : null;
    this.#left = rate.remaining;
    this.#untilMs = nowMs + resetInMs;
    return null;
  }

  #warn(told: number | null): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#log.warn("the app's rate limit is not the configured one: set the connection's rate limit", {
      configured: this.#spec.quota.limit,
      told,
    });
  }
}
