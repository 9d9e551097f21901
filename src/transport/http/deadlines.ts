import type { Clock } from "../../kernel/clock.ts";

/** Something that may not last longer than a fixed time. */
export interface Timed {
  expire(): void;
}

/** Watches all requests of a transport with one timer: they may all last equally long, so the oldest is always due first. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #lengthMs: number;
  readonly #due = new Map<Timed, number>();
  #idle: AbortController | null = null;

  constructor(clock: Clock, lengthMs: number) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
  }

  add(timed: Timed): void {
    this.#due.set(timed, this.#clock.now() + this.#lengthMs);
    if (this.#idle !== null) return;
    const idle = new AbortController();
    this.#idle = idle;
    const stopped = (): void => undefined;
    this.#watch(idle.signal).then(stopped, stopped);
  }

  remove(timed: Timed): void {
    this.#due.delete(timed);
    // No timer is left behind that would keep the process alive.
    if (this.#due.size === 0) this.#rest();
  }

  #rest(): void {
    this.#idle?.abort();
    this.#idle = null;
  }

  async #watch(idle: AbortSignal): Promise<void> {
    while (!idle.aborted) {
      const [oldest] = this.#due;
      if (oldest === undefined) return this.#rest();
      const [timed, dueMs] = oldest;
      const leftMs = dueMs - this.#clock.now();
      if (leftMs > 0) {
        // A clock that was set back does not make a request last longer than its time.
        await this.#clock.sleep(Math.min(leftMs, this.#lengthMs), idle);
        continue;
      }
      this.#due.delete(timed);
      timed.expire();
    }
  }
}
