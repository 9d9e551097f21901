import { toIso } from "../kernel/dates.ts";
import { findDrift } from "../graph/drift.ts";
import type { ConnectionInput, Graph } from "../graph/graph.ts";
import { resolveGraph } from "../graph/resolve.ts";
import type { Finding } from "../model/finding.ts";
import { connectionNamed, type UseCaseContext } from "./context.ts";
import { removedByUs } from "./finished-steps.ts";

/** Rows that have gone and are still shown as such. */
const MOST_GONE = 10_000;

/** Who has an account where, and what is wrong with it, as of the last read. */
export interface Picture {
  readonly graph: Graph;
  readonly findings: readonly Finding[];
  /** Connections and sources that the findings speak of. */
  readonly scopes: readonly string[];
  readonly removedByUs: ReadonlySet<string>;
}

/** Makes the picture from the store: people, latest snapshots, stored links. Writes nothing. */
export async function drawPicture(context: UseCaseContext): Promise<Picture> {
  const { policy } = context.deployment;
  const now = context.clock.now();
  const graph = resolveGraph({
    people: await context.store.people.all(),
    sources: context.deployment.sources.map((source) => ({ name: source.name, kind: source.kind })),
    connections: await Promise.all(context.deployment.connections.map((one) => readInput(context, one.name))),
    links: await context.store.links.all(),
    policy,
    now,
  });
  const removed = await removedByUs(context);
  const { findings, scopes } = findDrift({ graph, policy, now, removedByUs: removed });
  return { graph, findings, scopes, removedByUs: removed };
}

async function readInput(context: UseCaseContext, name: string): Promise<ConnectionInput> {
  const connection = connectionNamed(context, name);
  return {
    name,
    traits: connection.traits,
    snapshot: await context.store.snapshots.latest(name),
    current: await context.store.snapshots.current(name),
    gone: await context.store.snapshots.gone(name, MOST_GONE),
  };
}

/** Draws the picture and keeps what it found: new sure links, candidates for a human, the open findings. */
export async function refreshPicture(context: UseCaseContext): Promise<readonly Finding[]> {
  const { graph, findings, scopes } = await drawPicture(context);
  const at = toIso(context.clock.now());
  const known = new Set((await context.store.links.all()).map((link) => link.id));
  await context.store.transaction(async (tables) => {
    for (const link of [...graph.newLinks, ...graph.candidates]) {
      if (!known.has(link.id)) await tables.links.put(link);
    }
    await tables.findings.replace(findings, scopes, at);
  });
  return findings;
}
