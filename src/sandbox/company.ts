import type { Company } from "../emulator-kit/company.ts";
import { seededRandom } from "../kernel/random.ts";
import { crm, inbox } from "./company/accounts.ts";
import { DOMAIN, hirePeople } from "./company/people.ts";

/** 20 November 2026, 14:00 in Los Angeles: the moment at which the stories of the demo company are told. */
export const DEMO_START = "2026-11-20T22:00:00Z";

/** Harbor & Pine Realty, a brokerage of 84 people: the same for the same seed, the stories the same for every seed. */
export function harborPine(seed = 1): Company {
  const random = seededRandom(seed);
  const people = hirePeople(random);
  return {
    name: "Harbor & Pine Realty",
    domain: DOMAIN,
    people,
    systems: { crm: crm(people, random), inbox: inbox(people) },
  };
}
