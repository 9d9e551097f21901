import { parseIso, toIso } from "../kernel/dates.ts";
import { newId } from "../kernel/ids.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import { AppError, withContext } from "../kernel/errors.ts";
import type { Connection } from "../connector-kit/connection.ts";
import { MOST_PAGES, walkListing, wholeListing, type WalkPage } from "../connector-kit/walk.ts";
import type { KindTraits, Noun } from "../model/traits.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { ListedItems, Store } from "../store/port.ts";
import { findHidden } from "./hidden-accounts.ts";
import type { SyncEvent } from "./progress.ts";

export interface SyncDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onEvent: (event: SyncEvent) => void;
  /** Pages older than this are not gone on from. */
  readonly resumeAgeMs: number;
  /** Take it as it is when most of the accounts known before are not there any more. */
  readonly acceptLoss: boolean;
}

/** Nouns in the order in which they are read; holdings are counted only when a plan needs them. */
const READ_ORDER: readonly Noun[] = ["team", "role", "account", "invitation", "membership"];

/** Listings shorter than this are read anew after a crash: a whole listing with its proof is worth more than some pages. */
const FEWEST_PAGES_TO_RESUME = 10;

/**
 * Reads a connection whole and stores what it said as one snapshot. Each page is kept before the next is asked for, so
 * that a long walk goes on after a crash; its listing then proves nothing (safety A6). Throws what the app's answers mean;
 * then there is no snapshot, and the one before stays.
 */
export async function syncConnection(deps: SyncDeps, connection: Connection): Promise<Snapshot> {
  const startedMs = deps.clock.now();
  const walked: ListedItems[] = [];
  await dropUnusablePages(deps, connection);
  try {
    for (const noun of READ_ORDER) {
      for (const [kind, traits] of Object.entries(connection.traits.kinds)) {
        if (traits.noun !== noun) continue;
        for (const parent of parentsOf(traits, walked)) {
          const listed = await walkKept(deps, connection, kind, traits, parent);
          if (traits.noun === "account") await refuseStranger(deps, connection, kind, listed);
          walked.push(await findHidden(deps.store, connection, traits, listed, deps.signal));
        }
        walked.push(...(await endedParents(deps, connection, kind, traits, walked)));
      }
    }
  } catch (error) {
    throw withContext(error, `reading ${connection.name}`, { connection: connection.name });
  }
  const snapshot: Snapshot = {
    id: newId("snp", deps.clock, deps.random),
    connection: connection.name,
    startedAt: toIso(startedMs),
    endedAt: toIso(deps.clock.now()),
    listings: walked.map((one) => one.listing),
    complete: walked.every((one) => one.listing.proof !== null),
  };
  await deps.store.transaction(async (tables) => {
    await tables.snapshots.commit(snapshot, walked);
    await tables.walks.clear(connection.name);
  });
  const seconds = (deps.clock.now() - startedMs) / 1000;
  deps.onEvent({ type: "sync.done", app: connection.name, complete: snapshot.complete, seconds });
  return snapshot;
}

/** Fewer known accounts than this say nothing about whose they are. */
const FEWEST_KNOWN = 5;

/**
 * A credential of another vendor account answers well, with other people: when most of the accounts that were known are
 * not among those listed, by id and by address or name, nothing is stored and a human is asked.
 */
async function refuseStranger(
  deps: SyncDeps,
  connection: Connection,
  kind: string,
  listed: ListedItems,
): Promise<void> {
  const known = await deps.store.snapshots.current(connection.name, kind);
  if (deps.acceptLoss || known.length < FEWEST_KNOWN) return;
  const there = new Map(listed.items.map((item) => [item.id, item]));
  const kept = known.filter(({ observation }) => {
    const now = there.get(observation.id);
    if (now?.noun !== "account" || observation.noun !== "account") return false;
    return now.email === observation.email || now.displayName === observation.displayName;
  });
  if (kept.length * 2 >= known.length) return;
  const { name, appName } = connection;
  throw new AppError(
    "blocked",
    `${known.length - kept.length} of the ${known.length} accounts known in ${name} are not there any more: is this the same ${appName} account? Nothing was stored\n` +
      `Check the credential: tenure apps test ${name}. If it is meant: tenure sync ${name} --accept-loss`,
  );
}

/** Pages of different walks must never stand side by side: what nobody goes on from is dropped before a new walk begins. */
async function dropUnusablePages(deps: SyncDeps, connection: Connection): Promise<void> {
  for (const [kind, traits] of Object.entries(connection.traits.kinds)) {
    if (traits.per === null && (await keptPages(deps, connection.name, kind, null)).length > 0) return;
  }
  await deps.store.walks.clear(connection.name);
}

/** A kind is listed as a whole, or once inside each team or account that this walk has found. */
function parentsOf(traits: KindTraits, walked: readonly ListedItems[]): readonly (string | null)[] {
  if (traits.per === null) return [null];
  return walked.flatMap(({ items }) => items.filter((item) => item.noun === traits.per).map((item) => item.id));
}

/**
 * A team that a proven listing no longer has cannot be asked for its members any more: they are gone with it, by the
 * same proof.
 */
async function endedParents(
  deps: SyncDeps,
  connection: Connection,
  kind: string,
  traits: KindTraits,
  walked: readonly ListedItems[],
): Promise<readonly ListedItems[]> {
  const over = walked.filter(({ listing }) => connection.traits.kinds[listing.kind]?.noun === traits.per);
  const [first] = over;
  if (first === undefined || over.some(({ listing }) => listing.proof === null)) return [];
  const there = new Set(over.flatMap(({ items }) => items.map((item) => item.id)));
  const known = await deps.store.snapshots.current(connection.name, kind);
  const ended = new Set(known.flatMap(({ parent }) => (parent === null || there.has(parent) ? [] : [parent])));
  const { proof } = first.listing;
  return [...ended].map((parent) => ({
    listing: { kind, parent, count: 0, pages: 0, requests: 0, proof, warnings: [] },
    items: [],
  }));
}

async function walkKept(
  deps: SyncDeps,
  connection: Connection,
  kind: string,
  traits: KindTraits,
  parent: string | null,
): Promise<ListedItems> {
  const walk = connection.name;
  let seen = 0;
  const keep = async (page: WalkPage): Promise<void> => {
    seen += page.items.length;
    await deps.store.walks.put({ walk, kind, parent, ...page, readAt: toIso(deps.clock.now()) });
    deps.onEvent({ type: "sync.page", app: connection.name, kind, page: page.page, seen });
  };
  const context = { signal: deps.signal, lane: "poll" as const, beforeSend: null };
  const request = wholeListing(connection, kind, traits, parent);
  const resume = await keptPages(deps, walk, kind, parent);
  const result = await walkListing({ ...request, onPage: keep, resume, maxPages: MOST_PAGES }, context);
  return { listing: result.listing, items: result.items };
}

async function keptPages(
  deps: SyncDeps,
  walk: string,
  kind: string,
  parent: string | null,
): Promise<readonly WalkPage[]> {
  const pages = await deps.store.walks.pages(walk, kind, parent);
  const oldest = deps.clock.now() - deps.resumeAgeMs;
  const usable =
    pages.length >= FEWEST_PAGES_TO_RESUME &&
    pages.every((page, index) => page.page === index + 1 && (parseIso(page.readAt) ?? 0) >= oldest);
  return usable ? pages : [];
}
