import type { Clock } from "../kernel/clock.ts";
import {
  GRANT_RECHECK_MS,
  GRANT_TTL_MS,
  LONGEST_HOLD_MS,
  type BudgetLedger,
  type BudgetSpec,
  type Grant,
  type GrantAnswer,
  type Lane,
} from "./contract.ts";

interface Open {
  readonly count: number;
  readonly takenAtMs: number;
}

interface Dated {
  untilMs: number;
  readonly count: number;
}

/** The rows of one key. */
interface Rows {
  readonly open: Map<string, Open>;
  /** Used slots, the one that is free first at the front. */
  dated: Dated[];
  holdUntilMs: number;
  /** A hold has passed and nobody has shown yet that calls are answered again. */
  probing: boolean;
  probe: string | null;
}

function insert(dated: Dated[], entry: Dated): void {
  let at = dated.length;
  while (at > 0 && (dated[at - 1]?.untilMs ?? 0) > entry.untilMs) at -= 1;
  dated.splice(at, 0, entry);
}

/**
 * Turns grants of dead processes into dated slots and forgets what is past. What lies further ahead than any clock of ours
 * may differ was written before a clock was set back: it is bounded anew (safety F80).
 */
function tidy(rows: Rows, spec: BudgetSpec, nowMs: number): void {
  const { windowMs } = spec.quota;
  for (const [id, grant] of rows.open) {
    const ageMs = nowMs - grant.takenAtMs;
    if (Math.abs(ageMs) < GRANT_TTL_MS) continue;
    rows.open.delete(id);
    insert(rows.dated, { untilMs: Math.min(grant.takenAtMs + GRANT_TTL_MS, nowMs) + windowMs, count: grant.count });
  }
  let past = 0;
  for (const entry of rows.dated) {
    if (entry.untilMs < nowMs) past += 1;
    else if (entry.untilMs > nowMs + windowMs + GRANT_TTL_MS) entry.untilMs = nowMs + windowMs;
  }
  if (past > 0) rows.dated.splice(0, past);
  rows.holdUntilMs = Math.min(rows.holdUntilMs, nowMs + LONGEST_HOLD_MS);
}

function sum(entries: Iterable<{ readonly count: number }>): number {
  let total = 0;
  for (const entry of entries) total += entry.count;
  return total;
}

/** When the first slot can be free for someone who may use `cap` of them. */
function firstFree(rows: Rows, occupied: number, cap: number, nowMs: number): number {
  const recheckMs = rows.open.size > 0 ? nowMs + GRANT_RECHECK_MS : Number.POSITIVE_INFINITY;
  let left = occupied;
  for (const entry of rows.dated) {
    left -= entry.count;
    if (left < cap) return Math.min(entry.untilMs + 1, recheckMs);
  }
  return Math.min(recheckMs, nowMs + LONGEST_HOLD_MS);
}

function takeFrom(rows: Rows, spec: BudgetSpec, lane: Lane, want: number, id: string, nowMs: number): GrantAnswer {
  tidy(rows, spec, nowMs);
  if (rows.holdUntilMs > nowMs) return { granted: null, notBeforeMs: rows.holdUntilMs };
  if (rows.probing && rows.probe !== null && rows.open.has(rows.probe)) {
    return { granted: null, notBeforeMs: nowMs + GRANT_RECHECK_MS };
  }
  const occupied = sum(rows.open.values()) + sum(rows.dated);
  const cap = lane === "urgent" ? spec.allowance : Math.max(1, spec.allowance - spec.urgentReserve);
  if (occupied >= cap) return { granted: null, notBeforeMs: firstFree(rows, occupied, cap, nowMs) };
  const count = rows.probing ? 1 : Math.max(1, Math.min(want, cap - occupied));
  if (rows.probing) rows.probe = id;
  rows.open.set(id, { count, takenAtMs: nowMs });
  return { granted: { id, count }, occupied: occupied + count };
}

/** Budgets of one process, in memory: for tests, benches and commands without a store. */
export function memoryLedger(clock: Clock): BudgetLedger {
  const keys = new Map<string, Rows>();
  let serial = 0;
  const rowsOf = (spec: BudgetSpec): Rows => {
    let rows = keys.get(spec.key);
    if (rows === undefined) {
      rows = { open: new Map(), dated: [], holdUntilMs: 0, probing: false, probe: null };
      keys.set(spec.key, rows);
    }
    return rows;
  };
  return {
    async take(spec: BudgetSpec, lane: Lane, want: number): Promise<GrantAnswer> {
      serial += 1;
      return takeFrom(rowsOf(spec), spec, lane, want, String(serial), clock.now());
    },
    async settle(spec: BudgetSpec, grant: Grant, used: number, lastAnswerMs: number): Promise<void> {
      const rows = rowsOf(spec);
      const open = rows.open.get(grant.id);
      if (open === undefined) return;
      rows.open.delete(grant.id);
      if (used > 0) {
        insert(rows.dated, { untilMs: lastAnswerMs + spec.quota.windowMs, count: Math.min(used, open.count) });
      }
      if (rows.probe !== grant.id) return;
      rows.probe = null;
      if (used > 0) rows.probing = false;
    },
    async hold(spec: BudgetSpec, untilMs: number): Promise<void> {
      const rows = rowsOf(spec);
      rows.holdUntilMs = Math.max(rows.holdUntilMs, Math.min(untilMs, clock.now() + LONGEST_HOLD_MS));
      rows.probing = true;
      rows.probe = null;
    },
  };
}
