import type { Clock } from "../kernel/clock.ts";
import { canceled, systemClock } from "../kernel/clock.ts";
import { AppError, ERROR_TRAITS } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import { createBackoff, type Backoff } from "./backoff.ts";
import { createBreaker, type Breaker, type Pass, type Refusal } from "./breaker.ts";
import { Budget, type Slot } from "./budget.ts";
import type { BudgetLedger, CallContext, Endpoint, Transport, TransportAnswer, TransportRequest } from "./contract.ts";
import type { Resolve } from "./http/address.ts";
import { isFramed, readBody, type Body, type BodyLimits } from "./http/body.ts";
import { brokenError, statusError, unreadableError, type Failure, type Named } from "./http/classify.ts";
import { Deadlines } from "./http/deadlines.ts";
import { Exchange } from "./http/exchange.ts";
import { Sockets } from "./http/sockets.ts";
import { parseTarget, requestTarget, type Target } from "./http/target.ts";
import { readRateHeaders, readRetryAfter, type RawHeaders } from "./rate-headers.ts";

export interface TransportOptions {
  readonly endpoint: Endpoint;
  readonly ledger: BudgetLedger;
  /** The product's time: for the budget and for waits between tries. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Time for requests under way, which is the machine's: a sandbox clock that jumps must not end them. */
  readonly networkClock?: Clock;
  /** From sending to the end of the answer. */
  readonly timeoutMs?: number;
  /** Of a body, unpacked. */
  readonly maxBodyBytes?: number;
  readonly maxDepth?: number;
  readonly maxInFlight?: number;
  /** Longest wait for a slot or after a 429; a longer one is thrown as `rate_limited` with `retryAfterMs`. */
  readonly maxWaitMs?: number;
  readonly maxWaiting?: number;
  /** How often a read is tried that fails in a way that may pass. */
  readonly attempts?: number;
  /** Part of the allowance that only urgent calls may use. */
  readonly urgentShare?: number;
  /** Failures in a row after which nothing is sent for a while. */
  readonly breakerThreshold?: number;
  /** Lets https reach hosts that are not on the public Internet: for a gateway in the company's own network. */
  readonly allowPrivateAddresses?: boolean;
  /** Finds the addresses of a host name; the system's way when it is not given. */
  readonly resolve?: Resolve;
}

/** A transport with sockets and waiting calls that end when it is closed. */
export interface OpenTransport extends Transport {
  /** Ends what is under way, gives back what the budget holds, closes the sockets. */
  close(): Promise<void>;
}

/** How often one call may be refused with 429 before its caller is told. */
const MOST_REFUSALS = 5;

/** How one try ended, when it did not throw. */
type Outcome<T> =
  | { readonly kind: "answered"; readonly answer: TransportAnswer<T> }
  | { readonly kind: "refused"; readonly waitMs: number }
  | { readonly kind: "failed"; readonly failure: Failure; readonly waitMs: number | null };

class HttpTransport implements OpenTransport {
  readonly origin: string;
  readonly #options: TransportOptions;
  readonly #target: Target;
  readonly #budget: Budget;
  readonly #breaker: Breaker;
  readonly #sockets: Sockets;
  readonly #deadlines: Deadlines;
  readonly #limits: BodyLimits;
  readonly #maxWaitMs: number;
  readonly #closing = new AbortController();

