/** Reads an app whole as the product does, and notes when each of its calls was answered. */
import type { Connection } from "../src/connector-kit/connection.ts";
import type { ConnectorManifest } from "../src/connector-kit/manifest.ts";
import { connectors } from "../src/connectors/index.ts";
import type { JsonObject } from "../src/kernel/json.ts";
import { silentLog } from "../src/kernel/log.ts";
import { Secret } from "../src/kernel/secret.ts";
import { seededRandom, type Random } from "../src/kernel/random.ts";
import { openMemoryStore, openServerStore } from "../src/store/open.ts";
import type { Store } from "../src/store/port.ts";
import { createTransport, type OpenTransport } from "../src/transport/client.ts";
import type {
  BudgetLedger,
  CallContext,
  Transport,
  TransportAnswer,
  TransportRequest,
} from "../src/transport/contract.ts";
import { patientConnection } from "../src/workflows/patience.ts";
import { syncConnection } from "../src/workflows/sync.ts";
import { localPart, PartClock, type Part, type Worker } from "./shared-time.ts";

/** Plain data, so that another process can be told. */
export interface ReaderOptions {
  readonly app: keyof typeof connectors;
  /** The app's part of the sandbox document. */
  readonly document: JsonObject;
  /** As in `tenure.yaml`; null: what the connector declares. */
  readonly rate: JsonObject | null;
  /** Name of the connection. */
  readonly name: string;
  /** Where budget and snapshot are kept; null: in this process. */
  readonly database: string | null;
  readonly startMs: number;
  /** When it begins to read. */
  readonly readMs: number;
  readonly seed: number;
}

export interface ReadListing {
  readonly kind: string;
  readonly count: number;
  readonly pages: number;
  readonly requests: number;
  readonly proof: string;
}

export interface Reading {
  readonly complete: boolean;
  readonly listings: readonly ReadListing[];
  readonly elapsedMs: number;
  /** When each call was answered. */
  readonly answeredMs: readonly number[];
}

export interface AccountReader {
  readonly part: Part;
  read(): Promise<Reading>;
  close(): Promise<void>;
}

/** Counts what is under way, however deep: time must not move while the database works. */
class Watched implements Worker {
  #count = 0;
  #waiting: (() => void)[] = [];

  get busy(): boolean {
    return this.#count > 0;
  }

  idle(): Promise<void> {
    return this.busy ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  /** The same object, whose asynchronous methods are counted while they run. */
  watch<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name, receiver) => {
        const value: unknown = Reflect.get(object, name, receiver);
        if (typeof value === "function")
          return (...given: unknown[]) => this.#during(Reflect.apply(value, object, given));
        return typeof value === "object" && value !== null ? this.watch(value) : value;
      },
    });
  }

  #during(result: unknown): unknown {
    if (!(result instanceof Promise)) return result;
    this.#count += 1;
    return result.finally(() => {
      this.#count -= 1;
      if (this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }
}

interface Wiring {
  readonly clock: PartClock;
  /** Time for requests under way: it never moves, and somebody sleeps on it exactly while there are any. */
  readonly network: PartClock;
  readonly random: Random;
  readonly ledger: BudgetLedger;
  readonly answeredMs: number[];
}

function noting(transport: Transport, { clock, answeredMs }: Wiring): Transport {
  return {
    origin: transport.origin,
    async send<T>(request: TransportRequest<T>, context: CallContext): Promise<TransportAnswer<T>> {
      const answer = await transport.send(request, context);
      answeredMs.push(clock.now());
      return answer;
    },
  };
}

function connect(
  manifest: ConnectorManifest,
  options: ReaderOptions,
  wiring: Wiring,
): { readonly connection: Connection; readonly transports: readonly OpenTransport[] } {
  const { clock, network, random, ledger } = wiring;
  const log = silentLog();
  const rate = options.rate === null ? {} : { rate: options.rate };
  const settings = manifest.settings.parse({ ...manifest.sandboxSettings(options.document), ...rate });
  const opened = manifest.endpoints(settings).map(({ name, endpoint }) => ({
    name,
    transport: createTransport({ endpoint, ledger, clock, networkClock: network, random, log }),
  }));
  const transports = new Map(opened.map(({ name, transport }) => [name, noting(transport, wiring)]));
  const traits = manifest.traits(settings);
  const leaver = { handOver: {}, final: "delete", graceDays: 0 } as const;
  const { id: connectorId, name: appName, guide, caveats, setup } = manifest;
  const named = { name: options.name, appName, share: 1 };
  const connection: Connection = {
    ...named,
    connectorId,
    profile: "guide",
    origin: opened[0]?.transport.origin ?? "",
    loopback: true,
    pageSize: Math.max(1, ...Object.values(traits.kinds).map((kind) => kind.maxPageSize)),
    traits,
    policy: { ...named, seats: null, protected: [], keyOwner: null, leaver },
    connector: manifest.connect({ settings, transports, clock, log }),
    guide,
    caveats,
    setup,
    notes: [],
  };
  return { connection, transports: opened.map(({ transport }) => transport) };
}

function openStore({ database }: ReaderOptions, clock: PartClock): Promise<Store> {
  return database === null ? openMemoryStore(clock) : openServerStore({ url: new Secret(database), clock });
}

export async function openReader(options: ReaderOptions): Promise<AccountReader> {
  const { default: manifest } = await connectors[options.app]();
  const watched = new Watched();
  const clock = new PartClock(options.startMs);
  const own = await openStore(options, clock);
  const store = watched.watch(own);
  const random = seededRandom(options.seed);
  const wiring = {
    clock,
    network: new PartClock(options.startMs),
    random,
    ledger: store.budgets,
    answeredMs: [],
  } satisfies Wiring;
  const { connection, transports } = connect(manifest, options, wiring);
  const { signal } = new AbortController();
  return {
    part: localPart(clock, () => wiring.network.sleeping, watched),
    async read() {
      await clock.sleep(options.readMs - clock.now());
      const startMs = clock.now();
      const snapshot = await syncConnection(
        { store, clock, random, signal, onEvent: () => undefined, resumeAgeMs: 0, acceptLoss: false },
        patientConnection(connection, { clock, signal }),
      );
      const listings = snapshot.listings.map(({ kind, count, pages, requests, proof }) => ({
        kind,
        count,
        pages,
        requests,
        proof: proof?.method ?? "none",
      }));
      return {
        complete: snapshot.complete,
        listings,
        elapsedMs: clock.now() - startMs,
        answeredMs: wiring.answeredMs,
      };
    },
    async close() {
      for (const transport of transports) await transport.close();
      await own.close();
    },
  };
}
