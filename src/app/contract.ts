import type { JsonValue } from "../kernel/json.ts";
import type { AccountRef, AccountState } from "../model/account.ts";
import type { Finding, FindingKind, Severity } from "../model/finding.ts";
import type { Evidence } from "../model/link.ts";
import type { Person } from "../model/person.ts";
import type { Plan, PlanTotals } from "../model/plan.ts";
import type { JournalEntry, Run } from "../model/run.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { RunEvent, SyncEvent } from "../workflows/progress.ts";
import type { QuotaTraits, Traits, Undo, Verb } from "../model/traits.ts";

/**
 * The use cases. Every way in (command line, later HTTP and SCIM) calls these and nothing else; inputs and outputs are
 * plain data, so that a call can also travel over the command socket of a running `tenure up`.
 */
export interface UseCases {
  readonly "roster.import": UseCase<RosterInput, RosterResult>;
  readonly "roster.diff": UseCase<RosterInput, RosterResult>;
  readonly sync: UseCase<SyncInput, SyncResult>;
  readonly "people.list": UseCase<PeopleFilter, PeopleResult>;
  readonly "people.show": UseCase<{ readonly person: string }, PersonResult>;
  readonly "people.explain": UseCase<{ readonly person: string; readonly app: string }, ExplainResult>;
  readonly "match.list": UseCase<NoInput, MatchResult>;
  readonly "match.decide": UseCase<MatchDecision, MatchDecided>;
  readonly "findings.list": UseCase<FindingFilter, FindingsResult>;
  readonly plan: UseCase<PlanInput, PlanResult>;
  readonly "plan.show": UseCase<{ readonly plan: string }, PlanResult>;
  readonly apply: UseCase<ApplyInput, RunResult>;
  readonly "runs.list": UseCase<{ readonly limit: number }, RunsResult>;
  readonly "runs.show": UseCase<{ readonly run: string }, RunResult>;
  readonly "runs.resume": UseCase<{ readonly run: string }, RunResult>;
  readonly "apps.list": UseCase<NoInput, AppsResult>;
  readonly "apps.show": UseCase<{ readonly app: string }, AppResult>;
  readonly "apps.test": UseCase<{ readonly app: string | null }, AppsTestResult>;
  readonly "apps.limits": UseCase<{ readonly app: string | null }, AppLimitsResult>;
  readonly status: UseCase<NoInput, StatusResult>;
}

export type UseCaseName = keyof UseCases;
export type NoInput = Readonly<Record<string, never>>;

interface UseCase<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

/** What a long call tells while it works; the same objects as `-o ndjson` prints. */
export type AppEvent = SyncEvent | RunEvent;

export interface CallOptions {
  /** Who asks: the name in audit records. */
  readonly actor: string;
  readonly onEvent: (event: AppEvent) => void;
  readonly signal: AbortSignal;
}

/** One process's use cases, or a proxy to those of a running `tenure up`. */
export interface App {
  call<Name extends UseCaseName>(
    name: Name,
    input: UseCases[Name]["input"],
    options: CallOptions,
  ): Promise<UseCases[Name]["output"]>;
}

export interface RosterInput {
  /** Name of the source in the configuration; null when there is only one. */
  readonly source: string | null;
  /** A file instead of the configured one. Absolute. */
  readonly file: string | null;
  /** Import the good rows of a file with errors. */
  readonly acceptErrors: boolean;
  /** Take a file with far fewer people as it is: the shrink guard starts from it (`roster import` only). */
  readonly acceptShrink: boolean;
}

export interface RowProblem {
  /** 1 is the header; 0: the file as a whole. */
  readonly row: number;
  readonly column: string | null;
  readonly message: string;
}

export interface PersonChange {
  readonly key: string;
  readonly label: string;
  readonly row: number;
  readonly fields: readonly { readonly field: string; readonly from: JsonValue; readonly to: JsonValue }[];
}

export interface RosterResult {
  readonly schema: "tenure.roster/v1";
  readonly source: string;
  readonly file: string;
  /** Null when nothing was imported (a diff, or a file with errors). */
  readonly importId: string | null;
  readonly rows: number;
  readonly errors: readonly RowProblem[];
  readonly warnings: readonly RowProblem[];
  readonly columns: readonly { readonly field: string; readonly column: string }[];
  readonly added: readonly PersonChange[];
  readonly changed: readonly PersonChange[];
  readonly vanished: readonly PersonChange[];
  readonly unchanged: number;
  /** Rows written to the store. */
  readonly written: number;
}

export interface SyncInput {
  /** Null: all of them. */
  readonly apps: readonly string[] | null;
  /** Take a listing that lacks most of the accounts known before; left out: refuse it. */
  readonly acceptLoss?: boolean;
}

export interface SyncResult {
  readonly schema: "tenure.sync/v1";
  readonly snapshots: readonly Snapshot[];
  readonly failed: readonly { readonly app: string; readonly error: string; readonly next: string }[];
  readonly counts: readonly {
    readonly app: string;
    readonly appName: string;
    readonly kind: string;
    readonly many: string;
    readonly count: number;
  }[];
  readonly seconds: number;
  readonly findings: number;
}

export interface PeopleFilter {
  readonly search: string | null;
  readonly app: string | null;
  readonly limit: number;
}

export interface AccountRow {
  readonly account: AccountRef;
  readonly appName: string;
  /** `gone`: it was there, and a read with proof no longer has it. */
  readonly state: AccountState | "gone";
  readonly email: string | null;
  readonly label: string;
  readonly roles: readonly string[];
  readonly teams: readonly string[];
  readonly privileged: boolean;
  readonly evidence: Evidence | null;
  readonly readAt: string;
}

