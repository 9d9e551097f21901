import { prefixedIds, type AccountSeed, type Seeded, type SeedInput } from "../../../emulator-kit/contract.ts";
import type { Company, CompanyAccount, CompanyPerson, CompanySystem } from "../../../emulator-kit/company.ts";
import { handleFor, type CustomField, type FrontShape, type Team, type Teammate } from "./entities.ts";

/** The custom fields that every company of this sandbox has set up, also an empty one. */
export const CUSTOM_FIELDS: readonly CustomField[] = [
  { id: "fld_1", name: "department", type: "string" },
  { id: "fld_2", name: "office", type: "string" },
  { id: "fld_3", name: "title", type: "string" },
];

const TEAMMATE_ID = prefixedIds("tea_");
const TEAM_ID = prefixedIds("tim_");

function seededTeammate(
  account: CompanyAccount,
  number: number,
  person: CompanyPerson | undefined,
  taken: Set<string>,
): Teammate {
  const known: Readonly<Record<string, string>> =
    person === undefined ? {} : { department: person.department, office: person.office, title: person.title };
  const handle = handleFor(account.email);
  let username = handle;
  for (let copy = 2; taken.has(username); copy += 1) username = `${handle}${copy}`;
  taken.add(username);
  return {
    id: TEAMMATE_ID.make(number),
    email: account.email,
    username,
    first_name: account.firstName,
    last_name: account.lastName,
    is_admin: account.admin,
    is_available: true,
    is_blocked: account.state === "inactive",
    custom_fields: known,
    license_type: "full",
    type: "user",
    invitation: account.state === "invited" ? "pending" : "accepted",
    external_id: null,
  };
}

function demoAccount(company: Company, inbox: CompanySystem): AccountSeed<FrontShape> {
  const taken = new Set<string>();
  const people = new Map(company.people.map((person) => [person.employeeId, person]));
  const teammates = inbox.accounts.map((account, place) =>
    seededTeammate(account, place + 1, people.get(account.employeeId ?? ""), taken),
  );
  const names = new Set([...inbox.teams, ...inbox.accounts.flatMap((account) => account.teams)]);
  const teams = [...names].map((name, place): Team => {
    const ids = teammates.filter((_, member) => inbox.accounts[member]?.teams.includes(name)).map((one) => one.id);
    return { id: TEAM_ID.make(place + 1), name, is_private: false, teammate_ids: ids };
  });
  return { teammates, teams, customFields: CUSTOM_FIELDS };
}

/** A second company, of which a token of the first one must see nothing. */
function otherAccount(): AccountSeed<FrontShape> {
  const owner: Teammate = {
    id: "tea_q1",
    email: "owner@quincelane.example",
    username: "owner",
    first_name: "Odell",
    last_name: "Quince",
    is_admin: true,
    is_available: true,
    is_blocked: false,
    custom_fields: {},
    license_type: "full",
    type: "user",
    invitation: "accepted",
    external_id: null,
  };
  return {
    teammates: [owner],
    teams: [{ id: "tim_q1", name: "Quince Lane", is_private: true, teammate_ids: ["tea_q1"] }],
    customFields: CUSTOM_FIELDS,
  };
}

export function seed(input: SeedInput): Seeded<FrontShape> {
  const inbox = input.kind === "demo" ? input.company?.systems.inbox : undefined;
  const main =
    input.company === null || inbox === undefined ? { customFields: CUSTOM_FIELDS } : demoAccount(input.company, inbox);
  return { accounts: { main, other: otherAccount() }, seatLimit: inbox?.seats ?? null };
}
