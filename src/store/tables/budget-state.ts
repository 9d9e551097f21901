import type { BudgetSpec, GrantAnswer, Lane } from "../../transport/contract.ts";

// The contract's times, which are transport's: the shared suite of all ledgers holds these to them.
const GRANT_TTL_MS = 120_000;
const GRANT_RECHECK_MS = 250;
const LONGEST_HOLD_MS = 24 * 3_600_000;

/** A grant whose calls are under way. */
interface Flight {
  readonly id: string;
  readonly count: number;
  readonly takenAtMs: number;
}

/** Slots that were used, occupied up to and including that time. */
interface Used {
  readonly untilMs: number;
  readonly count: number;
}

/** What is known of one quota: plain data, stored as one row, so that one lock orders everyone who asks. */
export interface BudgetState {
  readonly serial: number;
  readonly flights: readonly Flight[];
  /** The one that is free first at the front. */
  readonly used: readonly Used[];
  readonly heldUntilMs: number;
  /** After a hold: nobody has shown yet that calls are answered again. `flight` is the grant that tries. */
  readonly probe: { readonly flight: string | null } | null;
}

export const UNUSED: BudgetState = { serial: 0, flights: [], used: [], heldUntilMs: 0, probe: null };

/** The state at that time: grants of dead processes have become used slots, and what is past is forgotten. */
function settleOld(state: BudgetState, spec: BudgetSpec, nowMs: number): BudgetState {
  const { windowMs } = spec.quota;
  const isDead = (flight: Flight): boolean => Math.abs(nowMs - flight.takenAtMs) >= GRANT_TTL_MS;
  const dead = state.flights.filter(isDead).map((flight) => ({
    untilMs: Math.min(flight.takenAtMs + GRANT_TTL_MS, nowMs) + windowMs,
    count: flight.count,
  }));
  // What lies further ahead than clocks may differ was written before a clock was set back (safety F80).
  const bounded = state.used.map((one) =>
    one.untilMs > nowMs + windowMs + GRANT_TTL_MS ? { ...one, untilMs: nowMs + windowMs } : one,
  );
  return {
    ...state,
    flights: state.flights.filter((flight) => !isDead(flight)),
    used: inOrder([...bounded, ...dead].filter((one) => one.untilMs >= nowMs)),
    heldUntilMs: Math.min(state.heldUntilMs, nowMs + LONGEST_HOLD_MS),
  };
}

/** By time, slots of the same instant in one entry. */
function inOrder(used: readonly Used[]): readonly Used[] {
  const counts = new Map<number, number>();
  for (const one of used) counts.set(one.untilMs, (counts.get(one.untilMs) ?? 0) + one.count);
  return [...counts].sort(([a], [b]) => a - b).map(([untilMs, count]) => ({ untilMs, count }));
}

function countAll(entries: readonly { readonly count: number }[]): number {
  return entries.reduce((sum, entry) => sum + entry.count, 0);
}

/** When the first slot can be free for someone who may use `cap` of them. */
function firstFree(state: BudgetState, occupied: number, cap: number, nowMs: number): number {
  const recheckMs = state.flights.length > 0 ? nowMs + GRANT_RECHECK_MS : nowMs + LONGEST_HOLD_MS;
  let left = occupied;
  for (const one of state.used) {
    left -= one.count;
    if (left < cap) return Math.min(one.untilMs + 1, recheckMs);
  }
  return recheckMs;
}

export function takeSlots(
  before: BudgetState,
  spec: BudgetSpec,
  lane: Lane,
  want: number,
  nowMs: number,
): { readonly state: BudgetState; readonly answer: GrantAnswer } {
  const state = settleOld(before, spec, nowMs);
  const refuse = (notBeforeMs: number) => ({ state, answer: { granted: null, notBeforeMs } });
  if (state.heldUntilMs > nowMs) return refuse(state.heldUntilMs);
  const { probe } = state;
  if (probe !== null && state.flights.some((flight) => flight.id === probe.flight))
    return refuse(nowMs + GRANT_RECHECK_MS);
  const occupied = countAll(state.flights) + countAll(state.used);
  // One slot is always for all, however small the allowance is.
  const cap = lane === "urgent" ? spec.allowance : Math.max(1, spec.allowance - spec.urgentReserve);
  if (occupied >= cap) return refuse(firstFree(state, occupied, cap, nowMs));
  const count = probe === null ? Math.max(1, Math.min(want, cap - occupied)) : 1;
  const id = String(state.serial + 1);
  return {
    state: {
      ...state,
      serial: state.serial + 1,
      flights: [...state.flights, { id, count, takenAtMs: nowMs }],
      probe: probe === null ? null : { flight: id },
    },
    answer: { granted: { id, count }, occupied: occupied + count },
  };
}

/** Null when the grant is not known any more. */
export function settleSlots(
  state: BudgetState,
  spec: BudgetSpec,
  id: string,
  used: number,
  lastAnswerMs: number,
): BudgetState | null {
  const flight = state.flights.find((one) => one.id === id);
  if (flight === undefined) return null;
  const untilMs = lastAnswerMs + spec.quota.windowMs;
  const probe = state.probe?.flight === id ? (used > 0 ? null : { flight: null }) : state.probe;
  return {
    ...state,
    flights: state.flights.filter((one) => one.id !== id),
    used: used > 0 ? inOrder([...state.used, { untilMs, count: Math.min(used, flight.count) }]) : state.used,
    probe,
  };
}

export function holdSlots(state: BudgetState, untilMs: number, nowMs: number): BudgetState {
  const heldUntilMs = Math.max(state.heldUntilMs, Math.min(untilMs, nowMs + LONGEST_HOLD_MS));
  return { ...state, heldUntilMs, probe: { flight: null } };
}
