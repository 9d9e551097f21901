/**
 * One virtual time for several parts of a bench that speak over real sockets: an app, and those who read it, in this
 * process or in others. Time moves only when nothing else can: when no request and no query is on its way.
 */
import { canceled, systemClock, yieldTurn, type Clock } from "../src/kernel/clock.ts";

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** The clock of one part. Its time is set first and its sleepers are woken later, so that no part ever acts in the past of another. */
export class PartClock implements Clock {
  #nowMs: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(canceled(signal.reason));
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(canceled(signal?.reason));
      };
      const sleeper: Sleeper = {
        atMs: this.#nowMs + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** When the next sleeper is to be woken; null when nobody sleeps. */
  get nextMs(): number | null {
    return this.#sleepers.size === 0 ? null : Math.min(...Array.from(this.#sleepers, (sleeper) => sleeper.atMs));
  }

  /** Sets the time and wakes nobody. */
  moveTo(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** Wakes those whose time has come. */
  wake(): void {
    const due = [...this.#sleepers].filter((sleeper) => sleeper.atMs <= this.#nowMs).sort((a, b) => a.atMs - b.atMs);
    for (const sleeper of due) {
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

/** What a part says when it has nothing to do but wait. */
export interface Rest {
  readonly nextMs: number | null;
  /** Requests that it has under way; of an app: those that it holds back on its clock, counted down. */
  readonly requests: number;
}

export interface Part {
  /** Resolves when only time or a request's answer can make it go on. */
  rest(): Promise<Rest>;
  moveTo(nowMs: number): Promise<void>;
  wake(): Promise<void>;
}

/** Lets promises and sockets that are ready have their turn. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await yieldTurn();
}

/** Something whose work needs no time of the clock, such as a database. */
export interface Worker {
  readonly busy: boolean;
  /** Resolves when it has nothing to do. */
  idle(): Promise<void>;
}

/** A part of this process. `requests` as in `Rest`. */
export function localPart(clock: PartClock, requests: () => number, worker: Worker | null = null): Part {
  return {
    async rest() {
      for (let isBusy = true; isBusy; isBusy = worker?.busy === true) {
        await worker?.idle();
        await turns();
      }
      return { nextMs: clock.nextMs, requests: requests() };
    },
    moveTo: async (nowMs) => clock.moveTo(nowMs),
    wake: async () => clock.wake(),
  };
}

/** Longest time of the machine in which nothing may move. */
const STUCK_MS = 60_000;

/**
 * The earliest time at which a part goes on by itself, once none can go on without it; null when `isOver`. Every request
 * under way is then held back by an app, and rows and locks are nobody's: what was at rest when it was asked still is.
 */
async function standstill(parts: readonly Part[], isOver: () => boolean): Promise<number | null> {
  const machine = systemClock();
  const sinceMs = machine.now();
  while (!isOver()) {
    const rests = await Promise.all(parts.map((part) => part.rest()));
    const onTheWay = rests.reduce((sum, rest) => sum + rest.requests, 0);
    const times = rests.flatMap((rest) => (rest.nextMs === null ? [] : [rest.nextMs]));
    if (onTheWay === 0 && times.length > 0) return Math.min(...times);
    if (machine.now() - sinceMs > STUCK_MS) {
      throw new Error(`nothing has moved for ${STUCK_MS / 1000} s: ${onTheWay} requests on their way`);
    }
  }
  return null;
}

/** Moves the time of all parts, from one sleeper to the next, until the work has ended. */
export async function passTime<T>(parts: readonly Part[], work: Promise<T>): Promise<T> {
  const state = { over: false };
  const end = (): void => {
    state.over = true;
  };
  work.then(end, end);
  for (;;) {
    const nextMs = await standstill(parts, () => state.over);
    if (nextMs === null) return work;
    await Promise.all(parts.map((part) => part.moveTo(nextMs)));
    await Promise.all(parts.map((part) => part.wake()));
  }
}
