import { canonicalEmail, type EmailKey } from "../../kernel/email.ts";
import type { AccountRecord, AccountRef, InvitationRecord, TeamRecord } from "../../model/account.ts";
import { accountKey, membersAreComplete, type ConnectionInput, type Observed } from "../graph.ts";
import { byText, inOrder } from "../words.ts";

/** A row that is an account. */
export interface AccountRow extends Observed {
  readonly observation: AccountRecord;
}

/** An account of a human on its way into the graph. */
export interface Found {
  readonly ref: AccountRef;
  readonly record: AccountRecord;
  /** Key of its address; null when it has none that can be compared. */
  readonly email: EmailKey | null;
}

export interface Gathered {
  readonly input: ConnectionInput;
  /** Of humans, in the order of kind and id. */
  readonly accounts: readonly AccountRow[];
  /** Accounts that a complete listing no longer had, by `accountKey`. */
  readonly gone: ReadonlyMap<string, AccountRow>;
  readonly invitations: readonly InvitationRecord[];
  readonly teams: ReadonlyMap<string, TeamRecord>;
  readonly machines: number;
  readonly seatsUsed: number;
  /** Vendor ids of an account's teams, sorted where member lists tell them; null when the app did not tell. */
  teamsOf(record: AccountRecord): readonly string[] | null;
}

interface Sorted {
  readonly accounts: AccountRow[];
  readonly invitations: InvitationRecord[];
  readonly teams: TeamRecord[];
  /** Account id → its teams. */
  readonly members: Map<string, string[]>;
  machines: number;
  seatsUsed: number;
}

function isAccountRow(row: Observed): row is AccountRow {
  return row.observation.noun === "account";
}

function sortAccount(row: AccountRow, into: Sorted): void {
  const { human, takesSeat } = row.observation;
  if (!human) {
    into.machines += 1;
    return;
  }
  if (takesSeat) into.seatsUsed += 1;
  into.accounts.push(row);
}

function sortRow(row: Observed, into: Sorted): void {
  if (isAccountRow(row)) {
    sortAccount(row, into);
    return;
  }
  const { observation } = row;
  switch (observation.noun) {
    case "invitation":
      into.invitations.push(observation);
      return;
    case "team":
      into.teams.push(observation);
      return;
    case "membership": {
      const teams = into.members.get(observation.id);
      if (teams === undefined) into.members.set(observation.id, [observation.team]);
      else teams.push(observation.team);
      return;
    }
    case "account":
    case "role":
    case "holding":
      return;
  }
}

function sortRows(rows: readonly Observed[]): Sorted {
  const sorted: Sorted = { accounts: [], invitations: [], teams: [], members: new Map(), machines: 0, seatsUsed: 0 };
  for (const row of rows) sortRow(row, sorted);
  return sorted;
}

const NO_TEAMS: readonly string[] = [];

/** Reads the members' lists where the app's accounts do not tell their teams (FRONT-72); null when a list is not known to be whole. */
function teamReader(
  input: ConnectionInput,
  members: ReadonlyMap<string, string[]>,
): (record: AccountRecord) => readonly string[] | null {
  switch (input.traits.teams.toldBy) {
    case "account":
      return (record) => record.teams;
    case "members": {
      if (!membersAreComplete(input)) return () => null;
      for (const teams of members.values()) if (teams.length > 1) teams.sort(byText);
      return (record) => members.get(record.id) ?? NO_TEAMS;
    }
  }
}

/** The key under which the address of an account is compared. */
export function emailOf(record: AccountRecord): EmailKey | null {
  return record.email === null ? null : canonicalEmail(record.email);
}

/** Sorts what a connection said into accounts of humans, teams, invitations and the rest. */
export function gather(input: ConnectionInput): Gathered {
  const sorted = sortRows(input.current);
  const gone = new Map<string, AccountRow>();
  for (const row of sortRows(input.gone).accounts) gone.set(accountKey(row.observation.kind, row.observation.id), row);
  return {
    input,
    accounts: inOrder(
      sorted.accounts,
      ({ observation: left }, { observation: right }) => byText(left.kind, right.kind) || byText(left.id, right.id),
    ),
    gone,
    invitations: sorted.invitations.toSorted(
      (left, right) => byText(left.kind, right.kind) || byText(left.id, right.id),
    ),
    teams: new Map(sorted.teams.toSorted((left, right) => byText(left.id, right.id)).map((team) => [team.id, team])),
    machines: sorted.machines,
    seatsUsed: sorted.seatsUsed,
    teamsOf: teamReader(input, sorted.members),
  };
}
