import type { Connection } from "../connector-kit/connection.ts";
import type { Policy } from "../model/policy.ts";

/** A source of people as configured. */
export interface RosterSource {
  readonly name: string;
  readonly kind: "roster" | "directory";
  /** Absolute path. */
  readonly file: string;
  /** Field of `RosterEntry` → header in the file, where it is not found by itself. */
  readonly columns: Readonly<Record<string, string>>;
  /** Zone of people whose row names none; IANA name. */
  readonly zone: string;
  readonly dateFormat: string | null;
}

/** What the use cases know of the deployment's configuration. */
export interface Deployment {
  readonly connections: readonly Connection[];
  readonly sources: readonly RosterSource[];
  readonly policy: Policy;
}
