import type { CompanyAccount } from "../../../emulator-kit/company.ts";
import type { AccountSeed, Seeded, SeedInput } from "../../../emulator-kit/contract.ts";
import type { Random } from "../../../kernel/random.ts";
import type { FollowUpBossShape, Lead, Team, User } from "./entities.ts";

const FIRST_NAMES = ["Ada", "Ben", "Clara", "Dev", "Eva", "Finn", "Gita", "Hugo", "Ines", "Jon", "Kira", "Leo"];
const LAST_NAMES = ["Abbott", "Brandt", "Castro", "Dunne", "Ekman", "Flores", "Green", "Haas", "Ito", "Jensen", "Khan"];

/** Ids of the second account lie far from the first one's: the vendor counts over all accounts. */
const OTHER_FROM = 900_001;

function pick(items: readonly string[], random: Random): string {
  return items[Math.floor(random.next() * items.length)] ?? "";
}

function at(day: string): string {
  return `${day}T17:00:00Z`;
}

function toUser(account: CompanyAccount, id: number, teams: readonly Team[]): User {
  const team = teams.find(({ name }) => account.teams.includes(name));
  return {
    id,
    name: `${account.firstName} ${account.lastName}`,
    email: account.email,
    phone: account.phone,
    role: account.admin ? "Admin" : "Agent",
    isAdmin: account.admin,
    teamId: team?.id ?? null,
    created: at(account.since),
    updated: at(account.since),
    avatar: null,
    timezone: account.zone,
    activeFlag: account.state !== "inactive",
  };
}

function leadsOf(owner: number, count: number, day: string, firstId: number, random: Random): readonly Lead[] {
  return Array.from({ length: count }, (_, index) => ({
    id: firstId + index,
    name: `${pick(FIRST_NAMES, random)} ${pick(LAST_NAMES, random)}`,
    ownerId: owner,
    created: at(day),
    updated: at(day),
  }));
}

/** The accounts of the company's CRM, in their order: users from 1, leads from 1. */
function mainAccount({ company, random }: SeedInput): AccountSeed<FollowUpBossShape> {
  const crm = company?.systems.crm;
  if (crm === undefined) return {};
  const teams = crm.teams.map((name, index): Team => ({ id: index + 1, name }));
  const users = crm.accounts.map((account, index) => toUser(account, index + 1, teams));
  const people: Lead[] = [];
  for (const [index, account] of crm.accounts.entries()) {
    people.push(...leadsOf(index + 1, account.holdings, account.since, people.length + 1, random));
  }
  return { teams, users, people };
}

/** Another customer of the vendor; it is there in every reset, so that isolation can be seen. */
function otherAccount(): AccountSeed<FollowUpBossShape> {
  const base = { phone: null, created: at("2025-02-03"), updated: at("2025-02-03"), avatar: null, timezone: null };
  const rest = { ...base, teamId: OTHER_FROM, activeFlag: true };
  const users: readonly User[] = [
    { id: OTHER_FROM, name: "Olga Owner", email: "olga@other.example", role: "Admin", isAdmin: true, ...rest },
    { id: OTHER_FROM + 1, name: "Otto Agent", email: "otto@other.example", role: "Agent", isAdmin: false, ...rest },
  ];
  const lead = { ownerId: OTHER_FROM + 1, created: at("2025-02-04"), updated: at("2025-02-04") };
  return {
    teams: [{ id: OTHER_FROM, name: "Other Team" }],
    users,
    people: [{ id: OTHER_FROM, name: "Lena Lead", ...lead }],
  };
}

export function seed(input: SeedInput): Seeded<FollowUpBossShape> {
  return {
    accounts: { main: mainAccount(input), other: otherAccount() },
    seatLimit: input.company?.systems.crm?.seats ?? null,
  };
}
