import type { Guard } from "../../model/plan.ts";

/** What a guard that looks at single accounts says: steps that must not be in the plan, with the reason, and its line. */
export interface Objection {
  readonly reasons: ReadonlyMap<string, string>;
  readonly guards: readonly Guard[];
}
