/** Why a listing may be believed to be whole. */
export type ProofOfCompleteness =
  | { readonly method: "cursor-end"; readonly pages: number }
  | { readonly method: "single-page" }
  | { readonly method: "two-walks"; readonly walks: number };

/** One kind of a connection, listed once. Only with a proof does absence count, and never by itself for a removal. */
export interface Listing {
  readonly kind: string;
  /** Team or account it was listed inside, or null. */
  readonly parent: string | null;
  readonly count: number;
  readonly pages: number;
  /** Requests made, the proof's among them. */
  readonly requests: number;
  readonly proof: ProofOfCompleteness | null;
  /** Why there is no proof, or what was odd: one sentence each. */
  readonly warnings: readonly string[];
}

/** What a connection said at one time. Immutable. */
export interface Snapshot {
  readonly id: string;
  readonly connection: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly listings: readonly Listing[];
  /** Every listing has a proof and the walk was not resumed in the middle (safety A6). */
  readonly complete: boolean;
}
