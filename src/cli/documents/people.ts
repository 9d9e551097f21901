import { z } from "zod";
import type { EmailKey } from "../../kernel/email.ts";
import type { PlainDate } from "../../kernel/dates.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { AccountRef } from "../../model/account.ts";
import type { Finding } from "../../model/finding.ts";
import type { Evidence } from "../../model/link.ts";
import type { Person } from "../../model/person.ts";

export const text = z.string();
export const textOrNull = z.string().nullable();
export const count = z.int().min(0);
export const time = z.string().describe("ISO 8601, UTC");
export const json = z.json();
export const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json);

/** Brands exist in our code only: a document holds plain text. */
const emailKey = z.string() as unknown as z.ZodType<EmailKey>;
const plainDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .describe("YYYY-MM-DD") as unknown as z.ZodType<PlainDate>;

export const accountRef = z.object({ connection: text, kind: text, id: text }) satisfies z.ZodType<AccountRef>;

export const evidence = z.object({
  method: z.enum(["email", "alias", "domain-map", "created-by-us", "human", "score"]),
  score: z.number().min(0).max(1),
  reasons: z.array(text),
}) satisfies z.ZodType<Evidence>;

export const person = z.object({
  id: text,
  source: text,
  importId: text,
  listed: z.boolean(),
  key: text,
  email: text,
  emailKey,
  aliases: z.array(emailKey),
  givenName: text,
  familyName: text,
  displayName: text,
  status: z.enum(["future", "active", "leave", "terminated"]),
  startDate: plainDate.nullable(),
  lastDay: plainDate.nullable(),
  accessEndsAt: time.nullable(),
  zone: text,
  department: textOrNull,
  title: textOrNull,
  office: textOrNull,
  workerType: textOrNull,
  manager: textOrNull,
  phone: textOrNull,
  row: count,
}) satisfies z.ZodType<Person>;

export const severity = z.enum(["high", "medium", "low"]);

export const finding = z.object({
  id: text,
  kind: z.enum([
    "leaver-access",
    "orphaned",
    "unlinked",
    "missing",
    "role-mismatch",
    "team-mismatch",
    "attribute-drift",
    "admin-outside-policy",
    "invitation-old",
    "seat-overuse",
    "duplicate",
    "disputed",
    "shared-mailbox",
    "vanished-account",
    "vanished-person",
    "contradiction",
  ]),
  severity,
  person: textOrNull,
  connection: text,
  account: accountRef.nullable(),
  title: text,
  evidence: z.array(text),
  facts: jsonObject,
}) satisfies z.ZodType<Finding>;
