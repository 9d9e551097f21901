import type { Connection } from "../connector-kit/connection.ts";
import { present } from "../kernel/assert.ts";
import type { HoldingToCount } from "../planner/holdings.ts";
import type { HoldingCount } from "../planner/request.ts";
import { listHoldings } from "./apply/reads.ts";

/** Labels shown in a loss preview. */
const SAMPLE = 5;

/** Counts what leavers own, fresh from the app, so that a plan can say what would be lost and who gets it. */
export async function countHoldings(
  connections: ReadonlyMap<string, Connection>,
  wanted: readonly HoldingToCount[],
  signal: AbortSignal,
): Promise<readonly HoldingCount[]> {
  const counts: HoldingCount[] = [];
  for (const { account, holding } of wanted) {
    const connection = present(connections.get(account.connection), `the connection ${account.connection}`);
    const context = { signal, lane: "normal" as const, beforeSend: null };
    const held = await listHoldings(connection, holding, account, context);
    const sample = held.slice(0, SAMPLE).map((record) => record.label);
    counts.push({ account, holding, count: held.length, sample, complete: true });
  }
  return counts;
}
