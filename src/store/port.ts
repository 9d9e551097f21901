import type { Cursor } from "../kernel/cursor.ts";
import type { EmailKey } from "../kernel/email.ts";
import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { AccountRef, Observation } from "../model/account.ts";
import type { Finding } from "../model/finding.ts";
import type { Link, LinkState } from "../model/link.ts";
import type { Person } from "../model/person.ts";
import type { Plan } from "../model/plan.ts";
import type { JournalEntry, Run, RunStatus, StepState } from "../model/run.ts";
import type { Listing, Snapshot } from "../model/snapshot.ts";
import type { BudgetLedger } from "../transport/contract.ts";

/**
 * The database of one deployment. Each call outside `transaction` commits by itself; what `transaction` does commits
 * together or not at all, durable (fsynced) when it resolves, one writer at a time on the embedded store.
 * Errors: `storage` (disk full, I/O error, lost server: nothing was written), `busy` (the data directory belongs to
 * another process; the message names it).
 */
export interface Store extends Tables {
  readonly kind: "embedded" | "server";
  /**
   * Only the given tables may be used inside: calling the store itself there is an `internal` error, not a deadlock. An
   * error of one statement fails the whole, also when it was caught. `work` waits for nothing outside, as other writers
   * wait for it, and may be run again after a deadlock on the server.
   */
  transaction<T>(work: (tables: Tables) => Promise<T>): Promise<T>;
  /** Shared by all processes on the same database. */
  readonly budgets: BudgetLedger;
  close(): Promise<void>;
}

export interface Tables {
  readonly people: PeopleTable;
  readonly imports: ImportTable;
  readonly walks: WalkTable;
  readonly snapshots: SnapshotTable;
  readonly links: LinkTable;
  readonly findings: FindingTable;
  readonly plans: PlanTable;
  readonly runs: RunTable;
  readonly journal: JournalTable;
  readonly leases: LeaseTable;
  readonly connections: ConnectionTable;
  readonly audit: AuditTable;
  readonly outbox: OutboxTable;
}

export interface PeopleTable {
  /** Writes those that are new or differ; gives how many were written. An unchanged roster writes nothing. */
  upsert(people: readonly Person[]): Promise<number>;
  all(): Promise<readonly Person[]>;
  /** Of one source, by its keys. */
  bySource(source: string): Promise<ReadonlyMap<string, Person>>;
  get(id: string): Promise<Person | null>;
  /** Whose main address it is; aliases are not searched. */
  byEmail(key: EmailKey): Promise<readonly Person[]>;
}

export interface ImportRecord {
  readonly id: string;
  readonly source: string;
  readonly file: string;
  /** SHA-256 of the file. */
  readonly sha256: string;
  readonly importedAt: string;
  readonly actor: string;
  readonly rows: number;
  /** People by class, for the shrink guard: `{"all": 84, "workerType:contractor": 6}`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Counts of the import before, so that a shrink stays visible until someone accepts it. */
  readonly previous: Readonly<Record<string, number>> | null;
  readonly added: number;
  readonly changed: number;
  /** People that the file no longer lists: review items. */
  readonly vanished: number;
}

export interface ImportTable {
  add(record: ImportRecord): Promise<void>;
  latest(source: string): Promise<ImportRecord | null>;
  all(): Promise<readonly ImportRecord[]>;
}

/** Pages of a walk under way, so that a crash resumes at a page. */
export interface StagedPage {
  readonly walk: string;
  readonly kind: string;
  readonly parent: string | null;
  /** 1, 2, 3 … */
  readonly page: number;
  readonly items: readonly Observation[];
  /** Null: this was the last page. */
  readonly next: Cursor | null;
  readonly total: number | null;
  readonly warnings: readonly string[];
  /** ISO 8601: an old page is not gone on from. */
  readonly readAt: string;
}

export interface WalkTable {
  put(page: StagedPage): Promise<void>;
  pages(walk: string, kind: string, parent: string | null): Promise<readonly StagedPage[]>;
  clear(walk: string): Promise<void>;
}

/** An observation with the span of snapshots in which it was so. */
export interface StoredObservation {
  readonly observation: Observation;
  /** Team or account inside which it was listed, or null. */
  readonly parent: string | null;
  /** Snapshot that first showed it like this. */
  readonly since: string;
  /** First snapshot whose complete listing no longer had it; null while it is there. */
  readonly goneIn: string | null;
  /** First incomplete listing that did not show it: no proof of anything. */
  readonly unseenIn: string | null;
}

export interface ListedItems {
  readonly listing: Listing;
  readonly items: readonly Observation[];
}

export interface SnapshotTable {
  /**
   * Stores a snapshot. Rows that did not change are not written again, whatever the order of their fields. A row that a
   * listing with proof lacks is closed (`goneIn`); one that a listing without proof lacks is only marked (`unseenIn`).
   * Kinds and parents that are not listed stay as they are: for a parent that is gone, give an empty listing with proof.
   */
  commit(snapshot: Snapshot, items: readonly ListedItems[]): Promise<{ readonly written: number }>;
  latest(connection: string): Promise<Snapshot | null>;
  get(id: string): Promise<Snapshot | null>;
  /** What is there now (`goneIn` null) for the connection; all kinds or one. */
  current(connection: string, kind?: string): Promise<readonly StoredObservation[]>;
  /** What has gone, newest first, at most `limit`. */
  gone(connection: string, limit: number): Promise<readonly StoredObservation[]>;
  /** Replaces one row after a read by id (read-back, verification): a null observation marks it gone, `snapshot` being the proof. */
  observe(row: ObservedRow): Promise<void>;
}

