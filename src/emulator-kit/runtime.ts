import type { Clock } from "../kernel/clock.ts";
import { toIso } from "../kernel/dates.ts";
import { AppError } from "../kernel/errors.ts";
import { toJson, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { seededRandom, type Random } from "../kernel/random.ts";
import type { Company } from "./company.ts";
import {
  integerIds,
  type AccountContext,
  type AccountSeed,
  type Credential,
  type EmulatorModule,
  type Mail,
  type RecordSpec,
  type Shape,
  type StoredRecord,
} from "./contract.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createJournal, type Journal } from "./journal.ts";
import { createLimiter, type Limiter } from "./limits.ts";
import { commonOptions, type CommonOptions, type OptionSet, type OptionSpec, type OptionValues } from "./options.ts";
import type { OutboxEntry, ResetRequest, RunOptions } from "./running.ts";
import { Store, type Transaction } from "./store.ts";

/** The vendor account that the control verbs show. */
export const MAIN_ACCOUNT = "main";
/** Mails are records too, so that they share the fate of the effect they belong to. */
const OUTBOX = "$outbox";

export interface EmittedEvent {
  readonly account: string;
  readonly event: string;
  readonly subject: JsonObject;
}

/** What one piece of work did: its result, whether records changed, and the events it wants to be told. */
export interface Work<T> {
  readonly result: T;
  readonly transaction: Transaction;
  readonly events: readonly EmittedEvent[];
}

interface StoredMail extends StoredRecord, OutboxEntry {}

/** One running emulator without its sockets: records, switches, credentials, and everything that a reset resets. */
export class Runtime {
  readonly module: EmulatorModule;
  readonly clock: Clock;
  readonly store: Store;
  readonly limiter: Limiter = createLimiter();
  readonly faults: Faults = createFaults();
  readonly journal: Journal;
  readonly #specs: Readonly<Record<string, OptionSpec<JsonValue>>>;
  readonly #set = new Map<string, JsonValue>();
  readonly #credentials = new Map<string, Credential>();
  #options: OptionValues<OptionSet & CommonOptions> | null = null;
  readonly #seed: number;
  #company: Company | null;
  #seatLimit: number | null = null;
  #random: Random;
  #tokens = 0;
  #events: EmittedEvent[] | null = null;
  #later: { readonly at: number; readonly work: Work<unknown> }[] = [];
  origin = "";

  constructor(module: EmulatorModule, clock: Clock, options: RunOptions) {
    this.module = module;
    this.clock = clock;
    this.journal = createJournal(module.id, options.nextSeq);
    this.#seed = options.seed ?? 1;
    this.#random = seededRandom(this.#seed);
    this.#company = options.company ?? null;
    this.#specs = { ...commonOptions(), ...module.options };
    const ids = Object.entries(module.records).map(([name, spec]) => [name, spec.ids] as const);
    this.store = new Store({ ...Object.fromEntries(ids), [OUTBOX]: integerIds() });
  }

  reset(request: ResetRequest): void {
    const random = seededRandom(request.seed ?? this.#seed);
    this.#company = request.company ?? this.#company;
    const standard = this.#company === null ? "empty" : "demo";
    const kind = request.data === undefined ? (request.kind ?? standard) : "empty";
    const company = kind === "demo" ? this.#company : null;
    const seeded = this.module.seed({ kind, company, random, now: this.clock.now() });
    // Given data replaces the collections that it names; what it leaves out is as in an empty account.
    const main = { ...seeded.accounts[MAIN_ACCOUNT], ...this.#parseData(request.data ?? {}) };
    for (const [account, seed] of Object.entries({ ...seeded.accounts, [MAIN_ACCOUNT]: main })) {
      this.store.load(account, present(seed));
    }
    this.#set.clear();
    this.#options = null;
    this.#seatLimit = seeded.seatLimit;
    this.#random = random;
    this.#tokens = 0;
    this.#later = [];
    this.#credentials.clear();
    for (const credential of this.module.credentials) this.#credentials.set(credential.value, credential);
    this.limiter.clear();
    this.journal.clear();
  }

  /** Throws `bad_input` for data that `reset` would refuse. */
  check(request: ResetRequest): void {
    this.#parseData(request.data ?? {});
  }

  findCredential(value: string): Credential | null {
    return this.#credentials.get(value) ?? null;
  }

  issueToken(want: JsonObject): string {
    const make = this.module.control.token?.bind(this.module.control);
    if (make === undefined) throw new AppError("bad_input", `${this.module.name} issues no tokens on request`);
    this.#tokens += 1;
    const { result } = this.work(() => make(this.context(MAIN_ACCOUNT), want, this.#tokens));
    this.#credentials.set(result.value, result);
    return result.value;
  }

  /** The switches as handlers see them. */
  options(): OptionValues<OptionSet & CommonOptions> {
    if (this.#options !== null) return this.#options;
    const values = Object.entries(this.#specs).map(([name, spec]) => [name, this.#set.get(name) ?? spec.initial]);
    const seatLimit = this.#set.get("seatLimit") ?? this.#seatLimit;
    // Assembled by name: each value went through the parser of its own option.
    this.#options = { ...Object.fromEntries(values), seatLimit } as OptionValues<OptionSet & CommonOptions>;
    return this.#options;
  }

  /** Null sets the default. Throws `bad_input` for an unknown option or a value that it does not allow. */
  setOption(name: string, value: JsonValue): void {
    const spec = Object.hasOwn(this.#specs, name) ? this.#specs[name] : undefined;
    if (spec === undefined) {
      const known = Object.keys(this.#specs).join(", ");
      throw new AppError("bad_input", `${this.module.name} has no option ${name}: use one of ${known}`);
    }
    this.#options = null;
    if (value === null) {
      this.#set.delete(name);
      return;
    }
    const parsed = spec.parse(value);
    if (parsed === undefined) throw new AppError("bad_input", `option ${name} must be ${spec.allowed}`);
    this.#set.set(name, parsed);
  }

  spec(collection: string): RecordSpec<StoredRecord> | null {
    return Object.hasOwn(this.module.records, collection) ? (this.module.records[collection] ?? null) : null;
  }

  context(account: string): AccountContext<Shape, OptionSet> {
    const now = this.clock.now();
    const state = this.store.collections(account);
    return {
      account,
      state,
      options: this.options(),
      now,
      origin: this.origin,
      random: this.#random,
      mail: (mail: Mail) => {
        const outbox = state[OUTBOX];
        const record: StoredMail = { id: outbox?.nextId() ?? 0, at: toIso(now), ...mail };
        outbox?.insert(record);
      },
      emit: (event, subject) => {
        this.#events?.push({ account, event, subject });
      },
    };
  }

  mails(account: string): readonly OutboxEntry[] {
    const records = this.store.collections(account)[OUTBOX]?.list() ?? [];
    // Only `mail` above writes into this collection.
    return (records as readonly StoredMail[]).map(({ to, subject, at, link }) => ({ to, subject, at, link }));
  }

  /** One piece of work as one transaction. The caller decides whether it is kept, and tells the events if so. */
  work<T>(run: () => T): Work<T> {
    const outer = this.#events;
    const events: EmittedEvent[] = [];
    this.#events = events;
    try {
      return { ...this.store.transact(this.clock.now(), run), events };
    } finally {
      this.#events = outer;
    }
  }

  /** Takes the work back now; it becomes visible after so many milliseconds (F52). */
  postpone(work: Work<unknown>, ms: number): void {
    work.transaction.undo({ keepIds: true });
    this.#later.push({ at: this.clock.now() + ms, work });
  }

  /** Makes visible what is due. To be called before each look at the records. */
  settle(): readonly EmittedEvent[] {
    if (this.#later.length === 0) return [];
    const now = this.clock.now();
    const due = this.#later.filter(({ at }) => at <= now);
    this.#later = this.#later.filter(({ at }) => at > now);
    for (const { work } of due) work.transaction.redo();
    return due.flatMap(({ work }) => work.events);
  }

  #parseData(data: JsonObject): AccountSeed<Shape> {
    const now = this.clock.now();
    const collections = Object.entries(data).map(([name, rows]) => {
      const spec = this.spec(name);
      if (spec === null) throw new AppError("bad_input", `${this.module.name} has no collection ${name}`);
      if (!Array.isArray(rows)) throw new AppError("bad_input", `data: ${name} must be a list of records`);
      let sequence = 0;
      const records = rows.map((row: JsonValue) => {
        const given = readRecordId(spec, row);
        sequence = Math.max(sequence + 1, given === null ? 0 : (spec.ids.sequenceOf(given) ?? 0));
        return spec.parse(asObject(row, name), { id: given ?? spec.ids.make(sequence), now, previous: null });
      });
      checkIds(name, records);
      return [name, records] as const;
    });
    return Object.fromEntries(collections);
  }
}

/** The id that given data names; null when it names none. */
export function readRecordId(spec: RecordSpec<StoredRecord>, data: JsonValue): string | number | null {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return null;
  const id = (data as JsonObject)["id"];
  if (id === undefined || id === null) return null;
  const read = typeof id === "string" || typeof id === "number" ? spec.ids.read(String(id)) : null;
  if (read === null) throw new AppError("bad_input", `${JSON.stringify(id)} is no id of a ${spec.kind}`);
  return read;
}

function checkIds(collection: string, records: readonly StoredRecord[]): void {
  const seen = new Set<string | number>();
  for (const { id } of records) {
    if (seen.has(id)) throw new AppError("bad_input", `data: two of ${collection} have the id ${id}`);
    seen.add(id);
  }
}

function asObject(row: JsonValue, collection: string): JsonObject {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw new AppError("bad_input", `data: each of ${collection} must be an object`);
  }
  return row as JsonObject;
}

function present(seed: AccountSeed<Shape>): Readonly<Record<string, readonly StoredRecord[]>> {
  return Object.fromEntries(Object.entries(seed).map(([name, records]) => [name, records ?? []]));
}

/** A stored record as JSON. */
export function recordJson(record: StoredRecord): JsonObject {
  return toJson(record) as JsonObject;
}
