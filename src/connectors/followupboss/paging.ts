import type { ListRequest, Page } from "../../connector-kit/contract.ts";
import { decodeCursor, encodeCursor, type Cursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Query } from "./client.ts";
import type { WireMetadata } from "./wire.ts";

/** Where a page begins: at an offset, or behind the vendor's own pointer (profile `vendor`, FUB-D7). */
interface Place {
  readonly limit: number;
  readonly offset: number;
  readonly pointer: string | null;
}

const LARGEST_PAGE = 100;

/** FUB-48: at most 100, always said. */
export function placeOf(request: Pick<ListRequest, "cursor" | "pageSize">): Place {
  const limit = Math.min(Math.max(1, request.pageSize), LARGEST_PAGE);
  if (request.cursor === null) return { limit, offset: 0, pointer: null };
  const { offset, pointer } = decodeCursor(request.cursor);
  if (typeof offset !== "number" || !Number.isSafeInteger(offset) || offset < 0) {
    throw new AppError("bad_input", "this cursor is not one of ours: start the listing again");
  }
  return { limit, offset, pointer: typeof pointer === "string" ? pointer : null };
}

export function pageQuery(place: Place): Query {
  if (place.pointer !== null) return { limit: place.limit, next: place.pointer };
  return { limit: place.limit, offset: place.offset };
}

/**
 * Where the listing goes on. By offset: after the rows that came, never after those that were asked for, so that a page
 * that the app cut short loses none (safety C4); the end is where `total` is used up and nothing contradicts it.
 */
export function pageEnd(
  place: Place,
  metadata: WireMetadata,
  received: number,
  keyset: boolean,
): Pick<Page, "next" | "total" | "warnings"> {
  const { total } = metadata;
  const end = place.offset + received;
  const goOn = (pointer: string | null): Cursor =>
    encodeCursor(pointer === null ? { offset: end } : { offset: end, pointer });
  if (keyset) {
    const pointer = metadata.next ?? null;
    if (pointer !== null && pointer === place.pointer) {
      throw new AppError(
        "bad_response",
        "Follow Up Boss gave the pointer to a page in that same page: the listing would never end",
      );
    }
    return { total, next: pointer === null || pointer === "" ? null : goOn(pointer), warnings: [] };
  }
  if (metadata.offset !== place.offset) {
    throw new AppError(
      "bad_response",
      `Follow Up Boss was asked for the rows from ${place.offset} and answered with those from ${metadata.offset}`,
    );
  }
  if (received === 0) {
    const short = end < total ? [`the listing says ${total} in all, but there is nothing after ${end}`] : [];
    return { total, next: null, warnings: short };
  }
  if (end < total) return { total, next: goOn(null), warnings: [] };
  if (end === total) return { total, next: null, warnings: [] };
  const over = [`the listing says ${total} in all, but shows at least ${end}`];
  // A full page beyond the total: the total is wrong, and there may be more.
  return { total, next: received >= metadata.limit ? goOn(null) : null, warnings: over };
}