export interface PeopleResult {
  readonly schema: "tenure.people/v1";
  readonly apps: readonly string[];
  readonly people: readonly {
    readonly person: Person;
    readonly accounts: Readonly<Record<string, string>>;
    readonly findings: number;
  }[];
  readonly total: number;
  /** Accounts that belong to nobody we know. */
  readonly unlinked: number;
}

export interface PersonResult {
  readonly schema: "tenure.person/v1";
  readonly person: Person;
  readonly accounts: readonly AccountRow[];
  readonly findings: readonly Finding[];
}

export interface ExplainResult {
  readonly schema: "tenure.explain/v1";
  readonly person: string;
  readonly app: string;
  /** source, scope, match, desired, actual, action. */
  readonly trace: readonly { readonly step: string; readonly text: string }[];
}

export interface MatchRow {
  readonly id: string;
  readonly person: { readonly id: string; readonly label: string; readonly email: string };
  readonly account: AccountRef;
  readonly accountLabel: string;
  readonly accountEmail: string | null;
  readonly evidence: Evidence;
}

export interface MatchResult {
  readonly schema: "tenure.matches/v1";
  readonly candidates: readonly MatchRow[];
}

export interface MatchDecision {
  /** Candidate or link id; for `accept` also `<person>` with `account` given. */
  readonly id: string;
  readonly decision: "accept" | "reject" | "split";
  /** Account as connection/kind/id, to link what was never proposed. */
  readonly account: string | null;
}

export interface MatchDecided {
  readonly schema: "tenure.match/v1";
  readonly link: string;
  readonly decision: MatchDecision["decision"];
  readonly text: string;
}

export interface FindingFilter {
  readonly kinds: readonly FindingKind[];
  readonly severity: Severity | null;
  readonly app: string | null;
  readonly person: string | null;
}

export interface FindingsResult {
  readonly schema: "tenure.findings/v1";
  readonly findings: readonly (Finding & {
    readonly firstSeenAt: string;
    readonly personLabel: string | null;
    readonly appName: string;
  })[];
}

export interface PlanInput {
  readonly from: "hr" | "findings" | "person";
  /** Person id, key, address or a unique part of the name. */
  readonly person: string | null;
  readonly app: string | null;
  /** Answers to questions, by question id. */
  readonly answers: Readonly<Record<string, string>>;
  /** Read the apps again before planning when a snapshot is older than the guard allows. */
  readonly refresh: boolean;
}

export interface PlanResult {
  readonly schema: "tenure.plan-view/v1";
  readonly label: string;
  readonly plan: Plan;
  readonly totals: PlanTotals;
  /** People that steps speak of, for headings. */
  readonly people: readonly {
    readonly id: string;
    readonly label: string;
    readonly email: string;
    readonly why: string;
  }[];
  /** How long each app was read before, in words: only on `plan`. */
  readonly read: readonly {
    readonly app: string;
    readonly appName: string;
    readonly counts: string;
    readonly readAt: string;
  }[];
  readonly runs: readonly Run[];
  readonly state: "ready" | "needs-approval" | "blocked" | "stale" | "applied" | "partly-applied" | "empty";
}

export interface ApplyInput {
  readonly plan: string;
  /** Sandbox only: names of approvers, so that steps that need approval run too. */
  readonly approveAs: readonly string[];
}

export interface RunResult {
  readonly schema: "tenure.run/v1";
  readonly label: string;
  readonly run: Run;
  readonly plan: PlanResult;
  readonly journal: readonly JournalEntry[];
  readonly counts: {
    readonly total: number;
    readonly proven: number;
    readonly waiting: number;
    readonly failed: number;
  };
  readonly seconds: number;
  /** What to type next, and the exit code this result deserves. */
  readonly next: readonly string[];
  readonly exit: number;
}

export interface RunsResult {
  readonly schema: "tenure.runs/v1";
  readonly runs: readonly {
    readonly run: Run;
    readonly label: string;
    readonly plan: string;
    readonly done: number;
    readonly total: number;
  }[];
}

export interface AppRow {
  readonly name: string;
  readonly connector: string;
  readonly appName: string;
  readonly profile: string;
  readonly accounts: number | null;
  readonly seats: number | null;
  readonly lastRead: string | null;
  readonly health: string;
}

export interface AppsResult {
  readonly schema: "tenure.apps/v1";
  readonly apps: readonly AppRow[];
}

export interface CapabilityRow {
  readonly verb: Verb;
  readonly can: boolean;
  readonly undo: Undo | null;
  readonly note: string;
}

export interface AppResult {
  readonly schema: "tenure.app/v1";
  readonly app: AppRow;
  readonly origin: string;
  readonly guide: { readonly title: string; readonly version: string };
  readonly capabilities: readonly CapabilityRow[];
  readonly traits: Traits;
  readonly notes: readonly string[];
  readonly setup: readonly string[];
}

export interface AppsTestResult {
  readonly schema: "tenure.apps-test/v1";
  readonly ok: boolean;
  readonly apps: readonly {
    readonly app: string;
    readonly ok: boolean;
    readonly checks: readonly { readonly what: string; readonly state: string; readonly text: string }[];
    readonly keyOwner: string | null;
    readonly profile: string | null;
  }[];
}

export interface AppLimitsResult {
  readonly schema: "tenure.limits/v1";
  readonly apps: readonly {
    readonly app: string;
    readonly quota: QuotaTraits;
    readonly share: number;
    readonly allowance: number;
    readonly maxPageSize: Readonly<Record<string, number>>;
  }[];
}

export interface StatusResult {
  readonly schema: "tenure.status/v1";
  readonly waiting: readonly { readonly run: string; readonly step: string; readonly reason: string }[];
  readonly candidates: number;
  readonly findings: Readonly<Record<Severity, number>>;
  readonly apps: readonly AppRow[];
}
