import type { EmulatorRequest, EmulatorResponse, PageDialect } from "../../../emulator-kit/contract.ts";
import { json } from "../../../emulator-kit/contract.ts";
import { sha256Hex } from "../../../kernel/hash.ts";
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "../../../kernel/json.ts";
import { badRequest, type Reading } from "./answers.ts";
import type { FrontCall } from "./entities.ts";
import { linkBase } from "./render.ts";

/** FRONT-46. */
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;

/** Where a page ended. The row after it and its number find the place again when the last row has gone meanwhile. */
interface PageMark {
  readonly last: string;
  readonly following: string;
  readonly place: number;
  readonly limit: number;
}

const SEAL_LENGTH = 12;

/** A token is opaque, and good for the company and the listing that gave it out alone. */
function seal(call: FrontCall, payload: string): string {
  return sha256Hex(`${call.account} ${call.request.path} ${payload}`).slice(0, SEAL_LENGTH);
}

function writeToken(call: FrontCall, mark: PageMark): string {
  const payload = Buffer.from(JSON.stringify(mark), "utf8").toString("base64url");
  return `${payload}${seal(call, payload)}`;
}

/** What a token says, whoever gave it out; null when it is no token. */
function decodeToken(token: string): PageMark | null {
  const text = Buffer.from(token.slice(0, -SEAL_LENGTH), "base64url").toString("utf8");
  if (!/^\{"last":.*\}$/.test(text)) return null;
  const mark = parseJson(text);
  if (!isJsonObject(mark)) return null;
  const { last, following, place, limit } = mark;
  if (typeof last !== "string" || typeof following !== "string") return null;
  return typeof place === "number" && typeof limit === "number" ? { last, following, place, limit } : null;
}

function readToken(call: FrontCall, token: string): PageMark | null {
  return token.slice(-SEAL_LENGTH) === seal(call, token.slice(0, -SEAL_LENGTH)) ? decodeToken(token) : null;
}

interface PageRequest {
  readonly limit: number;
  readonly mark: PageMark | null;
}

/** FRONT-A6: what is out of range is refused in strict mode and put right otherwise. */
function readPageRequest(call: FrontCall): Reading<PageRequest> {
  const { query } = call.request;
  const { strict, invalidOffset } = call.options;
  const details: string[] = [];
  if (strict && invalidOffset === "400") {
    for (const name of ["offset", "page"]) {
      if (query.has(name)) details.push(`query.${name}: paging by offset is not supported, use page_token`);
    }
  }
  const token = query.get("page_token");
  const mark = token === null ? null : readToken(call, token);
  if (strict && token !== null && mark === null) details.push("query.page_token: is not valid");
  const asked = query.get("limit");
  const limit = asked === null ? (mark?.limit ?? DEFAULT_LIMIT) : Number(asked);
  const allowed = Number.isSafeInteger(limit) && limit >= 1 && limit <= MAX_LIMIT && asked !== "";
  if (strict && !allowed) details.push(`query.limit: must be a whole number from 1 to ${MAX_LIMIT}`);
  if (details.length > 0) return { ok: false, details };
  const size = allowed ? limit : limit > MAX_LIMIT ? MAX_LIMIT : DEFAULT_LIMIT;
  return { ok: true, value: { limit: size, mark } };
}

function startAfter(rows: readonly { readonly id: string }[], mark: PageMark): number {
  const last = rows.findIndex((row) => row.id === mark.last);
  if (last !== -1) return last + 1;
  const following = rows.findIndex((row) => row.id === mark.following);
  return following === -1 ? Math.max(0, mark.place - 1) : following;
}

/** One page of rows in the guide's form (FRONT-24); `next` is null at the end. */
export function answerPage<T extends { readonly id: string }>(
  call: FrontCall,
  rows: readonly T[],
  view: (row: T) => JsonObject,
): EmulatorResponse {
  const request = readPageRequest(call);
  if (!request.ok) return badRequest(request.details);
  const { limit, mark } = request.value;
  const start = mark === null ? 0 : startAfter(rows, mark);
  const page = rows.slice(start, start + limit);
  const [last, following] = [page.at(-1), rows[start + limit]];
  const next =
    last === undefined || following === undefined
      ? null
      : nextUrl(call, writeToken(call, { last: last.id, following: following.id, place: start + limit, limit }));
  return json(200, { _pagination: { next }, _results: page.map(view) });
}

function nextUrl(call: FrontCall, token: string): string {
  return `${linkBase(call)}${call.request.path}?page_token=${token}`;
}

function rowsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter((row) => isJsonObject(row)) : [];
}

function withQuery(request: EmulatorRequest, change: (query: URLSearchParams) => void): EmulatorRequest {
  const query = new URLSearchParams(request.query);
  change(query);
  return { ...request, query };
}

const SCIM_USERS = "/scim/v2/Users";

/** FRONT-24 and the list response of SCIM, for the kit's faults. */
export const PAGES: PageDialect = {
  listing(request) {
    if (request.method !== "GET") return null;
    if (request.path === "/teammates" || request.path === SCIM_USERS) return "teammates";
    if (request.path === "/teams") return "teams";
    return /^\/teams\/[^/]+\/teammates$/.test(request.path) ? "teammates" : null;
  },
  read(body) {
    if (body["Resources"] !== undefined) {
      const total = body["totalResults"];
      return { rows: rowsOf(body["Resources"]), total: typeof total === "number" ? total : null, next: null };
    }
    const pagination = body["_pagination"];
    const next = isJsonObject(pagination) ? pagination["next"] : null;
    return { rows: rowsOf(body["_results"]), total: null, next: typeof next === "string" ? next : null };
  },
  write(body, change) {
    if (body["Resources"] !== undefined) {
      const total = change.total === undefined ? {} : { totalResults: change.total };
      const rows = change.rows === undefined ? {} : { Resources: change.rows, itemsPerPage: change.rows.length };
      return { ...body, ...rows, ...total };
    }
    const next = change.next === undefined ? {} : { _pagination: { next: change.next } };
    return { ...body, ...(change.rows === undefined ? {} : { _results: change.rows }), ...next };
  },
  resize: (request, size) =>
    withQuery(request, (query) => query.set(request.path === SCIM_USERS ? "count" : "limit", String(size))),
  rewind: (request) =>
    withQuery(request, (query) => {
      const mark = decodeToken(query.get("page_token") ?? "");
      if (mark !== null && !query.has("limit")) query.set("limit", String(mark.limit));
      query.delete("page_token");
      query.delete("startIndex");
    }),
  isLater: (request) => request.query.has("page_token") || Number(request.query.get("startIndex") ?? "1") > 1,
};
