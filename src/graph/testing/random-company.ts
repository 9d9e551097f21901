import fc from "fast-check";
import type { AccountRecord, Observation } from "../../model/account.ts";
import type { Person } from "../../model/person.ts";
import { account, person, team } from "./company.ts";

/** A company of a few people, their accounts in one app, and accounts of nobody, as a test needs many of. */
export interface RandomCompany {
  readonly people: readonly Person[];
  readonly rows: readonly Observation[];
}

const FIRST = ["Maya", "Jo", "Al", "Ana", "Liam"];
const LAST = ["Okafor", "Lee", "Ott", "Cruz", "Castillo"];

interface PersonDraw {
  readonly first: string;
  readonly last: string;
  readonly status: "active" | "terminated" | "leave" | "future";
  readonly lastDay: string | undefined;
  readonly office: "Oakland" | "Boston" | null;
  /** What the person has in the app. */
  readonly has: "same" | "alias" | "none" | "other-name" | "removed" | "admin";
}

const personDraw: fc.Arbitrary<PersonDraw> = fc.record({
  first: fc.constantFrom(...FIRST),
  last: fc.constantFrom(...LAST),
  status: fc.constantFrom(
    "active" as const,
    "active" as const,
    "terminated" as const,
    "leave" as const,
    "future" as const,
  ),
  lastDay: fc.constantFrom(undefined, undefined, "2026-01-31", "2026-12-31"),
  office: fc.constantFrom("Oakland" as const, "Boston" as const, null),
  has: fc.constantFrom(
    "same" as const,
    "same" as const,
    "alias" as const,
    "none" as const,
    "other-name" as const,
    "removed" as const,
    "admin" as const,
  ),
});

function accountFor(draw: PersonDraw, id: string, email: string, alias: string): AccountRecord | null {
  const named = { displayName: `${draw.first} ${draw.last}` };
  switch (draw.has) {
    case "same":
      return account(id, email, named);
    case "alias":
      return account(id, alias, named);
    case "other-name":
      return account(id, email, { displayName: "Somebody Else", teams: ["2"] });
    case "removed":
      return account(id, email, { ...named, state: "removed" });
    case "admin":
      return account(id, email, { ...named, privileged: true, roles: ["Admin"] });
    case "none":
      return null;
  }
}

export const randomCompany: fc.Arbitrary<RandomCompany> = fc
  .record({
    people: fc.array(personDraw, { minLength: 1, maxLength: 8 }),
    strangers: fc.array(fc.constantFrom("xavi.patel", "m.okafor", "sales", "jo.lee+x"), { maxLength: 3 }),
  })
  .map(({ people, strangers }) => {
    const all: Person[] = [];
    const rows: Observation[] = [team("1", "Oakland Team"), team("2", "Boston Team")];
    for (const [index, draw] of people.entries()) {
      const email = `${draw.first}.${draw.last}${index}@harborpine.example`.toLowerCase();
      const alias = `old${index}@harborpine.example`;
      const { status, office } = draw;
      const dates = draw.lastDay === undefined ? {} : { lastDay: draw.lastDay };
      all.push(
        person(`E${index + 1}`, `${draw.first} ${draw.last}`, { email, aliases: [alias], status, office, ...dates }),
      );
      const own = accountFor(draw, String(100 + index), email, alias);
      if (own !== null) rows.push(own);
    }
    for (const [index, local] of strangers.entries()) {
      rows.push(account(String(900 + index), `${local}@harborpine.example`, { displayName: local }));
    }
    return { people: all, rows };
  });
