import { AppError } from "../kernel/errors.ts";
import { ruleBook } from "../graph/expected.ts";
import type { PersonNode } from "../graph/graph.ts";
import type { Finding } from "../model/finding.ts";
import type { Pair, World } from "./pair.ts";
import type { PlanRequest } from "./request.ts";

export interface SelectedPair {
  readonly pair: Pair;
  /** The plan is about this person only. */
  readonly alone: boolean;
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
export function selectPairs(request: PlanRequest, world: World): readonly SelectedPair[] {
  const { selection } = request;
  const book = ruleBook(request.policy);
  const apps = [...world.apps.values()].filter(
    (app) => selection.connections === null || selection.connections.includes(app.name),
  );
  for (const name of selection.connections ?? []) {
    if (!world.apps.has(name)) throw new AppError("missing", `there is no app ${name}: see tenure apps list`);
  }
  const pairsOf = (node: PersonNode, alone: boolean, only: ReadonlySet<string> | null): readonly SelectedPair[] => {
    const desired = book.desired(node.person, world.now);
    return apps
      .filter((app) => only === null || only.has(app.name))
      .map((app) => ({ pair: { world, app, node, desired: desired.get(app.name) ?? null }, alone }));
  };
  switch (selection.kind) {
    case "hr":
      return [...world.people.values()].flatMap((node) => pairsOf(node, false, null));
    case "person": {
      const id = request.graph.sameAs.get(selection.person) ?? selection.person;
      const node = world.people.get(id);
      if (node === undefined)
        throw new AppError("missing", `there is no person ${selection.person}: see tenure people list`);
      return pairsOf(node, true, null);
    }
    case "findings": {
      const wanted = new Map<string, Set<string>>();
      for (const finding of selectedFindings(request)) {
        if (finding.person === null) continue;
        const known = wanted.get(finding.person);
        if (known === undefined) wanted.set(finding.person, new Set([finding.connection]));
        else known.add(finding.connection);
      }
      return [...wanted].flatMap(([person, only]) => {
        const node = world.people.get(person);
        return node === undefined ? [] : pairsOf(node, false, only);
      });
    }
  }
}
