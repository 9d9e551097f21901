import { toIso } from "../../../kernel/dates.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { JsonObject, JsonValue } from "../../../kernel/json.ts";
import { integerIds, type Collection, type RecordSpec } from "../../../emulator-kit/contract.ts";
import { flag, oneOf } from "../../../emulator-kit/options.ts";

/** FUB-12 to FUB-23. What was never given is null. */
export interface User {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly role: string;
  readonly isAdmin: boolean;
  readonly teamId: number | null;
  readonly created: string;
  readonly updated: string;
  readonly avatar: string | null;
  readonly timezone: string | null;
  readonly activeFlag: boolean;
}

/** `memberCount` is counted when a team is shown (FUB-A8). */
export interface Team {
  readonly id: number;
  readonly name: string;
}

/** A lead: the vendor calls it a person. Without an owner nobody works on it (FUB-A6). */
export interface Lead {
  readonly id: number;
  readonly name: string;
  readonly ownerId: number | null;
  readonly created: string;
  readonly updated: string;
}

export interface Webhook {
  readonly id: number;
  readonly event: string;
  readonly url: string;
  readonly status: "Active";
  /** The key that signs its deliveries: X-System-Key of the registration, else the API key. */
  readonly key: string;
}

export type FollowUpBossShape = {
  readonly users: User;
  readonly teams: Team;
  readonly people: Lead;
  readonly webhooks: Webhook;
};

export const OPTIONS = {
  profile: oneOf(["guide"], "Only the source document is emulated; the vendor's own material (FUB-D) is not."),
  putMode: oneOf(["merge", "replace"], "Whether PUT keeps omitted fields or clears them (FUB-A3)."),
  listInactive: flag(false, "Whether the list of users shows deactivated ones (FUB-A2)."),
  seatStatus: oneOf([422, 402, 403], "Status of a create beyond the seat limit (FUB-A4)."),
  reset: oneOf(["epoch", "delta"], "X-RateLimit-Reset as epoch seconds or as seconds from now (FUB-A5)."),
  deleteWithLeads: oneOf(
    ["orphan", "reject"],
    "DELETE of a user who owns leads leaves them without an owner, or is refused with 409 (FUB-A11).",
  ),
  ignoreUnknownFilters: flag(
    false,
    "Ignore every filter, `userId` of /people too: the list then shows everybody's leads (X-03).",
  ),
};
export type FollowUpBossOptions = typeof OPTIONS;

/** The document's examples have no milliseconds. */
export function vendorTime(epochMs: number): string {
  return toIso(epochMs).replace(/\.\d{3}Z$/, "Z");
}

export function isSameEmail(left: string, right: string): boolean {
  return left.trim().toLowerCase() === right.trim().toLowerCase();
}

/** Leads of a removed user stay, without an owner: nobody sees them in a list by owner any more. */
export function orphanLeads(people: Collection<Lead>, userId: number, now: number): void {
  for (const lead of people.filter((one) => one.ownerId === userId)) {
    people.replace({ ...lead, ownerId: null, updated: vendorTime(now) });
  }
}

function text(data: JsonObject, name: string): string | null {
  const value = data[name] ?? null;
  if (value === null || typeof value === "string") return value;
  throw new AppError("bad_input", `${name} must be a text`);
}

function id(data: JsonObject, name: string): number | null {
  const value = data[name] ?? null;
  if (value === null || Number.isSafeInteger(value)) return value as number | null;
  throw new AppError("bad_input", `${name} must be a whole number`);
}

function yes(value: JsonValue | undefined, fallback: boolean, name: string): boolean {
  if (value === undefined || value === null) return fallback;
  if (typeof value === "boolean") return value;
  throw new AppError("bad_input", `${name} must be true or false`);
}

/** When it was made and last changed; a change of a record that was there is a change now. */
function stamps(
  data: JsonObject,
  now: number,
  isUpdate: boolean,
): { readonly created: string; readonly updated: string } {
  const created = text(data, "created") ?? vendorTime(now);
  return { created, updated: isUpdate ? vendorTime(now) : (text(data, "updated") ?? created) };
}

const userSpec: RecordSpec<User> = {
  kind: "user",
  ids: integerIds(),
  parse(data, { id: key, now, previous }) {
    const isAdmin = yes(data["isAdmin"], data["role"] === "Admin", "isAdmin");
    return {
      id: key,
      name: text(data, "name") ?? `User ${key}`,
      email: text(data, "email") ?? `user${key}@example.com`,
      phone: text(data, "phone"),
      role: text(data, "role") ?? (isAdmin ? "Admin" : "Agent"),
      isAdmin,
      teamId: id(data, "teamId"),
      avatar: text(data, "avatar"),
      timezone: text(data, "timezone"),
      activeFlag: yes(data["activeFlag"], true, "activeFlag"),
      ...stamps(data, now, previous !== null),
    };
  },
};

const teamSpec: RecordSpec<Team> = {
  kind: "team",
  ids: integerIds(),
  parse: (data, { id: key }) => ({ id: key, name: text(data, "name") ?? `Team ${key}` }),
};

const leadSpec: RecordSpec<Lead> = {
  kind: "person",
  ids: integerIds(),
  parse: (data, { id: key, now, previous }) => ({
    id: key,
    name: text(data, "name") ?? `Lead ${key}`,
    ownerId: id(data, "ownerId"),
    ...stamps(data, now, previous !== null),
  }),
};

const webhookSpec: RecordSpec<Webhook> = {
  kind: "webhook",
  ids: integerIds(),
  parse: (data, { id: key }) => ({
    id: key,
    event: text(data, "event") ?? "",
    url: text(data, "url") ?? "",
    status: "Active",
    key: text(data, "key") ?? "",
  }),
};

export const RECORDS = { users: userSpec, teams: teamSpec, people: leadSpec, webhooks: webhookSpec };
