/**
 * A running emulator as tests and the sandbox hold it: where it listens, and every control verb as a method.
 * Started by `runEmulator` (run.ts). What a method takes and gives is what the control API takes and gives.
 */
import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { Credential, Mail } from "./contract.ts";
import type { Company } from "./company.ts";

export interface RunOptions {
  /** 0 = any free port. The address is always 127.0.0.1. */
  readonly port?: number;
  readonly seed?: number;
  readonly kind?: "demo" | "empty";
  readonly company?: Company | null;
  /** Numbers the journal's entries; emulators that run together share one, so that their entries have one order. */
  readonly nextSeq?: () => number;
}

export interface JournalEntry {
  /** Counts up from 1 over the life of the emulators that run together, over resets too. */
  readonly seq: number;
  readonly at: string;
  readonly app: string;
  readonly method: string;
  readonly path: string;
  readonly query: JsonObject;
  readonly body: JsonValue;
  readonly credential: "known" | "unknown" | "none";
  /** Null when the connection ended before a status was sent. */
  readonly status: number | null;
  /** `applied`: stored records changed. `suppressed`: a fault kept back what the answer claims. */
  readonly effect: "applied" | "none" | "suppressed";
  /** The code of the fault that fired. */
  readonly fault?: string;
}

export interface OutboxEntry extends Mail {
  readonly at: string;
}

/** A fault rule as given; `faults.ts` lists the codes and their parameters. */
export interface FaultRule {
  readonly method?: string;
  /** Regular expression on the path (without the query). */
  readonly path?: string;
  /** Regular expression on the request's body text. */
  readonly body?: string;
  /** Only the n-th matching request, from 1. */
  readonly nth?: number;
  /** At most so many times; once `nth` is given, that one and the following ones. Without `nth` and `times`: always. */
  readonly times?: number;
  /** From 0 to 1, drawn from `seed`. */
  readonly probability?: number;
  readonly seed?: number;
  readonly phase?: "before" | "after" | "during";
  readonly fault: string;
  /** The parameters of the fault. */
  readonly [parameter: string]: JsonValue | undefined;
}

export interface RuleReport {
  readonly id: string;
  readonly fired: number;
}

export interface ResetRequest {
  /** The one of the start unless given. */
  readonly seed?: number;
  readonly kind?: "demo" | "empty";
  /** The demo's company from now on, instead of the one given at the start. */
  readonly company?: Company;
  /** Collections of the account `main`, as `state` shows them; the ones left out are as in an empty account. */
  readonly data?: JsonObject;
}

export interface EmulatorState {
  readonly collections: Readonly<Record<string, readonly JsonObject[]>>;
  readonly seats: { readonly limit: number | null; readonly used: number };
  readonly options: JsonObject;
}

/** Methods throw `bad_input` for a request that makes no sense and `missing` for a record that is not there. */
export interface RunningEmulator {
  readonly id: string;
  readonly name: string;
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly origin: string;
  readonly port: number;
  /** This app's part of the sandbox document. */
  readonly document: JsonObject;
  readonly credentials: readonly Credential[];
  /** Back to the start: records, switches, tokens, mails, journal, rate limits and faults; not the clock. */
  reset(request?: ResetRequest): Promise<void>;
  /** Throws what `reset` would throw, and changes nothing. */
  check(request: ResetRequest): void;
  state(account?: string): EmulatorState;
  journal(since?: number): readonly JournalEntry[];
  /** Replaces all rules; an empty list clears them. Resolves when the door is open or shut as they ask (F02). */
  setFaults(rules: readonly FaultRule[]): Promise<readonly RuleReport[]>;
  faults(): readonly RuleReport[];
  mutate(request: {
    readonly op: "create" | "update" | "delete";
    readonly kind: string;
    readonly id?: string;
    readonly data?: JsonObject;
  }): string;
  create(kind: string, data: JsonObject): string;
  /** An id as the vendor's own JSON has it: many count in numbers. */
  nativeId(kind: string, id: string): string | number;
  drop(kind: string, id: string): void;
  purge(id: string): void;
  accept(email: string): void;
  outbox(): readonly OutboxEntry[];
  set(option: string, value: JsonValue): void;
  token(want: JsonObject): string;
  webhook(url: string, events: readonly string[]): void;
  unwebhook(url: string): void;
  /** Resolves when every delivery of the event was tried once. */
  emit(event: string): Promise<void>;
  /** Resolves when the deliveries that requests caused were tried. */
  delivered(): Promise<void>;
  /** Ends every connection and frees the port. */
  stop(): Promise<void>;
}
