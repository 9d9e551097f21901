/** For tests: an app's emulator and its connector, speaking over real HTTP on loopback, on one clock that stands still. */
import { Bench } from "../connector-kit/suite.ts";
import type { Connector } from "../connector-kit/contract.ts";
import type { ConnectorManifest, EndpointPlan } from "../connector-kit/manifest.ts";
import type { EmulatorModule } from "../emulator-kit/contract.ts";
import { runEmulator } from "../emulator-kit/run.ts";
import type { RunningEmulator } from "../emulator-kit/running.ts";
import { virtualClock, type VirtualClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { jsonLog, type Log } from "../kernel/log.ts";
import { seededRandom } from "../kernel/random.ts";
import { createTransport, type OpenTransport } from "../transport/client.ts";
import type { Endpoint } from "../transport/contract.ts";
import { memoryLedger } from "../transport/memory-ledger.ts";

/** Any moment will do that is the start of a minute. */
const START = 1_795_212_000_000;

type Settings = Readonly<Record<string, unknown>>;

export interface TwinOptions {
  /** Laid over those with which the connector speaks to its sandbox twin. */
  readonly settings?: Settings;
  /** For tests of what another client would do: the endpoint as it is used in place of the manifest's. */
  readonly endpoint?: (plan: EndpointPlan) => Endpoint;
}

/** A bench of which the emulator is known whole, and to which further connections can be made. */
export class TwinBench extends Bench<RunningEmulator> {
  readonly settings: Settings;
  readonly #connect: (settings: Settings) => Connector;

  constructor(
    parts: ConstructorParameters<typeof Bench<RunningEmulator>>[0],
    connect: (settings: Settings) => Connector,
    settings: Settings,
  ) {
    super(parts);
    this.#connect = connect;
    this.settings = settings;
  }

  /** Another connection to the same emulator, with its own transports and budget. */
  reconnect(settings: Settings): Connector {
    return this.#connect(settings);
  }
}

function isEmulatorModule(value: unknown): value is EmulatorModule {
  return typeof value === "object" && value !== null && "routes" in value && "authenticate" in value;
}

async function loadEmulator(manifest: ConnectorManifest): Promise<EmulatorModule> {
  const exported = Object.values((await manifest.emulator()) as Readonly<Record<string, unknown>>);
  const found = exported.find((value) => isEmulatorModule(value));
  if (found === undefined) throw new AppError("internal", `the emulator of ${manifest.id} exports no module`);
  return found;
}

/** Every form in which the credentials of an endpoint travel. */
function formsOf({ auth }: Endpoint): readonly string[] {
  if (auth.scheme === "bearer") return [auth.token.expose()];
  const user = auth.user.expose();
  return [user, Buffer.from(`${user}:${auth.password?.expose() ?? ""}`).toString("base64")];
}

interface World {
  readonly manifest: ConnectorManifest;
  readonly emulator: RunningEmulator;
  readonly clock: VirtualClock;
  readonly network: VirtualClock;
  readonly log: Log;
  readonly open: Set<OpenTransport>;
  readonly canaries: Set<string>;
}

function connectTo(
  world: World,
  options: TwinOptions,
): { readonly connector: Connector; readonly traits: ReturnType<ConnectorManifest["traits"]> } {
  const { manifest, emulator, clock, network, log } = world;
  const settings = manifest.settings.parse({ ...manifest.sandboxSettings(emulator.document), ...options.settings });
  const ledger = memoryLedger(clock);
  const transports = new Map<string, OpenTransport>();
  for (const plan of manifest.endpoints(settings)) {
    const endpoint = options.endpoint === undefined ? plan.endpoint : options.endpoint(plan);
    for (const form of formsOf(endpoint)) world.canaries.add(form);
    const transport = createTransport({ endpoint, ledger, clock, networkClock: network, random: seededRandom(1), log });
    world.open.add(transport);
    transports.set(plan.name, transport);
  }
  return { connector: manifest.connect({ settings, transports, clock, log }), traits: manifest.traits(settings) };
}

export async function openTwin(manifest: ConnectorManifest, options: TwinOptions = {}): Promise<TwinBench> {
  const clock = virtualClock(START);
  const network = virtualClock(START);
  const emulator = await runEmulator(await loadEmulator(manifest), { clock, kind: "empty" });
  const lines: string[] = [];
  const log = jsonLog({ write: (line) => lines.push(line), clock, level: "debug" });
  const world: World = { manifest, emulator, clock, network, log, open: new Set(), canaries: new Set() };
  const { connector, traits } = connectTo(world, options);
  const close = async (): Promise<void> => {
    for (const transport of world.open) await transport.close();
  };
  const parts = { twin: emulator, clock, network, connector, traits, canaries: world.canaries, lines, close };
  const again = (settings: Settings): Connector =>
    connectTo(world, { ...options, settings: { ...options.settings, ...settings } }).connector;
  return new TwinBench(parts, again, options.settings ?? {});
}

/** Opens a twin for one test and closes it behind it. */
export async function withTwin(
  manifest: ConnectorManifest,
  options: TwinOptions,
  body: (bench: TwinBench) => Promise<void>,
): Promise<void> {
  const bench = await openTwin(manifest, options);
  try {
    await body(bench);
  } finally {
    await bench.close();
  }
}
