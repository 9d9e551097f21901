import fc from "fast-check";
import { toIso } from "../../kernel/dates.ts";
import type { AccountState } from "../../model/account.ts";
import type { EmploymentStatus, Person } from "../../model/person.ts";
import {
  makeAccount,
  makeLeads,
  makeMember,
  makePerson,
  makeRule,
  NOON,
  type Company,
  type TestApp,
} from "./company.ts";
import { crm, inbox } from "./scenarios.ts";

/** What one person of a random company is like, and what the apps say of them. */
interface Story {
  readonly status: EmploymentStatus;
  /** Hours from now until access ends; null: no end is known. */
  readonly endsIn: number | null;
  readonly department: string;
  readonly office: string;
  readonly manager: number | null;
  readonly crm: {
    readonly state: AccountState;
    readonly team: string | null;
    readonly admin: boolean;
    readonly leads: number;
  } | null;
  readonly inbox: { readonly state: AccountState; readonly teams: readonly string[]; readonly oldName: boolean } | null;
}

const NAMES = [
  "Ada Lovelace",
  "Boris Petrov",
  "Chidi Okonkwo",
  "Dalia Haddad",
  "Emeka Obi",
  "Farah Rahimi",
  "Goran Horvat",
  "Hana Kobayashi",
] as const;

const RULES = [
  makeRule(
    "sales",
    { department: "Sales" },
    { crm: { role: "Agent", teams: ["{office} Team"] }, inbox: { teams: ["Sales"] } },
  ),
  makeRule("support", { department: "Support" }, { inbox: { teams: ["Support"] } }),
];

const story: fc.Arbitrary<Story> = fc.record({
  status: fc.constantFrom("active", "active", "active", "terminated", "leave", "future"),
  endsIn: fc.constantFrom(null, null, -48, 6, 200),
  department: fc.constantFrom("Sales", "Sales", "Support", "Legal"),
  office: fc.constantFrom("Oakland", "Portland", "Nowhere"),
  manager: fc.option(fc.nat(NAMES.length - 1)),
  crm: fc.option(
    fc.record({
      state: fc.constantFrom("active", "active", "suspended"),
      team: fc.constantFrom(null, "1", "2"),
      admin: fc.boolean(),
      leads: fc.nat(3),
    }),
  ),
  inbox: fc.option(
    fc.record({
      state: fc.constantFrom("active", "active", "invited", "removed"),
      teams: fc.subarray(["tim_1", "tim_2"]),
      oldName: fc.boolean(),
    }),
  ),
});

function personOf(one: Story, place: number, count: number): Person {
  const person = makePerson({
    key: `K${place}`,
    name: NAMES[place] ?? `Person ${place}`,
    status: one.status,
    department: one.department,
    office: one.office,
    manager: one.manager === null ? null : `K${one.manager % count}`,
    row: place + 2,
    ...(one.status === "future" ? { startDate: place % 2 === 0 ? "2026-11-21" : "2026-12-01" } : {}),
  });
  const accessEndsAt = one.endsIn === null ? null : toIso(NOON + one.endsIn * 3_600_000);
  return { ...person, accessEndsAt };
}

function fill(stories: readonly Story[]): Company {
  const people = stories.map((one, place) => personOf(one, place, stories.length));
  const [rolodex, parlor] = [crm(), inbox()];
  const accountsOf = (
    app: TestApp,
    pick: (one: Story, person: Person, place: number) => readonly TestApp["accounts"][number][],
  ) => ({
    ...app,
    accounts: people.flatMap((person, place) => {
      const one = stories[place];
      return one === undefined ? [] : pick(one, person, place);
    }),
  });
  const crmApp = accountsOf(rolodex, (one, person, place) =>
    one.crm === null
      ? []
      : [
          makeAccount(rolodex, `${100 + place}`, person, {
            state: one.crm.state,
            teams: one.crm.team === null ? [] : [one.crm.team],
            roles: [one.crm.admin ? "Admin" : "Agent"],
          }),
        ],
  );
  const inboxApp = accountsOf(parlor, (one, person, place) =>
    one.inbox === null
      ? []
      : [
          makeAccount(parlor, `tea_${100 + place}`, person, {
            state: one.inbox.state,
            ...(one.inbox.oldName ? { givenName: "Old" } : {}),
          }),
        ],
  );
  return {
    people,
    apps: [
      {
        ...crmApp,
        holdings: stories.flatMap((one, place) => (one.crm === null ? [] : makeLeads(`${100 + place}`, one.crm.leads))),
      },
      {
        ...inboxApp,
        memberships: stories.flatMap((one, place) =>
          one.inbox === null || one.inbox.state === "removed"
            ? []
            : one.inbox.teams.map((team) => makeMember(`tea_${100 + place}`, team)),
        ),
      },
    ],
    links: [],
    policy: { rules: RULES },
    now: NOON,
  };
}

/** Small companies in which everything that a plan knows happens to somebody. */
export const randomCompany: fc.Arbitrary<Company> = fc
  .array(story, { minLength: 1, maxLength: NAMES.length })
  .map(fill);
