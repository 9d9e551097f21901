import type { EmailKey } from "../kernel/email.ts";
import type { PlainDate } from "../kernel/dates.ts";

/**
 * What HR says of an employment. `future`: has not started. `leave`: keeps the job, access may rest.
 * `terminated` is the only positive evidence for a removal; a row that is not there says nothing (safety S7).
 */
export type EmploymentStatus = "future" | "active" | "leave" | "terminated";

/** One checked row of a source: what HR or a directory says of one person. */
export interface RosterEntry {
  /** The person's key in the source (employee id); stable while address and name change. */
  readonly key: string;
  /** As written; its `emailKey` is what is compared. */
  readonly email: string;
  readonly emailKey: EmailKey;
  readonly aliases: readonly EmailKey[];
  readonly givenName: string;
  readonly familyName: string;
  readonly displayName: string;
  readonly status: EmploymentStatus;
  readonly startDate: PlainDate | null;
  readonly lastDay: PlainDate | null;
  /** ISO 8601: when access ends, made from the last day and the person's zone; null: no end is known. */
  readonly accessEndsAt: string | null;
  /** IANA name. */
  readonly zone: string;
  readonly department: string | null;
  readonly title: string | null;
  readonly office: string | null;
  /** Employee, contractor …: counted by guards per class (safety A4). */
  readonly workerType: string | null;
  /** Key or address of the manager, as the source writes it. */
  readonly manager: string | null;
  readonly phone: string | null;
  /** Row in the file, 1 being the header; for evidence. */
  readonly row: number;
}

/** A human we know, with what the source last said. */
export interface Person extends RosterEntry {
  /** `per_…`; survives a change of address. */
  readonly id: string;
  /** Name of the source in the configuration. */
  readonly source: string;
  /** Import that last changed this person. */
  readonly importId: string;
  /** False once a complete import no longer has the person: a review item, never a reason to remove (safety A8). */
  readonly listed: boolean;
}
