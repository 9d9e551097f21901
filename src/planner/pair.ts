import { parseIso, startOfDay, toIso } from "../kernel/dates.ts";
import type { JsonObject } from "../kernel/json.ts";
import { employmentOf, type Desired } from "../graph/expected.ts";
import type { AccountNode, PersonNode } from "../graph/graph.ts";
import type { HeldBack, Question, Reason } from "../model/plan.ts";
import type { Person } from "../model/person.ts";
import type { Entitlements } from "./entitlements.ts";
import type { HoldingCount } from "./request.ts";
import { keyOf, type AppScene } from "./scene.ts";
import type { Draft, DraftContext, Rank } from "./steps.ts";
import { dayText } from "./words.ts";

export const DAY_MS = 86_400_000;

/** How long a plan may wait for approval and start; nothing is planned for a date beyond it. */
export const PLAN_LIFE_MS = DAY_MS;

/** What the plan wants to do for one person in one app, and what it cannot. */
export interface PairPlan {
  readonly drafts: readonly Draft[];
  readonly heldBack: readonly HeldBack[];
  readonly questions: readonly Question[];
}

export const NOTHING: PairPlan = { drafts: [], heldBack: [], questions: [] };

export function joinPlans(plans: Iterable<PairPlan>): PairPlan {
  const drafts: Draft[] = [];
  const heldBack: HeldBack[] = [];
  const questions: Question[] = [];
  for (const plan of plans) {
    if (plan === NOTHING) continue;
    drafts.push(...plan.drafts);
    heldBack.push(...plan.heldBack);
    questions.push(...plan.questions);
  }
  return { drafts, heldBack, questions };
}

/** What all pairs share. */
export interface World {
  readonly apps: ReadonlyMap<string, AppScene>;
  readonly people: ReadonlyMap<string, PersonNode>;
  /** By source key and by canonical address, for "manager". */
  readonly findPerson: (reference: string, from: Person) => PersonNode | null;
  readonly colleaguesIn: (department: string) => readonly PersonNode[];
  readonly holdings: ReadonlyMap<string, HoldingCount>;
  /** The app's own role and teams for what the rules give. */
  readonly entitlements: (app: AppScene, desired: Desired) => Entitlements;
  readonly answers: Readonly<Record<string, string>>;
  /** Which team names of a connection the rules speak of. */
  readonly governs: ReadonlyMap<string, (team: string) => boolean>;
  /** Whether and why the person leaves (`leavingOf`). */
  readonly leaving: (node: PersonNode) => Leaving | null;
  readonly now: number;
}

/** One person in one app. */
export interface Pair {
  readonly world: World;
  readonly app: AppScene;
  readonly node: PersonNode;
  readonly desired: Desired | null;
}

export function holdingKey(account: string, holding: string): string {
  return `${account} ${holding}`;
}

export function holdingsOf(pair: Pair, account: AccountNode, holding: string): HoldingCount | null {
  return pair.world.holdings.get(holdingKey(keyOf(account), holding)) ?? null;
}

/** When access ends, or ended; null: no end is known within the life of the plan. */
export interface Leaving {
  /** Epoch milliseconds of the end; null: the source gives no day. */
  readonly endsAt: number | null;
  /** The end is still to come: nothing is done before it. */
  readonly notBefore: number | null;
  readonly reason: Reason;
  readonly fact: JsonObject;
}

/**
 * Whether the person leaves, with the positive evidence for it: the source says that access has ended or ends within the
 * life of the plan, or a human has named the person (S7). A row that is missing says nothing.
 */
export function leavingOf(
  person: Person,
  now: number,
  about: { readonly named: boolean; readonly say: (epochMs: number, zone: string) => string },
): Leaving | null {
  const endsAt = person.accessEndsAt === null ? null : parseIso(person.accessEndsAt);
  const has = employmentOf(person, now) === "left";
  const soon = person.listed && endsAt !== null && endsAt > now && endsAt <= now + PLAN_LIFE_MS;
  if (has || soon) {
    const when = endsAt === null ? "terminated" : `access ends ${about.say(endsAt, person.zone)}`;
    const fact: JsonObject = endsAt === null ? { status: person.status } : { accessEndsAt: person.accessEndsAt };
    return { endsAt, notBefore: has ? null : endsAt, reason: rosterReason(person, when), fact };
  }
  if (!about.named) return null;
  const text = `offboarding of ${person.displayName} by name`;
  return { endsAt: null, notBefore: null, reason: { kind: "command", text, ref: "offboard" }, fact: {} };
}

function sourceRow(person: Person): string {
  const source = person.source === "hr" ? "HR" : person.source;
  return `${source} row ${person.row}`;
}

export function rosterReason(person: Person, what: string): Reason {
  return { kind: "roster", text: `${sourceRow(person)}: ${what}`, ref: `${person.source}:${person.row}` };
}

/** "HR row 17: department Sales; rule sales (tenure.yaml:41)": what the source says that makes the rule fit. */
export function ruleReason(desired: Desired, person: Person): Reason {
  const names = desired.rules.map((rule) => rule.name).join(" and ");
  const known: Readonly<Record<string, unknown>> = { ...person };
  const facts = Object.keys(desired.rule.when).flatMap((field) => {
    const value = known[field];
    return typeof value === "string" ? [`${field} ${value}`] : [];
  });
  const starts = person.status === "future" ? [startText(person)] : [];
  const why = [...starts, ...facts];
  const row = why.length === 0 ? sourceRow(person) : `${sourceRow(person)}: ${why.join(", ")}`;
  return { kind: "rule", text: `${row}; rule ${names} (${desired.rule.place})`, ref: desired.rule.name };
}

/** The first instant of the first day, when it is still to come; null: the person has started. */
export function startsAt(person: Person, now: number): number | null {
  // Most people started long ago: only a first day near now needs the zone to be looked at.
  if (person.startDate === null || person.startDate < toIso(now - 2 * DAY_MS).slice(0, 10)) return null;
  const start = startOfDay(person.startDate, person.zone);
  return start > now ? start : null;
}

export function startText(person: Person): string {
  return person.startDate === null ? "has no first day" : `starts ${dayText(person.startDate)}`;
}

export function hold(pair: Pair, reason: string): HeldBack {
  return { app: pair.app.name, person: pair.node.person.id, label: pair.node.person.displayName, reason };
}

/** What the steps of this pair have in common. */
export function contextOf(
  pair: Pair,
  about: {
    readonly rank: Rank;
    readonly group: string;
    readonly reason: Reason;
    readonly fact?: JsonObject;
    readonly notBefore?: number | null;
  },
): DraftContext {
  return {
    app: pair.app,
    rank: about.rank,
    person: pair.node.person.id,
    personLabel: pair.node.person.displayName,
    group: `${pair.app.name} ${about.group}`,
    reason: about.reason,
    fact: about.fact ?? {},
    notBefore: about.notBefore ?? null,
  };
}

/** The person's accounts of the app that are there, tied to them for sure. */
export function accountsOf(pair: Pair): readonly AccountNode[] {
  return pair.node.accounts.filter(
    (account) => account.ref.connection === pair.app.name && account.situation === "linked",
  );
}
