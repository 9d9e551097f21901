import { access, constants, stat } from "node:fs/promises";
import type { DoctorCheck } from "../cli/host.ts";
import { isAppError, toAppError } from "../kernel/errors.ts";
import { checkConfigFile, loadSettingsConfig } from "./config-tools.ts";
import { createControl } from "./control.ts";
import { openSession, type Opening } from "./session.ts";

type Check = () => Promise<readonly DoctorCheck[]>;

/** Looks at everything that a command needs; never throws for what it finds. */
export async function examine(opening: Opening): Promise<readonly DoctorCheck[]> {
  const checks: readonly (readonly [string, Check])[] = [
    ["node", () => checkNode()],
    ["data directory", () => checkFolder(opening)],
    ["configuration", () => checkConfiguration(opening)],
    ["sources", () => checkSources(opening)],
    ["clock", () => checkClock(opening)],
    ["store and apps", () => checkApps(opening)],
  ];
  const found: DoctorCheck[] = [];
  for (const [what, check] of checks) {
    try {
      found.push(...(await check()));
    } catch (error) {
      const [text = "", ...fix] = toAppError(error).message.split("\n");
      found.push({ what, state: "fail", text, fix: fix.length === 0 ? null : fix.join(" ") });
    }
  }
  return found;
}

function ok(what: string, text: string): DoctorCheck {
  return { what, state: "ok", text, fix: null };
}

async function checkNode(): Promise<readonly DoctorCheck[]> {
  return [ok("node", `${process.versions.node} on ${process.platform}`)];
}

async function checkFolder({ settings }: Opening): Promise<readonly DoctorCheck[]> {
  const what = "data directory";
  const there = await stat(settings.dataDir).catch(() => null);
  if (there === null) return [ok(what, `${settings.dataDir} will be made at the first use`)];
  if (!there.isDirectory()) {
    return [{ what, state: "fail", text: `${settings.dataDir} is no folder`, fix: "Give another with --data-dir." }];
  }
  const writable = await access(settings.dataDir, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) {
    return [
      {
        what,
        state: "fail",
        text: `${settings.dataDir} cannot be written`,
        fix: "Run as its owner, or give another with --data-dir.",
      },
    ];
  }
  if ((there.mode & 0o007) !== 0) {
    const fix = `It holds names and access of people: chmod 700 ${settings.dataDir}`;
    return [{ what, state: "warn", text: `others can read ${settings.dataDir}`, fix }];
  }
  return [ok(what, settings.dataDir)];
}

async function checkConfiguration({ environment, settings }: Opening): Promise<readonly DoctorCheck[]> {
  const what = "configuration";
  const check = await checkConfigFile(environment, settings);
  if (check.file === null)
    return [{ what, state: "warn", text: "there is no configuration file", fix: "Write one: tenure init" }];
  const wrong = [...check.problems, ...check.unresolved].map((line): DoctorCheck => ({
    what,
    state: "fail",
    text: line,
    fix: null,
  }));
  return wrong.length > 0 ? wrong : [ok(what, `${check.file}: ${check.apps.length} apps, ${check.rules} rules`)];
}

async function checkSources({ environment, settings }: Opening): Promise<readonly DoctorCheck[]> {
  const { sources } = await loadSettingsConfig(environment, settings).catch((error: unknown) => {
    if (isAppError(error, "config")) return { sources: [] };
    throw error;
  });
  return Promise.all(
    sources.map(async (source): Promise<DoctorCheck> => {
      const there = await access(source.file, constants.R_OK).then(
        () => true,
        () => false,
      );
      if (there) return ok(`source ${source.name}`, source.file);
      return {
        what: `source ${source.name}`,
        state: "fail",
        text: `${source.file} cannot be read`,
        fix: "Put the file there, or correct sources: in the configuration.",
      };
    }),
  );
}

async function checkClock({ settings, signal }: Opening): Promise<readonly DoctorCheck[]> {
  if (settings.sandboxClock === null) return [ok("clock", "this machine's")];
  await createControl(settings.sandboxClock).now(signal);
  return [ok("clock", `the sandbox's at ${settings.sandboxClock}`)];
}

async function checkApps(opening: Opening): Promise<readonly DoctorCheck[]> {
  const session = await openSession(opening);
  try {
    const where =
      session.runningAs === null ? "opened by this command" : `process ${session.runningAs} (tenure up) has it`;
    const { settings, signal } = opening;
    const options = { actor: settings.actor, onEvent: () => undefined, signal };
    const result = await session.app.call("apps.test", { app: null }, options);
    const apps = result.apps.flatMap((app) =>
      app.checks.map((check): DoctorCheck => ({
        what: `app ${app.app}`,
        state: check.state === "ok" ? "ok" : "fail",
        text: `${check.what}: ${check.text}`,
        fix: null,
      })),
    );
    return [ok("store", where), ...apps];
  } finally {
    await session.close();
  }
}
