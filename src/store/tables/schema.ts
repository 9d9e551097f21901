import type { Generated } from "kysely";

/** Stored JSON: its text and the version of its shape. */
interface Body {
  readonly v: number;
  readonly body: string;
}

export interface PersonRow extends Body {
  readonly id: string;
  readonly source: string;
  readonly key: string;
  readonly email_key: string;
  readonly fingerprint: string;
}

export interface ImportRow extends Body {
  readonly position: Generated<number>;
  readonly id: string;
  readonly source: string;
}

export interface StagedPageRow extends Body {
  readonly walk: string;
  readonly kind: string;
  /** Empty for a listing without a parent. */
  readonly parent: string;
  readonly page: number;
}

export interface SnapshotRow extends Body {
  readonly position: Generated<number>;
  readonly id: string;
  readonly connection: string;
}

export interface ObservationRow extends Body {
  readonly connection: string;
  readonly kind: string;
  /** Empty for a listing without a parent. */
  readonly parent: string;
  readonly id: string;
  readonly fingerprint: string;
  readonly since: string;
  readonly gone_in: string | null;
  readonly unseen_in: string | null;
}

export interface LinkRow extends Body {
  readonly id: string;
  readonly person: string;
  readonly connection: string;
  readonly kind: string;
  readonly account: string;
  readonly state: string;
}

export interface FindingRow extends Body {
  readonly id: string;
  readonly connection: string;
  readonly first_seen_at: string;
  readonly closed_at: string | null;
  /** When it closed: its last-seen time then; open findings were last seen at their connection's last check. */
  readonly last_seen_at: string | null;
  readonly fingerprint: string;
}

export interface FindingCheckRow {
  readonly connection: string;
  readonly at: string;
}

export interface PlanRow extends Body {
  readonly id: string;
  readonly number: number;
  readonly hash: string;
}

export interface RunRow extends Body {
  readonly id: string;
  readonly number: number;
  readonly plan: string;
  readonly status: string;
  readonly ended_at: string | null;
}

export interface JournalRow extends Body {
  readonly run: string;
  readonly step: string;
  readonly state: string;
  readonly updated_at: string;
}

export interface LeaseRow {
  readonly key: string;
  /** Null: nobody has it. The row stays, so that the epoch only grows. */
  readonly holder: string | null;
  readonly epoch: number;
  readonly expires_at: number;
}

export interface ConnectionRow extends Body {
  readonly connection: string;
}

export interface AuditRow {
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  readonly details: string;
  readonly previous: string;
  readonly hash: string;
}

export interface OutboxRow {
  readonly position: Generated<number>;
  readonly id: string;
  readonly topic: string;
  readonly at: string;
  readonly payload: string;
  readonly done: number;
}

/** Numbers that are given out without gaps. */
export interface CounterRow {
  readonly name: string;
  readonly value: number;
}

export interface BudgetRow extends Body {
  readonly key: string;
}

export interface EngineRunRow {
  readonly id: string;
  readonly workflow: string;
  readonly status: string;
  readonly input: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly attempts: number;
  readonly worker: string | null;
  /** On the machine's clock: when another worker may take the run over. */
  readonly lease_until: number;
  /** On the product's clock: when the run is to go on; null when it has ended. */
  readonly due_at: number | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

export interface EngineStepRow {
  readonly position: Generated<number>;
  readonly id: string;
  readonly run: string;
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  /** Sleeps and waits: when they end. */
  readonly due_at: number | null;
  /** Signal waits: the signal, and what came with it. */
  readonly signal: string | null;
  readonly delivered: string | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly started_at: number;
  readonly ended_at: number | null;
}

export interface MigrationRow {
  readonly number: number;
  readonly name: string;
  readonly applied_at: string;
}

/** Every table, as queries see it. Booleans are 0 or 1; times are ISO texts, or epoch milliseconds where SQL compares them. */
export interface Schema {
  readonly people: PersonRow;
  readonly imports: ImportRow;
  readonly staged_pages: StagedPageRow;
  readonly snapshots: SnapshotRow;
  readonly observations: ObservationRow;
  readonly links: LinkRow;
  readonly findings: FindingRow;
  readonly finding_checks: FindingCheckRow;
  readonly plans: PlanRow;
  readonly runs: RunRow;
  readonly journal: JournalRow;
  readonly leases: LeaseRow;
  readonly connections: ConnectionRow;
  readonly audit: AuditRow;
  readonly outbox: OutboxRow;
  readonly counters: CounterRow;
  readonly budgets: BudgetRow;
  readonly engine_runs: EngineRunRow;
  readonly engine_steps: EngineStepRow;
  readonly tenure_migrations: MigrationRow;
}
