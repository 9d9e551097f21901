/** Exit codes of the command line: a promise to scripts. `tenure help exit-codes` prints this table. */
export const EXIT_CODES = [
  [0, "done; for plan and findings also: there are changes, unless asked for with --detailed-exitcode"],
  [1, "failed"],
  [2, "differences or findings exist, with --detailed-exitcode or --fail-on"],
  [3, "blocked by a guard or a policy; nothing was changed"],
  [4, "not signed in, or not allowed"],
  [5, "partly applied; tenure runs resume <run> continues"],
  [6, "the plan is stale; plan again"],
  [8, "pending: waits for an approval, an acceptance or a date"],
  [64, "wrong usage"],
  [130, "interrupted"],
] as const;

export const EXIT = {
  done: 0,
  failed: 1,
  differences: 2,
  blocked: 3,
  usage: 64,
  interrupted: 130,
} as const;