  constructor(options: TransportOptions) {
    const { endpoint, clock, random, maxInFlight = 20, timeoutMs = 30_000, breakerThreshold = 8 } = options;
    this.#options = options;
    this.#target = parseTarget(endpoint, options.allowPrivateAddresses ?? false);
    this.origin = this.#target.shown;
    this.#limits = { maxBodyBytes: options.maxBodyBytes ?? 10 * 1024 * 1024, maxDepth: options.maxDepth ?? 32 };
    this.#maxWaitMs = options.maxWaitMs ?? 30_000;
    this.#budget = makeBudget(options, this.#target.budgetKey, maxInFlight, this.#maxWaitMs);
    this.#breaker = createBreaker({
      threshold: breakerThreshold,
      openMs: 5_000,
      longestOpenMs: 60_000,
      clock,
      random,
    });
    this.#sockets = new Sockets(this.#target, maxInFlight, options.resolve);
    this.#deadlines = new Deadlines(options.networkClock ?? systemClock(), timeoutMs);
  }

  async send<T>(request: TransportRequest<T>, context: CallContext): Promise<TransportAnswer<T>> {
    const target = requestTarget(this.#target, request);
    const payload = request.body === null ? null : JSON.stringify(request.body);
    const { attempts = 3, clock, random } = this.#options;
    let backoff: Backoff | null = null;
    let refusals = 0;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#try(request, context, target, payload, refusals > 0);
      if (outcome.kind === "answered") return outcome.answer;
      if (outcome.kind === "refused") {
        // The wait itself is the budget's: it holds everything of this key.
        refusals += 1;
        attempt -= 1;
        if (refusals >= MOST_REFUSALS || outcome.waitMs > this.#maxWaitMs) throw this.#refused(request, outcome.waitMs);
        continue;
      }
      const { failure } = outcome;
      backoff ??= createBackoff({ baseMs: 250, capMs: 5_000, random });
      const waitMs = Math.max(backoff.next(), outcome.waitMs ?? 0);
      const over = !failure.retry || attempt >= attempts || waitMs > this.#maxWaitMs;
      if (over || this.#breaker.check() !== null || this.#closing.signal.aborted)
        throw this.#logged(request, failure.error);
      await clock.sleep(waitMs, AbortSignal.any([context.signal, this.#closing.signal]));
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#budget.close(), this.#sockets.close()]);
  }

  async #try<T>(
    request: TransportRequest<T>,
    context: CallContext,
    target: string,
    payload: string | null,
    again: boolean,
  ): Promise<Outcome<T>> {
    if (context.signal.aborted) throw canceled(context.signal.reason);
    const down = this.#breaker.check();
    if (down !== null) throw this.#downError(down);
    const slot =
      (again ? null : this.#budget.takeNow()) ?? (await this.#budget.take(context.lane, context.signal, again));
    const pass = this.#breaker.enter();
    if (typeof pass !== "string") {
      this.#budget.unsent(slot);
      throw this.#downError(pass);
    }
    const { signal, beforeSend } = context;
    const exchange = new Exchange({ signal, beforeSend, maxBodyBytes: this.#limits.maxBodyBytes });
    this.#deadlines.add(exchange);
    this.#sockets.dispatch(request.method, target, payload, exchange);
    await exchange.ended;
    this.#deadlines.remove(exchange);
    return exchange.broken === null
      ? this.#answered(request, exchange, slot, pass)
      : this.#broken(request, exchange, slot, pass);
  }

  #broken<T>(request: TransportRequest<T>, exchange: Exchange, slot: Slot, pass: Pass): Outcome<T> {
    const { broken, sent } = exchange;
    if (broken === null) throw new AppError("internal", "a whole answer is not a broken one");
    if (sent) this.#budget.answered(slot, null);
    else this.#budget.unsent(slot);
    if (broken.by === "canceled" || broken.by === "fenced" || broken.by === "too-large") this.#breaker.withdrawn(pass);
    else this.#breaker.failed(pass);
    return { kind: "failed", failure: brokenError(this.#named(request), broken, sent), waitMs: null };
  }

  async #answered<T>(request: TransportRequest<T>, exchange: Exchange, slot: Slot, pass: Pass): Promise<Outcome<T>> {
    const { status, headers } = exchange;
    const nowMs = this.#options.clock.now();
    if ((status >= 500 && status !== 501) || status === 408) this.#breaker.failed(pass);
    else this.#breaker.succeeded();
    const rate = readRateHeaders(headers, nowMs);
    // Any success answers a DELETE; whether it took effect is read back (safety D5).
    const expected = request.expect.includes(status) || (request.method === "DELETE" && status >= 200 && status < 300);
    if (status === 429 && !expected) {
      const until = { retryAfterMs: readRetryAfter(headers, nowMs), resetInMs: rate?.resetInMs ?? null };
      return { kind: "refused", waitMs: await this.#budget.refused(slot, until) };
    }
    this.#budget.answered(slot, rate);
    const reading = readBody(exchange, this.#limits, expected);
    const body = reading instanceof Promise ? await reading : reading;
    if (expected) return { kind: "answered", answer: this.#parse(request, exchange, body) };
    const retryAfterMs = readRetryAfter(headers, nowMs);
    const context = { words: wordsOf(request, status, body), retryAfterMs, leadsTo: this.#leadsTo(headers) };
    return { kind: "failed", failure: statusError(this.#named(request), status, context), waitMs: retryAfterMs };
  }

  #parse<T>(request: TransportRequest<T>, exchange: Exchange, body: Body): TransportAnswer<T> {
    const { status } = exchange;
    if (body.kind === "unreadable") throw this.#unreadable(request, status, body.reason);
    if (request.method === "GET" && !isFramed(exchange)) {
      throw this.#unreadable(request, status, "it has no length and no last chunk, so it may have been cut off");
    }
    let value: T;
    try {
      value = request.parse(body.kind === "json" ? body.value : null, status);
    } catch (error) {
      // Other codes are the connector's own: it read the answer and knows what it means (an error inside a 200).
      if (error instanceof AppError && error.code !== "bad_response") throw this.#logged(request, error);
      throw this.#unreadable(request, status, error instanceof Error ? error.message : "the parser failed", error);
    }
    return { status, value, headers: plainHeaders(exchange.headers) };
  }

  #unreadable(request: TransportRequest<unknown>, status: number, reason: string, cause?: unknown): AppError {
    return this.#logged(request, unreadableError(this.#named(request), status, reason, cause));
  }

  #named(request: TransportRequest<unknown>): Named {
    const { mask, shown } = this.#target;
    return { method: request.method, what: mask(`${request.method} ${shown}${request.path}`), mask };
  }

  #refused(request: TransportRequest<unknown>, waitMs: number): AppError {
    const seconds = Math.ceil(waitMs / 1000);
    const words = `${this.#named(request).what}: answered 429, too many calls: nothing was done, try again in ${seconds} s`;
    return this.#logged(
      request,
      new AppError("rate_limited", words, { details: { status: 429, retryAfterMs: waitMs } }),
    );
  }

  #downError({ retryAfterMs }: Refusal): AppError {
    const seconds = Math.ceil(retryAfterMs / 1000);
    const words = `${this.origin} failed again and again: nothing was sent, the next try is in ${seconds} s`;
    return new AppError("unavailable", words, { details: { sent: false, retryAfterMs } });
  }

  /** Where a redirect leads, without its path and query: they may hold anything. */
  #leadsTo(headers: RawHeaders): string | null {
    const { location } = headers;
    return typeof location === "string" ? (URL.parse(location, this.#target.origin)?.origin ?? null) : null;
  }

  #logged(request: TransportRequest<unknown>, error: AppError): AppError {
    const { status } = error.details;
    this.#options.log[ERROR_TRAITS[error.code].level]("a call to an app failed", {
      origin: this.#target.origin,
      method: request.method,
      code: error.code,
      status: typeof status === "number" ? status : null,
    });
    return error;
  }
}

function makeBudget(options: TransportOptions, key: string, maxInFlight: number, maxWaitMs: number): Budget {
  const { endpoint, ledger, clock, random, log } = options;
  const allowance = Math.max(1, Math.floor(endpoint.quota.limit * endpoint.share));
  // A share of 1 means that the whole limit may be used by any call.
  const urgentShare = options.urgentShare ?? (endpoint.share < 1 ? 0.1 : 0);
  const urgentReserve = Math.floor(allowance * urgentShare);
  const spec = { key, quota: endpoint.quota, allowance, urgentReserve };
  const maxWaiting = options.maxWaiting ?? 10_000;
  return new Budget({ spec, ledger, clock, random, log, maxInFlight, maxWaitMs, maxWaiting });
}

/** The vendor's own words about an error; null when its body has none. */
function wordsOf(request: TransportRequest<unknown>, status: number, body: Body): string | null {
  if (body.kind !== "json") return body.kind === "none" ? null : "the answer is not JSON";
  try {
    return request.readError(body.value, status);
  } catch {
    // An error body may have any shape; the status alone says what the call came to.
    return null;
  }
}

/** Headers as text; cookies are not passed on. */
function plainHeaders(headers: RawHeaders): Readonly<Record<string, string>> {
  const plain: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || name === "set-cookie") continue;
    plain[name] = typeof value === "string" ? value : value.join(", ");
  }
  return plain;
}

/**
 * The only way out to one endpoint; see `Transport`. Throws `config` when the endpoint cannot be one: not https, an address
 * that is not on the public Internet, a credential that no header can carry.
 */
export function createTransport(options: TransportOptions): OpenTransport {
  return new HttpTransport(options);
}
