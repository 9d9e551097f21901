import { canonicalEmail } from "../../kernel/email.ts";
import { canonicalJson, type JsonObject, type JsonValue } from "../../kernel/json.ts";
import type { Person } from "../../model/person.ts";
import type { Rule } from "../../model/policy.ts";
import type { AccountNode } from "../graph.ts";
import type { Desired } from "../expected.ts";
import { foldPhone, foldValue, foldWords } from "../words.ts";
import { accountText, protection, sourceText, type CheckContext, type Scene } from "./context.ts";

/** A linked account of somebody who works here, with what the rules give. */
export interface LinkedCase {
  readonly scene: Scene;
  readonly node: AccountNode;
  readonly person: Person;
  /** Null: no rule gives anything in this connection. */
  readonly desired: Desired | null;
}

export function ruleText(rule: Rule): string {
  return `rule ${rule.name} (${rule.place})`;
}

function hasRole(roles: readonly string[], role: string): boolean {
  return roles.includes(role) || roles.some((one) => foldValue(one) === foldValue(role));
}

/**
 * Role against rule. Somebody who administers the app without a rule that says so is not a matter of roles alone; nor is a
 * role that fits beside an admin flag that does not (FUB-A1).
 */
export function checkRole(context: CheckContext, { scene, node, person, desired }: LinkedCase): void {
  const { record } = node;
  const role = desired?.gift.role ?? null;
  if (desired === null || role === null) {
    if (!record.privileged || protection(scene, node) !== null) return;
    context.add({
      kind: "admin-outside-policy",
      severity: "high",
      person: person.id,
      connection: node.ref.connection,
      account: node.ref,
      title: `${person.displayName} administers ${scene.appName}, and no rule says so`,
      evidence: [
        `${accountText(scene, node)}: ${record.roles.join(", ") || "no role"}, administers the app`,
        sourceText(person),
        scene.readText,
      ],
      facts: { expected: null, actual: [...record.roles], privileged: true },
    });
    return;
  }
  const mayAdminister = hasRole(scene.connection.traits.roles.privileged, role);
  const tooMuch = record.privileged && !mayAdminister && !record.owner;
  if (hasRole(record.roles, role) && !tooMuch) return;
  const kept = protection(scene, node);
  const roles = record.roles.length === 0 ? "no role" : `role ${record.roles.join(", ")}`;
  const administers = record.privileged ? " and administers the app" : "";
  context.add({
    kind: "role-mismatch",
    severity: tooMuch ? "high" : "medium",
    person: person.id,
    connection: node.ref.connection,
    account: node.ref,
    title: `${person.displayName} has ${roles}${administers} in ${scene.appName}, and ${desired.rule.name} gives role ${role}`,
    evidence: [
      `${ruleText(desired.rule)} gives role ${role}`,
      sourceText(person),
      `${accountText(scene, node)}: ${roles}${administers}`,
      ...(kept === null ? [] : [kept]),
      scene.readText,
    ],
    facts: {
      expected: role,
      actual: [...record.roles],
      privileged: record.privileged,
      mayAdminister,
      protected: kept !== null,
      rule: desired.rule.name,
    },
  });
}

/** Tells whether a team is one that rules hand out, by its name: `{office} Team` stands for every name of that form. */
export type ManagedTeams = (connection: string, team: string) => boolean;

