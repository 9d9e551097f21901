import { Cron } from "croner";
import { stat } from "node:fs/promises";
import type { UpReport } from "../cli/host.ts";
import { toIso } from "../kernel/dates.ts";
import { isAppError } from "../kernel/errors.ts";
import { errorFields } from "../kernel/log.ts";
import { openCommandSocket } from "./socket.ts";
import { socketPath, type Opening } from "./session.ts";
import { openDeployment, type OpenDeployment } from "./wire.ts";

/** The name of the schedule in the audit log. */
const ACTOR = "schedule";

/** A schedule is looked at so often at least: a moved clock must not be slept over. */
const LONGEST_NAP_MS = 60_000;

/**
 * The long-lived process: worker, schedule and command socket. Resolves when the signal aborts and everything is closed;
 * what was under way goes on at the next start.
 */
export async function runUp(opening: Opening, ready: (report: UpReport) => void): Promise<void> {
  const deployment = await openDeployment(opening);
  try {
    await serve(deployment, opening, ready);
  } finally {
    await deployment.close();
  }
}

/** The same on a deployment that is open already, until the signal of `opening` aborts. The caller closes it. */
export async function serve(
  deployment: OpenDeployment,
  opening: Opening,
  ready: (report: UpReport) => void,
): Promise<void> {
  const { config, log } = deployment;
  const file = config.file === null ? null : await stat(config.file);
  const socket = await openCommandSocket({
    path: socketPath(opening.settings.dataDir),
    app: deployment.app,
    log,
    version: opening.version,
    config: config.file,
    configReadMs: file?.mtimeMs ?? 0,
  });
  try {
    await deployment.startWorker();
    const jobs = scheduleOf(deployment);
    ready({
      socket: socket.path,
      apps: config.connections.map((one) => one.name),
      schedule: jobs.map((job) => job.text),
      remarks: clockRemark(opening),
    });
    await Promise.all([untilAborted(opening.signal), ...jobs.map((job) => keep(job, deployment, opening.signal))]);
  } finally {
    await socket.close();
  }
}

function clockRemark({ settings }: Opening): readonly string[] {
  return settings.sandboxClock === null ? [] : [`The clock is the sandbox's (${settings.sandboxClock})`];
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

interface Job {
  readonly name: string;
  readonly text: string;
  /** Epoch milliseconds of the next time after `fromMs`; null: never. */
  readonly nextMs: (fromMs: number) => number | null;
  readonly run: (signal: AbortSignal) => Promise<unknown>;
}

function scheduleOf(deployment: OpenDeployment): readonly Job[] {
  const { config, app } = deployment;
  const { syncMs, roster } = config.schedule;
  const jobs: Job[] = [];
  const options = (signal: AbortSignal) => ({ actor: ACTOR, onEvent: () => undefined, signal });
  if (syncMs !== null && config.connections.length > 0) {
    jobs.push({
      name: "sync",
      text: `Reads the apps every ${Math.round(syncMs / 60_000)} min`,
      nextMs: (fromMs) => fromMs + syncMs,
      run: (signal) => app.call("sync", { apps: null }, options(signal)),
    });
  }
  if (roster !== null) {
    for (const source of config.sources) {
      const cron = new Cron(roster, { paused: true, timezone: source.zone });
      jobs.push({
        name: `roster ${source.name}`,
        text: `Imports ${source.name} at "${roster}" (${source.zone})`,
        nextMs: (fromMs) => nextOf(cron, fromMs),
        run: (signal) => {
          const input = { source: source.name, file: null, acceptErrors: false, acceptShrink: false };
          return app.call("roster.import", input, options(signal));
        },
      });
    }
  }
  return jobs;
}

/** Of a cron expression, on our clock: the library only does the calendar. */
function nextOf(cron: Cron, fromMs: number): number | null {
  return cron.nextRun(toIso(fromMs))?.getTime() ?? null;
}

/** Runs a job at its times, one after the other: a long one delays its next time and never overlaps itself. */
async function keep(job: Job, deployment: OpenDeployment, signal: AbortSignal): Promise<void> {
  const { clock, log } = deployment;
  let dueMs = job.nextMs(clock.now());
  while (dueMs !== null && !signal.aborted) {
    try {
      while (clock.now() < dueMs) await clock.sleep(Math.min(LONGEST_NAP_MS, dueMs - clock.now()), signal);
      await job.run(signal);
      log.info("schedule: done", { job: job.name });
    } catch (error) {
      if (isAppError(error, "canceled")) return;
      // The next time is tried all the same; whoever watches the log or `tenure status` sees it.
      log.error("schedule: failed", { job: job.name, ...errorFields(error) });
    }
    dueMs = job.nextMs(clock.now());
  }
}
