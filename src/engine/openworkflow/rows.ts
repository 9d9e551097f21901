import type { StepAttempt, WorkflowRun } from "openworkflow/internal";
import type { JsonValue } from "../../kernel/json.ts";
import type { Db } from "../../store/database.ts";
import type { EngineRun, EngineStatus } from "../port.ts";
import type { Times } from "./times.ts";

type StoredRun = Awaited<ReturnType<typeof readRun>>;
type RunRow = NonNullable<StoredRun>;
type StepRow = Awaited<ReturnType<typeof readSteps>>[number];

/** One deployment is one namespace. */
const NAMESPACE = "tenure";

export function readRun(db: Db, id: string) {
  return db.selectFrom("engine_runs").selectAll().where("id", "=", id).executeTakeFirst();
}

export function readSteps(db: Db, run: string) {
  return db.selectFrom("engine_steps").selectAll().where("run", "=", run).orderBy("position").execute();
}

export function parseText(text: string | null): JsonValue {
  return text === null ? null : (JSON.parse(text) as JsonValue);
}

/** Written by us alone. */
function statusOf(row: RunRow): EngineStatus {
  return row.status as EngineStatus;
}

export function toEngineRun(row: RunRow): EngineRun {
  return {
    id: row.id,
    workflow: row.workflow,
    status: statusOf(row),
    output: parseText(row.output),
    error: row.error,
  };
}

const LIBRARY_STATUS = {
  waiting: "pending",
  running: "running",
  done: "completed",
  failed: "failed",
  canceled: "canceled",
} as const satisfies Readonly<Record<EngineStatus, string>>;

/** The library's JSON type is not read-only; it does not change what it is given. */
type LibraryJson = WorkflowRun["input"];
function toLibraryJson(text: string | null): LibraryJson {
  return parseText(text) as LibraryJson;
}

export function toWorkflowRun(row: RunRow, times: Times): WorkflowRun {
  const at = (ms: number | null): Date | null => (ms === null ? null : times.toLibrary(ms));
  return {
    namespaceId: NAMESPACE,
    id: row.id,
    workflowName: row.workflow,
    version: null,
    status: LIBRARY_STATUS[statusOf(row)],
    idempotencyKey: row.id,
    config: {},
    context: null,
    input: toLibraryJson(row.input),
    output: toLibraryJson(row.output),
    error: row.error === null ? null : { message: row.error },
    attempts: row.attempts,
    parentStepAttemptNamespaceId: null,
    parentStepAttemptId: null,
    workerId: row.worker,
    availableAt: at(row.due_at),
    deadlineAt: null,
    startedAt: at(row.started_at),
    finishedAt: at(row.ended_at),
    createdAt: times.toLibrary(row.created_at),
    updatedAt: times.toLibrary(row.ended_at ?? row.started_at ?? row.created_at),
  };
}

function contextOf(row: StepRow, times: Times): StepAttempt["context"] {
  if (row.due_at === null) return null;
  const at = times.toLibraryText(row.due_at);
  return row.signal === null
    ? { kind: "sleep", resumeAt: at }
    : { kind: "signal-wait", signal: row.signal, timeoutAt: at };
}

export function toStepAttempt(row: StepRow, times: Times): StepAttempt {
  return {
    namespaceId: NAMESPACE,
    id: row.id,
    workflowRunId: row.run,
    stepName: row.name,
    // Both were written from the library's own words.
    kind: row.kind as StepAttempt["kind"],
    status: row.status as StepAttempt["status"],
    config: {},
    context: contextOf(row, times),
    output: toLibraryJson(row.output),
    error: row.error === null ? null : { message: row.error },
    childWorkflowRunNamespaceId: null,
    childWorkflowRunId: null,
    startedAt: times.toLibrary(row.started_at),
    finishedAt: row.ended_at === null ? null : times.toLibrary(row.ended_at),
    createdAt: times.toLibrary(row.started_at),
    updatedAt: times.toLibrary(row.ended_at ?? row.started_at),
  };
}
