import type { connectors } from "../src/connectors/index.ts";
import { prefixedIds } from "../src/emulator-kit/contract.ts";
import type { JsonObject } from "../src/kernel/json.ts";

const TEAMS = 5;
const PAGE = 100;

/** Calls of a whole read: the fewest in which the app can show everything, and those that prove that nothing was missed. */
export interface Calls {
  readonly minimum: number;
  readonly proof: number;
}

/** An app as the bench of reading fills and counts it. */
export interface ReadApp {
  readonly id: keyof typeof connectors;
  /** What it calls an account. */
  readonly kind: string;
  /** As its document has it. */
  readonly limit: { readonly limit: number; readonly windowSeconds: number };
  /** Calls of a read that is measured at that limit. */
  readonly overLimit: number;
  data(accounts: number): JsonObject;
  calls(accounts: number): Calls;
  /** The most accounts that can be read in so many calls. */
  accountsIn(calls: number): number;
  /** What proves that a read is whole which made no calls for it, for people. */
  readonly proof: string;
}

function pages(accounts: number): number {
  return Math.max(1, Math.ceil(accounts / PAGE));
}

/** Pages of users by offset, and one call for the teams. Offsets shift: users of several pages are read a second time. */
const byOffset: ReadApp = {
  id: "followupboss",
  kind: "user",
  limit: { limit: 1_000, windowSeconds: 600 },
  // The one call more costs ten minutes.
  overLimit: 1_001,
  proof: "there being one page",
  data: (accounts) => ({
    teams: Array.from({ length: TEAMS }, (_, team) => ({ id: team + 1, name: `Team ${team + 1}` })),
    users: Array.from({ length: accounts }, (_, place) => ({
      id: place + 1,
      name: `User ${place + 1}`,
      email: `user${place + 1}@harborpine.example`,
      teamId: (place % TEAMS) + 1,
    })),
  }),
  calls: (accounts) => ({ minimum: pages(accounts) + 1, proof: pages(accounts) > 1 ? pages(accounts) : 0 }),
  accountsIn: (calls) => PAGE * Math.floor((calls - 1) / 2),
};

/** Pages of teammates by cursor, one call for the teams, one for the members of each team. A cursor's end is proof itself. */
const byCursor: ReadApp = {
  id: "front",
  kind: "teammate",
  limit: { limit: 120, windowSeconds: 60 },
  // Two windows exactly: not one call may be lost.
  overLimit: 240,
  proof: "the cursor's end",
  data(accounts) {
    const [teammates, teams] = [prefixedIds("tea_"), prefixedIds("tim_")];
    return {
      teammates: Array.from({ length: accounts }, (_, place) => ({
        id: teammates.make(place + 1),
        email: `user${place + 1}@harborpine.example`,
        first_name: "User",
        last_name: `${place + 1}`,
      })),
      teams: Array.from({ length: TEAMS }, (_, team) => ({
        id: teams.make(team + 1),
        name: `Team ${team + 1}`,
        teammate_ids: Array.from({ length: 20 }, (_member, place) => teammates.make(team * 20 + place + 1)),
      })),
    };
  },
  calls: (accounts) => ({ minimum: pages(accounts) + 1 + TEAMS, proof: 0 }),
  accountsIn: (calls) => PAGE * (calls - 1 - TEAMS),
};

export const READ_APPS: readonly ReadApp[] = [byOffset, byCursor];
