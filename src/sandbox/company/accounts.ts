import type { CompanyAccount, CompanyPerson, CompanySystem } from "../../emulator-kit/company.ts";
import type { Random } from "../../kernel/random.ts";
import { DOMAIN } from "./people.ts";

/** The domain of a firm that Harbor & Pine took over. */
const OTHER_DOMAIN = "harborpine-realty.example";

function account(person: CompanyPerson, more: Partial<CompanyAccount> = {}): CompanyAccount {
  return {
    employeeId: person.employeeId,
    firstName: person.firstName,
    lastName: person.lastName,
    email: person.email,
    phone: person.phone,
    admin: false,
    state: "active",
    teams: [],
    holdings: 0,
    since: person.startDate,
    zone: person.zone,
    ...more,
  };
}

/** An account that no roster row explains. */
function stranger(firstName: string, lastName: string, email: string, more: Partial<CompanyAccount>): CompanyAccount {
  return {
    employeeId: null,
    firstName,
    lastName,
    email,
    phone: null,
    admin: false,
    state: "active",
    teams: [],
    holdings: 0,
    since: "2022-05-09",
    zone: "America/Los_Angeles",
    ...more,
  };
}

function isNamed(person: CompanyPerson, name: string): boolean {
  return `${person.firstName} ${person.lastName}` === name;
}

const CRM_ADMINS: readonly string[] = ["Nora Whitlock", "Omar Hale", "Rosa Ellis"];

function leadsOf(person: CompanyPerson, random: Random): number {
  const drawn = 5 + Math.floor(random.next() * 36);
  if (isNamed(person, "Maya Okafor")) return 143;
  return isNamed(person, "Jonah Reyes") ? 61 : drawn;
}

/**
 * All of Sales in the team of their office, three administrators and an integration: 65 of 65 seats, so that nobody can
 * be added before somebody goes. Liam, who moved to Sales, has no account yet; Hugo is administrator without a reason.
 */
export function crm(people: readonly CompanyPerson[], random: Random): CompanySystem {
  const sellers = people
    .filter((person) => person.department === "Sales" && !isNamed(person, "Liam Castillo"))
    .map((person) =>
      account(person, {
        teams: [`${person.office} Team`],
        holdings: leadsOf(person, random),
        admin: isNamed(person, "Hugo Abbott"),
      }),
    );
  const admins = people
    .filter((person) => CRM_ADMINS.some((name) => isNamed(person, name)))
    .map((person) => account(person, { admin: true }));
  const robot = stranger("Harbor & Pine", "Integrations", `integrations@${DOMAIN}`, { admin: true });
  const offices = [...new Set(people.map((person) => person.office))].sort();
  return {
    accounts: [...admins, robot, ...sellers],
    teams: offices.map((office) => `${office} Team`),
    seats: 65,
  };
}

const INBOX_OFFICES: readonly string[] = ["Oakland", "East Coast"];

/** What the stories make of an inbox account. */
function inboxStory(person: CompanyPerson): Partial<CompanyAccount> {
  if (isNamed(person, "Liam Castillo")) return { teams: ["Support"] };
  if (isNamed(person, "Grace Marlow")) return { lastName: "Lin" };
  if (isNamed(person, "Cole Bergstrom")) return { email: `cole.bergstrom@${OTHER_DOMAIN}` };
  if (isNamed(person, "Tomas Lindqvist")) return { state: "inactive", since: "2021-08-02", teams: [] };
  if (isNamed(person, "Vik Reyes")) return { state: "inactive", teams: [] };
  return {};
}

/**
 * Everybody outside Sales and the sales teams of two offices, each in the team of the department, and a contractor whom
 * no roster knows: 50. Liam is still with Support; Grace has her old name, Cole his old address; Tomas's account was
 * deactivated when he left the first time; Priya has none.
 */
export function inbox(people: readonly CompanyPerson[]): CompanySystem {
  const members = people
    .filter((person) => person.department !== "Sales" || INBOX_OFFICES.includes(person.office))
    .filter((person) => !isNamed(person, "Priya Nakamura"))
    .map((person) =>
      account(person, {
        teams: [person.department],
        admin: person.department === "IT" || isNamed(person, "Nora Whitlock"),
        ...inboxStory(person),
      }),
    );
  const contractor = stranger("Dana", "Whitfield", `dana.whitfield@${DOMAIN}`, { teams: ["Marketing"] });
  return {
    accounts: [...members, contractor],
    teams: [...new Set(people.map((person) => person.department))].sort(),
    seats: null,
  };
}
