/**
 * What an app's emulator is: one value, made with `defineEmulator`, which the kit runs.
 *
 * The split: the module says what the vendor does (records, routes, errors, limits, headers, switches); the kit gives
 * what every vendor needs to be tested against (state, clock, sockets, faults, journal, mailbox, control). The kit adds
 * no header, no status and no page size of its own to an answer.
 *
 * A handler is synchronous and runs in one transaction: everything it changes is kept when it answers below 400 and
 * taken back otherwise. So "before the effect" is before the handler, "after the effect" is after it, and the journal's
 * `effect` is what really happened to the stored records, not what somebody said.
 */
import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { Random } from "../kernel/random.ts";
import type { Company } from "./company.ts";
import type { CommonOptions, OptionSet, OptionValues } from "./options.ts";

/** A stored record: plain data that is replaced, never changed in place. Ids are unique in their collection. */
export interface StoredRecord {
  readonly id: string | number;
}

/** The record type of each collection of an app, by collection name (plural, as `/state` shows it). */
export type Shape = Readonly<Record<string, StoredRecord>>;

export interface Collection<T extends StoredRecord> {
  get(id: T["id"]): T | null;
  /** All records in the order in which they were inserted. */
  list(): readonly T[];
  find(test: (record: T) => boolean): T | null;
  /** The test must depend on the record alone; the result of one and the same function is kept until a record changes. */
  filter(test: (record: T) => boolean): readonly T[];
  /** An id that no record of this collection has or had. */
  nextId(): T["id"];
  /** Throws `conflict` when the id is taken. */
  insert(record: T): T;
  /** Replaces the record with the same id. Throws `missing` when there is none. */
  replace(record: T): T;
  /** False when there was none. */
  remove(id: T["id"]): boolean;
}

export type Collections<S extends Shape> = { readonly [K in keyof S]: Collection<S[K]> };

export interface IdScheme<Id extends string | number> {
  /** The id of the n-th record, from 1. */
  make(sequence: number): Id;
  /** The id that this text names (path parameter, control request), or null when it cannot be one. */
  read(text: string): Id | null;
  /** The inverse of `make`, so that the id of a removed record is never given out again; null for a foreign id. */
  sequenceOf(id: Id): number | null;
}

/** One collection: how its ids look, and how data from outside (reset, create, mutate) becomes a record. */
export interface RecordSpec<T extends StoredRecord> {
  /** The singular, as the control verbs name it: `team`, `person`. The collection's own name is accepted too. */
  readonly kind: string;
  readonly ids: IdScheme<T["id"]>;
  /**
   * A complete record from what was given; missing members get the vendor's defaults, wrong ones throw `bad_input`.
   * On an update `data` is the previous record with the changes laid over it, and `previous` is not null.
   * A record as `/state` shows it must come back equal.
   */
  parse(data: JsonObject, origin: { readonly id: T["id"]; readonly now: number; readonly previous: T | null }): T;
}

/** A key or token that the vendor would have issued. */
export interface Credential {
  readonly value: string;
  /** The vendor account that it opens; `main` is the one that the control verbs show. */
  readonly account: string;
  /** Vendor's own kind, such as `company` or `teammate`; an empty string where there is only one. */
  readonly kind: string;
  /** Null where the vendor has no scopes. */
  readonly scopes: readonly string[] | null;
  /** Id of the record that it acts as; null when it acts as the account. */
  readonly owner: string | null;
}

export interface EmulatorRequest {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The parsed JSON; null when the body is empty or is no JSON (`bodyState` tells). */
  readonly body: JsonValue;
  readonly bodyState: "none" | "json" | "malformed";
}

export interface EmulatorResponse {
  readonly status: number;
  /** Sent with exactly this spelling. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null sends no body. A string is sent as it is, anything else as JSON. */
  readonly body: JsonValue;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Null when the mail carries none. */
  readonly link: string | null;
}

/** What a handler or a control hook may use: one vendor account, at one moment. */
export interface AccountContext<S extends Shape, O extends OptionSet> {
  readonly account: string;
  readonly state: Collections<S>;
  /** The switches of this emulator and the common ones (`profile`, `strict`, `seatLimit` …). */
  readonly options: OptionValues<O & CommonOptions>;
  /** The emulator's time in epoch milliseconds; it does not move while a handler runs. */
  readonly now: number;
  /** Where this emulator is reached, without a slash at the end: `http://127.0.0.1:41234`. */
  readonly origin: string;
  /** Chance that repeats itself for the same seed. */
  readonly random: Random;
  /** Puts a mail into the outbox, as part of the effect. */
  mail(mail: Mail): void;
  /** Delivers the event to the registered webhooks once the effect is kept. Does nothing without `webhooks`. */
  emit(event: string, subject: JsonObject): void;
}

