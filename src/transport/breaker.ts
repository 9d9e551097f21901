import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import { createBackoff } from "./backoff.ts";

/** Why a call may not go: how long until the next try is let through. */
export interface Refusal {
  readonly retryAfterMs: number;
}

/**
 * Stops calling a vendor that is down: after some failures in a row nothing is sent for a while, then one probe flies,
 * and its outcome decides for all (safety E6). One for each connection, so that a sick app delays no other.
 */
export interface Breaker {
  /** Null when a call may be prepared. */
  check(): Refusal | null;
  /** A pass when the call may be sent now; its holder says how it ended with one of the three below. */
  enter(): Pass | Refusal;
  succeeded(): void;
  failed(pass: Pass): void;
  /** Nothing was sent, or the outcome says nothing of the vendor. */
  withdrawn(pass: Pass): void;
}

/** An ordinary call, or the one that shows whether the vendor is back. */
export type Pass = "call" | "probe";

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly threshold: number;
  /** Shortest and longest time that it stays open. */
  readonly openMs: number;
  readonly longestOpenMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** How soon to ask again while the probe is under way. */
const PROBING_MS = 1_000;

export function createBreaker({ threshold, openMs, longestOpenMs, clock, random }: BreakerOptions): Breaker {
  const backoff = createBackoff({ baseMs: openMs, capMs: longestOpenMs, random });
  let failures = 0;
  let open = false;
  let untilMs = 0;
  let probing = false;
  const check = (): Refusal | null => {
    if (!open) return null;
    // A clock that was set back must not keep it open for longer than it was meant to be.
    untilMs = Math.min(untilMs, clock.now() + longestOpenMs);
    const leftMs = untilMs - clock.now();
    if (leftMs > 0) return { retryAfterMs: leftMs };
    return probing ? { retryAfterMs: PROBING_MS } : null;
  };
  return {
    check,
    enter: () => {
      const refusal = check();
      if (refusal !== null) return refusal;
      if (!open) return "call";
      probing = true;
      return "probe";
    },
    succeeded: () => {
      failures = 0;
      if (!open) return;
      open = false;
      probing = false;
      backoff.reset();
    },
    failed: (pass) => {
      failures += 1;
      // Those that were under way when it opened do not lengthen it: only the probe does.
      if (open ? pass === "call" : failures < threshold) return;
      open = true;
      probing = false;
      untilMs = clock.now() + backoff.next();
    },
    withdrawn: (pass) => {
      if (pass === "probe") probing = false;
    },
  };
}
