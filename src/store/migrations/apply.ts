import { sql } from "kysely";
import { AppError } from "../../kernel/errors.ts";
import type { Db, Profile } from "../database.ts";
import type { Migration } from "./migration.ts";

export interface MigrateOptions {
  readonly profile: Profile;
  /** Runs `work` in one transaction of the only writer. */
  readonly write: <T>(work: (db: Db) => Promise<T>) => Promise<T>;
  readonly migrations: readonly Migration[];
  /** ISO 8601. */
  readonly at: () => string;
}

/**
 * Brings the schema up to date, one transaction a migration, so that a crash leaves a whole older one.
 * Throws `storage` when the data was written by a newer Tenure: it is left alone (safety F15).
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  let more = true;
  while (more) more = await options.write((db) => applyNext(db, options));
}

async function applyNext(db: Db, options: MigrateOptions): Promise<boolean> {
  const { profile, migrations } = options;
  await profile.lockSchema(db);
  await sql`create table if not exists tenure_migrations (
    number ${sql.raw(profile.types.integer)} primary key,
    name ${sql.raw(profile.types.text)} not null,
    applied_at ${sql.raw(profile.types.text)} not null)${sql.raw(profile.types.strict)}`.execute(db);
  const rows = await db.selectFrom("tenure_migrations").select("number").orderBy("number", "desc").limit(1).execute();
  const current = rows[0]?.number ?? 0;
  const newest = migrations.at(-1)?.number ?? 0;
  if (current > newest) {
    throw new AppError(
      "storage",
      `the data was written by a newer Tenure (schema ${current}, this one knows ${newest}): nothing was changed; use the newer version`,
      { details: { schema: current, known: newest } },
    );
  }
  const next = migrations.find((migration) => migration.number > current);
  if (next === undefined) return false;
  for (const statement of next.statements(profile.types)) await sql.raw(statement).execute(db);
  await db
    .insertInto("tenure_migrations")
    .values({ number: next.number, name: next.name, applied_at: options.at() })
    .execute();
  return next.number < newest;
}
