import { CompiledQuery, sql } from "kysely";
import type { BulkSpec, Cell, Profile } from "../database.ts";

/** Rows that go to the server in one statement. */
const BATCH_ROWS = 5_000;
/** One number for all of Tenure's migrations (arbitrary, but for ever). */
const MIGRATION_LOCK = 7_264_901;

const quote = (name: string): string => `"${name}"`;

function source(spec: BulkSpec): string {
  const arrays = spec.columns.map((column, index) => `$${index + 1}::${column.type === "text" ? "text" : "bigint"}[]`);
  const names = spec.columns.map((column) => quote(column.name));
  return `unnest(${arrays.join(", ")}) as given (${names.join(", ")})`;
}

function insertSql(spec: BulkSpec): string {
  const names = spec.columns.map((column) => quote(column.name));
  const others = spec.columns.filter((column) => !spec.key.includes(column.name));
  const overwrite = others.map((column) => `${quote(column.name)} = excluded.${quote(column.name)}`).join(", ");
  return (
    `insert into ${quote(spec.table)} (${names.join(", ")}) select * from ${source(spec)} ` +
    `on conflict (${spec.key.map(quote).join(", ")}) do update set ${overwrite}`
  );
}

function updateSql(spec: BulkSpec): string {
  const others = spec.columns.filter((column) => !spec.key.includes(column.name));
  const set = others.map((column) => `${quote(column.name)} = given.${quote(column.name)}`).join(", ");
  const where = spec.key.map((name) => `${quote(spec.table)}.${quote(name)} = given.${quote(name)}`).join(" and ");
  return `update ${quote(spec.table)} set ${set} from ${source(spec)} where ${where}`;
}

/** One array a column, as `unnest` takes them. */
function columnsOf(spec: BulkSpec, rows: readonly (readonly Cell[])[]): readonly Cell[][] {
  return spec.columns.map((_, index) => rows.map((row) => row[index] ?? null));
}

function* batches(rows: readonly (readonly Cell[])[]): Generator<readonly (readonly Cell[])[]> {
  for (let start = 0; start < rows.length; start += BATCH_ROWS) yield rows.slice(start, start + BATCH_ROWS);
}

export const postgresProfile: Profile = {
  name: "postgres",
  rowLocks: true,
  types: {
    text: `text collate "C"`,
    integer: "bigint",
    identity: "bigint generated always as identity primary key",
    strict: "",
  },
  async insertMany(db, spec, rows) {
    const text = insertSql(spec);
    for (const batch of batches(rows)) await db.executeQuery(CompiledQuery.raw(text, [...columnsOf(spec, batch)]));
  },
  async updateMany(db, spec, rows) {
    const text = updateSql(spec);
    for (const batch of batches(rows)) await db.executeQuery(CompiledQuery.raw(text, [...columnsOf(spec, batch)]));
  },
  async lockSchema(db) {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(db);
  },
};
