import type { Desired } from "../graph/expected.ts";
import { foldValue } from "../graph/words.ts";
import type { TeamRef } from "../model/plan.ts";
import type { Rule } from "../model/policy.ts";
import type { AppScene } from "./scene.ts";
import { listText } from "./words.ts";

/** What a person shall have in an app, as the app itself names it. */
export interface Entitlements {
  readonly role: string | null;
  readonly elevated: boolean;
  readonly teams: readonly TeamRef[];
  /** What cannot be given, in words for the list of people held back. */
  readonly problems: readonly string[];
}

/** Finds the app's own role and teams for what the rules say; whatever is not there or not clear is a problem, never a guess. */
export function resolveEntitlements(app: AppScene, desired: Desired): Entitlements {
  const problems = desired.unfilled.map((what) => `rule ${desired.rule.name} (${desired.rule.place}): ${what}`);
  const role = resolveRole(app, desired, problems);
  const teams = resolveTeams(app, desired, problems);
  return { role, elevated: role !== null && app.traits.roles.privileged.includes(role), teams, problems };
}

function place(desired: Desired): string {
  return `rule ${desired.rule.name} (${desired.rule.place})`;
}

function resolveRole(app: AppScene, desired: Desired, problems: string[]): string | null {
  const wanted = desired.gift.role;
  if (wanted === null) return null;
  const { values } = app.traits.roles;
  const known = values.find((value) => foldValue(value) === foldValue(wanted));
  if (known !== undefined) return known;
  problems.push(`${place(desired)}: ${app.appName} has no role ${wanted}, only ${listText(values)}`);
  return null;
}

function resolveTeams(app: AppScene, desired: Desired, problems: string[]): readonly TeamRef[] {
  const { perAccount } = app.traits.teams;
  const names = desired.gift.teams;
  if (names.length > 0 && perAccount === "none") {
    problems.push(`${place(desired)}: ${app.appName} has no teams`);
    return [];
  }
  const found = new Map<string, TeamRef>();
  for (const name of names) {
    const teams = app.teamsNamed(name);
    const [team] = teams;
    if (team === undefined)
      problems.push(`${place(desired)}: ${app.appName} has no team called ${name}: make it there first`);
    else if (teams.length > 1)
      problems.push(`${place(desired)}: ${app.appName} has ${teams.length} teams called ${name}`);
    else found.set(team.id, { id: team.id, name: team.name });
  }
  const list = [...found.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
  if (list.length > 1 && perAccount === "one") {
    problems.push(
      `${place(desired)}: ${app.appName} allows one team, the rules give ${listText(list.map((team) => team.name))}`,
    );
    return [];
  }
  return list;
}

/**
 * Which teams of each connection the rules speak of, by folded name: only these are ever left, so that a team that someone
 * joined by hand and no rule knows stays. It follows from the rules alone, not from who fits them.
 */
export function teamsUnderRules(rules: readonly Rule[]): ReadonlyMap<string, (name: string) => boolean> {
  const patterns = new Map<string, RegExp[]>();
  for (const rule of rules) {
    for (const [connection, gift] of Object.entries(rule.give)) {
      const known = patterns.get(connection) ?? [];
      patterns.set(connection, known);
      for (const team of gift.teams) known.push(patternOf(team));
    }
  }
  return new Map(
    [...patterns].map(([connection, known]) => {
      const answers = new Map<string, boolean>();
      const speaksOf = (name: string): boolean => {
        const folded = foldValue(name);
        const answer = answers.get(folded) ?? known.some((pattern) => pattern.test(folded));
        answers.set(folded, answer);
        return answer;
      };
      return [connection, speaksOf];
    }),
  );
}

/** "{office} Team" speaks of every team whose name ends in " team" and says something before it. */
function patternOf(template: string): RegExp {
  const folded = foldValue(template.replace(/\{[A-Za-z]+\}/gu, "\u0000"));
  const parts = folded.split("\u0000").map((part) => part.replace(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`));
  return new RegExp(`^${parts.join(".+")}$`, "u");
}
