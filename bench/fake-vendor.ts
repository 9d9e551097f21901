import type { Clock } from "../src/kernel/clock.ts";

/** How the vendor counts: the four schemes on which rate budgets are measured. */
export type Scheme = "fixed-window" | "sliding-log" | "strict" | "no-headers";

export interface VendorOptions {
  readonly scheme: Scheme;
  readonly limit: number;
  readonly windowMs: number;
  /** Where its windows begin. */
  readonly phaseMs: number;
  readonly roundTripMs: number;
  readonly clock: Clock;
}

export interface VendorAnswer {
  readonly status: 200 | 429;
  readonly headers: Readonly<Record<string, string>>;
}

/** A vendor without a socket: counts calls at the instant they arrive, half a round trip after they were sent. */
export class FakeVendor {
  readonly #options: VendorOptions;
  #window = Number.NaN;
  #used = 0;
  #log: number[] = [];
  /** When each admitted call arrived, by caller. */
  readonly admitted = new Map<string, number[]>();
  readonly refused = new Map<string, number>();

  constructor(options: VendorOptions) {
    this.#options = options;
  }

  async call(caller: string): Promise<VendorAnswer> {
    const { clock, roundTripMs } = this.#options;
    await clock.sleep(roundTripMs / 2);
    const answer = this.#count(caller, clock.now());
    await clock.sleep(roundTripMs / 2);
    return answer;
  }

  #count(caller: string, nowMs: number): VendorAnswer {
    const { scheme, limit, windowMs, phaseMs } = this.#options;
    let resetMs: number;
    let admit: boolean;
    if (scheme === "fixed-window" || scheme === "no-headers") {
      const window = Math.floor((nowMs - phaseMs) / windowMs);
      if (window !== this.#window) [this.#window, this.#used] = [window, 0];
      admit = this.#used < limit;
      if (admit) this.#used += 1;
      resetMs = (window + 1) * windowMs + phaseMs;
    } else {
      const from = this.#log.findIndex((at) => at > nowMs - windowMs);
      this.#log = from === -1 ? [] : this.#log.slice(from);
      admit = this.#log.length < limit;
      if (admit || scheme === "strict") this.#log.push(nowMs);
      resetMs = (this.#log[0] ?? nowMs) + windowMs;
      this.#used = this.#log.length;
    }
    if (admit) this.admitted.set(caller, [...(this.admitted.get(caller) ?? []), nowMs]);
    else this.refused.set(caller, (this.refused.get(caller) ?? 0) + 1);
    return { status: admit ? 200 : 429, headers: this.#headers(admit, nowMs, resetMs) };
  }

  #headers(admit: boolean, nowMs: number, resetMs: number): Readonly<Record<string, string>> {
    const { scheme, limit } = this.#options;
    if (scheme === "no-headers") return {};
    const headers = {
      "x-ratelimit-limit": `${limit}`,
      "x-ratelimit-remaining": `${Math.max(0, limit - this.#used)}`,
      "x-ratelimit-reset": `${Math.ceil(resetMs / 1000)}`,
    };
    return admit ? headers : { ...headers, "retry-after": `${Math.max(1, Math.ceil((resetMs - nowMs) / 1000))}` };
  }
}
