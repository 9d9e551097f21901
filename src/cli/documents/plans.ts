import { z } from "zod";
import type { Action, Guard, Plan, PlanContent, PlanTotals, Question, Step } from "../../model/plan.ts";
import type { JournalEntry, Run } from "../../model/run.ts";
import type { PlanResult, RunResult, RunsResult } from "../../app/contract.ts";
import { count, json, jsonObject, text, textOrNull, time } from "./people.ts";

const teamRef = z.object({ id: text, name: text });
const target = z.object({ kind: text, id: textOrNull, madeBy: textOrNull, email: textOrNull, label: text });

const draft = z.object({
  email: text,
  displayName: text,
  givenName: textOrNull,
  familyName: textOrNull,
  phone: textOrNull,
  role: textOrNull,
  teams: z.array(text),
  attributes: z.record(z.string(), json),
});

const proof = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("state"), state: z.enum(["active", "invited", "suspended", "removed"]) }),
  z.object({ kind: z.literal("exists") }),
  z.object({ kind: z.literal("absent") }),
  z.object({ kind: z.literal("gone") }),
  z.object({ kind: z.literal("after") }),
]);

const action = z.discriminatedUnion("verb", [
  z.object({ verb: z.literal("create"), draft }),
  z.object({ verb: z.literal("update"), changes: z.record(z.string(), json) }),
  z.object({ verb: z.literal("suspend") }),
  z.object({ verb: z.literal("reactivate") }),
  z.object({ verb: z.literal("remove") }),
  z.object({ verb: z.literal("convert"), to: text }),
  z.object({ verb: z.literal("join"), team: teamRef }),
  z.object({ verb: z.literal("leave"), team: teamRef }),
  z.object({ verb: z.literal("assignRole"), role: text }),
  z.object({ verb: z.literal("transfer"), holding: text, to: target, count }),
  z.object({ verb: z.literal("verifyNone"), holding: text }),
  z.object({ verb: z.literal("revokeInvitation") }),
  z.object({ verb: z.literal("manual"), instructions: text, proof }),
]) satisfies z.ZodType<Action>;

const undo = z.enum(["api", "by-hand", "never"]);

const step = z.object({
  id: text,
  number: count,
  app: text,
  appName: text,
  person: textOrNull,
  personLabel: textOrNull,
  target,
  action,
  title: text,
  reason: z.object({ kind: z.enum(["roster", "rule", "finding", "command"]), text, ref: text }),
  precondition: z.object({
    expect: z.enum(["absent", "exists", "none"]),
    fields: jsonObject,
    noHoldings: z.array(text),
    person: jsonObject,
  }),
  after: jsonObject,
  dependsOn: z.array(text),
  undo,
  cost: z.object({ requests: count, seconds: z.number() }),
  seat: z.union([z.literal(-1), z.literal(0), z.literal(1)]),
  loss: z.object({ holding: text, count, sample: z.array(text), to: textOrNull }).nullable(),
  sideEffects: z.array(text),
  approvals: count,
  destructive: z.boolean(),
  notBefore: time.nullable(),
}) satisfies z.ZodType<Step>;

const guard = z.object({
  name: z.enum([
    "removals",
    "creates",
    "seats",
    "freshness",
    "roster-shrink",
    "irreversible",
    "protected",
    "last-admin",
    "key-owner",
    "completeness",
    "handover",
  ]),
  state: z.enum(["pass", "warn", "block"]),
  app: textOrNull,
  text,
  steps: z.array(text),
}) satisfies z.ZodType<Guard>;

const question = z.object({
  id: text,
  app: text,
  person: textOrNull,
  text,
  choices: z.array(z.object({ value: text, label: text })),
}) satisfies z.ZodType<Question>;

/** What a plan's hash is over. */
export const planContent = z.object({
  schema: z.literal("tenure.plan/v1"),
  trigger: z.object({ kind: z.enum(["hr", "findings", "person"]), ref: text, actor: text }),
  base: z.object({
    snapshots: z.array(z.object({ connection: text, snapshot: text, readAt: time })),
    imports: z.array(text),
    config: text,
  }),
  steps: z.array(step),
  guards: z.array(guard),
  questions: z.array(question),
  heldBack: z.array(z.object({ app: textOrNull, person: textOrNull, label: text, reason: text })),
  madeAt: time,
  expiresAt: time,
}) satisfies z.ZodType<PlanContent>;

const plan = z.object({ id: text, number: count, hash: text, content: planContent }) satisfies z.ZodType<Plan>;

const totals = z.object({
  add: count,
  change: count,
  reassign: count,
  remove: count,
  manual: count,
  requests: count,
  seconds: z.number(),
  irreversible: count,
}) satisfies z.ZodType<PlanTotals>;

const run = z.object({
  id: text,
  number: count,
  plan: text,
  planHash: text,
  status: z.enum(["waiting", "running", "done", "failed", "canceled"]),
  actor: text,
  approvedAs: z.array(text),
  startedAt: time,
  endedAt: time.nullable(),
}) satisfies z.ZodType<Run>;

export const planView = z.object({
  schema: z.literal("tenure.plan-view/v1"),
  label: text,
  plan,
  totals,
  people: z.array(z.object({ id: text, label: text, email: text, why: text })),
  read: z.array(z.object({ app: text, appName: text, counts: text, readAt: time })),
  runs: z.array(run),
  state: z.enum(["ready", "needs-approval", "blocked", "stale", "applied", "partly-applied", "empty"]),
}) satisfies z.ZodType<PlanResult>;

export const stepState = z.enum([
  "waiting",
  "running",
  "ok",
  "adopted",
  "skipped",
  "failed",
  "stale",
  "unknown",
  "parked",
]);

const journalEntry = z.object({
  version: z.literal(1),
  run: text,
  step: text,
  state: stepState,
  reason: textOrNull,
  attempts: z.array(
    z.object({
      number: count,
      intentAt: time,
      outcome: z.enum(["pending", "answered", "refused", "unknown", "not-sent"]),
      answeredAt: time.nullable(),
      note: textOrNull,
    }),
  ),
  accountId: textOrNull,
  progress: z.object({ done: count, total: count }).nullable(),
  receipt: z
    .object({
      readBack: z.enum(["verified", "unverified", "mismatch"]),
      readAt: time.nullable(),
      before: jsonObject.nullable(),
      after: jsonObject.nullable(),
      note: textOrNull,
    })
    .nullable(),
  tries: count,
  triesSince: time.nullable(),
  nextAt: time.nullable(),
  epoch: count,
  updatedAt: time,
}) satisfies z.ZodType<JournalEntry>;

export const runView = z.object({
  schema: z.literal("tenure.run/v1"),
  label: text,
  run,
  plan: planView,
  journal: z.array(journalEntry),
  counts: z.object({ total: count, proven: count, waiting: count, failed: count }),
  seconds: z.number(),
  next: z.array(text),
  exit: count,
}) satisfies z.ZodType<RunResult>;

export const runs = z.object({
  schema: z.literal("tenure.runs/v1"),
  runs: z.array(z.object({ run, label: text, plan: text, done: count, total: count })),
}) satisfies z.ZodType<RunsResult>;
