import { AppError } from "../kernel/errors.ts";
import { present } from "../kernel/assert.ts";
import type { Connection } from "../connector-kit/connection.ts";
import { walkListing, wholeListing } from "../connector-kit/walk.ts";
import type { HoldingToCount } from "../planner/holdings.ts";
import type { HoldingCount } from "../planner/request.ts";

/** Labels shown in a loss preview. */
const SAMPLE = 5;

/**
 * Counts what leavers own, fresh from the app and with proof, so that a plan can say what would be lost and who gets it.
 * A row that says another owner is not counted.
 */
export async function countHoldings(
  connections: ReadonlyMap<string, Connection>,
  wanted: readonly HoldingToCount[],
  signal: AbortSignal,
): Promise<readonly HoldingCount[]> {
  const counts: HoldingCount[] = [];
  for (const one of wanted) {
    const connection = present(connections.get(one.account.connection), `the connection ${one.account.connection}`);
    counts.push(await countOne(connection, one, signal));
  }
  return counts;
}

async function countOne(connection: Connection, wanted: HoldingToCount, signal: AbortSignal): Promise<HoldingCount> {
  const { account, holding } = wanted;
  const { holdings } = connection.connector;
  if (holdings === undefined)
    throw new AppError("unsupported", `${connection.name} cannot list ${holding} of an account`);
  const traits = present(connection.traits.kinds[holding], `the kind ${holding}`);
  const { items, listing } = await walkListing(
    {
      ...wholeListing(connection, holding, traits, account.id),
      list: ({ cursor, pageSize }, context) => holdings({ holding, owner: account, cursor, pageSize }, context),
    },
    { signal, lane: "normal", beforeSend: null },
  );
  const held = items.filter((item) => item.noun === "holding").filter((item) => item.owner === account.id);
  const sample = held.slice(0, SAMPLE).map((record) => record.label);
  return { account, holding, count: held.length, sample, complete: listing.proof !== null };
}
