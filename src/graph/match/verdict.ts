import { deriveId } from "../../kernel/ids.ts";
import { refKey, type AccountRef } from "../../model/account.ts";
import type { Evidence, Link, LinkState, MatchMethod } from "../../model/link.ts";
import type { Person } from "../../model/person.ts";
import type { Dispute } from "../graph.ts";
import { byText } from "../words.ts";
import type { ClaimLevel, Slot } from "./people-index.ts";

/** Who decides in records of links that the graph makes by itself. */
const DECIDED_BY_US = "tenure";

export interface Waiting {
  readonly slot: Slot;
  readonly evidence: Evidence;
}

/** The likeliest first; equal ones in the order of the people's ids. */
export function byScore(left: Waiting, right: Waiting): number {
  return right.evidence.score - left.evidence.score || byText(left.slot.person.id, right.slot.person.id);
}

const NONE: readonly never[] = [];

/** What the matching says of one account before it becomes a node. */
export interface Verdict {
  link: Link | null;
  /** A link that was not stored before. */
  isNew: boolean;
  /** Whose link it is: the human, whichever source the link named. */
  owner: Slot | null;
  dispute: Dispute | null;
  notes: readonly string[];
  /** People who claim it but are not linked to it by us, with the evidence for a human. */
  waiting: readonly Waiting[];
  resembles: string | null;
}

export function newVerdict(): Verdict {
  return { link: null, isNew: false, owner: null, dispute: null, notes: NONE, waiting: NONE, resembles: null };
}

/** `Maya Okafor (hr, row 41)`: the person and the place that says so. */
export function placeOf(person: Person): string {
  return `${person.displayName} (${person.source}, row ${person.row})`;
}

const SCORES: Readonly<Record<ClaimLevel, number>> = { email: 1, alias: 0.97, "domain-map": 0.96 };

/** What an address says of whose account it is. */
export function evidenceOf(level: ClaimLevel, email: string, person: Person): Evidence {
  const method: MatchMethod = level;
  switch (level) {
    case "email":
      return { method, score: SCORES.email, reasons: [`e-mail ${email} is that of ${placeOf(person)}`] };
    case "alias":
      return { method, score: SCORES.alias, reasons: [`e-mail ${email} is a further address of ${placeOf(person)}`] };
    case "domain-map":
      return {
        method,
        score: SCORES["domain-map"],
        reasons: [`e-mail ${email} is ${person.email} in another domain of the organisation: ${placeOf(person)}`],
      };
  }
}

/** The stored tie of a person and an account has one id, whatever becomes of it. */
function linkId(person: string, account: AccountRef): string {
  return deriveId("lnk", person, refKey(account));
}

export function makeLink(
  person: Person,
  account: AccountRef,
  state: LinkState,
  evidence: Evidence,
  nowIso: string,
): Link {
  return {
    id: linkId(person.id, account),
    person: person.id,
    account,
    state,
    evidence,
    decidedBy: DECIDED_BY_US,
    decidedAt: nowIso,
  };
}
