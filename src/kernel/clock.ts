import { AppError } from "./errors.ts";

/** The product's time. `now` is in epoch milliseconds; waiting goes through `sleep`, so that a test owns all time. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms` milliseconds of this clock (any length); rejects with `canceled` when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest time given to one timer of the platform: beyond 2^31 - 1 ms it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function canceled(reason?: unknown): AppError {
  return reason instanceof AppError ? reason : new AppError("canceled", "canceled", { cause: reason });
}

function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(canceled(signal.reason));
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(canceled(signal?.reason));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** The machine's clock. */
export function systemClock(): Clock {
  const clock: Clock = {
    now: () => Date.now(),
    async sleep(ms, signal) {
      let left = Number.isFinite(ms) ? Math.max(0, ms) : LONGEST_TIMER_MS;
      do {
        const part = Math.min(left, LONGEST_TIMER_MS);
        await sleepOnce(part, signal);
        left -= part;
      } while (left > 0);
    },
  };
  return clock;
}

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** A clock that only moves when told to. Sleepers wake in the order of their times; equal times in the order of arrival. */
export interface VirtualClock extends Clock {
  /** Moves on by `ms`, waking sleepers on the way and letting what they started run before the next one. */
  advance(ms: number): Promise<void>;
  /** Moves straight to the next sleeper's time and wakes it; false when nobody sleeps. */
  step(): Promise<boolean>;
  /** How many sleepers wait. */
  readonly sleeping: number;
}

/** Lets timers and sockets have their turn in the middle of long work. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets pending promise callbacks run: several turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await yieldTurn();
}

/** Starts at `startMs` (epoch milliseconds). */
export function virtualClock(startMs: number): VirtualClock {
  let now = startMs;
  let order = 0;
  const sleepers = new Set<Sleeper>();
  const first = (): Sleeper | undefined => {
    let best: Sleeper | undefined;
    for (const one of sleepers) {
      if (best === undefined || one.at < best.at || (one.at === best.at && one.order < best.order)) best = one;
    }
    return best;
  };
  const wake = async (sleeper: Sleeper): Promise<void> => {
    now = Math.max(now, sleeper.at);
    sleepers.delete(sleeper);
    sleeper.wake();
    await settle();
  };
  return {
    now: () => now,
    get sleeping() {
      return sleepers.size;
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(canceled(signal.reason));
          return;
        }
        order += 1;
        const onAbort = (): void => {
          sleepers.delete(sleeper);
          reject(canceled(signal?.reason));
        };
        const sleeper: Sleeper = {
          at: now + Math.max(0, ms),
          order,
          wake: () => {
            signal?.removeEventListener("abort", onAbort);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let next = first(); next !== undefined && next.at <= until; next = first()) await wake(next);
      now = until;
    },
    async step() {
      await settle();
      const next = first();
      if (next !== undefined) await wake(next);
      return next !== undefined;
    },
  };
}

/** A signal that aborts with `timeout` after `ms` of the clock, or when `parent` aborts. Call `done` when the work has ended. */
export function deadline(
  clock: Clock,
  ms: number,
  parent?: AbortSignal,
): { readonly signal: AbortSignal; readonly done: () => void } {
  const controller = new AbortController();
  const timer = new AbortController();
  const onParent = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) controller.abort(parent.reason);
  else parent?.addEventListener("abort", onParent, { once: true });
  clock.sleep(ms, timer.signal).then(
    () => controller.abort(new AppError("timeout", `no answer within ${Math.round(ms / 1000)} s`)),
    () => undefined,
  );
  return {
    signal: controller.signal,
    done: () => {
      timer.abort();
      parent?.removeEventListener("abort", onParent);
    },
  };
}
