import { canceled, type Clock } from "../../src/kernel/clock.ts";

/**
 * Whether a process of a test still lives. Once it is over, nothing that it waits for ever comes; while it is stopped
 * (SIGSTOP), what comes is held back until it goes on.
 */
export class Life {
  #over = false;
  #stopped: Promise<void> | null = null;
  #goOn: () => void = () => undefined;
  /** Calls to apps that are under way. */
  calls = 0;

  get over(): boolean {
    return this.#over;
  }

  get stopped(): boolean {
    return this.#stopped !== null;
  }

  end(): void {
    this.#over = true;
  }

  stop(): void {
    this.#stopped ??= new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  goOn(): void {
    this.#goOn();
    this.#stopped = null;
  }

  /** Resolves when the process runs; never, once it has died. */
  async running(): Promise<void> {
    while (this.#stopped !== null) await this.#stopped;
    if (this.#over) await never();
  }

  /** The value when the process runs, or for ever nothing when it has died before. */
  async hold<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } finally {
      await this.running();
    }
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
      await life.running();
      if (signal?.aborted === true) throw canceled(signal.reason);
      const either = signal === undefined ? dying.signal : AbortSignal.any([signal, dying.signal]);
      await life.hold(clock.sleep(ms, either));
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

/** The same, and counts its calls while they are under way. */
export function counted<T extends object>(target: T, life: Life): T {
  const inner = mortal(target, life);
  return new Proxy(inner, {
    get(object, name, receiver) {
      const value: unknown = Reflect.get(object, name, receiver);
      if (typeof value !== "function") return value;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        life.calls += 1;
        try {
          return await Reflect.apply(value, object, given);
        } finally {
          life.calls -= 1;
        }
      };
    },
  });
}

function wrap(value: unknown, owner: object, life: Life): unknown {
  if (typeof value === "function") {
    return (...given: readonly unknown[]): unknown => {
      if (life.over) return never();
      const result: unknown = Reflect.apply(value, owner, given);
      // What is under way when the process stops ends; its answer is seen later.
      return result instanceof Promise ? life.hold(result) : result;
    };
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? mortal(value, life) : value;
}