/** One row as a single read showed it. */
export interface ObservedRow {
  readonly connection: string;
  /** Latest snapshot of the connection, for the span. */
  readonly snapshot: string;
  readonly kind: string;
  /** Team of a membership; null for kinds that are listed as a whole. */
  readonly parent: string | null;
  readonly id: string;
  readonly observation: Observation | null;
}

export interface LinkTable {
  put(link: Link): Promise<void>;
  all(connection?: string): Promise<readonly Link[]>;
  get(id: string): Promise<Link | null>;
  /** The confirmed link of an account. */
  confirmed(account: AccountRef): Promise<Link | null>;
  byPerson(person: string): Promise<readonly Link[]>;
  /** Changes the state; `conflict` when the account already has another confirmed link. */
  decide(id: string, state: LinkState, by: string, at: string): Promise<void>;
}

export type StoredFinding = Finding & {
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  /** When a check no longer showed it; null while it is open. */
  readonly closedAt: string | null;
};

export interface FindingTable {
  /** Replaces the open findings of these connections: new ones get a first-seen time, others keep theirs, the rest close. */
  replace(findings: readonly Finding[], connections: readonly string[], at: string): Promise<void>;
  open(): Promise<readonly StoredFinding[]>;
  get(id: string): Promise<StoredFinding | null>;
}

export interface PlanTable {
  /** Stores a plan under the next number. */
  add(plan: Omit<Plan, "number">): Promise<Plan>;
  /** By id, by number or by label: `pln_…`, `42`, `PL-42`. */
  find(reference: string): Promise<Plan | null>;
  /** Newest first. */
  recent(limit: number): Promise<readonly Plan[]>;
}

export interface RunTable {
  add(run: Omit<Run, "number">): Promise<Run>;
  /** By id, number or label: `run_…`, `42`, `RN-42`. */
  find(reference: string): Promise<Run | null>;
  recent(limit: number): Promise<readonly Run[]>;
  byPlan(plan: string): Promise<readonly Run[]>;
  setStatus(id: string, status: RunStatus, endedAt: string | null): Promise<void>;
  /** Names that have said yes to this run (`--approve-as`, sandbox only). */
  setApprovers(id: string, names: readonly string[]): Promise<void>;
}

export interface JournalTable {
  get(run: string, step: string): Promise<JournalEntry | null>;
  all(run: string): Promise<readonly JournalEntry[]>;
  /**
   * Writes the entry. With a lease, only while that lease still has its epoch: else `fenced`, and nothing is written.
   * A settled state (`isSettled`) is never left again: `conflict`.
   */
  put(entry: JournalEntry, lease: LeaseHandle | null): Promise<void>;
  byState(state: StepState, limit: number): Promise<readonly JournalEntry[]>;
  /** Effects of destructive steps, for brakes over a rolling window. */
  finishedSince(at: string): Promise<readonly JournalEntry[]>;
}

/** Work ownership: a row that expires, not a session lock (safety F9). One writer an account. */
export interface LeaseHandle {
  readonly key: string;
  readonly holder: string;
  /** Grows with each taking; older epochs can no longer write. */
  readonly epoch: number;
  readonly expiresAtMs: number;
}

export interface LeaseTable {
  /** Null while another holder's lease runs. The same holder gets a new epoch. */
  take(key: string, holder: string, ttlMs: number, nowMs: number): Promise<LeaseHandle | null>;
  /** Null when it was lost. */
  renew(lease: LeaseHandle, ttlMs: number, nowMs: number): Promise<LeaseHandle | null>;
  release(lease: LeaseHandle): Promise<void>;
}

/** What we learnt of a connection and keep: switched-off verbs, owner of the key, last health. */
export interface ConnectionState {
  readonly connection: string;
  /** Verbs that answered 404/405 on an approved write, with the reason. */
  readonly off: Readonly<Record<string, string>>;
  readonly keyOwner: string | null;
  readonly health: JsonObject | null;
  readonly updatedAt: string;
}

export interface ConnectionTable {
  get(connection: string): Promise<ConnectionState | null>;
  put(state: ConnectionState): Promise<void>;
}

export interface AuditEntry {
  readonly actor: string;
  /** `roster.import`, `plan.make`, `run.start`, `step.send`, `step.done` … */
  readonly action: string;
  /** Id of what it is about. */
  readonly object: string;
  readonly outcome: string;
  readonly details: JsonObject;
}

export interface AuditRecord extends AuditEntry {
  readonly sequence: number;
  readonly at: string;
  /** SHA-256 over the previous hash and this record: a change anywhere breaks the chain. */
  readonly hash: string;
  readonly previous: string;
}

export interface AuditTable {
  append(entry: AuditEntry, at: string): Promise<AuditRecord>;
  list(options: { readonly after: number; readonly limit: number }): Promise<readonly AuditRecord[]>;
  byObject(object: string, limit: number): Promise<readonly AuditRecord[]>;
}

/** Work that was decided and must be started, written in the same transaction as the decision. */
export interface OutboxItem {
  /** Idempotency key of what is started. */
  readonly id: string;
  readonly topic: string;
  readonly payload: JsonValue;
  readonly at: string;
}

export interface OutboxTable {
  add(item: OutboxItem): Promise<void>;
  pending(topic: string, limit: number): Promise<readonly OutboxItem[]>;
  done(id: string): Promise<void>;
}
