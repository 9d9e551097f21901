import { AppError } from "../kernel/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import type { Connection } from "../connector-kit/connection.ts";
import type { Engine } from "../engine/port.ts";
import type { Store } from "../store/port.ts";
import type { ApplyDeps } from "../workflows/apply.ts";
import type { Deployment, RosterSource } from "./deployment.ts";
import type { CallOptions } from "./contract.ts";

/** What `main` joins into the use cases. */
export interface AppDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly deployment: Deployment;
  /** Names this process in leases: no two processes share one. */
  readonly holder: string;
  /** Aborts when the process stops; then nothing more is sent. */
  readonly signal: AbortSignal;
  /** Starts the worker of this process, once; asked for when a plan is applied or a run resumed. */
  readonly startWorker: () => Promise<void>;
  /** Where crash tests let the process die; left out in production. */
  readonly onPoint?: ApplyDeps["onPoint"];
}

/** One call of one use case. */
export interface UseCaseContext extends AppDeps {
  readonly options: CallOptions;
  readonly runEvents: RunEvents;
}

/** Who listens to which run in this process. */
export interface RunEvents {
  listen(run: string, listener: CallOptions["onEvent"]): () => void;
}

/** The connection of that name; `usage` with the known names otherwise. */
export function connectionNamed(deps: AppDeps, name: string): Connection {
  const found = deps.deployment.connections.find((connection) => connection.name === name);
  if (found !== undefined) return found;
  const known = deps.deployment.connections.map((connection) => connection.name).join(", ");
  const next = known === "" ? "No app is configured yet: tenure apps add" : `Configured apps: ${known}`;
  throw new AppError("usage", `there is no app ${name}. ${next}`);
}

/** The source of that name, or the only one. */
export function sourceNamed(deps: AppDeps, name: string | null): RosterSource {
  const { sources } = deps.deployment;
  const known = sources.map((source) => source.name).join(", ");
  if (name === null) {
    const [only] = sources.filter((source) => source.kind === "roster");
    if (only !== undefined) return only;
    const [any] = sources;
    if (any !== undefined) return any;
    throw new AppError(
      "usage",
      "no source of people is configured: add one under sources: in tenure.yaml, or give a file",
    );
  }
  const found = sources.find((source) => source.name === name);
  if (found === undefined)
    throw new AppError("usage", `there is no source ${name}. Configured sources: ${known || "none"}`);
  return found;
}
