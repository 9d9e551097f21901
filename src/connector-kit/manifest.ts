import type { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import type { JsonObject } from "../kernel/json.ts";
import type { Log } from "../kernel/log.ts";
import type { Traits } from "../model/traits.ts";
import type { Endpoint, Transport } from "../transport/contract.ts";
import type { Connector } from "./contract.ts";

export type Profile = "guide" | "vendor";

/** One fact of the vendor's document that we honour. */
export interface Caveat {
  /** The requirement, in our words. */
  readonly says: string;
  /** Lines of the source document, or the vendor's own material. */
  readonly where: string;
  readonly profile: Profile;
  /** Who must satisfy it: emulator, connector, lifecycle, SCIM, events, metadata, docs; T: needs an explicit test. */
  readonly sides: readonly Side[];
}

export type Side = "E" | "C" | "L" | "S" | "V" | "M" | "D" | "T";

/** A named endpoint of an app: its REST API, its SCIM server. */
export interface EndpointPlan {
  readonly name: string;
  readonly endpoint: Endpoint;
}

export interface ConnectOptions<Settings> {
  readonly settings: Settings;
  /** By the names that `endpoints` gave. */
  readonly transports: ReadonlyMap<string, Transport>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an operator must do once, in order. */
export interface SetupText {
  readonly steps: readonly string[];
  /** Least privileges that the credential needs. */
  readonly scopes: readonly string[];
  readonly warnings: readonly string[];
}

/** A document that the connector was written from. */
export interface GuideSource {
  readonly title: string;
  /** Contract revision: the document's own date. */
  readonly version: string;
}

/** How `apps show` tells of the vendor's webhooks; metadata only. */
export interface WebhookFacts {
  readonly available: boolean;
  readonly note: string;
  readonly events: readonly string[];
}

/** How the demo company (`tenure demo`) uses an app: its part of that company's `tenure.yaml`. */
export interface DemoPart {
  /** Name of the connection. */
  readonly name: string;
  /** Beside those that `sandboxSettings` gives. */
  readonly settings: JsonObject;
  readonly rules: readonly JsonObject[];
  /** Its entry of `leavers:`; null: none. */
  readonly leaver: JsonObject | null;
}

/**
 * What an app's folder exports as its one default export: data and pure functions, no I/O on import.
 * `Settings` is the parsed form of the connection's part of `tenure.yaml`.
 */
export interface ConnectorManifest<Settings = unknown> {
  /** The id in `tenure.yaml` (`connector:`) and on the command line. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly guide: GuideSource;
  /** Schema of the connection's own settings; secrets arrive as `Secret`. Built on `commonSettings`. */
  readonly settings: z.ZodType<Settings>;
  /** Which fields of the settings are secrets (references such as env:NAME in the file). */
  readonly secretFields: readonly string[];
  /** Data for the planner, by profile and switches of the connection. */
  traits(settings: Settings): Traits;
  endpoints(settings: Settings): readonly EndpointPlan[];
  connect(options: ConnectOptions<Settings>): Connector;
  readonly caveats: Readonly<Record<string, Caveat>>;
  readonly setup: SetupText;
  readonly webhooks: WebhookFacts;
  /** What the credential is and how it must be treated (one sentence each). */
  readonly credentialNotes: readonly string[];
  /** Other facts for `apps show` and the docs, one sentence each, with the ids of the caveats they honour. */
  readonly notes: readonly { readonly text: string; readonly caveats: readonly string[] }[];
  /** The settings with which this connector speaks to its sandbox twin, from that app's part of the sandbox document. */
  sandboxSettings(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** What the demo company's configuration says of this app; null: it does not use it. */
  readonly demo: DemoPart | null;
  /** The emulator's module, loaded only when asked for. Its type belongs to `emulator-kit`, which connectors do not import. */
  emulator(): Promise<unknown>;
}
