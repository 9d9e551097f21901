import { z } from "zod";
import type * as contract from "../../app/contract.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { VERBS } from "../../model/traits.ts";
import {
  accountRef,
  count,
  evidence,
  finding,
  json,
  jsonObject,
  person,
  severity,
  text,
  textOrNull,
  time,
} from "./people.ts";

const rowProblem = z.object({ row: count, column: textOrNull, message: text });
const personChange = z.object({
  key: text,
  label: text,
  row: count,
  fields: z.array(z.object({ field: text, from: json, to: json })),
});

export const roster = z.object({
  schema: z.literal("tenure.roster/v1"),
  source: text,
  file: text,
  importId: textOrNull,
  rows: count,
  errors: z.array(rowProblem),
  warnings: z.array(rowProblem),
  columns: z.array(z.object({ field: text, column: text })),
  added: z.array(personChange),
  changed: z.array(personChange),
  vanished: z.array(personChange),
  unchanged: count,
  written: count,
}) satisfies z.ZodType<contract.RosterResult>;

const listing = z.object({
  kind: text,
  parent: textOrNull,
  count,
  pages: count,
  requests: count,
  proof: z
    .discriminatedUnion("method", [
      z.object({ method: z.literal("cursor-end"), pages: count }),
      z.object({ method: z.literal("single-page") }),
      z.object({ method: z.literal("two-walks"), walks: count }),
    ])
    .nullable(),
  warnings: z.array(text),
});

const snapshot = z.object({
  id: text,
  connection: text,
  startedAt: time,
  endedAt: time,
  listings: z.array(listing),
  complete: z.boolean(),
}) satisfies z.ZodType<Snapshot>;

export const sync = z.object({
  schema: z.literal("tenure.sync/v1"),
  snapshots: z.array(snapshot),
  failed: z.array(z.object({ app: text, error: text, next: text })),
  counts: z.array(z.object({ app: text, appName: text, kind: text, many: text, count })),
  seconds: z.number(),
  findings: count,
}) satisfies z.ZodType<contract.SyncResult>;

const accountRow = z.object({
  account: accountRef,
  appName: text,
  state: z.enum(["active", "invited", "suspended", "removed", "gone"]),
  email: textOrNull,
  label: text,
  roles: z.array(text),
  teams: z.array(text),
  privileged: z.boolean(),
  evidence: evidence.nullable(),
  readAt: time,
}) satisfies z.ZodType<contract.AccountRow>;

export const people = z.object({
  schema: z.literal("tenure.people/v1"),
  apps: z.array(text),
  people: z.array(z.object({ person, accounts: z.record(z.string(), text), findings: count })),
  total: count,
  unlinked: count,
}) satisfies z.ZodType<contract.PeopleResult>;

export const personView = z.object({
  schema: z.literal("tenure.person/v1"),
  person,
  accounts: z.array(accountRow),
  findings: z.array(finding),
}) satisfies z.ZodType<contract.PersonResult>;

export const explain = z.object({
  schema: z.literal("tenure.explain/v1"),
  person: text,
  app: text,
  trace: z.array(z.object({ step: text, text })),
}) satisfies z.ZodType<contract.ExplainResult>;

export const matches = z.object({
  schema: z.literal("tenure.matches/v1"),
  candidates: z.array(
    z.object({
      id: text,
      person: z.object({ id: text, label: text, email: text }),
      account: accountRef,
      accountLabel: text,
      accountEmail: textOrNull,
      evidence,
    }),
  ),
}) satisfies z.ZodType<contract.MatchResult>;

export const match = z.object({
  schema: z.literal("tenure.match/v1"),
  link: text,
  decision: z.enum(["accept", "reject", "split"]),
  text,
}) satisfies z.ZodType<contract.MatchDecided>;

export const findings = z.object({
  schema: z.literal("tenure.findings/v1"),
  findings: z.array(
    finding.extend({
      firstSeenAt: time,
      personLabel: textOrNull,
      appName: text,
    }),
  ),
}) satisfies z.ZodType<contract.FindingsResult>;

const appRow = z.object({
  name: text,
  connector: text,
  appName: text,
  profile: text,
  accounts: count.nullable(),
  seats: count.nullable(),
  lastRead: time.nullable(),
  health: text,
}) satisfies z.ZodType<contract.AppRow>;

export const apps = z.object({
  schema: z.literal("tenure.apps/v1"),
  apps: z.array(appRow),
}) satisfies z.ZodType<contract.AppsResult>;

const quota = z.object({
  scheme: z.enum(["fixed-window", "sliding-log", "strict"]),
  limit: count,
  windowMs: count,
  owner: z.enum(["credential", "account"]),
});

/** The traits are told in full by the connector-kit; here they are data that may grow. */
export const app = z.object({
  schema: z.literal("tenure.app/v1"),
  app: appRow,
  origin: text,
  guide: z.object({ title: text, version: text }),
  capabilities: z.array(
    z.object({
      verb: z.enum(VERBS),
      can: z.boolean(),
      undo: z.enum(["api", "by-hand", "never"]).nullable(),
      note: text,
    }),
  ),
  traits: jsonObject,
  notes: z.array(text),
  setup: z.array(text),
}) satisfies z.ZodType<Omit<contract.AppResult, "traits">>;

export const appsTest = z.object({
  schema: z.literal("tenure.apps-test/v1"),
  ok: z.boolean(),
  apps: z.array(
    z.object({
      app: text,
      ok: z.boolean(),
      checks: z.array(z.object({ what: text, state: text, text })),
      keyOwner: textOrNull,
      profile: textOrNull,
    }),
  ),
}) satisfies z.ZodType<contract.AppsTestResult>;

export const limits = z.object({
  schema: z.literal("tenure.limits/v1"),
  apps: z.array(
    z.object({
      app: text,
      quota,
      share: z.number(),
      allowance: count,
      maxPageSize: z.record(z.string(), count),
    }),
  ),
}) satisfies z.ZodType<contract.AppLimitsResult>;

export const status = z.object({
  schema: z.literal("tenure.status/v1"),
  waiting: z.array(z.object({ run: text, step: text, reason: text })),
  candidates: count,
  findings: z.record(severity, count),
  apps: z.array(appRow),
}) satisfies z.ZodType<contract.StatusResult>;
