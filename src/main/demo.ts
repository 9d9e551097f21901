import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Demo } from "../cli/host.ts";
import type { ConnectorManifest } from "../connector-kit/manifest.ts";
import { toIso, wallTime } from "../kernel/dates.ts";
import { isJsonObject, toJson, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { rosterCsv } from "../sandbox/roster.ts";
import type { Sandbox } from "../sandbox/start.ts";
import { loadManifests } from "./catalog.ts";
import { createControl } from "./control.ts";
import { renderTemplate } from "./config-template.ts";
import { writeConfigSchema } from "./config-tools.ts";
import { writePrivate } from "./files.ts";
import { sandboxApps } from "./init.ts";
import { forgetSandbox, noteSandbox, runSandbox } from "./sandbox.ts";
import type { Opening } from "./session.ts";
import { serve } from "./up.ts";
import { openDeployment } from "./wire.ts";

/** Where the demo company sits, and what its clock is told in. */
const DEMO_ZONE = "America/Los_Angeles";
/** Its own domain and that of a firm it took over. */
const DEMO_DOMAINS = ["harborpine.example", "harborpine-realty.example"];

/**
 * The demo company in a workspace of its own: sandbox, configuration, roster, and the use cases opened on them. Without
 * `--data-dir` the workspace is temporary and goes when the demo ends.
 */
export async function openDemo(opening: Opening, options: { readonly port: number }): Promise<Demo> {
  const { settings } = opening;
  const temporary = !settings.dataDirGiven;
  const workspace = temporary ? await mkdtemp(join(tmpdir(), "tenure-demo-")) : settings.dataDir;
  const dataDir = temporary ? join(workspace, "data") : workspace;
  const sandbox = await runSandbox({ port: options.port, apps: [], company: "demo", profile: "guide" });
  const close = async (): Promise<void> => {
    await sandbox.stop();
    if (temporary) await rm(workspace, { recursive: true, force: true });
    else await forgetSandbox(dataDir);
  };
  try {
    const config = join(workspace, "tenure.yaml");
    await writeWorkspace({ workspace, dataDir, config, sandbox });
    const { control } = sandbox.document;
    const own = { ...opening, settings: { ...settings, dataDir, config, configGiven: true, sandboxClock: control } };
    const deployment = await openDeployment(own);
    return {
      session: { app: deployment.app, runningAs: null, remarks: [], close: () => deployment.close() },
      workspace,
      program: programName(),
      variables: [
        `TENURE_DATA_DIR=${quoted(dataDir)}`,
        `TENURE_CONFIG=${quoted(config)}`,
        `TENURE_SANDBOX_CLOCK=${control}`,
      ].join(" "),
      async advance(seconds) {
        await createControl(control).post("advance", { seconds }, opening.signal);
        await deployment.lookAtClock();
      },
      serve: () => serve(deployment, own, () => undefined),
      apps: Array.from(sandbox.emulators.values(), (emulator) => emulator.name),
      people: sandbox.company.people.length,
      clock: clockText(sandbox),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function clockText(sandbox: Sandbox): string {
  const wall = wallTime(sandbox.clock.now(), DEMO_ZONE);
  const minutes = `${Math.floor(wall.minutes / 60)}:${String(wall.minutes % 60).padStart(2, "0")}`;
  return `${wall.date} ${minutes} in Los Angeles (${toIso(sandbox.clock.now()).slice(0, 16)}Z)`;
}

/** The file that was started, from where the user stands; through npm it is the checkout's own. */
function programName(): string {
  const file = process.argv[1] ?? "tenure";
  const near = relative(process.cwd(), file);
  return near.startsWith("..") ? file : `./${near}`;
}

function quoted(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

async function writeWorkspace(place: {
  readonly workspace: string;
  readonly dataDir: string;
  readonly config: string;
  readonly sandbox: Sandbox;
}): Promise<void> {
  const { workspace, dataDir, config, sandbox } = place;
  const document = toJson(sandbox.document) as JsonObject;
  await noteSandbox(dataDir, document);
  await writePrivate(join(workspace, "roster.csv"), rosterCsv(sandbox.company));
  const parts = (await loadManifests()).flatMap((manifest) => manifest.demo ?? []);
  const nameOf = (manifest: ConnectorManifest): string => manifest.demo?.name ?? manifest.id;
  const spoken = await sandboxApps(document, dataDir, nameOf);
  const apps = Object.fromEntries(
    Object.entries(spoken).map(([name, settings]): [string, JsonValue] => {
      const part = parts.find((one) => one.name === name);
      return [name, { ...(isJsonObject(settings) ? settings : {}), ...part?.settings }];
    }),
  );
  const sections = {
    match: { domains: [DEMO_DOMAINS], autoLink: "exact" },
    rules: parts.flatMap((part) => part.rules),
    leavers: Object.fromEntries(parts.flatMap((part) => (part.leaver === null ? [] : [[part.name, part.leaver]]))),
  };
  const text = renderTemplate({ apps, roster: { file: "./roster.csv", zone: DEMO_ZONE }, sections });
  await writePrivate(config, text, 0o644);
  await writeConfigSchema({ config });
}
