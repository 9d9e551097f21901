import { canonicalEmail, type EmailKey } from "../../kernel/email.ts";
import { endOfDay, parseIso, parsePlainDate, toIso } from "../../kernel/dates.ts";
import { present } from "../../kernel/assert.ts";
import type { ConnectionInput, GraphInput, Observed } from "../../graph/graph.ts";
import type {
  AccountRecord,
  HoldingRecord,
  InvitationRecord,
  MembershipRecord,
  Observation,
  TeamRecord,
} from "../../model/account.ts";
import type { Link } from "../../model/link.ts";
import type { EmploymentStatus, Person } from "../../model/person.ts";
import {
  DEFAULT_APPROVALS,
  DEFAULT_GUARDS,
  type ConnectionPolicy,
  type Gift,
  type Policy,
  type Rule,
} from "../../model/policy.ts";
import type { Listing, Snapshot } from "../../model/snapshot.ts";
import type { Traits } from "../../model/traits.ts";

/** One app of a test company, as its own records have it. */
export interface TestApp {
  readonly name: string;
  readonly appName: string;
  readonly traits: Traits;
  readonly accounts: readonly AccountRecord[];
  readonly teams: readonly TeamRecord[];
  readonly memberships: readonly MembershipRecord[];
  readonly invitations: readonly InvitationRecord[];
  readonly holdings: readonly HoldingRecord[];
  /** Accounts that the last complete listing no longer had. */
  readonly gone: readonly AccountRecord[];
  /** Whether its listings came with a proof. */
  readonly complete: boolean;
  readonly policy: Partial<ConnectionPolicy>;
}

/** A company small enough to be read: people, what each app says, ties, rules. */
export interface Company {
  readonly people: readonly Person[];
  readonly apps: readonly TestApp[];
  readonly links: readonly Link[];
  readonly policy: Partial<Policy>;
  /** Epoch milliseconds. */
  readonly now: number;
}

export const NOON = present(parseIso("2026-11-20T12:00:00Z"), "noon");

export interface PersonSpec {
  readonly key: string;
  readonly name: string;
  readonly email?: string;
  readonly status?: EmploymentStatus;
  readonly startDate?: string;
  readonly lastDay?: string;
  readonly department?: string | null;
  readonly office?: string | null;
  readonly manager?: string | null;
  readonly phone?: string | null;
  readonly workerType?: string | null;
  readonly row?: number;
  readonly listed?: boolean;
  readonly zone?: string;
}

export function emailKeyOf(email: string): EmailKey {
  return present(canonicalEmail(email), `a key for ${email}`);
}

function dateOf(text: string): NonNullable<Person["startDate"]> {
  return present(parsePlainDate(text), `the day ${text}`);
}

/** A person of the roster; what is not said is ordinary: active, in Sales, since January 2024. */
export function makePerson(spec: PersonSpec): Person {
  const [given = "", ...family] = spec.name.split(" ");
  const email = spec.email ?? `${spec.name.toLowerCase().replaceAll(" ", ".")}@harborpine.example`;
  const zone = spec.zone ?? "America/Los_Angeles";
  const lastDay = spec.lastDay === undefined ? null : dateOf(spec.lastDay);
  return {
    id: `per_${spec.key}`,
    source: "hr",
    importId: "imp_1",
    listed: spec.listed ?? true,
    key: spec.key,
    email,
    emailKey: emailKeyOf(email),
    aliases: [],
    givenName: given,
    familyName: family.join(" "),
    displayName: spec.name,
    status: spec.status ?? "active",
    startDate: dateOf(spec.startDate ?? "2024-01-08"),
    lastDay,
    accessEndsAt: lastDay === null ? null : toIso(endOfDay(lastDay, zone)),
    zone,
    department: spec.department === undefined ? "Sales" : spec.department,
    title: null,
    office: spec.office === undefined ? "Oakland" : spec.office,
    workerType: spec.workerType ?? null,
    manager: spec.manager ?? null,
    phone: spec.phone ?? null,
    row: spec.row ?? 2,
  };
}

/** An account as an app would list it for that person; `fields` say what is different. */
export function makeAccount(
  app: Pick<TestApp, "traits">,
  id: string,
  person: Person,
  fields: Partial<AccountRecord> = {},
): AccountRecord {
  const { traits } = app;
  const [standard] = traits.roles.standard === null ? [] : [traits.roles.standard];
  const roles = fields.roles ?? (standard === undefined ? [] : [standard]);
  const state = fields.state ?? "active";
  return {
    noun: "account",
    kind: present(traits.create, "create traits").kind,
    id,
    email: person.email,
    aliases: [],
    displayName: [person.givenName, person.familyName].filter((part) => part !== "").join(" "),
    givenName: traits.singleName ? null : person.givenName,
    familyName: traits.singleName ? null : person.familyName,
    phone: traits.writable.includes("phone") ? person.phone : null,
    privileged: roles.some((role) => traits.roles.privileged.includes(role)),
    owner: false,
    human: true,
    takesSeat: state !== "removed",
    teams: traits.teams.toldBy === "account" ? [] : null,
    createdAt: "2024-01-08T09:00:00.000Z",
    updatedAt: null,
    invitedAt: null,
    attributes: {},
    oddities: [],
    raw: {},
    ...fields,
    roles,
    state,
  };
}

