import { connectors } from "../src/connectors/index.ts";
import type { ConnectionInput, Observed } from "../src/graph/graph.ts";
import { present } from "../src/kernel/assert.ts";
import { endOfDay, parseIso, parsePlainDate, toIso } from "../src/kernel/dates.ts";
import { canonicalEmail } from "../src/kernel/email.ts";
import { deriveId } from "../src/kernel/ids.ts";
import { seededRandom, type Random } from "../src/kernel/random.ts";
import { Secret } from "../src/kernel/secret.ts";
import { refKey, type AccountRecord, type Observation } from "../src/model/account.ts";
import type { Link } from "../src/model/link.ts";
import type { Person, RosterEntry } from "../src/model/person.ts";
import { DEFAULT_APPROVALS, DEFAULT_GUARDS, type Policy } from "../src/model/policy.ts";
import type { Listing } from "../src/model/snapshot.ts";
import type { Traits } from "../src/model/traits.ts";

/** A company as big as asked for, the same for the same seed: most people are as they should be, some are not. */
export interface BenchCompany {
  readonly people: readonly Person[];
  readonly connections: readonly ConnectionInput[];
  readonly links: readonly Link[];
  readonly policy: Policy;
  readonly now: number;
}

export const NOW = present(parseIso("2026-11-20T14:00:00Z"), "the time of the bench");

const DEPARTMENTS = ["Sales", "Support", "Finance", "Marketing", "Operations"] as const;
const OFFICES = ["Oakland", "Portland", "Boston", "Austin"] as const;
const ZONE = "America/Los_Angeles";
const START = parsePlainDate("2022-03-07");
const LEFT = present(parsePlainDate("2026-11-18"), "a last day");
const LEFT_AT = toIso(endOfDay(LEFT, ZONE));
const SNAPSHOT_AT = toIso(NOW - 60_000);

/** Of a thousand people: leavers, starters without accounts, people in another team than before, renamed ones. */
const LEAVERS = 5;
const STARTERS = 5;
const MOVERS = 10;
const RENAMED = 5;

const NONE: readonly never[] = [];
const RAW = {};
const EVIDENCE = { method: "email", score: 1, reasons: ["the address is the same"] } as const;

type Story = "leaver" | "starter" | "mover" | "renamed" | "settled";

function storyOf(random: Random): Story {
  const draw = random.next() * 1000;
  if (draw < LEAVERS) return "leaver";
  if (draw < LEAVERS + STARTERS) return "starter";
  if (draw < LEAVERS + STARTERS + MOVERS) return "mover";
  return draw < LEAVERS + STARTERS + MOVERS + RENAMED ? "renamed" : "settled";
}

/** The roster as a source reads it. */
export function makeRoster(count: number, seed = 1): readonly RosterEntry[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, place) => entryOf(place, storyOf(random)));
}

function entryOf(place: number, story: Story): RosterEntry {
  const email = `p${place}@harborpine.example`;
  const key = `E${String(place).padStart(6, "0")}`;
  return {
    key,
    email,
    emailKey: present(canonicalEmail(email), "a key"),
    aliases: NONE,
    givenName: `Given${place}`,
    familyName: story === "renamed" ? `Married${place}` : `Family${place}`,
    displayName: `Given${place} ${story === "renamed" ? "Married" : "Family"}${place}`,
    status: story === "leaver" ? "terminated" : "active",
    startDate: START,
    lastDay: story === "leaver" ? LEFT : null,
    accessEndsAt: story === "leaver" ? LEFT_AT : null,
    zone: ZONE,
    department: DEPARTMENTS[place % DEPARTMENTS.length] ?? null,
    title: null,
    office: OFFICES[place % OFFICES.length] ?? null,
    workerType: "employee",
    manager: `E${String(place - (place % 10)).padStart(6, "0")}`,
    phone: null,
    row: place + 2,
  };
}

export function personOf(entry: RosterEntry): Person {
  return { ...entry, id: deriveId("per", "hr", entry.key), source: "hr", importId: "imp_bench", listed: true };
}

/** Traits of an app as its manifest declares them. */
async function traitsOf(name: keyof typeof connectors, secrets: readonly string[]): Promise<Traits> {
  const { default: manifest } = await connectors[name]();
  const given = { connector: name, ...Object.fromEntries(secrets.map((field) => [field, new Secret("bench")])) };
  return manifest.traits(manifest.settings.parse(given) as never);
}

interface BenchApp {
  readonly name: string;
  readonly traits: Traits;
  readonly kind: string;
  /** Id of the account of the person at that place in the roster. */
  readonly idOf: (place: number) => string;
  readonly teams: readonly string[];
  /** What an account in the team of that place says of its teams. */
  readonly inTeam: readonly (readonly string[])[];
  readonly roles: readonly string[];
}

function makeApp(about: Pick<BenchApp, "name" | "traits" | "kind" | "idOf">): BenchApp {
  const teams = OFFICES.map((office) => `${office} Team`);
  const { standard } = about.traits.roles;
  const inTeam = teams.map((_, place) => [`${about.name}-t${place}`]);
  return { ...about, teams, inTeam, roles: standard === null ? NONE : [standard] };
}

