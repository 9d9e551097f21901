// Plans a company of so many people once and prints what that took; `bench/plan.ts` reads it.
import { diffRoster } from "../src/graph/diff-roster.ts";
import { findDrift } from "../src/graph/drift.ts";
import { resolveGraph } from "../src/graph/resolve.ts";
import { holdingsToCount } from "../src/planner/holdings.ts";
import { hashPlan, makePlan } from "../src/planner/plan.ts";
import type { PlanRequest } from "../src/planner/request.ts";
import { makeCompany, makeRoster } from "./people.ts";
import type { Person, RosterEntry } from "../src/model/person.ts";
import type { PlanFigures } from "./plan.ts";

/** Milliseconds of processor time of this thread. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The roster as it comes again: one person in a hundred has another title. */
function newRoster(count: number): readonly RosterEntry[] {
  return makeRoster(count).map((entry, place) => (place % 100 === 0 ? { ...entry, title: "Lead" } : entry));
}

function diff(people: readonly Person[], entries: readonly RosterEntry[], importId: string): readonly Person[] {
  const previous = new Map(people.map((person) => [person.key, person]));
  return diffRoster({ source: "hr", importId, previous, entries, whole: true }).writes;
}

/** People as stored once the import is in. */
function afterImport(people: readonly Person[], writes: readonly Person[]): readonly Person[] {
  const changed = new Map(writes.map((person) => [person.id, person]));
  return people.map((person) => changed.get(person.id) ?? person);
}

async function measure(count: number): Promise<PlanFigures> {
  const idleMb = Math.round(process.memoryUsage().rss / 2 ** 20);
  const { people: before, connections, links, policy, now } = await makeCompany(count);
  const roster = { entries: newRoster(count) };
  const parts: Record<string, number> = {};
  const [startMs, wallMs] = [threadMs(), performance.now()];
  let lapMs = startMs;
  const lap = (name: string): void => {
    parts[name] = threadMs() - lapMs;
    lapMs = threadMs();
  };
  const people = afterImport(before, diff(before, roster.entries, "imp_bench2"));
  // The file is done with; what is held on to below is what planning needs.
  roster.entries = [];
  lap("diff");
  const sources = [{ name: "hr", kind: "roster" } as const];
  const graph = resolveGraph({ people, sources, connections, links, policy, now });
  lap("resolve");
  const { findings } = findDrift({ graph, policy, now, removedByUs: new Set() });
  lap("drift");
  const request: Omit<PlanRequest, "holdings"> = {
    graph,
    findings,
    policy,
    off: {},
    imports: [],
    recentRemovals: [],
    selection: { kind: "hr", connections: null },
    answers: {},
    now,
    actor: "bench",
  };
  const holdings = holdingsToCount(request).map((one) => ({ ...one, count: 3, sample: ["a lead"], complete: true }));
  const content = makePlan({ ...request, holdings });
  lap("plan");
  hashPlan(content);
  lap("hash");
  return {
    people: count,
    steps: content.steps.length,
    cpuMs: threadMs() - startMs,
    wallMs: performance.now() - wallMs,
    idleMb,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    parts,
    writtenAgain: diff(people, newRoster(count), "imp_bench3").length,
  };
}

process.stdout.write(JSON.stringify(await measure(Number(process.argv[2] ?? 1000))));
