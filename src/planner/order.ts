import { assert, present } from "../kernel/assert.ts";
import { byText } from "../graph/words.ts";
import type { Action } from "../model/plan.ts";
import type { Draft, Rank } from "./steps.ts";
import { nameKey } from "./words.ts";

const RANKS: Readonly<Record<Rank, number>> = { leaver: 0, mover: 1, joiner: 2 };

/** Where steps of one account stand when nothing else decides: cut off, hand over, check, leave, take away; make, change, join. */
const STAGES: Readonly<Record<Action["verb"], number>> = {
  suspend: 0,
  create: 0,
  reactivate: 0,
  convert: 1,
  revokeInvitation: 1,
  transfer: 2,
  verifyNone: 3,
  update: 4,
  assignRole: 5,
  join: 6,
  manual: 7,
  leave: 8,
  remove: 9,
};

/** Where the step stands while nothing it depends on says otherwise: people together, leavers first. */
export function placeOf(draft: Draft): string {
  const place = [
    RANKS[draft.rank],
    nameKey(draft.personLabel),
    draft.person ?? "",
    draft.app,
    draft.account === null ? "" : draft.account.ref.id,
  ];
  return [...place, STAGES[draft.action.verb], draft.title, draft.id].join("\u0000");
}

/**
 * The steps in the order in which they are numbered: whatever a step depends on comes before it, and among those that
 * could come next the leavers first, each person's steps together. The same steps give the same order, however they came.
 */
export function orderSteps(drafts: readonly Draft[]): readonly Draft[] {
  const sorted = drafts
    .map((draft) => ({ draft, key: placeOf(draft) }))
    .sort((left, right) => byText(left.key, right.key))
    .map(({ draft }) => draft);
  const places = new Map(sorted.map((draft, place) => [draft.id, place]));
  assert(places.size === sorted.length, "two steps of a plan have one id");
  const waitsFor = sorted.map((draft) => draft.dependsOn.length);
  const wakes = new Map<string, number[]>();
  for (const [place, draft] of sorted.entries()) {
    for (const id of draft.dependsOn) {
      assert(places.has(id), `step ${draft.title} depends on a step that is not in the plan`);
      const others = wakes.get(id);
      if (others === undefined) wakes.set(id, [place]);
      else others.push(place);
    }
  }
  const ready = new MinHeap();
  for (const [place, count] of waitsFor.entries()) if (count === 0) ready.push(place);
  const ordered: Draft[] = [];
  for (let place = ready.pop(); place !== null; place = ready.pop()) {
    const draft = present(sorted[place], "a step of the order");
    ordered.push(draft);
    for (const next of wakes.get(draft.id) ?? []) {
      const left = present(waitsFor[next], "a step that waits") - 1;
      waitsFor[next] = left;
      if (left === 0) ready.push(next);
    }
  }
  assert(ordered.length === sorted.length, "the steps of a plan wait for each other in a circle");
  return ordered;
}

/** Smallest first; the order of 100,000 steps stays at n log n. */
class MinHeap {
  readonly #items: number[] = [];

  push(value: number): void {
    this.#items.push(value);
    let at = this.#items.length - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#at(above) <= value) break;
      this.#items[at] = this.#at(above);
      at = above;
    }
    this.#items[at] = value;
  }

  pop(): number | null {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (top === undefined || last === undefined) return null;
    if (this.#items.length > 0) this.#sink(last);
    return top;
  }

  #sink(value: number): void {
    const { length } = this.#items;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= length) break;
      const below = left + 1 < length && this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(below) >= value) break;
      this.#items[at] = this.#at(below);
      at = below;
    }
    this.#items[at] = value;
  }

  #at(place: number): number {
    return this.#items[place] ?? Number.POSITIVE_INFINITY;
  }
}