function teamOf(app: BenchApp, entry: RosterEntry, story: Story): number {
  const now = OFFICES.findIndex((office) => office === entry.office);
  return story === "mover" ? (now + 1) % app.teams.length : now;
}

function accountOf(app: BenchApp, entry: RosterEntry, place: number, story: Story): AccountRecord {
  // Who is called otherwise since has the old name in the apps.
  const familyName = story === "renamed" ? `Family${place}` : entry.familyName;
  const one = app.traits.singleName;
  const inside = app.traits.teams.toldBy === "account";
  return {
    noun: "account",
    kind: app.kind,
    id: app.idOf(place),
    email: entry.email,
    aliases: NONE,
    displayName: story === "renamed" ? `${entry.givenName} ${familyName}` : entry.displayName,
    givenName: one ? null : entry.givenName,
    familyName: one ? null : familyName,
    phone: null,
    state: "active",
    privileged: false,
    owner: false,
    human: true,
    takesSeat: true,
    roles: app.roles,
    teams: inside ? (app.inTeam[teamOf(app, entry, story)] ?? NONE) : null,
    createdAt: null,
    updatedAt: null,
    invitedAt: null,
    attributes: RAW,
    oddities: NONE,
    raw: RAW,
  };
}

function observe(observation: Observation, parent: string | null, snapshot: string): Observed {
  return { observation, parent, since: snapshot, goneIn: null, unseenIn: null };
}

function connectionOf(app: BenchApp, roster: readonly RosterEntry[], stories: readonly Story[]): ConnectionInput {
  const id = deriveId("snp", app.name);
  const byMembers = app.traits.teams.toldBy === "members";
  const current: Observed[] = app.teams.map((name, team) =>
    observe({ noun: "team", kind: "team", id: `${app.name}-t${team}`, name, memberCount: null }, null, id),
  );
  for (const [place, entry] of roster.entries()) {
    const story = stories[place] ?? "settled";
    if (story === "starter") continue;
    current.push(observe(accountOf(app, entry, place, story), null, id));
    const team = `${app.name}-t${teamOf(app, entry, story)}`;
    if (byMembers) {
      current.push(observe({ noun: "membership", kind: "membership", id: app.idOf(place), team }, team, id));
    }
  }
  const listing = (kind: string, parent: string | null): Listing => ({
    kind,
    parent,
    count: current.length,
    pages: 1,
    requests: 1,
    proof: { method: "single-page" },
    warnings: [],
  });
  const listings = Object.entries(app.traits.kinds).flatMap(([kind, traits]) => {
    if (traits.per === "account") return [];
    return traits.per === "team"
      ? app.teams.map((_, team) => listing(kind, `${app.name}-t${team}`))
      : [listing(kind, null)];
  });
  const snapshot = { id, connection: app.name, startedAt: SNAPSHOT_AT, endedAt: SNAPSHOT_AT, listings, complete: true };
  return { name: app.name, traits: app.traits, snapshot, current, gone: [] };
}

function linksOf(connections: readonly ConnectionInput[], byEmail: ReadonlyMap<string, string>): readonly Link[] {
  return connections.flatMap(({ name, current }) =>
    current.flatMap(({ observation }): readonly Link[] => {
      if (observation.noun !== "account") return [];
      const person = byEmail.get(observation.email ?? "");
      if (person === undefined) return [];
      const account = { connection: name, kind: observation.kind, id: observation.id };
      return [
        {
          id: deriveId("lnk", person, refKey(account)),
          person,
          account,
          state: "confirmed",
          evidence: EVIDENCE,
          decidedBy: "tenure",
          decidedAt: SNAPSHOT_AT,
        },
      ];
    }),
  );
}

/** A roster and two apps of so many people, with the ties that an earlier sync has stored. */
export async function makeCompany(count: number, seed = 1): Promise<BenchCompany> {
  const roster = makeRoster(count, seed);
  const random = seededRandom(seed);
  const stories = roster.map(() => storyOf(random));
  const people = roster.map(personOf);
  const apps = [
    makeApp({
      name: "crm",
      traits: await traitsOf("followupboss", ["apiKey"]),
      kind: "user",
      idOf: (place) => `${1000 + place}`,
    }),
    makeApp({
      name: "inbox",
      traits: await traitsOf("front", ["token"]),
      kind: "teammate",
      idOf: (place) => `tea_${place}`,
    }),
  ];
  const connections = apps.map((app) => connectionOf(app, roster, stories));
  const byEmail = new Map(people.map((person) => [person.email, person.id]));
  const give = Object.fromEntries(
    apps.map((app) => [app.name, { role: null, teams: ["{office} Team"], attributes: {} }]),
  );
  const policy: Policy = {
    rules: [{ name: "everybody", place: "tenure.yaml:1", when: { workerType: "employee" }, give }],
    connections: apps.map((app) => ({
      name: app.name,
      appName: app.name,
      share: 0.7,
      seats: null,
      protected: [],
      keyOwner: null,
      leaver: { handOver: { lead: "manager" }, final: "delete", graceDays: 0 },
    })),
    guards: DEFAULT_GUARDS,
    approvals: DEFAULT_APPROVALS,
    domains: [],
    autoLink: "exact",
    invitationAgeDays: 7,
    hash: "bench",
  };
  return { people, connections, links: linksOf(connections, byEmail), policy, now: NOW };
}
