import type { Lane } from "../contract.ts";

/** Someone who waits for a slot. */
export interface Waiter<Slot> {
  readonly lane: Lane;
  /** Was refused by the vendor and goes before those of its lane that were not sent yet. */
  readonly again: boolean;
  readonly sinceMs: number;
  readonly resolve: (slot: Slot) => void;
  readonly reject: (error: unknown) => void;
}

const RANK: Readonly<Record<Lane, number>> = { urgent: 0, normal: 2, bulk: 4, poll: 6 };

/** Who waits, by lane; within a lane in the order of arrival. */
export class WaitingLine<Slot> {
  // Sets keep the order of arrival and let go of a canceled waiter at once.
  readonly #rows: readonly Set<Waiter<Slot>>[] = Array.from({ length: 8 }, () => new Set<Waiter<Slot>>());
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get urgent(): number {
    return (this.#rows[0]?.size ?? 0) + (this.#rows[1]?.size ?? 0);
  }

  add(waiter: Waiter<Slot>): void {
    this.#row(waiter).add(waiter);
    this.#size += 1;
  }

  /** False when it does not wait any more. */
  remove(waiter: Waiter<Slot>): boolean {
    const removed = this.#row(waiter).delete(waiter);
    if (removed) this.#size -= 1;
    return removed;
  }

  first(): Waiter<Slot> | null {
    for (const row of this.#rows) {
      for (const waiter of row) return waiter;
    }
    return null;
  }

  all(): readonly Waiter<Slot>[] {
    return this.#rows.flatMap((row) => [...row]);
  }

  #row(waiter: Waiter<Slot>): Set<Waiter<Slot>> {
    const row = this.#rows[RANK[waiter.lane] + (waiter.again ? 0 : 1)];
    if (row === undefined) throw new TypeError(`no such lane: ${waiter.lane}`);
    return row;
  }
}