export function managedTeams(rules: readonly Rule[]): ManagedTeams {
  const patterns = new Map<string, RegExp[]>();
  for (const rule of rules) {
    for (const [connection, gift] of Object.entries(rule.give)) {
      const own = patterns.get(connection) ?? [];
      patterns.set(connection, own);
      for (const template of gift.teams) {
        const parts = template
          .split(/\{[A-Za-z]+\}/)
          .map((part) => foldValue(part).replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        own.push(new RegExp(`^${parts.join(".*")}$`, "u"));
      }
    }
  }
  return (connection, team) => {
    const name = foldValue(team);
    return patterns.get(connection)?.some((pattern) => pattern.test(name)) === true;
  };
}

interface TeamDifference {
  readonly missing: readonly { readonly name: string; readonly id: string | null }[];
  readonly extra: readonly { readonly name: string; readonly id: string }[];
}

/** Whether the teams are just the one that is wanted: what nearly everybody has. */
function isJustThat({ scene, node, desired }: LinkedCase): boolean {
  const wanted = desired?.gift.teams;
  if (wanted?.length !== 1 || node.teams?.length !== 1) return false;
  return scene.connection.teams.get(node.teams[0] ?? "")?.name === wanted[0];
}

/** Teams a person should be in and is not, and teams that rules hand out in which the person is without one. */
function teamDifference(linked: LinkedCase, managed: ManagedTeams): TeamDifference | null {
  const { scene, node, desired } = linked;
  const { connection } = scene;
  const { perAccount } = connection.traits.teams;
  if (desired === null || node.teams === null || perAccount === "none" || !scene.membersComplete) return null;
  if (desired.gift.teams.length === 0 || desired.unfilled.length > 0 || isJustThat(linked)) return null;
  const wanted = desired.gift.teams.map((name) => ({ name, folded: foldValue(name) }));
  const actual = node.teams.map((id) => ({
    id,
    name: connection.teams.get(id)?.name ?? id,
    folded: scene.teamNames.get(id) ?? foldValue(id),
  }));
  const missing = wanted
    .filter((team) => !actual.some((one) => one.folded === team.folded))
    .map(({ name, folded }) => ({ name, id: scene.teamIds.get(folded) ?? null }));
  const extra = actual
    .filter((team) => !wanted.some((one) => one.folded === team.folded))
    .filter((team) => perAccount === "one" || managed(connection.name, team.name))
    .map(({ id, name }) => ({ id, name }));
  return missing.length === 0 && extra.length === 0 ? null : { missing, extra };
}

export function checkTeams(context: CheckContext, linked: LinkedCase, managed: ManagedTeams): void {
  const difference = teamDifference(linked, managed);
  const { scene, node, person, desired } = linked;
  if (difference === null || desired === null) return;
  const { missing, extra } = difference;
  const { meaning } = scene.connection.traits.teams;
  const lacks = missing.map((team) => team.name).join(", ");
  const has = extra.map((team) => team.name).join(", ");
  const text = [lacks === "" ? "" : `is not in ${lacks}`, has === "" ? "" : `is still in ${has}`]
    .filter((part) => part !== "")
    .join(" and ");
  const unknown = missing
    .filter((team) => team.id === null)
    .map((team) => `${scene.appName} has no ${meaning} called ${team.name}`);
  context.add({
    kind: "team-mismatch",
    severity: "low",
    person: person.id,
    connection: node.ref.connection,
    account: node.ref,
    title: `${person.displayName} ${text} in ${scene.appName}`,
    evidence: [
      `${ruleText(desired.rule)} gives ${meaning} ${desired.gift.teams.join(", ")}`,
      ...unknown,
      sourceText(person),
      accountText(scene, node),
      scene.readText,
    ],
    facts: {
      missing: missing.map((team) => ({ ...team })),
      extra: extra.map((team) => ({ ...team })),
      rule: desired.rule.name,
    },
  });
}

interface Difference {
  readonly expected: JsonValue;
  readonly actual: JsonValue;
}

/** Name by normalised "first last": an app's single name is never parted back into fields. */
function nameDifference(person: Person, node: AccountNode): Difference | null {
  const { givenName, familyName, displayName } = node.record;
  if (
    givenName === null
      ? displayName === person.displayName
      : givenName === person.givenName && familyName === person.familyName
  ) {
    return null;
  }
  const parts = [givenName ?? "", familyName ?? ""].join(" ").trim();
  const actual = parts === "" ? displayName : parts;
  const expected = [person.givenName, person.familyName].filter((part) => part !== "").join(" ");
  const folded = foldWords(actual);
  return folded === "" || folded === foldWords(expected) || folded === foldWords(person.displayName)
    ? null
    : { expected, actual };
}

function emailDifference(context: CheckContext, person: Person, node: AccountNode): Difference | null {
  const actual = node.record.email;
  if (actual === person.email) return null;
  const key = actual === null ? null : canonicalEmail(actual);
  if (key === null || key === person.emailKey || person.aliases.includes(key)) return null;
  const seenAs = context.graph.people.get(person.id)?.seenAs ?? [];
  if (seenAs.some((other) => other.emailKey === key)) return null;
  if (node.link?.evidence.method === "domain-map") return null;
  return { expected: person.email, actual };
}

function phoneDifference(person: Person, node: AccountNode, writable: readonly string[]): Difference | null {
  if (person.phone === null) return null;
  const actual = node.record.phone;
  if (actual === null || actual === "")
    return writable.includes("phone") ? { expected: person.phone, actual: null } : null;
  const [left, right] = [foldPhone(person.phone), foldPhone(actual)];
  return left === right ? null : { expected: person.phone, actual };
}

function titleDifference(person: Person, node: AccountNode): Difference | null {
  const actual = node.record.attributes["title"];
  if (person.title === null || typeof actual !== "string" || actual === "") return null;
  return foldValue(actual) === foldValue(person.title) ? null : { expected: person.title, actual };
}

function differences(
  context: CheckContext,
  { scene, node, person, desired }: LinkedCase,
): ReadonlyMap<string, Difference> | null {
  const { writable } = scene.connection.traits;
  let found: Map<string, Difference> | null = null;
  const add = (field: string, difference: Difference | null): void => {
    if (difference !== null) found = (found ?? new Map<string, Difference>()).set(field, difference);
  };
  add("name", nameDifference(person, node));
  add("email", emailDifference(context, person, node));
  add("phone", phoneDifference(person, node, writable));
  add("title", titleDifference(person, node));
  for (const [name, expected] of Object.entries(desired?.gift.attributes ?? {})) {
    const actual = node.record.attributes[name] ?? null;
    if (canonicalJson(actual) !== canonicalJson(expected)) add(name, { expected, actual });
  }
  return found;
}

/** Whether `update` can write the field; a name is written by whichever name fields the app has. */
function canWrite(scene: Scene, field: string): boolean {
  const { writable } = scene.connection.traits;
  return field === "name"
    ? writable.some((one) => one === "displayName" || one === "givenName" || one === "familyName")
    : writable.includes(field);
}

/** Name, address, phone, title and ruled attributes that differ from what the source or a rule says. */
export function checkAttributes(context: CheckContext, linked: LinkedCase): void {
  const found = differences(context, linked);
  if (found === null) return;
  const { scene, node, person, desired } = linked;
  const fields: Record<string, JsonObject> = {};
  const evidence: string[] = [];
  for (const [field, { expected, actual }] of found) {
    fields[field] = { expected, actual, writable: canWrite(scene, field) };
    evidence.push(`${field}: ${scene.appName} has ${showValue(actual)}, ${showValue(expected)} is expected`);
  }
  context.add({
    kind: "attribute-drift",
    severity: found.has("email") ? "medium" : "low",
    person: person.id,
    connection: node.ref.connection,
    account: node.ref,
    title: `${person.displayName} in ${scene.appName}: ${[...found.keys()].join(", ")} ${found.size === 1 ? "differs" : "differ"}`,
    evidence: [
      ...evidence,
      sourceText(person),
      ...(desired === null ? [] : [ruleText(desired.rule)]),
      accountText(scene, node),
      scene.readText,
    ],
    facts: { fields },
  });
}

function showValue(value: JsonValue): string {
  return value === null ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
}
