import type { Connection } from "../../src/connector-kit/connection.ts";
import type { ConnectorManifest } from "../../src/connector-kit/manifest.ts";
import { connectors } from "../../src/connectors/index.ts";
import type { EmulatorModule } from "../../src/emulator-kit/contract.ts";
import { present } from "../../src/kernel/assert.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import type { JsonObject } from "../../src/kernel/json.ts";
import type { Log } from "../../src/kernel/log.ts";
import type { Random } from "../../src/kernel/random.ts";
import type { ConnectionPolicy } from "../../src/model/policy.ts";
import { createTransport, type OpenTransport } from "../../src/transport/client.ts";
import type { BudgetLedger } from "../../src/transport/contract.ts";

export type AppId = keyof typeof connectors;

export const APPS: readonly AppId[] = ["followupboss", "front"];

export interface LoadedApp {
  readonly manifest: ConnectorManifest;
  readonly emulator: EmulatorModule;
}

export async function loadApp(app: AppId): Promise<LoadedApp> {
  const manifest: ConnectorManifest = (await connectors[app]()).default;
  const module = (await manifest.emulator()) as { readonly emulator: EmulatorModule };
  return { manifest, emulator: module.emulator };
}

/** Where an emulator is reached, and its credentials: its part of the sandbox document. */
export interface Reached {
  readonly document: JsonObject;
}

export interface ConnectParts {
  readonly manifest: ConnectorManifest;
  readonly reached: Reached;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly policy: Partial<ConnectionPolicy>;
  readonly clock: Clock;
  /** Time of requests under way. */
  readonly networkClock: Clock;
  readonly ledger: BudgetLedger;
  readonly random: Random;
  readonly log: Log;
}

export interface OpenConnection {
  readonly connection: Connection;
  readonly transports: readonly OpenTransport[];
}

/** A connection to an emulator as `main` would open it, named like its connector. */
export function connect(parts: ConnectParts): OpenConnection {
  const { manifest, clock, networkClock, ledger, random, log, reached } = parts;
  const settings = manifest.settings.parse({ ...manifest.sandboxSettings(reached.document), ...parts.settings });
  const transports = new Map<string, OpenTransport>();
  for (const plan of manifest.endpoints(settings)) {
    const { endpoint } = plan;
    transports.set(plan.name, createTransport({ endpoint, ledger, clock, networkClock, random, log }));
  }
  const traits = manifest.traits(settings);
  const open = [...transports.values()];
  const connection: Connection = {
    name: manifest.id,
    connectorId: manifest.id,
    appName: manifest.name,
    profile: "guide",
    origin: present(open[0], "a transport").origin,
    loopback: true,
    pageSize: Math.max(...Object.values(traits.kinds).map((kind) => kind.maxPageSize)),
    traits,
    policy: {
      name: manifest.id,
      appName: manifest.name,
      share: 1,
      seats: null,
      protected: [],
      keyOwner: null,
      leaver: { handOver: {}, final: "delete", graceDays: 0 },
      ...parts.policy,
    },
    connector: manifest.connect({ settings, transports, clock, log }),
    guide: manifest.guide,
    caveats: manifest.caveats,
    setup: manifest.setup,
    notes: [],
  };
  return { connection, transports: open };
}
