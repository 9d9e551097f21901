import { canonicalEmail } from "../../kernel/email.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Cursor } from "../../kernel/cursor.ts";
import type { AccountRecord, HoldingRecord } from "../../model/account.ts";
import type { Connection } from "../../connector-kit/connection.ts";
import type { CallContext } from "../../transport/contract.ts";
import type { StepContext } from "./context.ts";

/** No listing of a vendor has more pages than this; beyond it the cursor goes in circles. */
const MOST_PAGES = 20_000;

export function readContext(context: StepContext): CallContext {
  return { signal: context.deps.signal, lane: context.lane, beforeSend: null };
}

export function writeContext(context: StepContext): CallContext {
  return { signal: context.deps.signal, lane: context.lane, beforeSend: context.fence };
}

function pageSizeOf(connection: Connection, kind: string): number {
  return Math.min(connection.pageSize, connection.traits.kinds[kind]?.maxPageSize ?? connection.pageSize);
}

/** All accounts with this address, in every kind of account the app has; by the app's filter where there is one. */
export async function accountsWithEmail(
  connection: Connection,
  email: string,
  context: CallContext,
): Promise<readonly AccountRecord[]> {
  const key = canonicalEmail(email);
  const matches = (record: AccountRecord): boolean => record.email !== null && canonicalEmail(record.email) === key;
  if (connection.connector.find !== undefined) {
    return (await connection.connector.find(email, context)).filter(matches);
  }
  const found: AccountRecord[] = [];
  for (const [kind, traits] of Object.entries(connection.traits.kinds)) {
    if (traits.noun !== "account") continue;
    for await (const item of walkKind(connection, kind, null, context)) {
      if (item.noun === "account" && matches(item)) found.push(item);
    }
  }
  return found;
}

async function* walkKind(
  connection: Connection,
  kind: string,
  parent: string | null,
  context: CallContext,
): AsyncGenerator<Awaited<ReturnType<Connection["connector"]["list"]>>["items"][number]> {
  let cursor: Cursor | null = null;
  const pageSize = pageSizeOf(connection, kind);
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await connection.connector.list({ kind, parent, cursor, pageSize }, context);
    yield* answer.items;
    if (answer.next === null) return;
    cursor = answer.next;
  }
  throw new AppError("bad_response", `${connection.name}: the listing of ${kind} does not end`);
}

/** The kind under which members of a team are listed; null when the account's own record tells its teams. */
export function membershipKind(connection: Connection): string | null {
  if (connection.traits.teams.toldBy === "account") return null;
  const row = Object.entries(connection.traits.kinds).find(([, traits]) => traits.noun === "membership");
  return row?.[0] ?? null;
}

export async function isMember(
  connection: Connection,
  kind: string,
  team: string,
  account: string,
  context: CallContext,
): Promise<boolean> {
  for await (const item of walkKind(connection, kind, team, context)) {
    if (item.noun === "membership" && item.id === account) return true;
  }
  return false;
}

/** What an account owns of one kind, all of it; rows that say another owner are never among them. */
export async function listHoldings(
  connection: Connection,
  holding: string,
  owner: { readonly kind: string; readonly id: string },
  context: CallContext,
): Promise<readonly HoldingRecord[]> {
  const { connector } = connection;
  if (connector.holdings === undefined) {
    throw new AppError("unsupported", `${connection.name} cannot list ${holding} of an account`);
  }
  const found = new Map<string, HoldingRecord>();
  let cursor: Cursor | null = null;
  const pageSize = pageSizeOf(connection, holding);
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await connector.holdings({ holding, owner, cursor, pageSize }, context);
    for (const item of answer.items) {
      if (item.noun === "holding" && item.owner === owner.id) found.set(item.id, item);
    }
    if (answer.next === null) return [...found.values()];
    cursor = answer.next;
  }
  throw new AppError("bad_response", `${connection.name}: the listing of ${holding} does not end`);
}
