import type { Connection } from "../connector-kit/connection.ts";
import type { KindTraits } from "../model/traits.ts";
import type { ListedItems, Tables } from "../store/port.ts";

/** More accounts than this do not go quietly: the listing is then not believed, and nobody is asked about. */
const MOST_ASKED = 500;

/**
 * Some apps leave deactivated accounts out of their list, so that not being in it proves nothing (FUB-26): accounts that
 * were there before and are missing now are read by id, one request each (FUB-30). What is found belongs to the listing
 * after all; only what the app itself says is not there has gone. Costs nothing while nobody is missing.
 */
export async function findHidden(
  tables: Pick<Tables, "snapshots">,
  connection: Connection,
  traits: KindTraits,
  listed: ListedItems,
  signal: AbortSignal,
): Promise<ListedItems> {
  const { listing, items } = listed;
  if (!traits.hidesInactive || listing.parent !== null || listing.proof === null) return listed;
  const seen = new Set(items.map((item) => item.id));
  const known = await tables.snapshots.current(connection.name, listing.kind);
  const missing = known.map(({ observation }) => observation.id).filter((id) => !seen.has(id));
  if (missing.length === 0) return listed;
  if (missing.length > MOST_ASKED) {
    const warning = `${missing.length} ${traits.many} are missing from the list at once: not believed`;
    return { items, listing: { ...listing, proof: null, warnings: [...listing.warnings, warning] } };
  }
  const found = [];
  for (const id of missing) {
    const record = await connection.connector.get(
      { kind: listing.kind, id },
      { signal, lane: "poll", beforeSend: null },
    );
    if (record !== null) found.push(record);
  }
  return {
    items: [...items, ...found],
    listing: {
      ...listing,
      count: listing.count + found.length,
      requests: listing.requests + missing.length,
    },
  };
}
