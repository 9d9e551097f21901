import { AppError } from "../kernel/errors.ts";
import { registerApply } from "../workflows/apply.ts";
import { patientConnection } from "../workflows/patience.ts";
import type { App, CallOptions, UseCaseName, UseCases } from "./contract.ts";
import type { AppDeps, RunEvents, UseCaseContext } from "./context.ts";
import { applyPlan, resumeRun } from "./commands/apply.ts";
import { decideMatch } from "./commands/match.ts";
import { makePlanCommand, showPlan } from "./commands/plan.ts";
import { diffRosterFile, importRoster } from "./commands/roster.ts";
import { syncApps } from "./commands/sync.ts";
import { listApps, showApp, showLimits, testApps } from "./queries/apps.ts";
import { listFindings } from "./queries/findings.ts";
import { listMatches } from "./queries/matches.ts";
import { explainPerson, listPeople, showPerson } from "./queries/people.ts";
import { listRuns, showRun } from "./queries/runs.ts";
import { showStatus } from "./queries/status.ts";

type Handlers = {
  readonly [Name in UseCaseName]: (
    context: UseCaseContext,
    input: UseCases[Name]["input"],
  ) => Promise<UseCases[Name]["output"]>;
};

const HANDLERS: Handlers = {
  "roster.import": importRoster,
  "roster.diff": diffRosterFile,
  sync: syncApps,
  "people.list": listPeople,
  "people.show": showPerson,
  "people.explain": explainPerson,
  "match.list": listMatches,
  "match.decide": decideMatch,
  "findings.list": listFindings,
  plan: makePlanCommand,
  "plan.show": showPlan,
  apply: applyPlan,
  "runs.list": listRuns,
  "runs.show": showRun,
  "runs.resume": resumeRun,
  "apps.list": listApps,
  "apps.show": showApp,
  "apps.test": testApps,
  "apps.limits": showLimits,
  status: showStatus,
};

function runEvents(): RunEvents & {
  readonly emit: (run: string, event: Parameters<CallOptions["onEvent"]>[0]) => void;
} {
  const listeners = new Map<string, Set<CallOptions["onEvent"]>>();
  return {
    listen(run, listener) {
      const known = listeners.get(run) ?? new Set();
      known.add(listener);
      listeners.set(run, known);
      return () => {
        known.delete(listener);
        if (known.size === 0) listeners.delete(run);
      };
    },
    emit(run, event) {
      for (const listener of listeners.get(run) ?? []) listener(event);
    },
  };
}

/** Joins the use cases and registers the workflows on the engine; start the worker after this. */
export function createApp(deps: AppDeps): App {
  const events = runEvents();
  const connections = deps.deployment.connections.map((connection) => patientConnection(connection, deps));
  registerApply(deps.engine, {
    store: deps.store,
    clock: deps.clock,
    random: deps.random,
    log: deps.log,
    connections: new Map(connections.map((connection) => [connection.name, connection])),
    holder: deps.holder,
    signal: deps.signal,
    onEvent: events.emit,
    onPoint: deps.onPoint ?? (() => undefined),
  });
  return {
    async call<Name extends UseCaseName>(
      name: Name,
      input: UseCases[Name]["input"],
      options: CallOptions,
    ): Promise<UseCases[Name]["output"]> {
      const handler = HANDLERS[name] as Handlers[Name] | undefined;
      if (handler === undefined) throw new AppError("usage", `there is no use case ${name}`);
      const deployment = { ...deps.deployment, connections };
      return handler({ ...deps, deployment, options, runEvents: events }, input);
    },
  };
}
