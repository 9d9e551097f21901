import type { Caveat, SetupText } from "../connector-kit/manifest.ts";
import type { Connector } from "../connector-kit/contract.ts";
import type { ConnectionPolicy, Policy } from "../model/policy.ts";
import type { Traits } from "../model/traits.ts";

/** One configured app, ready to speak: what `main` builds from a manifest, settings and a transport. */
export interface Connection {
  readonly name: string;
  readonly connectorId: string;
  readonly appName: string;
  readonly profile: string;
  /** Scheme, host and base path, for people. */
  readonly origin: string;
  /** Every endpoint of it is on loopback: a sandbox. */
  readonly loopback: boolean;
  readonly pageSize: number;
  readonly traits: Traits;
  readonly policy: ConnectionPolicy;
  readonly connector: Connector;
  readonly guide: { readonly title: string; readonly version: string };
  readonly caveats: Readonly<Record<string, Caveat>>;
  readonly setup: SetupText;
  readonly notes: readonly string[];
}

/** A source of people as configured. */
export interface RosterSource {
  readonly name: string;
  readonly kind: "roster" | "directory";
  /** Absolute path. */
  readonly file: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly zone: string;
  readonly dateFormat: string | null;
}

/** What the use cases know of the deployment's configuration. */
export interface Deployment {
  readonly connections: readonly Connection[];
  readonly sources: readonly RosterSource[];
  readonly policy: Policy;
}
