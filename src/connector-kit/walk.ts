import { canonicalEmail } from "../kernel/email.ts";
import { AppError } from "../kernel/errors.ts";
import { canceled } from "../kernel/clock.ts";
import type { Cursor } from "../kernel/cursor.ts";
import type { AccountRecord, Observation } from "../model/account.ts";
import type { Listing, ProofOfCompleteness } from "../model/snapshot.ts";
import type { KindTraits, ListProof, Traits } from "../model/traits.ts";
import type { CallContext } from "../transport/contract.ts";
import type { Connector, Page } from "./contract.ts";

/** One page of a walk, as it is handed out to be kept, and given back to go on from. */
export interface WalkPage extends Page {
  /** 1, 2, 3 … of the first walk. */
  readonly page: number;
}

export interface WalkRequest {
  readonly list: Connector["list"];
  readonly kind: string;
  readonly parent: string | null;
  readonly proof: ListProof;
  readonly pageSize: number;
  /** Called with each page of the first walk, in order, before the next one is asked for: the checkpoint. */
  readonly onPage: ((page: WalkPage) => Promise<void>) | null;
  /** Pages kept by an interrupted walk, in order. A walk that was resumed is no proof of anything (safety A6). */
  readonly resume: readonly WalkPage[];
  /** Beyond so many pages a listing does not end: the walk fails. */
  readonly maxPages: number;
}

export interface WalkResult {
  /** Each id once, in the order of its first appearance. */
  readonly items: readonly Observation[];
  readonly listing: Listing;
}

/** A repeat shows the whole listing again; more than this and it moves too fast to be seen whole (FUB-A9). */
const MOST_REPEATS = 3;
/** Pages in a row that point on and show nothing new: empty ones, or the same rows again. */
const MOST_IDLE_PAGES = 5;

/** One pass over a listing. */
interface Pass {
  readonly items: ReadonlyMap<string, Observation>;
  readonly pages: number;
  readonly requests: number;
  readonly warnings: readonly string[];
  /** What shows that rows came, went or moved during the pass; empty when nothing does. */
  readonly moved: readonly string[];
}

/** Identity inside a listing: a membership is one for each team. */
function identityOf(item: Observation): string {
  return item.noun === "membership" ? `${item.team}/${item.id}` : item.id;
}

function wordsOf(request: WalkRequest): string {
  return request.parent === null ? request.kind : `${request.kind} of ${request.parent}`;
}

async function fetchPages(
  request: WalkRequest,
  kept: readonly WalkPage[],
  onPage: WalkRequest["onPage"],
  context: CallContext,
): Promise<{ readonly pages: readonly WalkPage[]; readonly requests: number }> {
  const pages = [...kept];
  const cursors = new Set<Cursor>();
  const ids = new Set<string>();
  let cursor: Cursor | null = null;
  let idle = 0;
  for (const page of kept) {
    if (page.next !== null) cursors.add(page.next);
    for (const item of page.items) ids.add(identityOf(item));
    cursor = page.next;
  }
  let requests = 0;
  for (let goOn = kept.length === 0 || cursor !== null; goOn; goOn = cursor !== null) {
    if (context.signal.aborted) throw canceled(context.signal.reason);
    if (pages.length >= request.maxPages) {
      throw new AppError(
        "bad_response",
        `the listing of ${wordsOf(request)} does not end within ${request.maxPages} pages`,
      );
    }
    const { kind, parent, pageSize } = request;
    const answer: Page = await request.list({ kind, parent, cursor, pageSize }, context);
    requests += 1;
    if (answer.next !== null && cursors.has(answer.next)) {
      throw new AppError(
        "bad_response",
        `the listing of ${wordsOf(request)} goes in a circle: page ${pages.length + 1} points back`,
      );
    }
    const known = ids.size;
    for (const item of answer.items) ids.add(identityOf(item));
    idle = ids.size > known ? 0 : idle + 1;
    if (answer.next !== null && idle >= MOST_IDLE_PAGES) {
      throw new AppError(
        "bad_response",
        `the listing of ${wordsOf(request)} shows nothing new in ${idle} pages and still points on`,
      );
    }
    const page: WalkPage = { ...answer, page: pages.length + 1 };
    pages.push(page);
    if (onPage !== null) await onPage(page);
    if (answer.next !== null) cursors.add(answer.next);
    cursor = answer.next;
  }
  return { pages, requests };
}

/** Signs that rows came, went or moved while the pages were read. The vendor's total is an alarm here, never a proof (safety C2). */
function signsOfMovement(pages: readonly WalkPage[], rows: number, distinct: number): readonly string[] {
  const signs: string[] = [];
  if (distinct < rows) signs.push(`${rows - distinct} rows were listed twice`);
  const totals = pages.flatMap((page) => (page.total === null ? [] : [page.total]));
  const [first, last] = [totals[0], totals.at(-1)];
  if (first === undefined || last === undefined) return signs;
  if (first !== last) signs.push(`the total changed from ${first} to ${last}`);
  else if (last !== distinct) signs.push(`the total says ${last}, but ${distinct} were listed`);
  return signs;
}

