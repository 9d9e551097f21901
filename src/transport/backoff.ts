import type { Random } from "../kernel/random.ts";

/** Waits that grow and scatter, so that many who failed together do not come back together (safety E6). */
export interface Backoff {
  /** The next wait in milliseconds, between base and cap. */
  next(): number;
  /** After a success: the next wait is short again. */
  reset(): void;
}

export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
  readonly random: Random;
}

/** Decorrelated jitter: each wait is drawn between the base and three times the one before. */
export function createBackoff({ baseMs, capMs, random }: BackoffOptions): Backoff {
  let lastMs = baseMs;
  return {
    next: () => {
      lastMs = Math.min(capMs, baseMs + random.next() * (lastMs * 3 - baseMs));
      return Math.ceil(lastMs);
    },
    reset: () => {
      lastMs = baseMs;
    },
  };
}
