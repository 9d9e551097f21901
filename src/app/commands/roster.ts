import { toIso } from "../../kernel/dates.ts";
import { AppError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { countClasses, diffRoster, type PersonDiff, type RosterDiff } from "../../graph/diff-roster.ts";
import { readDirectory } from "../../sources/read-directory.ts";
import { readRoster } from "../../sources/read-roster.ts";
import { problemText, READ_DEFAULTS, type PeopleReading, type RowProblem } from "../../sources/reading.ts";
import type { ImportRecord } from "../../store/port.ts";
import { sourceNamed, type UseCaseContext } from "../context.ts";
import type { PersonChange, RosterInput, RosterResult } from "../contract.ts";
import type { RosterSource } from "../deployment.ts";
import { refreshPicture } from "../picture.ts";

interface Comparison {
  readonly source: RosterSource;
  readonly file: string;
  readonly reading: PeopleReading;
  readonly diff: RosterDiff;
  readonly importId: string;
}

/** What an import would change; nothing is written. */
export async function diffRosterFile(context: UseCaseContext, input: RosterInput): Promise<RosterResult> {
  return describe(await compare(context, input), null, 0);
}

/**
 * Makes a file of people the truth of its source. A file with errors is refused whole, each error with row and column,
 * unless told otherwise. People whom the file no longer lists stay, as review items: absence is no evidence (safety A8).
 */
export async function importRoster(context: UseCaseContext, input: RosterInput): Promise<RosterResult> {
  const comparison = await compare(context, input);
  const { reading } = comparison;
  if (reading.errorCount > 0 && !input.acceptErrors) throw refusal(comparison);
  const written = await store(context, comparison, input);
  await refreshPicture(context);
  context.log.info("roster imported", { source: comparison.source.name, rows: reading.rows, written });
  return describe(comparison, written === 0 ? null : comparison.importId, written);
}

async function compare(context: UseCaseContext, input: RosterInput): Promise<Comparison> {
  const source = sourceNamed(context, input.source);
  const file = input.file ?? source.file;
  const read = source.kind === "directory" ? readDirectory : readRoster;
  const reading = await read(
    { path: file },
    {
      ...READ_DEFAULTS,
      name: source.name,
      columns: source.columns,
      defaultZone: source.zone,
      dateFormat: source.dateFormat,
      now: context.clock.now(),
      acceptErrors: input.acceptErrors,
      signal: context.options.signal,
    },
  );
  const previous = await context.store.people.bySource(source.name);
  const importId = newId("imp", context.clock, context.random);
  const whole = reading.errorCount === 0;
  const diff = diffRoster({ source: source.name, importId, previous, entries: reading.entries, whole });
  return { source, file, reading, diff, importId };
}

/** The first errors in the message, all of them in the result of `roster diff`. */
function refusal({ file, reading }: Comparison): AppError {
  const shown = reading.errors.slice(0, 20).map((problem) => `  ${problemText(problem)}`);
  const more = reading.errorCount > shown.length ? [`  … and ${reading.errorCount - shown.length} more`] : [];
  const rows = `${reading.errorCount} ${reading.errorCount === 1 ? "error" : "errors"}`;
  return new AppError(
    "bad_input",
    [
      `${file} has ${rows}; nothing was imported.`,
      ...shown,
      ...more,
      `  Mend the file, or import the ${reading.goodRows} good rows with --accept-errors`,
    ].join("\n"),
    { details: { errors: reading.errorCount, goodRows: reading.goodRows } },
  );
}

async function store(context: UseCaseContext, comparison: Comparison, input: RosterInput): Promise<number> {
  const { source, reading, diff, importId, file } = comparison;
  const at = toIso(context.clock.now());
  const latest = await context.store.imports.latest(source.name);
  if (latest?.sha256 === reading.sha256 && diff.writes.length === 0 && !input.acceptShrink) return 0;
  return context.store.transaction(async (tables) => {
    const written = await tables.people.upsert(diff.writes);
    await tables.imports.add({
      id: importId,
      source: source.name,
      file,
      sha256: reading.sha256,
      importedAt: at,
      actor: context.options.actor,
      rows: reading.rows,
      counts: countClasses(reading.entries),
      previous: input.acceptShrink ? null : shrinkBase(latest, context.deployment.policy.guards.rosterShrinkPercent),
      added: diff.added.length,
      changed: diff.changed.length,
      vanished: diff.vanished.length,
    });
    await tables.audit.append(
      {
        actor: context.options.actor,
        action: "roster.import",
        object: importId,
        outcome: "ok",
        details: {
          source: source.name,
          sha256: reading.sha256,
          rows: reading.rows,
          errors: reading.errorCount,
          added: diff.added.length,
          changed: diff.changed.length,
          vanished: diff.vanished.length,
        },
      },
      at,
    );
    return written;
  });
}

/** Counts that the next plan compares with: a shrink stays visible, import after import, until someone accepts it. */
function shrinkBase(latest: ImportRecord | null, percent: number): ImportRecord["counts"] | null {
  if (latest === null) return null;
  const base: Record<string, number> = { ...latest.counts };
  for (const [name, before] of Object.entries(latest.previous ?? {})) {
    if ((latest.counts[name] ?? 0) < before * (1 - percent / 100)) base[name] = before;
  }
  return base;
}

function describe(comparison: Comparison, importId: string | null, written: number): RosterResult {
  const { source, file, reading, diff } = comparison;
  return {
    schema: "tenure.roster/v1",
    source: source.name,
    file,
    importId,
    rows: reading.rows,
    errors: reading.errors.map(problem),
    warnings: reading.warnings.map(problem),
    columns: reading.columns.map(({ field, column }) => ({ field, column })),
    added: diff.added.map(change),
    changed: diff.changed.map(change),
    vanished: diff.vanished.map(change),
    unchanged: diff.unchanged,
    written,
  };
}

function problem({ row, column, message }: RowProblem): RosterResult["errors"][number] {
  return { row, column, message };
}

function change({ person, fields }: PersonDiff): PersonChange {
  return { key: person.key, label: `${person.displayName} <${person.email}>`, row: person.row, fields };
}
