import { canonicalEmail, type EmailKey } from "../../kernel/email.ts";
import type { AccountRecord, AccountRef, InvitationRecord, TeamRecord } from "../../model/account.ts";
import { accountKey, membersAreComplete, type ConnectionInput, type Observed } from "../graph.ts";
import { byText, inOrder } from "../words.ts";

/** An account of a human on its way into the graph. */
export interface Found {
  readonly ref: AccountRef;
  readonly record: AccountRecord;
  /** Key of its address; null when it has none that can be compared. */
  readonly email: EmailKey | null;
  readonly teams: readonly string[] | null;
  readonly unseenIn: string | null;
  readonly goneIn: string | null;
}

export interface Gathered {
  readonly input: ConnectionInput;
  /** In the order of kind and id. */
  readonly accounts: readonly Found[];
  /** Accounts that a complete listing no longer had, by `accountKey`. */
  readonly gone: ReadonlyMap<string, Found>;
  readonly invitations: readonly InvitationRecord[];
  readonly teams: ReadonlyMap<string, TeamRecord>;
  readonly machines: number;
  readonly seatsUsed: number;
}

interface Sorted {
  readonly accounts: { readonly row: Observed; readonly record: AccountRecord }[];
  readonly invitations: InvitationRecord[];
  readonly teams: TeamRecord[];
  /** Account id → its teams. */
  readonly members: Map<string, string[]>;
  machines: number;
  seatsUsed: number;
}

function sortRow(row: Observed, into: Sorted): void {
  const { observation } = row;
  switch (observation.noun) {
    case "account":
      if (!observation.human) {
        into.machines += 1;
        return;
      }
      if (observation.takesSeat) into.seatsUsed += 1;
      into.accounts.push({ row, record: observation });
      return;
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
function teamsOf(
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

function toFound(
  connection: string,
  { row, record }: Sorted["accounts"][number],
  teams: readonly string[] | null,
): Found {
  return {
    ref: { connection, kind: record.kind, id: record.id },
    record,
    email: record.email === null ? null : canonicalEmail(record.email),
    teams,
    unseenIn: row.unseenIn,
    goneIn: row.goneIn,
  };
}

/** Sorts what a connection said into accounts of humans, teams, invitations and the rest. */
export function gather(input: ConnectionInput): Gathered {
  const sorted = sortRows(input.current);
  const teams = teamsOf(input, sorted.members);
  const accounts = inOrder(
    sorted.accounts.map((account) => toFound(input.name, account, teams(account.record))),
    (left, right) => byText(left.ref.kind, right.ref.kind) || byText(left.ref.id, right.ref.id),
  );
  const gone = new Map<string, Found>();
  for (const account of sortRows(input.gone).accounts) {
    const found = toFound(input.name, account, null);
    gone.set(accountKey(found.ref.kind, found.ref.id), found);
  }
  return {
    input,
    accounts,
    gone,
    invitations: sorted.invitations.toSorted(
      (left, right) => byText(left.kind, right.kind) || byText(left.id, right.id),
    ),
    teams: new Map(sorted.teams.toSorted((left, right) => byText(left.id, right.id)).map((team) => [team.id, team])),
    machines: sorted.machines,
    seatsUsed: sorted.seatsUsed,
  };
}
