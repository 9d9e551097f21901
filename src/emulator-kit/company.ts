/**
 * The people of a demo company as plain data, in words that belong to no vendor. Whoever runs the emulators hands it
 * in; each emulator turns the accounts of its own kind of system into its records.
 */

/** What an app is for the company; an emulator seeds itself from the accounts of one of these. */
export type SystemKind = "crm" | "inbox" | "phones" | "books" | "desk";

export interface CompanyPerson {
  readonly employeeId: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string;
  readonly department: string;
  readonly title: string;
  readonly office: string;
  /** Employee id of the manager; null for the head of the company. */
  readonly managerId: string | null;
  /** `YYYY-MM-DD`. */
  readonly startDate: string;
  /** `YYYY-MM-DD` in the person's zone; null while no end is known. */
  readonly lastDay: string | null;
  readonly status: "active" | "terminated";
  /** IANA name. */
  readonly zone: string;
}

/** An account that somebody has in one system: not always the person's own name or address, that is the point. */
export interface CompanyAccount {
  /** Null for an account that belongs to nobody on the roster. */
  readonly employeeId: string | null;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string | null;
  readonly admin: boolean;
  readonly state: "active" | "invited" | "inactive";
  /** Names of teams in this system. */
  readonly teams: readonly string[];
  /** How many leads (crm) or numbers (phones) it owns. */
  readonly holdings: number;
  /** `YYYY-MM-DD`. */
  readonly since: string;
  readonly zone: string;
}

export interface CompanySystem {
  readonly accounts: readonly CompanyAccount[];
  readonly teams: readonly string[];
  /** Paid places; null where the demo does not say. */
  readonly seats: number | null;
}

export interface Company {
  readonly name: string;
  readonly domain: string;
  readonly people: readonly CompanyPerson[];
  readonly systems: Readonly<Partial<Record<SystemKind, CompanySystem>>>;
}
