import type { PersonChange, RosterResult, RowProblem, SyncResult } from "../../app/contract.ts";
import type { JsonValue } from "../../kernel/json.ts";
import type { Style } from "./style.ts";
import { alignRows } from "./table.ts";
import { counted, grouped, spelledSeconds } from "./text.ts";

/** Longer lists are cut in text; `-o json` has all. */
const SHOWN = 12;

function capped(lines: readonly string[], what: string): readonly string[] {
  if (lines.length <= SHOWN) return lines;
  return [...lines.slice(0, SHOWN), `  … ${grouped(lines.length - SHOWN)} more ${what}: -o json shows all`];
}

function problemRow(problem: RowProblem): readonly string[] {
  const place = problem.row === 0 ? "file" : `row ${problem.row}`;
  return [`  ${place}`, problem.column ?? "", problem.message];
}

function shown(value: JsonValue): string {
  if (value === null || value === "") return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function changeLine(sign: string, change: PersonChange): string {
  const fields = change.fields.map((one) => `${one.field}: ${shown(one.from)} -> ${shown(one.to)}`).join(", ");
  return `  ${sign} ${change.label} (row ${change.row}, ${change.key})${fields === "" ? "" : `  ${fields}`}`;
}

/** A new person differs from nobody in everything: the name is enough. */
function nameLine(sign: string, change: PersonChange): string {
  return `  ${sign} ${change.label} (row ${change.row}, ${change.key})`;
}

/** What a roster file would change or has changed, and everything that is wrong in it. */
export function renderRoster(result: RosterResult, style: Style): readonly string[] {
  const word = (sign: "+" | "~" | "?"): string => {
    if (style.plain) return sign === "+" ? "new" : sign === "~" ? "changed" : "no longer listed";
    return sign === "+" ? style.green("+") : style.yellow(sign);
  };
  const problems = (title: string, list: readonly RowProblem[]): readonly string[] =>
    list.length === 0 ? [] : [title, ...capped(alignRows(list.map(problemRow)), "problems")];
  const changes = [
    ...result.added.map((one) => nameLine(word("+"), one)),
    ...result.changed.map((one) => changeLine(word("~"), one)),
    ...result.vanished.map((one) => nameLine(word("?"), one)),
  ];
  const counts = `${result.added.length} new, ${result.changed.length} changed, ${result.vanished.length} no longer listed, ${grouped(result.unchanged)} unchanged`;
  const nothing = result.errors.length > 0 ? "Nothing was imported" : "Read";
  const what = result.importId === null ? nothing : "Imported";
  return [
    ...problems(style.red(counted(result.errors.length, "error")), result.errors),
    ...problems(style.yellow(counted(result.warnings.length, "warning")), result.warnings),
    ...capped(changes, "changes"),
    `${what}: ${counted(result.rows, "row")} of ${result.source}: ${counts}.`,
  ];
}

/** `Read 2 apps in 3.1 s: Follow Up Boss 65 users, …` and which could not be read. */
export function renderSync(result: SyncResult, style: Style): readonly string[] {
  const byApp = new Map<string, string[]>();
  for (const one of result.counts) {
    byApp.set(one.appName, [...(byApp.get(one.appName) ?? []), `${grouped(one.count)} ${one.many}`]);
  }
  const apps = [...byApp].map(([app, counts]) => `${app} ${counts.join(", ")}`);
  const lines: string[] = [];
  if (apps.length > 0)
    lines.push(`Read ${counted(apps.length, "app")} in ${spelledSeconds(result.seconds)}: ${apps.join("; ")}`);
  for (const snapshot of result.snapshots) {
    if (snapshot.complete) continue;
    const reasons = snapshot.listings.flatMap((listing) => listing.warnings).slice(0, 3);
    lines.push(`${style.yellow("incomplete")}  ${snapshot.connection}: ${reasons.join("; ")}`);
  }
  for (const one of result.failed) lines.push(`${style.red("failed")}  ${one.app}: ${one.error}`, `  ${one.next}`);
  if (lines.length === 0) lines.push("No apps are configured.");
  else lines.push(`${counted(result.findings, "finding")}.`);
  return lines;
}
