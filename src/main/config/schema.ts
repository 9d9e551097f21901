import { z } from "zod";
import { canonicalEmail } from "../../kernel/email.ts";
import { isZone } from "../../kernel/dates.ts";
import { DEFAULT_APPROVALS, DEFAULT_GUARDS } from "../../model/policy.ts";
import { days, duration, percent } from "./values.ts";

export const NAME = /^[a-z][a-z0-9-]{0,39}$/;
export const NAME_RULE = "must be a name of small letters, digits and dashes that starts with a letter";

const DAY_MS = 86_400_000;
const text = z.string("must be text").min(1, "must not be empty").max(500, "must have at most 500 characters");
const scalar = z.union([z.string(), z.number(), z.boolean()], "must be text, a number, or true or false");
const zone = z.string("must be text").refine(isZone, "must be a time zone such as America/Los_Angeles");
const address = text.refine((value) => canonicalEmail(value) !== null, "must be an e-mail address");
const domain = text.regex(/^(?!-)[a-z0-9.-]+\.[a-z0-9-]{2,}$/i, "must be a domain such as example.com");

const source = z
  .strictObject({
    roster: text.optional().describe("CSV or XLSX file of HR, beside this file or with a whole path."),
    directory: text.optional().describe("File with the people of a directory that has no connector."),
    columns: z
      .record(z.string(), text)
      .default({})
      .describe("Field → header in the file, where it is not found by itself."),
    zone: zone.default("UTC").describe("Zone of people whose row names none."),
    dateFormat: text.optional().describe("How the file writes dates, such as MM/DD/YYYY."),
  })
  .refine((value) => (value.roster === undefined) !== (value.directory === undefined), {
    message: "must have either roster: or directory:",
  });

const gift = z.strictObject({
  role: text.optional(),
  team: text.optional(),
  teams: z.array(text).default([]),
  attributes: z.record(z.string(), scalar).default({}),
});

const rule = z.strictObject({
  name: text.regex(/^[a-z0-9][a-z0-9-]{0,79}$/, "must be a name of small letters, digits and dashes"),
  when: z
    .record(z.string(), z.union([scalar, z.array(scalar).min(1)], "must be a value or a list of values"))
    .default({}),
  give: z.record(z.string(), gift),
});

const count = (most: number) =>
  z.int("must be a whole number").min(0, "must be at least 0").max(most, `must be at most ${most}`);
const brake = (standard: { readonly percent: number; readonly floor: number }) =>
  z
    .strictObject({ percent: percent.default(standard.percent), floor: count(100_000).default(standard.floor) })
    .prefault({});

const guards = z
  .strictObject({
    removals: brake(DEFAULT_GUARDS.removals),
    creates: brake(DEFAULT_GUARDS.creates),
    rosterShrink: percent.default(DEFAULT_GUARDS.rosterShrinkPercent),
    snapshotAge: duration({ leastMs: 60_000, mostMs: 7 * DAY_MS, range: "from 1m to 7d" }).prefault(
      `${DEFAULT_GUARDS.snapshotAgeMs / 60_000}m`,
    ),
    invitationAge: days(365).prefault("7d"),
  })
  .prefault({});

const approval = z.strictObject({
  when: z.strictObject({ undo: z.enum(["api", "by-hand", "never"]).optional(), app: text.optional() }).prefault({}),
  need: z.int("must be a whole number").min(0, "must be at least 0").max(10, "must be at most 10"),
  allowAuthor: z.boolean("must be true or false").default(false),
});

/** `tenure.yaml` without the settings of each app, which belong to its connector. */
export const configSchema = z.strictObject({
  apps: z.record(z.string(), z.unknown()).default({}).describe("Connection name → its connector and settings."),
  sources: z.record(z.string(), source).default({}).describe("Where people come from."),
  match: z
    .strictObject({
      domains: z.array(z.array(domain).min(2, "must name at least two domains")).default([]),
      autoLink: z.enum(["exact", "never"]).default("exact"),
    })
    .prefault({}),
  rules: z.array(rule).default([]).describe("Who gets what."),
  leavers: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  guards,
  approvals: z.array(approval).default(
    DEFAULT_APPROVALS.map((one) => ({
      when: one.undo === null ? {} : { undo: one.undo },
      need: one.need,
      allowAuthor: false,
    })),
  ),
  schedule: z
    .strictObject({
      sync: duration({ leastMs: 60_000, mostMs: 30 * DAY_MS, range: "from 1m to 30d" }).optional(),
      roster: text.optional().describe("Cron expression: when the roster is imported."),
    })
    .prefault({}),
  notify: z
    .strictObject({
      mail: z.strictObject({ smtp: text, to: z.array(address).min(1, "must name at least one address") }).optional(),
    })
    .prefault({}),
});

export type ConfigFile = z.infer<typeof configSchema>;
export type RuleConfig = ConfigFile["rules"][number];
export type GiftConfig = RuleConfig["give"][string];

/** What a leaver's account meets in one connection, besides who gets each kind of holding. */
export const leaverSchema = z.object({
  final: z.enum(["delete", "suspend"]).default("delete"),
  grace: days(3650).prefault("0d"),
});
