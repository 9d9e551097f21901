import type { Company, CompanyAccount, CompanyPerson } from "../company.ts";

const DAY = "2024-03-04";

function person(index: number): CompanyPerson {
  return {
    employeeId: `E${index}`,
    firstName: `First${index}`,
    lastName: `Last${index}`,
    email: `person${index}@example.com`,
    phone: `+1555010${index}`,
    department: "Sales",
    title: "Agent",
    office: "Seattle",
    managerId: index === 1 ? null : "E1",
    startDate: DAY,
    lastDay: null,
    status: "active",
    zone: "America/Los_Angeles",
  };
}

function account(who: CompanyPerson, index: number): CompanyAccount {
  const { employeeId, firstName, lastName, email, phone, zone } = who;
  const rights = { admin: index === 0, state: "active" as const, teams: ["Sales Team"], holdings: index };
  return { employeeId, firstName, lastName, email, phone, zone, since: DAY, ...rights };
}

/** Four people with an account in every kind of system, for tests that need a demo and not the demo. */
export function smallCompany(): Company {
  const people = [1, 2, 3, 4].map(person);
  const system = { accounts: people.map(account), teams: ["Sales Team", "Support Team"], seats: 5 };
  const systems = { crm: system, inbox: system, phones: system, books: system, desk: system };
  return { name: "Small", domain: "example.com", people, systems };
}
