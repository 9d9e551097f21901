import { parseIso, toIso } from "../../kernel/dates.ts";
import { AppError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Policy } from "../../model/policy.ts";
import type { Verb } from "../../model/traits.ts";
import { hashPlan, makePlan } from "../../planner/plan.ts";
import type { ImportCounts, PlanRequest, RecentRemoval, Selection } from "../../planner/request.ts";
import { countHoldings } from "../../workflows/holdings.ts";
import { holdingsToCount } from "../../planner/holdings.ts";
import { connectionNamed, type UseCaseContext } from "../context.ts";
import type { PlanInput, PlanResult } from "../contract.ts";
import { finishedSteps } from "../finished-steps.ts";
import { findPerson } from "../person-lookup.ts";
import { drawPicture } from "../picture.ts";
import { findPlan, viewPlan } from "../queries/plan-view.ts";
import { syncApps } from "./sync.ts";

/** Over how long the brakes count what was taken away, whatever the plan (S9). */
const BRAKE_WINDOW_MS = 24 * 3_600_000;

export async function showPlan(context: UseCaseContext, input: { readonly plan: string }): Promise<PlanResult> {
  return viewPlan(context, await findPlan(context, input.plan));
}

/** Makes a plan from what was read last, reading again what is too old to plan from. */
export async function makePlanCommand(context: UseCaseContext, input: PlanInput): Promise<PlanResult> {
  if (context.deployment.connections.length === 0) {
    throw new AppError("usage", "no app is configured yet: tenure apps add");
  }
  if (input.app !== null) connectionNamed(context, input.app);
  const selection = await select(context, input);
  if (input.refresh) await readStaleApps(context);
  const request = await gather(context, selection, input.answers);
  const content = makePlan(request);
  const plan = await context.store.transaction(async (tables) => {
    const id = newId("pln", context.clock, context.random);
    const stored = await tables.plans.add({ id, hash: hashPlan(content), content });
    await tables.audit.append(
      {
        actor: context.options.actor,
        action: "plan.make",
        object: id,
        outcome: "ok",
        details: { hash: stored.hash, steps: content.steps.length, trigger: content.trigger.kind },
      },
      content.madeAt,
    );
    return stored;
  });
  return viewPlan(context, plan, await readWords(context));
}

async function select(context: UseCaseContext, input: PlanInput): Promise<Selection> {
  const connections = input.app === null ? null : [input.app];
  switch (input.from) {
    case "hr": {
      const imports = await context.store.imports.all();
      if (imports.length === 0) {
        throw new AppError(
          "usage",
          "no roster was imported yet, so there is nothing to plan from: tenure roster import",
        );
      }
      return { kind: "hr", connections };
    }
    case "findings":
      return { kind: "findings", findings: null, connections };
    case "person": {
      if (input.person === null) throw new AppError("usage", "name the person: tenure plan --person <address>");
      const person = await findPerson(context, input.person);
      return { kind: "person", person: person.id, connections, offboard: false };
    }
  }
}

async function readStaleApps(context: UseCaseContext): Promise<void> {
  const stale: string[] = [];
  const oldest = context.clock.now() - context.deployment.policy.guards.snapshotAgeMs;
  for (const { name } of context.deployment.connections) {
    const latest = await context.store.snapshots.latest(name);
    if (latest === null || (parseIso(latest.startedAt) ?? 0) < oldest) stale.push(name);
  }
  if (stale.length === 0) return;
  const { failed } = await syncApps(context, { apps: stale });
  const [first] = failed;
  if (first !== undefined) {
    throw new AppError("unavailable", `${first.error}. Nothing was planned. Next: ${first.next}`, {
      details: { app: first.app },
    });
  }
}

async function gather(
  context: UseCaseContext,
  selection: Selection,
  answers: PlanInput["answers"],
): Promise<PlanRequest> {
  const { graph, findings } = await drawPicture(context);
  const states = await Promise.all(
    context.deployment.connections.map((connection) => context.store.connections.get(connection.name)),
  );
  const known = states.filter((state) => state !== null);
  const policy: Policy = {
    ...context.deployment.policy,
    connections: context.deployment.policy.connections.map((connection) => ({
      ...connection,
      keyOwner: known.find((state) => state.connection === connection.name)?.keyOwner ?? connection.keyOwner,
    })),
  };
  const request = {
    graph,
    findings,
    policy,
    off: Object.fromEntries(known.map((state) => [state.connection, Object.keys(state.off) as Verb[]])),
    imports: await latestImports(context),
    recentRemovals: await recentRemovals(context),
    selection,
    answers,
    now: context.clock.now(),
    actor: context.options.actor,
  };
  const connections = new Map(context.deployment.connections.map((connection) => [connection.name, connection]));
  const signal = AbortSignal.any([context.options.signal, context.signal]);
  return { ...request, holdings: await countHoldings(connections, holdingsToCount(request), signal) };
}

async function latestImports(context: UseCaseContext): Promise<readonly ImportCounts[]> {
  const sources = new Set((await context.store.imports.all()).map((one) => one.source));
  const latest = await Promise.all([...sources].map((source) => context.store.imports.latest(source)));
  return latest.filter((one) => one !== null);
}

/** Accounts from which access was taken lately: the brakes count effects over a day, not plans. */
async function recentRemovals(context: UseCaseContext): Promise<readonly RecentRemoval[]> {
  const since = toIso(context.clock.now() - BRAKE_WINDOW_MS);
  const steps = await finishedSteps(context, since);
  return steps.filter(({ step }) => step.destructive).map(({ step, account }) => ({ account, person: step.person }));
}

/** What was read of each app, in words for the head of a plan. */
async function readWords(context: UseCaseContext): Promise<PlanResult["read"]> {
  const rows: PlanResult["read"][number][] = [];
  for (const connection of context.deployment.connections) {
    const snapshot = await context.store.snapshots.latest(connection.name);
    if (snapshot === null) continue;
    const counts = Object.entries(connection.traits.kinds)
      .filter(([, traits]) => traits.noun === "account")
      .map(([kind, traits]) => {
        const listed = snapshot.listings.filter((listing) => listing.kind === kind);
        const count = listed.reduce((sum, listing) => sum + listing.count, 0);
        return `${count} ${count === 1 ? traits.one : traits.many}`;
      });
    rows.push({
      app: connection.name,
      appName: connection.appName,
      counts: counts.join(" + "),
      readAt: snapshot.endedAt,
    });
  }
  return rows;
}
