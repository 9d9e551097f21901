import { fork, type ChildProcess } from "node:child_process";
import type { AccountReader, ReaderOptions, Reading } from "./account-reader.ts";
import type { Order } from "./reading-process.ts";
import type { Rest } from "./shared-time.ts";

type Unnumbered<T> = T extends unknown ? Omit<T, "serial"> : never;

interface Answer {
  readonly serial: number;
  readonly value?: unknown;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A second process that reads, started once and used for one read after the other. */
export class ReadingChild {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #serial = 0;
  #gone: Error | null = null;

  constructor() {
    this.#process = fork(new URL("reading-process.ts", import.meta.url), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#process.on("message", (answer: Answer) => {
      const waiting = this.#waiting.get(answer.serial);
      this.#waiting.delete(answer.serial);
      if (answer.error === undefined) waiting?.resolve(answer.value);
      else waiting?.reject(new Error(`in the other process: ${answer.error}`));
    });
    this.#process.once("exit", (code, signal) => {
      this.#gone = new Error(`the other process has ended (${signal ?? code})`);
      for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
      this.#waiting.clear();
    });
  }

  async open(options: ReaderOptions): Promise<AccountReader> {
    await this.#ask({ say: "open", options });
    return {
      part: {
        // What crosses the channel was made by the same types at its other end.
        rest: async () => (await this.#ask({ say: "rest" })) as Rest,
        moveTo: async (nowMs) => void (await this.#ask({ say: "moveTo", nowMs })),
        wake: async () => void (await this.#ask({ say: "wake" })),
      },
      read: async () => (await this.#ask({ say: "read" })) as Reading,
      close: async () => void (await this.#ask({ say: "close" })),
    };
  }

  async end(): Promise<void> {
    if (this.#gone !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.disconnect();
    await ended;
  }

  #ask(order: Unnumbered<Order>): Promise<unknown> {
    if (this.#gone !== null) return Promise.reject(this.#gone);
    this.#serial += 1;
    const serial = this.#serial;
    return new Promise((resolve, reject) => {
      this.#waiting.set(serial, { resolve, reject });
      this.#process.send({ ...order, serial });
    });
  }
}
