import type { Company, CompanyPerson } from "../emulator-kit/company.ts";

const COLUMNS: readonly (readonly [header: string, read: (person: CompanyPerson, manager: string) => string])[] = [
  ["Employee ID", (person) => person.employeeId],
  ["First Name", (person) => person.firstName],
  ["Last Name", (person) => person.lastName],
  ["Work Email", (person) => person.email],
  ["Department", (person) => person.department],
  ["Title", (person) => person.title],
  ["Office", (person) => person.office],
  ["Manager", (_person, manager) => manager],
  ["Start Date", (person) => person.startDate],
  ["Last Day", (person) => person.lastDay ?? ""],
  // Five in the afternoon of the last day, on the clock of the person's office: never derived silently from the day.
  ["Access Ends At", (person) => (person.lastDay === null ? "" : `${person.lastDay} 17:00`)],
  ["Status", (person) => (person.status === "active" ? "Active" : "Terminated")],
  ["Zone", (person) => person.zone],
];

/** How many rows the broken export has lost at its end (story 15). */
const ROWS_LOST = 30;

function field(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(field).join(",")}\n`).join("");
}

/** HR's roster of the company as a CSV file; managers by their address. */
export function rosterCsv({ people }: Company): string {
  const emails = new Map(people.map((person) => [person.employeeId, person.email]));
  const rows = people.map((person) => {
    const manager = emails.get(person.managerId ?? "") ?? "";
    return COLUMNS.map(([, read]) => read(person, manager));
  });
  return csv([COLUMNS.map(([header]) => header), ...rows]);
}

/** The same file after an export that stopped early: 30 people are missing, and none of them has left. */
export function shortRosterCsv(company: Company): string {
  return rosterCsv({ ...company, people: company.people })
    .split("\n")
    .slice(0, -ROWS_LOST - 1)
    .join("\n")
    .concat("\n");
}
