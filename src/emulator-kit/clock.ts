import { canceled, type Clock } from "../kernel/clock.ts";

/** The sandbox's time: it runs with the clock beneath it and can be moved by hand. */
export interface SandboxClock extends Clock {
  /** Moves by so many milliseconds, back too (a clock that jumps); wakes whose time has come. */
  advance(ms: number): void;
  /** Back to the start; whoever sleeps is woken. */
  reset(): void;
}

/** Starts at `startMs` (epoch milliseconds) and runs as fast as `base`: give a virtual clock and it stands still. */
export function sandboxClock(base: Clock, startMs: number): SandboxClock {
  let origin = base.now();
  let offset = 0;
  const sleepers = new Set<{ readonly jump: AbortController; over: boolean }>();
  const now = (): number => startMs + offset + (base.now() - origin);
  const wake = (over: boolean): void => {
    for (const sleeper of sleepers) {
      sleeper.over ||= over;
      sleeper.jump.abort();
    }
  };
  return {
    now,
    async sleep(ms, signal) {
      const until = now() + Math.max(0, ms);
      while (now() < until) {
        const sleeper = { jump: new AbortController(), over: false };
        sleepers.add(sleeper);
        try {
          const either = signal === undefined ? sleeper.jump.signal : AbortSignal.any([signal, sleeper.jump.signal]);
          await base.sleep(until - now(), either);
        } catch (error) {
          if (signal?.aborted === true) throw canceled(signal.reason);
          if (!sleeper.jump.signal.aborted) throw error;
        } finally {
          sleepers.delete(sleeper);
        }
        if (sleeper.over) return;
      }
      if (signal?.aborted === true) throw canceled(signal.reason);
    },
    advance(ms) {
      offset += ms;
      wake(false);
    },
    reset() {
      origin = base.now();
      offset = 0;
      wake(true);
    },
  };
}
