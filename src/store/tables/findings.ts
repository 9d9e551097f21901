import { AppError } from "../../kernel/errors.ts";
import type { Finding } from "../../model/finding.ts";
import type { Access } from "../access/access.ts";
import type { BulkSpec, Cell, Db } from "../database.ts";
import type { FindingTable, StoredFinding } from "../port.ts";
import { BODY_VERSION, keyText, readBody } from "./body.ts";
import { prepare } from "./unchanged.ts";

const ROWS: BulkSpec = {
  table: "findings",
  columns: [
    { name: "id", type: "text" },
    { name: "connection", type: "text" },
    { name: "first_seen_at", type: "text" },
    { name: "closed_at", type: "text" },
    { name: "last_seen_at", type: "text" },
    { name: "fingerprint", type: "text" },
    { name: "v", type: "integer" },
    { name: "body", type: "text" },
  ],
  key: ["id"],
};
const CLOSED: BulkSpec = {
  table: "findings",
  columns: [
    { name: "id", type: "text" },
    { name: "closed_at", type: "text" },
    { name: "last_seen_at", type: "text" },
  ],
  key: ["id"],
};
const CHECKS: BulkSpec = {
  table: "finding_checks",
  columns: [
    { name: "connection", type: "text" },
    { name: "at", type: "text" },
  ],
  key: ["connection"],
};

/**
 * An open finding was last seen at the last check of its connection, which is one row: findings that stay as they are
 * are not written again.
 */
export function findingTable(access: Access): FindingTable {
  return {
    replace: (findings, connections, at) =>
      connections.length === 0
        ? Promise.resolve()
        : access.write((db) => replace(access, db, findings, connections, at)),
    open: () =>
      access.read(async (db) => (await selectStored(db).where("closed_at", "is", null).execute()).map(toStored)),
    get: (id) =>
      access.read(async (db) => {
        const row = await selectStored(db).where("findings.id", "=", id).executeTakeFirst();
        return row === undefined ? null : toStored(row);
      }),
  };
}

function selectStored(db: Db) {
  return db
    .selectFrom("findings")
    .leftJoin("finding_checks", "finding_checks.connection", "findings.connection")
    .select([
      "findings.v",
      "findings.body",
      "findings.first_seen_at",
      "findings.closed_at",
      "findings.last_seen_at",
      "finding_checks.at as checked_at",
    ])
    .orderBy("findings.id");
}

interface StoredRow {
  readonly v: number;
  readonly body: string;
  readonly first_seen_at: string;
  readonly closed_at: string | null;
  readonly last_seen_at: string | null;
  readonly checked_at: string | null;
}

function toStored(row: StoredRow): StoredFinding {
  return {
    ...readBody<Finding>("findings", row),
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at ?? row.checked_at ?? row.first_seen_at,
    closedAt: row.closed_at,
  };
}

async function replace(
  access: Access,
  db: Db,
  findings: readonly Finding[],
  connections: readonly string[],
  at: string,
): Promise<void> {
  const stray = findings.find((finding) => !connections.includes(finding.connection));
  if (stray !== undefined) {
    throw new AppError(
      "internal",
      `assertion failed: finding ${stray.id} speaks of ${stray.connection}, which was not checked`,
    );
  }
  const open = await db
    .selectFrom("findings")
    .leftJoin("finding_checks", "finding_checks.connection", "findings.connection")
    .select(["findings.id", "findings.first_seen_at", "findings.fingerprint", "finding_checks.at"])
    .where("findings.connection", "in", connections)
    .where("findings.closed_at", "is", null)
    .execute();
  const known = new Map(open.map((row) => [row.id, row]));
  const rows: Cell[][] = [];
  const current = new Map(findings.map((finding) => [finding.id, finding]));
  for (const finding of current.values()) {
    const { print, body } = prepare(finding);
    const before = known.get(finding.id);
    if (before?.fingerprint === print) continue;
    rows.push([
      keyText(finding.id),
      keyText(finding.connection),
      before?.first_seen_at ?? at,
      null,
      null,
      print,
      BODY_VERSION,
      body,
    ]);
  }
  await access.profile.insertMany(db, ROWS, rows);
  const closed = open.filter((row) => !current.has(row.id));
  await access.profile.updateMany(
    db,
    CLOSED,
    closed.map((row) => [row.id, at, row.at ?? row.first_seen_at]),
  );
  await access.profile.insertMany(
    db,
    CHECKS,
    [...new Set(connections)].map((connection) => [keyText(connection), at]),
  );
}
