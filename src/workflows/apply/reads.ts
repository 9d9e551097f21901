import { present } from "../../kernel/assert.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Cursor } from "../../kernel/cursor.ts";
import { canonicalEmail } from "../../kernel/email.ts";
import type { AccountRecord, HoldingRecord } from "../../model/account.ts";
import type { Connection } from "../../connector-kit/connection.ts";
import { findByEmail, MOST_PAGES, walkListing, wholeListing } from "../../connector-kit/walk.ts";
import type { CallContext } from "../../transport/contract.ts";
import type { StepContext } from "./context.ts";

export function readContext(context: StepContext): CallContext {
  return { signal: context.deps.signal, lane: context.lane, beforeSend: null };
}

export function writeContext(context: StepContext): CallContext {
  return { signal: context.deps.signal, lane: context.lane, beforeSend: context.fence };
}

function pageSizeOf(connection: Connection, kind: string): number {
  return Math.min(connection.pageSize, connection.traits.kinds[kind]?.maxPageSize ?? connection.pageSize);
}

/**
 * All accounts with this address, in every kind of account the app has. Finding nothing is an answer only when the
 * listing was whole: else `unavailable`, and nothing is concluded.
 */
export async function accountsWithEmail(
  connection: Connection,
  email: string,
  context: CallContext,
): Promise<readonly AccountRecord[]> {
  const { records, complete } = await findByEmail(connection, email, context);
  if (records.length === 0 && !complete) throw unsettled(connection);
  return records;
}

/** What a whole look at an app's accounts shows of one address and of the seats. */
export interface Survey {
  readonly found: readonly AccountRecord[];
  /** Accounts that take a seat, as far as the listings show them. */
  readonly seats: number;
}

/** Reads all accounts. Throws `unavailable` when nothing was found and the listings were not whole. */
export async function surveyAccounts(connection: Connection, email: string, context: CallContext): Promise<Survey> {
  const key = canonicalEmail(email);
  const found: AccountRecord[] = [];
  let seats = 0;
  let complete = true;
  for (const [kind, traits] of Object.entries(connection.traits.kinds)) {
    if (traits.noun !== "account") continue;
    const { items, listing } = await walkListing(wholeListing(connection, kind, traits), context);
    const accounts = items.filter((item) => item.noun === "account");
    found.push(...accounts.filter((one) => key !== null && one.email !== null && canonicalEmail(one.email) === key));
    seats += accounts.filter((one) => one.takesSeat).length;
    complete &&= listing.proof !== null;
  }
  if (found.length === 0 && !complete) throw unsettled(connection);
  return { found, seats };
}

function unsettled(connection: Connection): AppError {
  const words = `${connection.appName} kept changing while it was read: nothing is concluded from it`;
  return new AppError("unavailable", words);
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
  const traits = present(connection.traits.kinds[kind], `the kind ${kind}`);
  const { items, listing } = await walkListing(wholeListing(connection, kind, traits, team), context);
  const found = items.some((item) => item.noun === "membership" && item.id === account);
  if (!found && listing.proof === null) throw unsettled(connection);
  return found;
}

/**
 * What an account owns of one kind, all of it; rows that say another owner are never among them. A listing of
 * several pages that shows nothing is read again: rows may have moved between its pages (safety C1).
 */
export async function listHoldings(
  connection: Connection,
  holding: string,
  owner: { readonly kind: string; readonly id: string },
  context: CallContext,
): Promise<readonly HoldingRecord[]> {
  const first = await walkHoldings(connection, holding, owner, context);
  if (first.found.length > 0 || first.pages === 1) return first.found;
  return (await walkHoldings(connection, holding, owner, context)).found;
}

/**
 * The first holdings of an account that are not among `tried`, at most `most`, read as late as can be: a hand-over sends
 * what it has just seen, so that nobody's change in between is overwritten.
 */
export async function nextHoldings(
  connection: Connection,
  holding: string,
  owner: { readonly kind: string; readonly id: string },
  wanted: { readonly tried: ReadonlySet<string>; readonly most: number },
  context: CallContext,
): Promise<{ readonly fresh: readonly HoldingRecord[]; readonly pages: number }> {
  const { tried, most } = wanted;
  const isEnough = (found: ReadonlyMap<string, HoldingRecord>): boolean =>
    [...found.keys()].filter((id) => !tried.has(id)).length >= most;
  const { found, pages } = await walkHoldings(connection, holding, owner, context, isEnough);
  return { fresh: found.filter((record) => !tried.has(record.id)).slice(0, most), pages };
}

async function walkHoldings(
  connection: Connection,
  holding: string,
  owner: { readonly kind: string; readonly id: string },
  context: CallContext,
  isEnough: (found: ReadonlyMap<string, HoldingRecord>) => boolean = () => false,
): Promise<{ readonly found: readonly HoldingRecord[]; readonly pages: number }> {
  const { connector } = connection;
  if (connector.holdings === undefined) {
    throw new AppError("unsupported", `${connection.name} cannot list ${holding} of an account`);
  }
  const found = new Map<string, HoldingRecord>();
  let cursor: Cursor | null = null;
  const pageSize = pageSizeOf(connection, holding);
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await connector.holdings({ holding, owner, cursor, pageSize }, context);
    for (const item of answer.items) {
      if (item.noun === "holding" && item.owner === owner.id) found.set(item.id, item);
    }
    if (answer.next === null || isEnough(found)) return { found: [...found.values()], pages: page };
    cursor = answer.next;
  }
  throw new AppError("bad_response", `${connection.name}: the listing of ${holding} does not end`);
}