async function pass(
  request: WalkRequest,
  kept: readonly WalkPage[],
  onPage: WalkRequest["onPage"],
  context: CallContext,
): Promise<Pass> {
  const { pages, requests } = await fetchPages(request, kept, onPage, context);
  const items = new Map<string, Observation>();
  let rows = 0;
  for (const page of pages) {
    for (const item of page.items) {
      rows += 1;
      if (!items.has(identityOf(item))) items.set(identityOf(item), item);
    }
  }
  const warnings = [...new Set(pages.flatMap((page) => page.warnings))];
  // Rows that the connector left out were counted by the vendor: then its total says nothing here.
  const moved = warnings.length > 0 ? [] : signsOfMovement(pages, rows, items.size);
  return { items, pages: pages.length, requests, warnings, moved };
}

function isSame(one: Pass, other: Pass): boolean {
  return one.items.size === other.items.size && [...one.items.keys()].every((id) => other.items.has(id));
}

interface Proven {
  readonly pass: Pass;
  readonly requests: number;
  readonly proof: ProofOfCompleteness | null;
  readonly warnings: readonly string[];
}

/** Offset paging skips rows when others go: only two passes in a row that show the same are believed (safety C1). */
async function repeatUntilSame(request: WalkRequest, first: Pass, context: CallContext): Promise<Proven> {
  let last = first;
  let { requests } = first;
  for (let repeat = 1; repeat <= MOST_REPEATS; repeat += 1) {
    const next = await pass(request, [], null, context);
    requests += next.requests;
    if (next.warnings.length > 0) return { pass: next, requests, proof: null, warnings: next.warnings };
    const settled = last.moved.length === 0 && next.moved.length === 0 && isSame(last, next);
    if (settled) return { pass: next, requests, proof: { method: "two-walks", walks: repeat + 1 }, warnings: [] };
    last = next;
  }
  const warnings = [
    `the listing of ${wordsOf(request)} kept changing: ${MOST_REPEATS + 1} walks, no two alike`,
    ...last.moved,
  ];
  return { pass: last, requests, proof: null, warnings };
}

async function prove(request: WalkRequest, first: Pass, context: CallContext): Promise<Proven> {
  const { requests } = first;
  const without = (warnings: readonly string[]): Proven => ({ pass: first, requests, proof: null, warnings });
  if (request.resume.length > 0) {
    return without([
      ...first.warnings,
      `the listing of ${wordsOf(request)} was interrupted and resumed: it proves nothing`,
    ]);
  }
  if (first.warnings.length > 0) return without(first.warnings);
  // One page is one answer: nothing can move inside it.
  if (first.pages === 1 && first.moved.length === 0) {
    return { pass: first, requests, proof: { method: "single-page" }, warnings: [] };
  }
  if (request.proof === "two-walks") return repeatUntilSame(request, first, context);
  if (first.moved.length > 0) return without(first.moved);
  return { pass: first, requests, proof: { method: "cursor-end", pages: first.pages }, warnings: [] };
}

/**
 * Reads a listing to its end, page by page, and says whether it can be believed to be whole. Throws what the connector
 * throws, and `bad_response` for a listing that goes in a circle or does not end: then there is no listing at all, which
 * is another thing than an empty one (safety A2).
 */
export async function walkListing(request: WalkRequest, context: CallContext): Promise<WalkResult> {
  const first = await pass(request, request.resume, request.onPage, context);
  const { pass: last, requests, proof, warnings } = await prove(request, first, context);
  const items = [...last.items.values()];
  const { kind, parent } = request;
  return { items, listing: { kind, parent, count: items.length, pages: last.pages, requests, proof, warnings } };
}

/** What is known of an address in an app. */
export interface EmailSearch {
  readonly records: readonly AccountRecord[];
  /** Every listing that was walked is proven to be whole, so that finding nothing means something. */
  readonly complete: boolean;
}

/** The accounts that have this address, each row checked again: by the app's own filter where there is one, else by reading all. */
export async function findByEmail(
  app: { readonly connector: Connector; readonly traits: Traits; readonly pageSize: number },
  email: string,
  context: CallContext,
): Promise<EmailSearch> {
  const key = canonicalEmail(email);
  if (key === null) throw new AppError("bad_input", "this is no e-mail address");
  const has = (record: AccountRecord): boolean => record.email !== null && canonicalEmail(record.email) === key;
  if (app.connector.find !== undefined) {
    return { records: (await app.connector.find(email, context)).filter(has), complete: true };
  }
  const records: AccountRecord[] = [];
  let complete = true;
  for (const [kind, traits] of Object.entries(app.traits.kinds)) {
    if (traits.noun !== "account") continue;
    const { items, listing } = await walkListing(wholeListing(app, kind, traits), context);
    records.push(...items.filter((item) => item.noun === "account").filter(has));
    complete &&= listing.proof !== null;
  }
  return { records, complete };
}

/** More pages than any listing of a vendor has: beyond it the pointer goes in circles. */
export const MOST_PAGES = 20_000;

/** A walk over a whole kind with nothing kept and nothing to resume. */
export function wholeListing(
  app: { readonly connector: Connector; readonly pageSize: number },
  kind: string,
  traits: KindTraits,
  parent: string | null = null,
): WalkRequest {
  return {
    list: app.connector.list,
    kind,
    parent,
    proof: traits.proof,
    pageSize: Math.min(app.pageSize, traits.maxPageSize),
    onPage: null,
    resume: [],
    maxPages: MOST_PAGES,
  };
}