export interface Call<S extends Shape, O extends OptionSet> extends AccountContext<S, O> {
  readonly request: EmulatorRequest;
  /** Path parameters of the route, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly credential: Credential;
}

export interface Route<S extends Shape, O extends OptionSet> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  /** `/v1/users/{id}`: a parameter is one whole segment. */
  readonly path: string;
  handle(call: Call<S, O>): EmulatorResponse;
}

/**
 * `fixed-window` counts in windows aligned to the clock. `sliding-log` counts the last window before each call.
 * `strict` is a sliding log in which refused calls count too. `no-headers` is a fixed window that tells nothing:
 * no limit headers on any answer and no Retry-After.
 */
export type LimitScheme = "fixed-window" | "sliding-log" | "strict" | "no-headers";

export interface RateLimit {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly scheme: LimitScheme;
}

/** Where a bucket stands after the call was counted (or refused). */
export interface LimitStanding {
  readonly limit: number;
  readonly remaining: number;
  readonly windowSeconds: number;
  readonly now: number;
  /** Epoch milliseconds at which a call is possible again (when refused), or the window ends or frees its first place. */
  readonly resetAt: number;
}

/** The vendor's own limit; the option `rateLimit` replaces its figures, never its headers or its answer. */
export interface VendorLimits<O extends OptionSet> {
  readonly standard: RateLimit;
  /** Whose bucket the call comes from; null when this call is not limited. */
  bucket(credential: Credential, request: EmulatorRequest): string | null;
  /** The headers of every counted answer. Not asked under `no-headers`. */
  headers(standing: LimitStanding, options: OptionValues<O & CommonOptions>): Readonly<Record<string, string>>;
  /** The answer to a refused call, without the headers above; under `no-headers` its Retry-After is taken off. */
  refuse(standing: LimitStanding, options: OptionValues<O & CommonOptions>): EmulatorResponse;
}

/** Either the caller, or why not and the vendor's answer to that. */
export type Admission =
  | { readonly kind: "known"; readonly credential: Credential }
  | { readonly kind: "unknown" | "none"; readonly answer: EmulatorResponse };

export interface Page {
  readonly rows: readonly JsonObject[];
  /** Null where the vendor does not tell. */
  readonly total: number | null;
  /** The vendor's pointer to the next page as it stands in the body; null at the end or where there is none. */
  readonly next: string | null;
}

/** How this vendor pages, so that the kit can make its pages drift, repeat, shrink and lie (F40 to F49, F53). */
export interface PageDialect {
  /** The collection that this request lists; null when it is no listing. */
  listing(request: EmulatorRequest): string | null;
  read(body: JsonObject): Page;
  /** The body with these parts changed. A vendor whose pages carry no pointer adds one where its clients might look. */
  write(body: JsonObject, change: Partial<Page>): JsonObject;
  /** The same request for another page size (F45). */
  resize(request: EmulatorRequest, size: number): EmulatorRequest;
  /** The same request for the first page (F41, F42). */
  rewind(request: EmulatorRequest): EmulatorRequest;
  /** Whether the request asks for a page after the first. */
  isLater(request: EmulatorRequest): boolean;
}

/** Faults that need to know the vendor. Each one is an effect of somebody else, inside a transaction of its own. */
export interface FaultHooks<S extends Shape, O extends OptionSet> {
  /** F60: another client takes seats until only `left` are free. */
  takeSeats?(context: AccountContext<S, O>, left: number): void;
  /** F61: somebody else holds the address; `hidden` = not in listings (deactivated, or of another type). */
  holdEmail?(context: AccountContext<S, O>, email: string, hidden: boolean): void;
  /** F62: whether this request would take the last admin away. */
  removesLastAdmin?(call: Call<S, O>): boolean;
  /** F64: another lead, number or the like arrives at the owner that this request is about. */
  bringHolding?(call: Call<S, O>): void;
  /** F65: the invitation of this address (null = the newest open one) is accepted, declined or expires. */
  settleInvitation?(
    context: AccountContext<S, O>,
    email: string | null,
    outcome: "accepted" | "declined" | "expired",
  ): void;
}

export interface WebhookDelivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes that were signed. */
  readonly body: string;
}

export interface WebhookHooks<S extends Shape, O extends OptionSet> {
  /** Events that may be registered and emitted; any other gives 400. */
  readonly events: readonly string[];
  /** Control verb `webhook`: as if set up in the vendor's admin pages. The kit has checked that the address is loopback. */
  register(context: AccountContext<S, O>, url: string, events: readonly string[]): void;
  /** Control verb `unwebhook`; false when the address had none. */
  unregister(context: AccountContext<S, O>, url: string): boolean;
  /** The signed deliveries of one event, one for each registration that wants it. `subject` is empty on a bare `emit`. */
  deliveries(context: AccountContext<S, O>, event: string, subject: JsonObject): readonly WebhookDelivery[];
  /**
   * What the receiver answered to a delivery; null when it gave no answer in time. Called once for each delivery, in a
   * transaction of its own. For vendors that check an address by a challenge before they send events to it: `register`
   * emits the challenge as an event that only `deliveries` knows.
   */
  answered?(
    context: AccountContext<S, O>,
    delivery: WebhookDelivery,
    answer: { readonly status: number; readonly text: string } | null,
  ): void;
}

