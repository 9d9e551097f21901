import type { AccountRef } from "./account.ts";
import type { JsonObject } from "../kernel/json.ts";

export type FindingKind =
  | "leaver-access"
  | "orphaned"
  | "unlinked"
  | "missing"
  | "role-mismatch"
  | "team-mismatch"
  | "attribute-drift"
  | "admin-outside-policy"
  | "invitation-old"
  | "seat-overuse"
  | "duplicate"
  | "disputed"
  | "shared-mailbox"
  | "vanished-account"
  | "vanished-person"
  | "contradiction";

export type Severity = "high" | "medium" | "low";

/** A difference between what is and what should be, with the evidence that shows it. */
export interface Finding {
  /** Derived from kind, person and account: the same difference keeps its id. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly person: string | null;
  readonly connection: string;
  readonly account: AccountRef | null;
  /** One sentence for a list. */
  readonly title: string;
  /** One sentence a fact: row, rule, time of the read. */
  readonly evidence: readonly string[];
  /** Facts for machines: expected and actual. */
  readonly facts: JsonObject;
}
