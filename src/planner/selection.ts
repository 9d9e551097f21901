import { AppError } from "../kernel/errors.ts";
import { ruleBook } from "../graph/expected.ts";
import type { PersonNode } from "../graph/graph.ts";
import type { Finding } from "../model/finding.ts";
import type { Leaving, Pair, World } from "./pair.ts";
import type { PlanRequest } from "./request.ts";
import { groupBy } from "./scene.ts";

export interface SelectedPair {
  readonly pair: Pair;
  /** Why and when the person leaves; null: they stay. */
  readonly leaving: Leaving | null;
  /** The plan is about this person only. */
  readonly alone: boolean;
}

/** The person that a plan is about, by the id under which the graph has them; null: it is about many. */
export function selectedPerson({ selection, graph }: Pick<PlanRequest, "selection" | "graph">): string | null {
  return selection.kind === "person" ? (graph.sameAs.get(selection.person) ?? selection.person) : null;
}

/** The findings that a plan is asked to mend; all of them where none is named. */
export function selectedFindings(request: Pick<PlanRequest, "findings" | "selection">): readonly Finding[] {
  const { findings, selection } = request;
  if (selection.kind !== "findings" || selection.findings === null) return findings;
  const wanted = new Set(selection.findings);
  const found = findings.filter((finding) => wanted.has(finding.id));
  const [unknown] = [...wanted].filter((id) => !found.some((finding) => finding.id === id));
  if (unknown === undefined) return found;
  throw new AppError("missing", `there is no open finding ${unknown}: see tenure findings list`);
}

/** The people and apps that the plan is about. Throws `missing` for names that nothing has. */
export function* selectPairs(request: PlanRequest, world: World): Generator<SelectedPair> {
  const { selection } = request;
  const book = ruleBook(request.policy);
  for (const [node, only] of selectedPeople(request, world)) {
    const leaving = world.leaving(node);
    const desired = leaving === null ? book.desired(node.person, world.now) : null;
    for (const app of world.apps.values()) {
      if (only !== null && !only.has(app.name)) continue;
      const pair = { world, app, node, desired: desired?.get(app.name) ?? null };
      yield { pair, leaving, alone: selection.kind === "person" };
    }
  }
}

/** People, and the apps in which they are looked at; null: all that are selected. */
function* selectedPeople(
  request: PlanRequest,
  world: World,
): Generator<readonly [PersonNode, ReadonlySet<string> | null]> {
  const { selection } = request;
  switch (selection.kind) {
    case "hr":
      for (const node of world.people.values()) yield [node, null];
      return;
    case "person": {
      const node = world.people.get(selectedPerson(request) ?? "");
      if (node === undefined)
        throw new AppError("missing", `there is no person ${selection.person}: see tenure people list`);
      yield [node, null];
      return;
    }
    case "findings": {
      const wanted = groupBy(selectedFindings(request), (finding) => finding.person);
      for (const node of world.people.values()) {
        const findings = wanted.get(node.person.id);
        if (findings !== undefined) yield [node, new Set(findings.map((finding) => finding.connection))];
      }
    }
  }
}
