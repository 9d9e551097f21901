import type { AccountRef } from "./account.ts";

/** How a link was found. The stored link wins over everything; e-mail never makes a second one. */
export type MatchMethod = "email" | "alias" | "domain-map" | "created-by-us" | "human" | "score";

export interface Evidence {
  readonly method: MatchMethod;
  /** 0 to 1; 1 for exact keys. */
  readonly score: number;
  /** One sentence each: "e-mail equals Work Email of row 41". */
  readonly reasons: readonly string[];
}

/** `confirmed` ties for good; `candidate` waits for a human; `rejected` is never proposed again. */
export type LinkState = "confirmed" | "candidate" | "rejected";

/** The stored tie between a person and an account. At most one confirmed link an account. */
export interface Link {
  readonly id: string;
  readonly person: string;
  readonly account: AccountRef;
  readonly state: LinkState;
  readonly evidence: Evidence;
  readonly decidedBy: string;
  readonly decidedAt: string;
}
