import type { ConnectionPolicy } from "../model/policy.ts";
import type { Traits } from "../model/traits.ts";
import type { Connector } from "./contract.ts";
import type { Caveat, SetupText } from "./manifest.ts";

/** One configured app, ready to speak: what `main` builds from a manifest, settings and transports. */
export interface Connection {
  /** Its name in `tenure.yaml`. */
  readonly name: string;
  readonly connectorId: string;
  /** The app's name for people. */
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