export function makeApp(name: string, appName: string, traits: Traits, fields: Partial<TestApp> = {}): TestApp {
  const empty = { accounts: [], teams: [], memberships: [], invitations: [], holdings: [], gone: [] };
  return { name, appName, traits, ...empty, complete: true, policy: {}, ...fields };
}

export function makeTeam(id: string, name: string): TeamRecord {
  return { noun: "team", kind: "team", id, name, memberCount: null };
}

export function makeMember(id: string, team: string): MembershipRecord {
  return { noun: "membership", kind: "membership", id, team };
}

export function makeLeads(owner: string, count: number, kind = "lead"): readonly HoldingRecord[] {
  return Array.from({ length: count }, (_, place) => ({
    noun: "holding",
    kind,
    id: `${owner}-${place + 1}`,
    owner,
    label: `Lead ${owner}-${place + 1}`,
  }));
}

export function makeRule(name: string, when: Rule["when"], give: Readonly<Record<string, Partial<Gift>>>): Rule {
  const gifts = Object.entries(give).map(([app, gift]): [string, Gift] => [
    app,
    { role: null, teams: [], attributes: {}, ...gift },
  ]);
  return { name, place: `tenure.yaml:${name.length}`, when, give: Object.fromEntries(gifts) };
}

export function policyOf(company: Company): Policy {
  const connections = company.apps.map((app): ConnectionPolicy => ({
    name: app.name,
    appName: app.appName,
    share: 0.7,
    seats: null,
    protected: [],
    keyOwner: null,
    leaver: { handOver: {}, final: "delete", graceDays: 0 },
    ...app.policy,
  }));
  return {
    rules: [],
    guards: DEFAULT_GUARDS,
    approvals: DEFAULT_APPROVALS,
    domains: [],
    autoLink: "exact",
    invitationAgeDays: 7,
    hash: "config-hash",
    ...company.policy,
    connections,
  };
}

function observed(observation: Observation, parent: string | null, snapshot: string): Observed {
  return { observation, parent, since: snapshot, goneIn: null, unseenIn: null };
}

function snapshotOf(app: TestApp, now: number): Snapshot {
  const id = `snp_${app.name}`;
  const startedAt = toIso(now - 4 * 60_000);
  const parents = (kind: string): readonly (string | null)[] =>
    app.traits.kinds[kind]?.per === "team" ? app.teams.map((team) => team.id) : [null];
  const listings = Object.entries(app.traits.kinds)
    .filter(([, kind]) => kind.per !== "account")
    .flatMap(([kind]) =>
      parents(kind).map((parent): Listing => ({
        kind,
        parent,
        count: 0,
        pages: 1,
        requests: 1,
        proof: app.complete ? { method: "single-page" } : null,
        warnings: app.complete ? [] : ["the walk was cut short"],
      })),
    );
  return { id, connection: app.name, startedAt, endedAt: startedAt, listings, complete: app.complete };
}

function connectionInput(app: TestApp, now: number): ConnectionInput {
  const snapshot = snapshotOf(app, now);
  const hides = (record: AccountRecord): boolean =>
    app.traits.kinds[record.kind]?.hidesInactive === true && record.state === "removed";
  return {
    name: app.name,
    traits: app.traits,
    snapshot,
    current: [
      ...app.accounts.filter((record) => !hides(record)).map((record) => observed(record, null, snapshot.id)),
      ...app.teams.map((record) => observed(record, null, snapshot.id)),
      ...app.invitations.map((record) => observed(record, null, snapshot.id)),
      ...app.memberships.map((record) => observed(record, record.team, snapshot.id)),
    ],
    gone: app.gone.map((record) => ({ ...observed(record, null, "snp_before"), goneIn: snapshot.id })),
  };
}

/** What the graph is made of; the same company gives the same input. */
export function graphInput(company: Company): GraphInput {
  return {
    people: company.people,
    sources: [{ name: "hr", kind: "roster" }],
    connections: company.apps.map((app) => connectionInput(app, company.now)),
    links: company.links,
    policy: policyOf(company),
    now: company.now,
  };
}
