import type { ListRequest } from "../../connector-kit/contract.ts";
import { decodeCursor, encodeCursor, type Cursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";

const LARGEST_PAGE = 100;

/** FRONT-46: at most 100, by pointer alone; an offset is never sent. */
export function pageQuery(
  request: Pick<ListRequest, "cursor" | "pageSize">,
): Readonly<Record<string, string | number>> {
  const limit = Math.min(Math.max(1, request.pageSize), LARGEST_PAGE);
  const token = tokenOf(request.cursor);
  return token === null ? { limit } : { limit, page_token: token };
}

function tokenOf(cursor: Cursor | null): string | null {
  if (cursor === null) return null;
  const { token } = decodeCursor(cursor);
  if (typeof token === "string" && token !== "") return token;
  throw new AppError("bad_input", "this cursor is not one of ours: start the listing again");
}

/** Hosts that Front itself puts into its links (FRONT-D12). */
function isFrontHost(url: URL): boolean {
  return (
    url.protocol === "https:" && (url.hostname === "api2.frontapp.com" || url.hostname.endsWith(".api.frontapp.com"))
  );
}

/**
 * The cursor of the next page. Of the link only the token is used, in a call to our own base URL, so that the credential
 * goes nowhere else; a link that leads out of Front, or to another listing, ends the walk.
 */
export function nextCursor(
  next: string | null | undefined,
  request: Pick<ListRequest, "cursor">,
  place: { readonly baseUrl: string; readonly path: string },
): Cursor | null {
  if (next === null || next === undefined || next === "") return null;
  if (!URL.canParse(next)) throw new AppError("bad_response", "Front's link to the next page is no link");
  const link = new URL(next);
  const own = new URL(place.baseUrl);
  if ((link.origin !== own.origin && !isFrontHost(link)) || link.username !== "" || link.password !== "") {
    throw new AppError("bad_response", `Front's link to the next page leads to ${link.origin}: it is not followed`);
  }
  const base = link.origin === own.origin ? own.pathname.replace(/\/+$/, "") : "";
  if (link.pathname !== `${base}${place.path}`) {
    throw new AppError("bad_response", "Front's link to the next page leads to another listing: it is not followed");
  }
  const token = link.searchParams.get("page_token");
  if (token === null || token === "")
    throw new AppError("bad_response", "Front's link to the next page has no page_token");
  if (token === tokenOf(request.cursor)) {
    throw new AppError(
      "bad_response",
      "Front gave the pointer to a page in that same page: the listing would never end",
    );
  }
  return encodeCursor({ token });
}
