import { toIso } from "../kernel/dates.ts";
import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { EmulatorRequest } from "./contract.ts";
import type { JournalEntry } from "./running.ts";

/** How many entries are kept; older ones fall out. */
const MOST_ENTRIES = 50_000;
/** Longer bodies are kept as their length. */
const LONGEST_BODY = 64 * 1024;

/** Every request that reached the emulator, and what became of it. */
export interface Journal {
  add(entry: {
    readonly at: number;
    readonly request: EmulatorRequest;
    readonly credential: JournalEntry["credential"];
    readonly status: number | null;
    readonly effect: JournalEntry["effect"];
    readonly fault: string | null;
  }): void;
  /** Entries with a greater `seq`. */
  since(seq: number): readonly JournalEntry[];
  /** Forgets the entries; the numbers go on. */
  clear(): void;
}

export function createJournal(app: string, nextSeq: () => number = countUp()): Journal {
  let entries: JournalEntry[] = [];
  return {
    add({ at, request, credential, status, effect, fault }) {
      entries.push({
        seq: nextSeq(),
        at: toIso(at),
        app,
        method: request.method,
        path: request.path,
        query: queryObject(request.query),
        body: bodyOf(request),
        credential,
        status,
        effect,
        ...(fault === null ? {} : { fault }),
      });
      if (entries.length > MOST_ENTRIES) entries = entries.slice(MOST_ENTRIES / 2);
    },
    since: (after) => entries.filter((entry) => entry.seq > after),
    clear() {
      entries = [];
    },
  };
}

/** 1, 2, 3 … */
export function countUp(): () => number {
  let last = 0;
  return () => (last += 1);
}

function queryObject(query: URLSearchParams): JsonObject {
  const names = new Set(query.keys());
  return Object.fromEntries(
    Array.from(names, (name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

function bodyOf(request: EmulatorRequest): JsonValue {
  if (request.text.length > LONGEST_BODY) return `${request.text.length} characters`;
  return request.bodyState === "malformed" ? request.text : request.body;
}
