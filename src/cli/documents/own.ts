import { z } from "zod";
import { ERROR_TRAITS, type ErrorCode } from "../../kernel/errors.ts";
import type {
  AddedDocument,
  CaveatsDocument,
  ConfigDocument,
  DoctorDocument,
  ExplainDocument,
  InitDocument,
} from "../output/catalog.ts";
import type { ErrorDocument } from "../output/errors.ts";
import { count, json, jsonObject, text, textOrNull, time } from "./people.ts";
import { stepState } from "./plans.ts";

const CODES = Object.keys(ERROR_TRAITS) as [ErrorCode, ...ErrorCode[]];

export const error = z.object({
  schema: z.literal("tenure.error/v1"),
  code: z.enum(CODES),
  message: text,
  next: z.array(text),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
  exit: count,
}) satisfies z.ZodType<ErrorDocument>;

export const caveats = z.object({
  schema: z.literal("tenure.caveats/v1"),
  connector: text,
  name: text,
  guide: z.object({ title: text, version: text }),
  caveats: z.array(z.object({ id: text, says: text, where: text, profile: text })),
}) satisfies z.ZodType<CaveatsDocument>;

const appTest = z.object({ ok: z.boolean().nullable(), text: z.array(text) });

export const appAdded = z.object({
  schema: z.literal("tenure.app-added/v1"),
  name: text,
  connector: text,
  file: text,
  setup: z.array(text),
  test: appTest,
}) satisfies z.ZodType<AddedDocument>;

export const written = z.object({
  schema: z.literal("tenure.written/v1"),
  file: text,
  test: appTest.nullable(),
}) satisfies z.ZodType<InitDocument>;

export const configCheck = z.object({
  schema: z.literal("tenure.config-check/v1"),
  file: textOrNull,
  ok: z.boolean(),
  problems: z.array(text),
  unresolved: z.array(text),
  apps: z.array(text),
  sources: z.array(text),
  rules: count,
}) satisfies z.ZodType<ConfigDocument>;

export const configExplain = z.object({
  schema: z.literal("tenure.config-explain/v1"),
  keys: z.array(z.object({ key: text, value: json, from: text, place: text })),
}) satisfies z.ZodType<ExplainDocument>;

export const doctor = z.object({
  schema: z.literal("tenure.doctor/v1"),
  ok: z.boolean(),
  checks: z.array(z.object({ what: text, state: z.enum(["ok", "warn", "fail"]), text, fix: textOrNull })),
}) satisfies z.ZodType<DoctorDocument>;

export const up = z.object({
  schema: z.literal("tenure.up/v1"),
  socket: text,
  apps: z.array(text),
  schedule: z.array(text),
  remarks: z.array(text),
});

export const sandbox = z.object({
  schema: z.literal("tenure.sandbox/v1"),
  apps: z.record(z.string(), jsonObject),
  control: text,
});

export const sandboxFaults = z.object({
  schema: z.literal("tenure.sandbox-faults/v1"),
  rules: z.array(z.object({ id: text, fired: count })),
});

export const sandboxClock = z.object({ schema: z.literal("tenure.sandbox-clock/v1"), now: time });

export const sandboxRequests = z.object({
  schema: z.literal("tenure.sandbox-requests/v1"),
  entries: z.array(
    z.looseObject({
      seq: count,
      at: time,
      app: text,
      method: text,
      path: text,
      credential: z.enum(["known", "unknown", "none"]),
      status: count.nullable(),
      effect: z.enum(["applied", "none", "suppressed"]),
    }),
  ),
});

export const sandboxReset = z.object({ schema: z.literal("tenure.sandbox-reset/v1"), company: text });
export const sandboxStopped = z.object({ schema: z.literal("tenure.sandbox-stopped/v1"), stopped: z.boolean() });

const aboutStep = { step: text, number: count, app: text, title: text };

/** One line of `-o ndjson` before the last: what a long command tells while it works. */
export const event = z.discriminatedUnion("type", [
  z.object({ type: z.literal("sync.page"), app: text, kind: text, page: count, seen: count }),
  z.object({ type: z.literal("sync.done"), app: text, complete: z.boolean(), seconds: z.number() }),
  z.object({ type: z.literal("sync.failed"), app: text, error: text }),
  z.object({ type: z.literal("run.started"), run: text, label: text, steps: count }),
  z.object({ type: z.literal("step.started"), ...aboutStep }),
  z.object({ type: z.literal("step.progress"), ...aboutStep, done: count, total: count }),
  z.object({ type: z.literal("step.retry"), ...aboutStep, reason: text, waitMs: z.number() }),
  z.object({
    type: z.literal("step.done"),
    ...aboutStep,
    state: stepState,
    reason: textOrNull,
    seconds: z.number(),
    verified: z.boolean(),
  }),
]);
