import { AppError } from "../../kernel/errors.ts";
import type { Plan } from "../../model/plan.ts";
import type { JournalEntry } from "../../model/run.ts";

/** Marks a refusal for want of seats in the receipt, so that no further create is sent in this run (S22). */
export const NO_SEAT = "no seat left";

interface Watched {
  /** Refused creates of which nobody knows yet why, by app. */
  readonly doubts: Map<string, number>;
  /** Apps that have no seat left. */
  readonly full: Set<string>;
}

/**
 * Whether further creates of an app may be sent: one that was refused may mean that no seat is left (S22, safety G6).
 * What a run has met is in its journal; this is the same at hand, for the tick of a send.
 */
export class SeatWatch {
  readonly #runs = new Map<string, Watched>();

  /** Whether the run is known here; else `open` it with its journal. */
  knows(run: string): boolean {
    return this.#runs.has(run);
  }

  open(run: string, plan: Plan, journal: readonly JournalEntry[]): void {
    const refused = new Set(journal.filter((entry) => entry.receipt?.note === NO_SEAT).map((entry) => entry.step));
    const full = plan.content.steps.filter((step) => refused.has(step.id)).map((step) => step.app);
    this.#runs.set(run, { doubts: new Map(), full: new Set(full) });
  }

  isFull(run: string, app: string): boolean {
    return this.#runs.get(run)?.full.has(app) === true;
  }

  /** In the tick of a send: throws `busy` while a refusal is being looked into and when there is no seat. */
  check(run: string, app: string): void {
    if (this.isFull(run, app) || (this.#runs.get(run)?.doubts.get(app) ?? 0) > 0) {
      throw new AppError("busy", `${app} has just refused an account: nothing is sent before it is known why`);
    }
  }

  /** A create was refused. Call `settle` when it is known why. */
  doubt(run: string, app: string): void {
    this.#count(run, app, 1);
  }

  settle(run: string, app: string, noSeat: boolean): void {
    this.#count(run, app, -1);
    if (noSeat) this.#runs.get(run)?.full.add(app);
  }

  forget(run: string): void {
    this.#runs.delete(run);
  }

  #count(run: string, app: string, by: 1 | -1): void {
    const watched = this.#runs.get(run);
    if (watched !== undefined) watched.doubts.set(app, Math.max(0, (watched.doubts.get(app) ?? 0) + by));
  }
}