/** What the control verbs may do to this app. A verb without its hook is answered with 400. */
export interface ControlHooks<S extends Shape, O extends OptionSet> {
  /** Kinds that `create` and `drop` take: what no vendor call can create. `mutate` takes every kind. */
  readonly creatable: readonly string[];
  /** Called after `mutate`, `create` or `drop` changed a record: the vendor's own consequences. */
  changed?(context: AccountContext<S, O>, kind: string, id: string, op: "create" | "update" | "delete"): void;
  /** The invitee accepts; false when no invitation is open. */
  accept?(context: AccountContext<S, O>, email: string): boolean;
  /** The account forgets a deactivated person for good; false when there is none. */
  purge?(context: AccountContext<S, O>, id: string): boolean;
  /** A credential as asked for; throws `bad_input`. The kit gives the serial number that makes it unique. */
  token?(context: AccountContext<S, O>, want: JsonObject, serial: number): Credential;
}

export interface SeedInput {
  readonly kind: "demo" | "empty";
  /** The company whose people and accounts are to be stored; null for `empty` and where nobody gave one. */
  readonly company: Company | null;
  readonly random: Random;
  readonly now: number;
}

/** The records of one vendor account; a collection that is left out is empty. */
export type AccountSeed<S extends Shape> = { readonly [K in keyof S]?: readonly S[K][] };

export interface Seeded<S extends Shape> {
  /** By vendor account: `main`, and a second one that must see nothing of the first. */
  readonly accounts: Readonly<Record<string, AccountSeed<S>>>;
  /** What the option `seatLimit` stands at until it is set; null = no limit. */
  readonly seatLimit: number | null;
}

export interface EmulatorDefinition<S extends Shape, O extends OptionSet> {
  /** The connector id. */
  readonly id: string;
  readonly name: string;
  readonly records: { readonly [K in keyof S]: RecordSpec<S[K]> };
  /** The switches beside the common ones. A common option may be narrowed or given another default here. */
  readonly options: O;
  /** The credentials that exist from the start; the same after every reset. */
  readonly credentials: readonly Credential[];
  seed(input: SeedInput): Seeded<S>;
  authenticate(
    request: EmulatorRequest,
    find: (value: string) => Credential | null,
    options: OptionValues<O & CommonOptions>,
  ): Admission;
  readonly limits: VendorLimits<O>;
  readonly routes: readonly Route<S, O>[];
  /** The vendor's error answer for a status: unknown paths (404), wrong verbs (405), injected errors. */
  problem(status: number, message: string): EmulatorResponse;
  seats(context: AccountContext<S, O>): { readonly limit: number | null; readonly used: number };
  readonly pages: PageDialect;
  readonly faults: FaultHooks<S, O>;
  readonly control: ControlHooks<S, O>;
  /** Null where the vendor has none. */
  readonly webhooks: WebhookHooks<S, O> | null;
  /** This app's part of the sandbox document: base URL and credentials under the names that users see. */
  document(origin: string): JsonObject;
  /** Collections whose records hold secrets or are the vendor's own bookkeeping: not shown by `/state`. */
  readonly hidden: readonly (keyof S & string)[];
}

/** An emulator of which the kit no longer knows the record types: what registries hold and `runEmulator` takes. */
export type EmulatorModule = EmulatorDefinition<Shape, OptionSet>;

/** Checks the definition's types against each other and gives it the type that registries hold. */
export function defineEmulator<S extends Shape, const O extends OptionSet>(
  definition: EmulatorDefinition<S, O>,
): EmulatorModule {
  // The record and option types are forgotten here: the kit gives a handler only what its own module declared.
  return definition;
}

export function json(
  status: number,
  body: JsonValue,
  headers: Readonly<Record<string, string>> = {},
): EmulatorResponse {
  return { status, headers: { "Content-Type": "application/json; charset=utf-8", ...headers }, body };
}

/** An answer without a body, such as 204. */
export function empty(status: number, headers: Readonly<Record<string, string>> = {}): EmulatorResponse {
  return { status, headers, body: null };
}

/** Integers counted up from `from`. */
export function integerIds(from = 1): IdScheme<number> {
  return {
    make: (sequence) => from + sequence - 1,
    read: (text) => (/^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : null),
    sequenceOf: (id) => id - from + 1,
  };
}

/** A prefix and a number in base 36, as in `tea_1a`. */
export function prefixedIds(prefix: string): IdScheme<string> {
  return {
    make: (sequence) => `${prefix}${sequence.toString(36)}`,
    read: (text) => (text.startsWith(prefix) && text.length > prefix.length ? text : null),
    sequenceOf(id) {
      const sequence = Number.parseInt(id.slice(prefix.length), 36);
      return id === `${prefix}${sequence.toString(36)}` && Number.isSafeInteger(sequence) ? sequence : null;
    },
  };
}
