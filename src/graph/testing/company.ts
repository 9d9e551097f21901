import { present } from "../../kernel/assert.ts";
import { addDays, parseIso, parsePlainDate, type PlainDate } from "../../kernel/dates.ts";
import { canonicalEmail } from "../../kernel/email.ts";
import type { AccountRecord, Observation } from "../../model/account.ts";
import type { Link, LinkState } from "../../model/link.ts";
import type { EmploymentStatus, Person, RosterEntry } from "../../model/person.ts";
import {
  DEFAULT_APPROVALS,
  DEFAULT_GUARDS,
  type ConnectionPolicy,
  type Policy,
  type Rule,
} from "../../model/policy.ts";
import type { Traits } from "../../model/traits.ts";
import { personId } from "../diff-roster.ts";
import type { ConnectionInput, Graph, GraphInput, Observed, SourceInput } from "../graph.ts";
import { resolveGraph } from "../resolve.ts";

/** 20 November 2026, 22:00 UTC: two in the afternoon in Oakland. */
export const NOW = present(parseIso("2026-11-20T22:00:00Z"), "the time of the tests");
const READ_AT = "2026-11-20T21:55:00.000Z";
const ZONE = "America/Los_Angeles";

export interface PersonSpec {
  readonly email?: string;
  readonly aliases?: readonly string[];
  readonly status?: EmploymentStatus;
  readonly startDate?: string;
  readonly lastDay?: string;
  readonly department?: string | null;
  readonly office?: string | null;
  readonly title?: string | null;
  readonly phone?: string | null;
  readonly row?: number;
  readonly listed?: boolean;
  readonly source?: string;
}

function day(text: string | undefined): PlainDate | null {
  return text === undefined ? null : present(parsePlainDate(text), text);
}

function key(email: string): RosterEntry["emailKey"] {
  return present(canonicalEmail(email), email);
}

/** A row of the roster: "E010", "Maya Okafor"; what is not said is ordinary. */
export function entry(id: string, name: string, spec: PersonSpec = {}): RosterEntry {
  const [givenName = "", ...rest] = name.split(" ");
  const email = spec.email ?? `${name.toLowerCase().replaceAll(" ", ".")}@harborpine.example`;
  const lastDay = day(spec.lastDay);
  return {
    key: id,
    email,
    emailKey: key(email),
    aliases: (spec.aliases ?? []).map((alias) => key(alias)),
    givenName,
    familyName: rest.join(" "),
    displayName: name,
    status: spec.status ?? "active",
    startDate: day(spec.startDate ?? "2022-03-07"),
    lastDay,
    // Winter in Oakland: the day ends at eight in the morning, UTC.
    accessEndsAt: lastDay === null ? null : `${addDays(lastDay, 1)}T08:00:00.000Z`,
    zone: ZONE,
    department: spec.department === undefined ? "Sales" : spec.department,
    title: spec.title ?? null,
    office: spec.office === undefined ? "Oakland" : spec.office,
    workerType: "employee",
    manager: null,
    phone: spec.phone ?? null,
    row: spec.row ?? Number(id.replace(/\D/g, "")) + 1,
  };
}

export function person(id: string, name: string, spec: PersonSpec = {}): Person {
  const source = spec.source ?? "hr";
  return {
    ...entry(id, name, spec),
    id: personId(source, id),
    source,
    importId: "imp_test",
    listed: spec.listed ?? true,
  };
}

