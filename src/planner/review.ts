import type { Finding, FindingKind } from "../model/finding.ts";
import type { HeldBack } from "../model/plan.ts";
import type { World } from "./pair.ts";
import type { PlanRequest } from "./request.ts";
import { selectedFindings, selectedPerson } from "./selection.ts";

/**
 * What no plan mends by itself: a row, an account or an owner that is missing or unclear. Absence is a question for a
 * human, never a reason to take something away (P1, S7).
 */
const FOR_REVIEW: ReadonlySet<FindingKind> = new Set([
  "vanished-person",
  "vanished-account",
  "orphaned",
  "unlinked",
  "disputed",
  "duplicate",
]);

/** The review items of the plan: one for each finding that only a human can decide. */
export function reviewItems(request: PlanRequest, world: World): readonly HeldBack[] {
  const { selection } = request;
  const wanted = (finding: Finding): boolean => {
    if (selection.connections !== null && !selection.connections.includes(finding.connection)) return false;
    if (selection.kind === "person") return finding.person === selectedPerson(request) && FOR_REVIEW.has(finding.kind);
    return FOR_REVIEW.has(finding.kind) || (selection.kind === "findings" && finding.person === null);
  };
  return selectedFindings(request)
    .filter(wanted)
    .map((finding) => ({
      app: world.apps.has(finding.connection) ? finding.connection : null,
      person: finding.person,
      label: labelOf(finding, world),
      reason: finding.title,
    }));
}

function labelOf(finding: Finding, world: World): string {
  const node = finding.person === null ? undefined : world.people.get(finding.person);
  if (node !== undefined) return node.person.displayName;
  return finding.account === null ? finding.connection : `${finding.account.kind} ${finding.account.id}`;
}
