import { addDays, parseIso, toIso, wallTime, type PlainDate } from "../kernel/dates.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { Person } from "../model/person.ts";
import type { Condition, Gift, Policy, Rule } from "../model/policy.ts";
import { foldValue } from "./words.ts";

/** How long before the first day a new person's accounts are wanted. */
const JOINER_LEAD_DAYS = 14;

/**
 * Where a person stands now. `left`: access has ended, by the end of access that the source gave, or because it says
 * `terminated` without a day. `future`: has not started. `leave` and `unlisted` (the source no longer has the person):
 * keeps what there is, gets nothing new.
 */
export type Employment = "future" | "active" | "leave" | "unlisted" | "left";

/**
 * The one answer to "has this person left?" (safety S7: positive evidence only). A known end of access decides, whatever
 * word stands beside it, so that an end that was moved into the future is believed at once (safety A16). A person whom
 * the source no longer lists has left only if it said so while it still listed them (safety A8). `now` in epoch
 * milliseconds.
 */
export function employmentOf(person: Person, now: number): Employment {
  const endsAt = person.accessEndsAt === null ? null : parseIso(person.accessEndsAt);
  const ended = endsAt === null ? person.status === "terminated" : endsAt <= now;
  if (ended && (person.listed || person.status === "terminated")) return "left";
  if (!person.listed) return "unlisted";
  switch (person.status) {
    case "future":
      return hasBegun(person, now) ? "active" : "future";
    case "leave":
      return "leave";
    case "active":
    case "terminated":
      return "active";
  }
}

/** Whether that day has begun where the person is. Away from midnight the zone need not be asked. */
function hasCome(day: PlainDate, person: Person, now: number): boolean {
  const utc = toIso(now).slice(0, 10) as PlainDate;
  if (day < addDays(utc, -1)) return true;
  return day <= addDays(utc, 1) && day <= wallTime(now, person.zone).date;
}

/** Whether the first day has come since the import that called the person a future one. */
function hasBegun(person: Person, now: number): boolean {
  return person.startDate !== null && hasCome(person.startDate, person, now);
}

/** What the rules give a person in one connection. */
export interface Desired {
  readonly connection: string;
  /** The first rule that gives something there: the reason. */
  readonly rule: Rule;
  /** All rules that give something there, in the order of the configuration. */
  readonly rules: readonly Rule[];
  /**
   * Their gifts as one, `{field}` filled in: the first role wins, teams are joined, the first value of an attribute wins.
   */
  readonly gift: Gift;
  /** Parts that could not be filled in, in words: "team \"{office} Team\": the person has no office". */
  readonly unfilled: readonly string[];
}

/** Fields of a person that a condition or a `{field}` may name. */
export type RuleField =
  | "department"
  | "title"
  | "office"
  | "workerType"
  | "status"
  | "zone"
  | "manager"
  | "email"
  | "givenName"
  | "familyName"
  | "displayName"
  | "phone"
  | "source"
  | "key";

export const RULE_FIELDS: readonly RuleField[] = [
  "department",
  "title",
  "office",
  "workerType",
  "status",
  "zone",
  "manager",
  "email",
  "givenName",
  "familyName",
  "displayName",
  "phone",
  "source",
  "key",
];

function fieldOf(person: Person, name: string): string | null {
  const field = RULE_FIELDS.find((known) => known === name);
  return field === undefined ? null : person[field];
}

/** A condition with its values folded once: 100,000 people are held against the same few rules. */
interface CompiledRule {
  readonly rule: Rule;
  readonly tests: readonly { readonly field: string; readonly values: ReadonlySet<string | null> }[];
}

function foldWanted(value: JsonValue): readonly (string | null)[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap((one) => foldWanted(one));
  if (value === null) return [null];
  return typeof value === "object" ? [] : [foldValue(String(value))];
}

function compileRule(rule: Rule): CompiledRule {
  const tests = Object.entries(rule.when).map(([field, value]) => ({ field, values: new Set(foldWanted(value)) }));
  return { rule, tests };
}

function fits(person: Person, tests: CompiledRule["tests"]): boolean {
  return tests.every(({ field, values }) => {
    const actual = fieldOf(person, field);
    return values.has(actual === null ? null : foldValue(actual));
  });
}

/** Whether a person fulfils a condition: every field equals the value, or one of the list. An empty condition fits everyone. */
export function fitsCondition(person: Person, when: Condition): boolean {
  return fits(person, compileRule({ name: "", place: "", when, give: {} }).tests);
}

const PLACEHOLDER = /\{([A-Za-z]+)\}/g;

