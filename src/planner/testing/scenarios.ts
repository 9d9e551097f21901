import type { Person } from "../../model/person.ts";
import {
  makeAccount,
  makeApp,
  makeLeads,
  makeMember,
  makePerson,
  makeRule,
  makeTeam,
  NOON,
  type Company,
  type TestApp,
} from "./company.ts";
import { CRM_TRAITS, INBOX_TRAITS } from "./traits.data.ts";

/** The people of the scenarios; who is in a scenario is said there. */
export const JONAH = makePerson({ key: "E1", name: "Jonah Reyes", row: 5 });
export const ELENA = makePerson({ key: "E2", name: "Elena Sato", row: 6 });
export const OLGA = makePerson({ key: "E3", name: "Olga Owner", department: "Management", row: 7 });
export const MAYA = makePerson({
  key: "E41",
  name: "Maya Okafor",
  status: "terminated",
  lastDay: "2026-11-19",
  manager: "E1",
  row: 41,
});
export const LIAM = makePerson({ key: "E17", name: "Liam Castillo", row: 17, phone: "+1 415 555 0117" });
export const PRIYA = makePerson({ key: "E85", name: "Priya Nakamura", row: 85, startDate: "2026-11-16" });

const CRM_TEAMS = [makeTeam("1", "Oakland Team"), makeTeam("2", "Portland Team")];
const INBOX_TEAMS = [makeTeam("tim_1", "Sales"), makeTeam("tim_2", "Support")];

export const RULES = [
  makeRule(
    "sales",
    { department: "Sales" },
    { crm: { role: "Agent", teams: ["{office} Team"] }, inbox: { teams: ["Sales"] } },
  ),
  makeRule("support", { department: "Support" }, { inbox: { teams: ["Support"] } }),
];

export function crm(fields: Partial<TestApp> = {}): TestApp {
  const settled = { handOver: { leads: "manager" }, final: "delete", graceDays: 0 } as const;
  return makeApp("crm", "Rolodex", CRM_TRAITS, {
    teams: CRM_TEAMS,
    ...fields,
    policy: { leaver: settled, ...fields.policy },
  });
}

export function inbox(fields: Partial<TestApp> = {}): TestApp {
  return makeApp("inbox", "Parlor", INBOX_TRAITS, { teams: INBOX_TEAMS, ...fields });
}

const CRM = { traits: CRM_TRAITS };
const INBOX = { traits: INBOX_TRAITS };

/** Accounts of a colleague who is as they should be, and of the owner. */
function settledAccounts(person: Person, crmId: string, inboxId: string) {
  return {
    crm: makeAccount(CRM, crmId, person, { teams: ["1"] }),
    inbox: makeAccount(INBOX, inboxId, person),
    member: makeMember(inboxId, "tim_1"),
  };
}

const jonah = settledAccounts(JONAH, "11", "tea_11");
const elena = settledAccounts(ELENA, "12", "tea_12");
const olga = {
  crm: makeAccount(CRM, "1", OLGA, { roles: ["Admin"], owner: true }),
  inbox: makeAccount(INBOX, "tea_1", OLGA, { roles: ["Admin"] }),
};

/** Two colleagues and the owner, all as they should be: planning gives nothing. */
export function settledCompany(fields: Partial<Company> = {}): Company {
  return {
    people: [JONAH, ELENA, OLGA],
    apps: [
      crm({ accounts: [olga.crm, jonah.crm, elena.crm] }),
      inbox({ accounts: [olga.inbox, jonah.inbox, elena.inbox], memberships: [jonah.member, elena.member] }),
    ],
    links: [],
    policy: { rules: RULES },
    now: NOON,
    ...fields,
  };
}

/** The settled company with other people and with more in its apps. */
export function companyWith(
  people: readonly Person[],
  more: { readonly crm?: (app: TestApp) => TestApp; readonly inbox?: (app: TestApp) => TestApp } = {},
): Company {
  const base = settledCompany();
  const change = (app: TestApp): TestApp => (app.name === "crm" ? more.crm : more.inbox)?.(app) ?? app;
  return { ...base, people: [...base.people, ...people], apps: base.apps.map(change) };
}

/** Maya has left: 143 leads in one app, two teams in the other. */
export function leaverCompany(): Company {
  return companyWith([MAYA], {
    crm: (app) => ({
      ...app,
      accounts: [...app.accounts, makeAccount(CRM, "4417", MAYA, { teams: ["1"] })],
      holdings: makeLeads("4417", 143),
    }),
    inbox: (app) => ({
      ...app,
      accounts: [...app.accounts, makeAccount(INBOX, "tea_41", MAYA)],
      memberships: [...app.memberships, makeMember("tea_41", "tim_1"), makeMember("tea_41", "tim_2")],
    }),
  });
}

/** Maya has left, and nobody is named to take her leads. */
export function noSuccessorCompany(): Company {
  const company = leaverCompany();
  return {
    ...company,
    people: company.people.map((person) => (person.key === MAYA.key ? { ...person, manager: null } : person)),
  };
}

/** Liam is new and has nothing yet. */
export function joinerCompany(): Company {
  return companyWith([LIAM]);
}

/** Liam has moved from Support in Portland to Sales in Oakland, and has another name and telephone. */
export function moverCompany(): Company {
  const before = { ...LIAM, givenName: "Lee", displayName: "Lee Castillo", phone: "+1 503 555 0100" };
  return companyWith([LIAM], {
    crm: (app) => ({
      ...app,
      accounts: [...app.accounts, makeAccount(CRM, "17", before, { teams: ["2"], roles: ["Admin"] })],
    }),
    inbox: (app) => ({
      ...app,
      accounts: [...app.accounts, makeAccount(INBOX, "tea_17", before)],
      memberships: [...app.memberships, makeMember("tea_17", "tim_2")],
    }),
  });
}

/** Priya is back: suspended in one app, blocked in the other. */
export function rehireCompany(): Company {
  return companyWith([PRIYA], {
    crm: (app) => ({
      ...app,
      accounts: [...app.accounts, makeAccount(CRM, "85", PRIYA, { state: "suspended", teams: ["2"] })],
    }),
    inbox: (app) => ({
      ...app,
      accounts: [...app.accounts, makeAccount(INBOX, "tea_85", PRIYA, { state: "removed", takesSeat: false })],
    }),
  });
}

/** Maya leaves and Liam comes while one app's last read is not shown to be complete. */
export function partialCompany(): Company {
  const company = leaverCompany();
  const apps = company.apps.map((app) => ({ ...app, complete: app.name !== "inbox" }));
  return { ...company, people: [...company.people, LIAM], apps };
}

/** All four seats of one app are taken; Maya frees one, and two people want one. */
export function fullSeatsCompany(): Company {
  const company = leaverCompany();
  const apps = company.apps.map((app) => (app.name === "crm" ? { ...app, policy: { ...app.policy, seats: 4 } } : app));
  return { ...company, people: [...company.people, LIAM, PRIYA], apps };
}

/** Scenarios whose whole plans are kept as golden files. */
export const SCENARIOS: Readonly<Record<string, () => Company>> = {
  joiner: joinerCompany,
  mover: moverCompany,
  leaver: leaverCompany,
  rehire: rehireCompany,
  "no-successor": noSuccessorCompany,
  partial: partialCompany,
  "full-seats": fullSeatsCompany,
};
