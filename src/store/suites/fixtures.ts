import type { EmailKey } from "../../kernel/email.ts";
import type { AccountRecord, MembershipRecord } from "../../model/account.ts";
import type { Finding } from "../../model/finding.ts";
import type { Link } from "../../model/link.ts";
import type { Person } from "../../model/person.ts";
import type { Plan } from "../../model/plan.ts";
import type { JournalEntry, Run } from "../../model/run.ts";
import type { Listing, Snapshot } from "../../model/snapshot.ts";

const AT = "2026-11-20T09:00:00.000Z";

export function aPerson(number: number, changes: Partial<Person> = {}): Person {
  return {
    id: `per_${String(number).padStart(26, "0")}`,
    source: "hr",
    importId: "imp_1",
    listed: true,
    key: `E${number}`,
    email: `Person${number}@harborpine.example`,
    emailKey: `person${number}@harborpine.example` as EmailKey,
    aliases: [],
    givenName: "Per",
    familyName: `Son ${number}`,
    displayName: `Per Son ${number}`,
    status: "active",
    startDate: null,
    lastDay: null,
    accessEndsAt: null,
    zone: "America/Los_Angeles",
    department: "Sales",
    title: "Agent",
    office: "North",
    workerType: "employee",
    manager: null,
    phone: null,
    row: number + 1,
    ...changes,
  };
}

export function anAccount(id: string, changes: Partial<AccountRecord> = {}): AccountRecord {
  return {
    noun: "account",
    kind: "user",
    id,
    email: `person${id}@harborpine.example`,
    aliases: [],
    displayName: `Per Son ${id}`,
    givenName: "Per",
    familyName: `Son ${id}`,
    phone: null,
    state: "active",
    privileged: false,
    owner: false,
    human: true,
    takesSeat: true,
    roles: ["Agent"],
    teams: null,
    createdAt: AT,
    updatedAt: AT,
    invitedAt: null,
    attributes: {},
    oddities: [],
    raw: { id, name: `Per Son ${id}`, status: "Active" },
    ...changes,
  };
}

export function aMembership(team: string, account: string): MembershipRecord {
  return { noun: "membership", kind: "member", id: account, team };
}

export function aListing(kind: string, changes: Partial<Listing> = {}): Listing {
  return {
    kind,
    parent: null,
    count: 0,
    pages: 1,
    requests: 1,
    proof: { method: "cursor-end", pages: 1 },
    warnings: [],
    ...changes,
  };
}

export function aSnapshot(id: string, changes: Partial<Snapshot> = {}): Snapshot {
  return { id, connection: "crm", startedAt: AT, endedAt: AT, listings: [], complete: true, ...changes };
}

export function aLink(id: string, person: string, account: string, changes: Partial<Link> = {}): Link {
  return {
    id,
    person,
    account: { connection: "crm", kind: "user", id: account },
    state: "confirmed",
    evidence: { method: "email", score: 1, reasons: ["e-mail equals Work Email of row 2"] },
    decidedBy: "tenure",
    decidedAt: AT,
    ...changes,
  };
}

export function aFinding(id: string, changes: Partial<Finding> = {}): Finding {
  return {
    id,
    kind: "orphaned",
    severity: "high",
    person: null,
    connection: "crm",
    account: { connection: "crm", kind: "user", id: "7" },
    title: "Nobody in the roster has this account",
    evidence: [],
    facts: {},
    ...changes,
  };
}

export function aPlan(id: string): Omit<Plan, "number"> {
  return {
    id,
    hash: `hash of ${id}`,
    content: {
      schema: "tenure.plan/v1",
      trigger: { kind: "hr", ref: "imp_1", actor: "cli" },
      base: { snapshots: [], imports: ["imp_1"], config: "none" },
      steps: [],
      guards: [],
      questions: [],
      heldBack: [],
      madeAt: AT,
      expiresAt: AT,
    },
  };
}

export function aRun(id: string, changes: Partial<Omit<Run, "number">> = {}): Omit<Run, "number"> {
  return {
    id,
    plan: "pln_1",
    planHash: "hash",
    status: "waiting",
    actor: "cli",
    approvedAs: [],
    startedAt: AT,
    endedAt: null,
    ...changes,
  };
}

export function anEntry(step: string, changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    version: 1,
    run: "run_1",
    step,
    state: "running",
    reason: null,
    attempts: [],
    accountId: null,
    progress: null,
    receipt: null,
    tries: 0,
    triesSince: null,
    nextAt: null,
    epoch: 1,
    updatedAt: AT,
    ...changes,
  };
}