/** A text with `{field}` filled in from the person; null when a field is empty. */
function fill(template: string, person: Person): string | null {
  if (!template.includes("{")) return template;
  let whole = true;
  const text = template.replace(PLACEHOLDER, (_all, name: string) => {
    const value = fieldOf(person, name);
    if (value === null || value.trim() === "") whole = false;
    return value ?? "";
  });
  return whole ? text : null;
}

interface Draft {
  readonly rules: Rule[];
  role: string | null;
  readonly teams: string[];
  readonly attributes: Record<string, JsonValue>;
  readonly unfilled: string[];
}

function addGift(draft: Draft, rule: Rule, gift: Gift, person: Person): void {
  draft.rules.push(rule);
  const take = (what: string, template: string): string | null => {
    const text = fill(template, person);
    if (text === null) {
      const empty = [...template.matchAll(PLACEHOLDER)]
        .map((match) => match[1] ?? "")
        .filter((name) => !fieldOf(person, name));
      draft.unfilled.push(`${what} "${template}": the person has no ${empty.join(" and no ")}`);
    }
    return text;
  };
  if (gift.role !== null && draft.role === null) draft.role = take("role", gift.role);
  for (const template of gift.teams) {
    const team = take("team", template);
    if (team !== null && !draft.teams.includes(team)) draft.teams.push(team);
  }
  for (const [name, value] of Object.entries(gift.attributes)) {
    if (Object.hasOwn(draft.attributes, name)) continue;
    const filled = typeof value === "string" ? take(name, value) : value;
    if (filled !== null) draft.attributes[name] = filled;
  }
}

/** The rules of a policy, prepared for many people. */
export interface RuleBook {
  desired(person: Person, now: number): ReadonlyMap<string, Desired>;
}

const NOTHING: ReadonlyMap<string, Desired> = new Map();

function isInTime(person: Person, now: number): boolean {
  return person.startDate !== null && hasCome(addDays(person.startDate, -JOINER_LEAD_DAYS), person, now);
}

/**
 * Prepares the rules of a policy. `desired` gives connection → what the person shall have there: nothing once they have
 * left, nothing until `JOINER_LEAD_DAYS` before the first day. People on leave, or no longer listed, get the same answer as
 * active ones; that nothing new is given to them is for the reader to observe (`employmentOf`).
 */
export function ruleBook(policy: Pick<Policy, "rules">): RuleBook {
  const rules = policy.rules.map((rule) => compileRule(rule));
  const fields = fieldsOf(policy.rules);
  const known = new Map<string, ReadonlyMap<string, Desired>>();
  return {
    desired(person, now) {
      const employment = employmentOf(person, now);
      if (employment === "left" || (employment === "future" && !isInTime(person, now))) return NOTHING;
      // Whoever agrees in every field that rules speak of gets the same: of 100,000 people a few hundred differ.
      const key = fields.map((field) => person[field] ?? "\u0000").join("\u0001");
      const before = known.get(key);
      if (before !== undefined) return before;
      const desired = evaluate(rules, person);
      if (known.size < MOST_KNOWN) known.set(key, desired);
      return desired;
    },
  };
}

const MOST_KNOWN = 20_000;

/** Fields of a person that conditions or placeholders of these rules name. */
function fieldsOf(rules: readonly Rule[]): readonly RuleField[] {
  const named = new Set<string>();
  for (const rule of rules) {
    for (const field of Object.keys(rule.when)) named.add(field);
    for (const [, name] of JSON.stringify(rule.give).matchAll(PLACEHOLDER)) named.add(name ?? "");
  }
  return RULE_FIELDS.filter((field) => named.has(field));
}

function evaluate(rules: readonly CompiledRule[], person: Person): ReadonlyMap<string, Desired> {
  const drafts = new Map<string, Draft>();
  for (const { rule, tests } of rules) {
    if (!fits(person, tests)) continue;
    for (const [connection, gift] of Object.entries(rule.give)) {
      const draft = drafts.get(connection) ?? { rules: [], role: null, teams: [], attributes: {}, unfilled: [] };
      drafts.set(connection, draft);
      addGift(draft, rule, gift, person);
    }
  }
  return finish(drafts);
}

function finish(drafts: ReadonlyMap<string, Draft>): ReadonlyMap<string, Desired> {
  const all = new Map<string, Desired>();
  for (const [connection, { rules, role, teams, attributes, unfilled }] of drafts) {
    const rule = rules[0];
    if (rule !== undefined)
      all.set(connection, { connection, rule, rules, gift: { role, teams, attributes }, unfilled });
  }
  return all;
}

/** What one person shall have, by connection. For many people make one `ruleBook`. */
export function desiredFor(person: Person, policy: Pick<Policy, "rules">, now: number): ReadonlyMap<string, Desired> {
  return ruleBook(policy).desired(person, now);
}
