import type { EmulatorModule } from "../emulator-kit/contract.ts";
import { AppError } from "../kernel/errors.ts";

/** What a registry of connectors holds, as far as the sandbox looks: each manifest may load an emulator. */
export type ConnectorRegistry = Readonly<
  Record<string, () => Promise<{ readonly default: { readonly emulator?: () => Promise<unknown> } }>>
>;

/** The emulators of these apps, or of every app that has one. Throws `usage` for an app that has none. */
export async function loadEmulators(
  registry: ConnectorRegistry,
  apps: readonly string[] = [],
): Promise<Readonly<Record<string, EmulatorModule>>> {
  const found: Record<string, EmulatorModule> = {};
  for (const app of apps.length === 0 ? Object.keys(registry) : apps) {
    const load = Object.hasOwn(registry, app) ? registry[app] : undefined;
    const emulator = await (await load?.())?.default.emulator?.();
    if (emulator !== undefined) found[app] = readModule(app, emulator);
    else if (apps.length > 0) {
      throw new AppError("usage", `there is no emulator of ${app}\nApps: ${Object.keys(registry).join(", ")}`);
    }
  }
  return found;
}

/** A module of an emulator exports it under that name. */
function readModule(app: string, module: unknown): EmulatorModule {
  if (typeof module === "object" && module !== null && "emulator" in module && isEmulator(module.emulator)) {
    return module.emulator;
  }
  throw new AppError("internal", `the emulator module of ${app} does not export an emulator`);
}

function isEmulator(value: unknown): value is EmulatorModule {
  return typeof value === "object" && value !== null && "records" in value && "routes" in value && "seed" in value;
}
