import type { Clock } from "../kernel/clock.ts";
import { canceled } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { errorFields, type Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import { createBackoff, type Backoff } from "./backoff.ts";
import { VendorCount } from "./budget/vendor-count.ts";
import { WaitingLine, type Waiter } from "./budget/line.ts";
import { GRANT_RECHECK_MS, type BudgetLedger, type BudgetSpec, type Grant, type Lane } from "./contract.ts";
import type { RateHeaders } from "./rate-headers.ts";

/** Leave to send one request. It ends with exactly one of `unsent`, `answered` and `refused`. */
export interface Slot {
  readonly grant: Grant;
}

interface Batch extends Slot {
  readonly takenAtMs: number;
  /** Its slots may be of the reserve. */
  readonly urgentOnly: boolean;
  /** Not handed out yet. */
  left: number;
  /** Handed out and not ended. */
  flying: number;
  used: number;
  lastAnswerMs: number;
}

function makeBatch(grant: Grant, takenAtMs: number, urgentOnly: boolean): Batch {
  return { grant, takenAtMs, urgentOnly, left: grant.count, flying: 0, used: 0, lastAnswerMs: 0 };
}

/** What a refusal (429) said about when to come back; null where it said nothing usable. */
export interface RefusedUntil {
  readonly retryAfterMs: number | null;
  readonly resetInMs: number | null;
}

export interface BudgetOptions {
  readonly spec: BudgetSpec;
  readonly ledger: BudgetLedger;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Requests under way at the same time. */
  readonly maxInFlight: number;
  /** Who would have to wait for longer gets `rate_limited` instead, so that the workflow can sleep durably. */
  readonly maxWaitMs: number;
  /** Who may wait at the same time; the next one gets `busy`. */
  readonly maxWaiting: number;
}

/** A slot is used within this time of its grant or given back; the ledger counts on it (`GRANT_TTL_MS`). */
const FRESH_MS = 10_000;
/** Nobody waits in line for longer than this many times `maxWaitMs` altogether. */
const PATIENCE = 10;

/**
 * Passes a connection's calls through its quota. Slots are taken from the ledger in small batches, so that a call costs no
 * round trip; a batch is small enough that dating all of it by its last answer costs a window less than a 200th of its
 * length. In line goes urgent before normal before bulk before poll, first come first served within each.
 */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #line = new WaitingLine<Slot>();
  readonly #backoff: Backoff;
  readonly #vendor: VendorCount;
  readonly #largestBatch: number;
  /** In how much time a batch should be used up. */
  readonly #spanMs: number;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #current: Batch | null = null;
  #inFlight = 0;
  #handed = 0;
  #handedAtTake = 0;
  #takenMs = Number.NEGATIVE_INFINITY;
  #heldUntilMs = 0;
  #pumping = false;
  #lingering = false;
  #pause: { readonly waker: AbortController; readonly urgent: boolean; readonly recheck: boolean } | null = null;

  constructor(options: BudgetOptions) {
    this.#options = options;
    const { allowance, quota } = options.spec;
    this.#largestBatch = Math.max(1, Math.min(50, Math.floor(allowance / 16)));
    this.#vendor = new VendorCount(options.spec, 2 * this.#largestBatch, options.log);
    this.#spanMs = Math.max(1, Math.min(1_500, quota.windowMs / 400));
    this.#backoff = createBackoff({ baseMs: 1_000, capMs: Math.max(1_000, quota.windowMs), random: options.random });
  }

  /** A slot when there is one in hand and nobody waits. */
  takeNow(): Slot | null {
    if (this.#line.size > 0 || !this.#maySend()) return null;
    const batch = this.#inHand();
    if (batch === null) return null;
    this.#hand(batch);
    if (batch.left > 0) this.#linger();
    return batch;
  }

  /**
   * Waits for a slot. `again`: the vendor refused this call before. Errors: `rate_limited` with `retryAfterMs` when the wait
   * is too long, `busy` when too many wait, `canceled`, and what the ledger throws: without it nothing is sent (S20).
   */
  take(lane: Lane, signal: AbortSignal, again = false): Promise<Slot> {
    const { clock, maxWaiting } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal.aborted || this.#stop.signal.aborted) return reject(canceled(signal.reason));
      if (this.#line.size >= maxWaiting) {
        return reject(
          new AppError("busy", `${maxWaiting} calls wait for this app already: nothing was sent, try later`),
        );
      }
      const onAbort = (): void => {
        if (!this.#line.remove(waiter)) return;
        if (this.#line.size === 0) this.#wake();
        reject(canceled(signal.reason));
      };
      const waiter: Waiter<Slot> = {
        lane,
        again,
        sinceMs: clock.now(),
        resolve: (slot) => {
          signal.removeEventListener("abort", onAbort);
          resolve(slot);
        },
        reject: (error) => {
          signal.removeEventListener("abort", onAbort);
          reject(error);
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#line.add(waiter);
      // Those before may wait for a slot that only the urgent lane may have.
      if (lane === "urgent" && this.#pause?.urgent === false) this.#wake();
      this.#move();
    });
  }

  /** The request was not sent: its slot is free again. */
  unsent(slot: Slot): void {
    this.#end(slot, false);
  }

  /** The request was answered, or broke off after it was sent. `rate`: what the answer said of the vendor's own count. */
  answered(slot: Slot, rate: RateHeaders | null): void {
    const nowMs = this.#options.clock.now();
    const holdMs = rate === null ? null : this.#vendor.observe(rate, nowMs);
    if (holdMs !== null) this.#track(this.#hold(nowMs + holdMs));
    this.#backoff.reset();
    this.#end(slot, true);
  }

  /** The vendor said 429: everything of this key waits. Gives the wait in milliseconds. */
  async refused(slot: Slot, until: RefusedUntil): Promise<number> {
    const nowMs = this.#options.clock.now();
    const { windowMs } = this.#options.spec.quota;
    let waitMs = Math.max(0, this.#heldUntilMs - nowMs);
    if (until.retryAfterMs !== null && until.retryAfterMs > 0) waitMs = until.retryAfterMs;
    else if (until.resetInMs !== null && until.resetInMs > 0) waitMs = Math.min(until.resetInMs, windowMs);
    // Calls that were refused together wait once: only the first of them draws a longer wait.
    else if (waitMs === 0) waitMs = this.#backoff.next();
    await this.#hold(nowMs + waitMs);
    this.#end(slot, true);
    return waitMs;
  }

  /** Ends waiting calls with `canceled` and gives back what was not used. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    this.#refuseAll(canceled());
    this.#giveBack();
    await Promise.all(this.#underWay);
  }

  #maySend(): boolean {
    const { maxInFlight, clock } = this.#options;
    return this.#inFlight < maxInFlight && this.#vendor.allows(this.#inFlight, clock.now());
  }

  /** The batch in hand, when it has slots that may be used now. */
  #inHand(): Batch | null {
    const batch = this.#current;
    if (batch === null || batch.left === 0) return null;
    const nowMs = this.#options.clock.now();
    if (this.#heldUntilMs <= nowMs && Math.abs(nowMs - batch.takenAtMs) <= FRESH_MS) return batch;
    this.#giveBack();
    return null;
  }

  #hand(batch: Batch): void {
    batch.left -= 1;
    batch.flying += 1;
    this.#inFlight += 1;
    this.#handed += 1;
  }

  #end(slot: Slot, used: boolean): void {
    // Only this class makes slots.
    const batch = slot as Batch;
    batch.flying -= 1;
    this.#inFlight -= 1;
    if (used) {
      batch.used += 1;
      batch.lastAnswerMs = Math.max(batch.lastAnswerMs, this.#options.clock.now());
    }
    if (batch.left === 0 && batch.flying === 0) this.#settle(batch);
    if (this.#line.size > 0) this.#move();
  }

  /** Hands out what is in hand, then asks for more when somebody still waits. */
  #move(): void {
    while (this.#line.size > 0 && this.#maySend()) {
      const batch = this.#inHand();
      const waiter = this.#line.first();
      if (batch === null || waiter === null || (batch.urgentOnly && waiter.lane !== "urgent")) break;
      this.#line.remove(waiter);
      this.#hand(batch);
      waiter.resolve(batch);
    }
    if (this.#line.size === 0) {
      if (this.#current !== null && this.#current.left > 0) this.#linger();
    } else if (!this.#pumping && this.#maySend()) {
      this.#track(this.#pump());
    }
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      while (this.#line.size > 0 && this.#maySend() && !this.#stop.signal.aborted) {
        if (this.#heldUntilMs > this.#options.clock.now()) await this.#waitUntil(this.#heldUntilMs, true);
        else await this.#ask();
      }
    } catch (error) {
      this.#refuseAll(error);
    } finally {
      this.#pumping = false;
    }
  }

  async #ask(): Promise<void> {
    const { ledger, spec, clock } = this.#options;
    const urgent = this.#line.urgent;
    const lane = this.#line.first()?.lane ?? "normal";
    const want = urgent > 0 ? Math.min(urgent, this.#largestBatch) : this.#wanted();
    this.#handedAtTake = this.#handed;
    this.#takenMs = clock.now();
    const answer = await ledger.take(spec, lane, want);
    if (answer.granted === null) return this.#waitUntil(answer.notBeforeMs, urgent > 0);
    this.#vendor.know(answer.occupied);
    const { granted } = answer;
    this.#giveBack();
    this.#current = makeBatch(granted, clock.now(), urgent > 0);
    if (this.#stop.signal.aborted) return this.#giveBack();
    this.#move();
    // What urgent calls did not take goes back: it may be of the reserve, which is for no other.
    if (urgent > 0) this.#giveBack();
  }

  /** As many as are asked for now, or as the pace of late will surely use within a span. */
  #wanted(): number {
    const elapsedMs = Math.max(1, this.#options.clock.now() - this.#takenMs);
    const pace = Math.floor(((this.#handed - this.#handedAtTake) * this.#spanMs) / elapsedMs);
    return Math.max(1, Math.min(this.#largestBatch, Math.max(this.#line.size, pace)));
  }

  /** Sleeps until slots can be there, or something changes. Those for whom that is too long are told when to come back. */
  async #waitUntil(untilMs: number, urgent: boolean): Promise<void> {
    const { clock, maxWaitMs } = this.#options;
    const waitMs = Math.max(1, untilMs - clock.now());
    for (const waiter of this.#line.all()) {
      const waitedMs = clock.now() - waiter.sinceMs;
      if (waitMs <= maxWaitMs && waitedMs <= maxWaitMs * PATIENCE) continue;
      this.#line.remove(waiter);
      waiter.reject(this.#tooLong(waitMs));
    }
    if (this.#line.size === 0) return;
    const waker = new AbortController();
    this.#pause = { waker, urgent, recheck: waitMs <= GRANT_RECHECK_MS };
    try {
      await clock.sleep(waitMs, waker.signal);
    } catch (error) {
      if (!waker.signal.aborted) throw error;
    } finally {
      this.#pause = null;
    }
  }

  #tooLong(waitMs: number): AppError {
    const { allowance, quota } = this.#options.spec;
    const seconds = Math.ceil(waitMs / 1000);
    return new AppError(
      "rate_limited",
      `the quota of ${allowance} calls in ${quota.windowMs / 1000} s is used up or the app asked to wait: nothing was sent, try again in ${seconds} s`,
      { details: { retryAfterMs: waitMs } },
    );
  }

  #wake(): void {
    this.#pause?.waker.abort();
  }

  #refuseAll(error: unknown): void {
    for (const waiter of this.#line.all()) {
      this.#line.remove(waiter);
      waiter.reject(error);
    }
  }

  /** Puts down the batch in hand: its unused slots go back as soon as its calls have ended. */
  #giveBack(): void {
    const batch = this.#current;
    this.#current = null;
    if (batch === null || batch.left === 0) return;
    batch.left = 0;
    if (batch.flying === 0) this.#settle(batch);
  }

  /** Gives back slots that nobody has asked for within a span, and all of a batch that lasts too long. */
  #linger(): void {
    if (this.#lingering) return;
    this.#lingering = true;
    const watch = async (): Promise<void> => {
      const { clock } = this.#options;
      while (this.#current !== null && this.#current.left > 0) {
        const batch = this.#current;
        const handed = this.#handed;
        await clock.sleep(this.#spanMs, this.#stop.signal);
        const idle = this.#handed === handed || clock.now() - batch.takenAtMs > 2 * this.#spanMs;
        if (idle && this.#current === batch) this.#giveBack();
      }
    };
    const done = (): void => {
      this.#lingering = false;
    };
    this.#track(watch().then(done, done));
  }

  #settle(batch: Batch): void {
    const { ledger, spec, log } = this.#options;
    const back = batch.grant.count - batch.used;
    const settle = async (): Promise<void> => {
      try {
        await ledger.settle(spec, batch.grant, batch.used, batch.lastAnswerMs);
      } catch (error) {
        // The ledger takes the slots for used when their time is over: nothing is lost but some pace.
        log.warn("slots of a rate budget were not given back", errorFields(error));
      }
      if (back > 0 || this.#pause?.recheck === true) this.#wake();
    };
    this.#track(settle());
  }

  async #hold(untilMs: number): Promise<void> {
    const { ledger, spec, log } = this.#options;
    this.#heldUntilMs = Math.max(this.#heldUntilMs, untilMs);
    this.#giveBack();
    try {
      await ledger.hold(spec, untilMs);
    } catch (error) {
      log.warn("a hold of a rate budget is known to this process only", errorFields(error));
    }
    this.#wake();
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work);
    const done = (): void => void this.#underWay.delete(work);
    work.then(done, done);
  }
}
