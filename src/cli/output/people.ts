import type { ExplainResult, MatchDecided, MatchResult, PeopleResult, PersonResult } from "../../app/contract.ts";
import type { Person } from "../../model/person.ts";
import type { Style } from "./style.ts";
import { alignRows, renderTable } from "./table.ts";
import { counted, shortTime } from "./text.ts";

/** People × apps: what everybody has, at a glance. */
export function renderPeople(result: PeopleResult, style: Style): readonly string[] {
  if (result.total === 0) return ["No people yet."];
  const rows = result.people.map((row) => [
    row.person.displayName,
    row.person.email,
    row.person.department ?? "",
    row.person.status,
    ...result.apps.map((app) => row.accounts[app] ?? "-"),
    row.findings === 0 ? "" : style.yellow(String(row.findings)),
  ]);
  const heads = ["person", "email", "department", "status", ...result.apps, "findings"];
  const shown =
    result.people.length < result.total ? ` (${result.people.length} shown; --limit ${result.total} shows all)` : "";
  const strays = result.unlinked === 0 ? "" : `, ${counted(result.unlinked, "account")} of nobody we know`;
  return [...renderTable(style, heads, rows), `${counted(result.total, "person", "people")}${shown}${strays}`];
}

function employment(person: Person): string {
  const parts: string[] = [person.status];
  if (person.startDate !== null) parts.push(`since ${person.startDate}`);
  if (person.accessEndsAt !== null) parts.push(`access ends ${shortTime(person.accessEndsAt)} (${person.zone})`);
  if (!person.listed) parts.push("no longer in the file");
  return parts.join(", ");
}

export function renderPerson(result: PersonResult, style: Style): readonly string[] {
  const { person } = result;
  const facts = [
    ["id", person.id],
    ["source", `${person.source} row ${person.row}, key ${person.key}`],
    ["employment", employment(person)],
    ["department", [person.department, person.title, person.office].filter((one) => one !== null).join(", ")],
    ["manager", person.manager ?? ""],
  ].filter((fact) => fact[1] !== "");
  const lines = [
    `${style.bold(person.displayName)}  ${person.email}`,
    ...alignRows(facts.map((row) => [`  ${row[0]}`, row[1] ?? ""])),
  ];
  if (result.accounts.length === 0) lines.push("", "No accounts.");
  else {
    const rows = result.accounts.map((row) => [
      row.account.connection,
      `${row.account.kind} ${row.account.id}`,
      row.state,
      row.email ?? "",
      [...row.roles, ...(row.privileged ? ["administers the app"] : [])].join(", "),
      row.teams.join(", "),
      row.evidence === null ? "" : row.evidence.method,
    ]);
    lines.push("", ...renderTable(style, ["app", "account", "state", "email", "roles", "teams", "linked by"], rows));
  }
  if (result.findings.length > 0) {
    lines.push("", "Findings");
    lines.push(...alignRows(result.findings.map((one) => [`  ${one.severity}`, one.kind, one.title])));
  }
  return lines;
}

/** Why somebody has or has not something in one app: source, scope, match, desired, actual, action. */
export function renderExplain(result: ExplainResult): readonly string[] {
  return alignRows(result.trace.map((one) => [one.step, one.text]));
}

export function renderMatches(result: MatchResult, style: Style): readonly string[] {
  if (result.candidates.length === 0) return ["No accounts wait for a decision."];
  const rows = result.candidates.map((one) => [
    one.id,
    one.evidence.score.toFixed(2),
    `${one.person.label} ${one.person.email}`,
    `${one.account.connection}: ${one.accountLabel} ${one.accountEmail ?? ""}`.trimEnd(),
    one.evidence.reasons.join("; "),
  ]);
  return renderTable(style, ["match", "score", "person", "account", "why"], rows);
}

export function renderMatchDecided(result: MatchDecided): readonly string[] {
  return [result.text];
}
