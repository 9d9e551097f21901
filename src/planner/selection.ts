import { AppError } from "../kernel/errors.ts";
import { ruleBook } from "../graph/expected.ts";
import type { PersonNode } from "../graph/graph.ts";
import type { Finding } from "../model/finding.ts";
import type { Leaving, Pair, World } from "./pair.ts";
import type { PlanRequest } from "./request.ts";
import { groupBy, type AppScene } from "./scene.ts";

export interface SelectedPair {
  readonly pair: Pair;
  /** Why and when the person leaves; null: they stay. */
  readonly leaving: Leaving | null;
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
export function* selectPairs(request: PlanRequest, world: World): Generator<SelectedPair> {
  const { selection } = request;
  const book = ruleBook(request.policy);
  const apps = selectedApps(selection.connections, world);
  for (const [node, only] of selectedPeople(request, world)) {
    const leaving = world.leaving(node);
    const desired = leaving === null ? book.desired(node.person, world.now) : null;
    for (const app of apps) {
      if (only !== null && !only.has(app.name)) continue;
      const pair = { world, app, node, desired: desired?.get(app.name) ?? null };
      yield { pair, leaving, alone: selection.kind === "person" };
    }
  }
}

function selectedApps(names: readonly string[] | null, world: World): readonly AppScene[] {
  for (const name of names ?? []) {
    if (!world.apps.has(name)) throw new AppError("missing", `there is no app ${name}: see tenure apps list`);
  }
  return [...world.apps.values()].filter((app) => names === null || names.includes(app.name));
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
      const node = world.people.get(request.graph.sameAs.get(selection.person) ?? selection.person);
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
