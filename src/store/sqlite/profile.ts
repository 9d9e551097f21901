import type { BulkSpec, Profile } from "../database.ts";
import { batchQuery } from "./connection.ts";

const quote = (name: string): string => `"${name}"`;

function insertSql(spec: BulkSpec): string {
  const names = spec.columns.map((column) => quote(column.name));
  const others = spec.columns.filter((column) => !spec.key.includes(column.name));
  const overwrite = others.map((column) => `${quote(column.name)} = excluded.${quote(column.name)}`).join(", ");
  return (
    `insert into ${quote(spec.table)} (${names.join(", ")}) values (${names.map(() => "?").join(", ")}) ` +
    `on conflict (${spec.key.map(quote).join(", ")}) do update set ${overwrite}`
  );
}

/** Numbered parameters: the row has its cells in the order of the columns, wherever the statement needs them. */
function updateSql(spec: BulkSpec): string {
  const places = spec.columns.map((column, index) => ({ ...column, place: `${quote(column.name)} = ?${index + 1}` }));
  const set = places.filter((column) => !spec.key.includes(column.name)).map((column) => column.place);
  const where = places.filter((column) => spec.key.includes(column.name)).map((column) => column.place);
  return `update ${quote(spec.table)} set ${set.join(", ")} where ${where.join(" and ")}`;
}

export const sqliteProfile: Profile = {
  name: "sqlite",
  rowLocks: false,
  types: {
    text: "text",
    integer: "integer",
    identity: "integer primary key autoincrement",
    strict: " strict",
  },
  async insertMany(db, spec, rows) {
    if (rows.length > 0) await db.executeQuery(batchQuery(insertSql(spec), rows));
  },
  async updateMany(db, spec, rows) {
    if (rows.length > 0) await db.executeQuery(batchQuery(updateSql(spec), rows));
  },
  async lockSchema() {
    // The writer is alone.
  },
};
