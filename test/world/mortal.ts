import { canceled, type Clock } from "../../src/kernel/clock.ts";

/** Whether a process of a test still lives. Once it is over, nothing that it waits for ever comes. */
export class Life {
  #over = false;

  get over(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
  }

  /** The value, or for ever nothing when the process has died before it came. */
  hold<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => {
          if (!this.#over) resolve(value);
        },
        (error: unknown) => {
          if (!this.#over) reject(error);
        },
      );
    });
  }
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

/** The clock as one process sees it: who sleeps when the process dies never wakes, and leaves no sleeper behind. */
export function mortalClock(clock: Clock, life: Life): Clock & { readonly die: () => void } {
  const dying = new AbortController();
  return {
    now: () => clock.now(),
    async sleep(ms, signal) {
      if (life.over) return never();
      if (signal?.aborted === true) throw canceled(signal.reason);
      const either = signal === undefined ? dying.signal : AbortSignal.any([signal, dying.signal]);
      try {
        await clock.sleep(ms, either);
      } catch (error) {
        if (life.over) return never();
        throw error;
      }
      if (life.over) await never();
    },
    die: () => dying.abort(),
  };
}

/** An object whose calls do nothing any more, and whose answers never come, once the process has died. */
export function mortal<T extends object>(target: T, life: Life): T {
  const parts = new Map<PropertyKey, unknown>();
  return new Proxy(target, {
    get(object, name, receiver) {
      if (parts.has(name)) return parts.get(name);
      const value: unknown = Reflect.get(object, name, receiver);
      const wrapped = wrap(value, object, life);
      parts.set(name, wrapped);
      return wrapped;
    },
  });
}

function wrap(value: unknown, owner: object, life: Life): unknown {
  if (typeof value === "function") {
    return (...given: readonly unknown[]): unknown => {
      if (life.over) return never();
      const result: unknown = Reflect.apply(value, owner, given);
      return result instanceof Promise ? life.hold(result) : result;
    };
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? mortal(value, life) : value;
}
