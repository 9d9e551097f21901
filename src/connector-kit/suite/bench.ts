import assert from "node:assert/strict";
import { inspect } from "node:util";
import { systemClock, yieldTurn, type VirtualClock } from "../../kernel/clock.ts";
import { toAppError, type AppError } from "../../kernel/errors.ts";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import type { Traits } from "../../model/traits.ts";
import type { CallContext } from "../../transport/contract.ts";
import type { Connector } from "../contract.ts";

/** What the suite needs of an app's emulator; a `RunningEmulator` of the emulator kit is one. */
export interface Twin {
  reset(request: { readonly data: JsonObject }): Promise<void>;
  state(): { readonly collections: Readonly<Record<string, readonly JsonObject[]>> };
  journal(since?: number): readonly TwinEntry[];
  setFaults(rules: readonly TwinFault[]): Promise<unknown>;
  faults(): readonly { readonly id: string; readonly fired: number }[];
  set(option: string, value: JsonValue): void;
  stop(): Promise<void>;
}

export interface TwinEntry {
  readonly seq: number;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query: JsonObject;
  readonly body: JsonValue;
  readonly credential: "known" | "unknown" | "none";
  readonly status: number | null;
  readonly effect: "applied" | "none" | "suppressed";
}

export interface TwinFault {
  readonly fault: string;
  readonly [parameter: string]: JsonValue | undefined;
}

/** What became of a call: its value, or the error that it threw. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly error: null }
  | { readonly ok: false; readonly value: null; readonly error: AppError };

export interface BenchParts<T extends Twin> extends Clocks {
  readonly twin: T;
  readonly connector: Connector;
  readonly traits: Traits;
  /** Credentials in every form in which they travel; none may be found in a log line or an error. */
  readonly canaries: Iterable<string>;
  /** Lines that the connector's log was given. */
  readonly lines: readonly string[];
  /** Closes transports and budgets. */
  readonly close: () => Promise<void>;
}

/** Turns of the event loop without an end of the call, after which the product's clock goes on. */
const QUIET_TURNS = 60;
/** What the machine may need for bytes that are on their way; only after it a request counts as hanging. */
const STILL_TURNS = 1_500;
const STILL_MS = 40;
/** Steps of the clocks that one call may take; beyond it something waits for ever. */
const MOST_STEPS = 20_000;

/** The product's time, and that of requests under way: a wait that is skipped must not end a request that is not. */
export interface Clocks {
  readonly clock: VirtualClock;
  readonly network: VirtualClock;
}

/**
 * Runs a call to its end over real sockets on clocks that stand still: when nothing moves any more, the product's clock
 * goes to the next time that somebody waits for; when nobody does and still nothing comes, the request itself hangs and
 * the network's clock goes on to its limit.
 */
export async function drive<T>({ clock, network }: Clocks, call: Promise<T>): Promise<T> {
  const state = { over: false };
  const done = call.finally(() => {
    state.over = true;
  });
  // The rejection is the caller's; here it must only not count as unhandled meanwhile.
  done.catch(() => undefined);
  const machine = systemClock();
  const turns = async (count: number, ms: number): Promise<void> => {
    const from = machine.now();
    for (let turn = 0; !state.over && (turn < count || machine.now() - from < ms); turn += 1) await yieldTurn();
  };
  for (let step = 0; !state.over; step += 1) {
    assert.ok(step < MOST_STEPS, "the call waits for ever");
    await turns(QUIET_TURNS, 0);
    if (state.over || (await clock.step())) continue;
    await turns(STILL_TURNS, STILL_MS);
    if (!state.over && clock.sleeping === 0) await network.step();
  }
  return done;
}

/** A connector and the emulator that it speaks to, on one clock. */
export class Bench<T extends Twin = Twin> {
  readonly twin: T;
  readonly clock: VirtualClock;
  readonly connector: Connector;
  readonly traits: Traits;
  readonly #parts: BenchParts<T>;
  readonly #errors: string[] = [];

  constructor(parts: BenchParts<T>) {
    this.#parts = parts;
    this.twin = parts.twin;
    this.clock = parts.clock;
    this.connector = parts.connector;
    this.traits = parts.traits;
  }

  context(signal: AbortSignal = new AbortController().signal): CallContext {
    return { signal, lane: "normal", beforeSend: null };
  }

  drive<R>(call: Promise<R>): Promise<R> {
    return drive(this.#parts, call);
  }

  /** The end of a call, whatever it is; what an error says is kept for `close` to look through. */
  async attempt<R>(call: Promise<R>): Promise<Outcome<R>> {
    try {
      return { ok: true, value: await this.drive(call), error: null };
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#errors.push(inspect(error, { depth: 12 }), JSON.stringify([error.message, error.details, error.cause]));
      return { ok: false, value: null, error };
    }
  }

  async fault(...rules: readonly TwinFault[]): Promise<void> {
    await this.twin.setFaults(rules);
  }

  /** Clears the faults; one that never fired would have tested nothing. */
  async assertFired(): Promise<void> {
    const silent = this.twin.faults().filter((rule) => rule.fired === 0);
    assert.deepEqual(silent, [], "a fault that was injected must be seen to have fired");
    await this.twin.setFaults([]);
  }

  /** Requests since `seq` with that method and path. */
  requests(since: number, method: string, path: string): readonly TwinEntry[] {
    const wanted = new RegExp(path);
    return this.twin.journal(since).filter((entry) => entry.method === method && wanted.test(entry.path));
  }

  /** Sequence number of the last request so far. */
  mark(): number {
    return this.twin.journal().at(-1)?.seq ?? 0;
  }

  async close(): Promise<void> {
    await this.#parts.close();
    await this.twin.stop();
    for (const canary of this.#parts.canaries) {
      for (const text of [...this.#parts.lines, ...this.#errors]) {
        assert.ok(!text.includes(canary), "a credential was found in a log line or an error");
      }
    }
  }
}
