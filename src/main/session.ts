import { stat } from "node:fs/promises";
import { join } from "node:path";
import { connectRemote, type RemoteApp } from "../cli/remote.ts";
import type { Session, Terminal } from "../cli/host.ts";
import type { Settings } from "../cli/settings.ts";
import { AppError } from "../kernel/errors.ts";
import type { LogLevel } from "../kernel/log.ts";
import type { Environment } from "./config.ts";

/** What opens a deployment for one command or for good. */
export interface Opening {
  readonly environment: Environment;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly version: string;
  readonly terminal: Terminal;
  /** Of the log, unless TENURE_LOG_LEVEL says otherwise. */
  readonly logLevel?: LogLevel;
}

export function socketPath(dataDir: string): string {
  return join(dataDir, "tenure.sock");
}

/** Through the running `tenure up` of this data directory when there is one, else in this process. */
export async function openSession(opening: Opening): Promise<Session> {
  const remote = await connectRemote(socketPath(opening.settings.dataDir), opening.version);
  if (remote !== null) return remoteSession(remote, opening);
  const { openDeployment } = await import("./wire.ts");
  const deployment = await openDeployment(opening);
  return { app: deployment.app, runningAs: null, remarks: [], close: () => deployment.close() };
}

/** The running process has its own configuration: a command that means another one is told so. */
async function remoteSession(remote: RemoteApp, { settings }: Opening): Promise<Session> {
  const remarks: string[] = [];
  if (settings.configGiven && settings.config !== remote.config) {
    remote.close();
    throw new AppError(
      "busy",
      `the tenure that runs on this data directory (process ${remote.pid}) uses ${remote.config ?? "no configuration file"}\n` +
        "Leave --config out, or end that process first.",
    );
  }
  if (remote.config !== null) {
    const file = await stat(remote.config).catch(() => null);
    if (file !== null && file.mtimeMs > remote.configReadMs) {
      remarks.push(
        `note: ${remote.config} changed since tenure up (process ${remote.pid}) read it; start that again to use it`,
      );
    }
  }
  return {
    app: remote,
    runningAs: remote.pid,
    remarks,
    close: async () => remote.close(),
  };
}