/** An account of the app "crm" unless its kind says otherwise: "4417", "maya.okafor@harborpine.example". */
export function account(id: string, email: string | null, spec: Partial<AccountRecord> = {}): AccountRecord {
  const local = (email ?? "").split("@")[0] ?? "";
  const name = local
    .split(/[._-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
  return {
    noun: "account",
    kind: "user",
    id,
    email,
    aliases: [],
    displayName: name,
    givenName: null,
    familyName: null,
    phone: null,
    state: "active",
    privileged: false,
    owner: false,
    human: true,
    takesSeat: true,
    roles: ["Agent"],
    teams: ["1"],
    createdAt: "2024-01-15T09:00:00.000Z",
    updatedAt: null,
    invitedAt: null,
    attributes: {},
    oddities: [],
    raw: {},
    ...spec,
  };
}

export function observed(observation: Observation, gone: string | null = null): Observed {
  return { observation, parent: null, since: "snp_before", goneIn: gone, unseenIn: null };
}

export interface AppSpec {
  readonly name?: string;
  readonly traits?: Traits;
  readonly rows: readonly Observation[];
  readonly gone?: readonly Observation[];
  /** False: no listing came with a proof. */
  readonly complete?: boolean;
  /** Never read. */
  readonly unread?: boolean;
}

/** What an app said in one complete reading. */
export function app(spec: AppSpec): ConnectionInput {
  const name = spec.name ?? "crm";
  const traits = spec.traits ?? LISTED;
  const complete = spec.complete !== false;
  const listings = Object.keys(traits.kinds).map((kind) => ({
    kind,
    parent: null,
    count: spec.rows.filter((row) => row.kind === kind).length,
    pages: 1,
    requests: 1,
    proof: complete ? ({ method: "single-page" } as const) : null,
    warnings: complete ? [] : ["the walk was resumed"],
  }));
  const snapshot = { id: `snp_${name}`, connection: name, startedAt: READ_AT, endedAt: READ_AT, listings, complete };
  return {
    name,
    traits,
    snapshot: spec.unread === true ? null : snapshot,
    current: spec.rows.map((row) => observed(row)),
    gone: (spec.gone ?? []).map((row) => observed(row, `snp_${name}`)),
  };
}

export function team(id: string, name: string, kind = "team"): Observation {
  return { noun: "team", kind, id, name, memberCount: null };
}

export function link(
  who: Person,
  id: string,
  state: LinkState = "confirmed",
  method: Link["evidence"]["method"] = "email",
  kind = "user",
): Link {
  return {
    id: `lnk_${who.id}_${id}_${state}`,
    person: who.id,
    account: { connection: "crm", kind, id },
    state,
    evidence: { method, score: 1, reasons: ["stored before"] },
    decidedBy: "test",
    decidedAt: "2026-01-01T00:00:00.000Z",
  };
}

export const HR: SourceInput = { name: "hr", kind: "roster" };
export const OKTA: SourceInput = { name: "okta", kind: "directory" };

/** The graph of some people and one app. */
export function graphOf(spec: {
  readonly people: readonly Person[];
  readonly rows?: readonly Observation[];
  readonly apps?: readonly ConnectionInput[];
  readonly gone?: readonly Observation[];
  readonly links?: readonly Link[];
  readonly sources?: readonly SourceInput[];
  readonly policy?: Partial<GraphInput["policy"]>;
}): Graph {
  return resolveGraph({
    people: spec.people,
    sources: spec.sources ?? [HR],
    connections: spec.apps ?? [app({ rows: spec.rows ?? [], gone: spec.gone ?? [] })],
    links: spec.links ?? [],
    policy: { domains: [], autoLink: "exact", ...spec.policy },
    now: NOW,
  });
}

export function connectionPolicy(name: string, spec: Partial<ConnectionPolicy> = {}): ConnectionPolicy {
  return {
    name,
    appName: name === "crm" ? "Deal Desk" : name === "inbox" ? "Shared Inbox" : name,
    share: 0.7,
    seats: null,
    protected: [],
    keyOwner: null,
    leaver: { handOver: {}, final: "delete", graceDays: 0 },
    ...spec,
  };
}

export const SALES_RULE: Rule = {
  name: "sales-gets-crm",
  place: "tenure.yaml:41",
  when: { department: "Sales" },
  give: { crm: { role: "Agent", teams: ["{office} Team"], attributes: {} } },
};

export function policy(spec: Partial<Policy> = {}): Policy {
  return {
    rules: [SALES_RULE],
    connections: [connectionPolicy("crm"), connectionPolicy("inbox")],
    guards: DEFAULT_GUARDS,
    approvals: DEFAULT_APPROVALS,
    domains: [],
    autoLink: "exact",
    invitationAgeDays: 7,
    hash: "test",
    ...spec,
  };
}

const VERB = { undo: "api", resend: "safe", requests: 1, seat: 0, sideEffects: [] } as const;

/** An app whose accounts tell their one team, hides suspended ones from its list, and has one name field. */
export const LISTED: Traits = {
  kinds: {
    user: {
      noun: "account",
      one: "user",
      many: "users",
      per: null,
      proof: "two-walks",
      hidesInactive: true,
      maxPageSize: 100,
    },
    team: {
      noun: "team",
      one: "team",
      many: "teams",
      per: null,
      proof: "two-walks",
      hidesInactive: false,
      maxPageSize: 100,
    },
  },
  verbs: {
    create: { ...VERB, seat: 1, sideEffects: ["takes a paid seat"] },
    update: VERB,
    remove: { ...VERB, undo: "never" },
  },
  create: {
    kind: "user",
    outcome: "active",
    emailUniqueAcross: ["user"],
    refusesDuplicates: true,
    teams: 1,
    role: true,
    requires: [],
  },
  remove: { effect: "erase", reservesEmail: false, handOverFirst: [], leaveTeamsFirst: false },
  reactivate: "api",
  reactivateByHand: null,
  contain: "suspend",
  teams: { perAccount: "one", toldBy: "account", meaning: "team" },
  roles: { values: ["Admin", "Agent"], privileged: ["Admin"], standard: "Agent" },
  writable: ["displayName", "email", "phone"],
  singleName: true,
  confirmByRead: false,
  settleMs: 60_000,
  quota: { scheme: "fixed-window", limit: 1000, windowMs: 600_000, owner: "credential" },
  scim: { available: false, note: "none" },
  userEvents: [],
};

/** An app whose member lists tell the teams, keeps deactivated accounts in its list, and cannot bring them back by call. */
export const MEMBERED: Traits = {
  ...LISTED,
  kinds: {
    mate: {
      noun: "account",
      one: "mate",
      many: "mates",
      per: null,
      proof: "cursor-end",
      hidesInactive: false,
      maxPageSize: 100,
    },
    team: {
      noun: "team",
      one: "team",
      many: "teams",
      per: null,
      proof: "cursor-end",
      hidesInactive: false,
      maxPageSize: 100,
    },
    member: {
      noun: "membership",
      one: "member",
      many: "members",
      per: "team",
      proof: "cursor-end",
      hidesInactive: false,
      maxPageSize: 100,
    },
  },
  verbs: {
    create: { ...VERB, undo: "by-hand", sideEffects: ["an invitation is always sent"] },
    update: VERB,
    remove: { ...VERB, undo: "by-hand" },
  },
  create: {
    kind: "mate",
    outcome: "invited",
    emailUniqueAcross: ["mate"],
    refusesDuplicates: false,
    teams: 0,
    role: false,
    requires: [],
  },
  reactivate: "by-hand",
  reactivateByHand: "unblock the mate on the settings page",
  teams: { perAccount: "many", toldBy: "members", meaning: "inbox team" },
  writable: ["givenName", "familyName"],
  singleName: false,
};

export function member(accountId: string, teamId: string): Observation {
  return { noun: "membership", kind: "member", id: accountId, team: teamId };
}
