import { canceled, type Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import type { Control } from "./control.ts";

/** How often the sandbox is asked for its time, and so how late a jump of it is seen. */
const LOOK_MS = 250;

/** Two looks differ by what an answer takes on its way: such a step back is not shown. */
const JITTER_MS = 2_000;

/** How long one look may take before the old time goes on. */
const ANSWER_MS = 5_000;

export interface FollowedClock extends Clock {
  /** Looks now: the time is then what the sandbox says. */
  look(): Promise<void>;
  /** Stops looking. */
  close(): void;
}

/**
 * A clock that follows the sandbox's: between two looks it runs with `base`. What sleeps wakes when the sandbox's time
 * has come, also when that was moved by days. A sandbox that is set back sets this clock back too; nobody sleeps longer for it.
 */
export async function followClock(options: {
  readonly control: Control;
  readonly base: Clock;
  readonly signal: AbortSignal;
}): Promise<FollowedClock> {
  const { control, base } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  let offset = (await control.now(signal)) - base.now();
  let last = 0;
  const now = (): number => {
    const here = base.now() + offset;
    if (here > last || last - here > JITTER_MS) last = here;
    return last;
  };
  const look = async (): Promise<void> => {
    while (!signal.aborted) {
      await base.sleep(LOOK_MS, signal);
      const each = new AbortController();
      const timer = base.sleep(ANSWER_MS, AbortSignal.any([signal, each.signal])).then(
        () => each.abort(),
        () => undefined,
      );
      try {
        offset = (await control.now(AbortSignal.any([signal, each.signal]))) - base.now();
      } finally {
        each.abort();
        await timer;
      }
    }
  };
  // A sandbox that has gone leaves the clock running as it was: the calls to it say what is wrong.
  const looking = (async () => {
    while (!signal.aborted) await look().catch(() => undefined);
  })();
  void looking;
  return {
    now,
    async sleep(ms, given) {
      const until = now() + Math.max(0, ms);
      const latest = base.now() + Math.max(0, ms);
      while (now() < until && base.now() < latest) {
        if (given?.aborted === true) throw canceled(given.reason);
        await base.sleep(Math.min(LOOK_MS, until - now(), latest - base.now()), given);
      }
      if (given?.aborted === true) throw canceled(given.reason);
    },
    async look() {
      offset = (await control.now(signal)) - base.now();
    },
    close: () => stop.abort(new AppError("canceled", "the clock is no longer followed")),
  };
}
