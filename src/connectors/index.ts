import type { ConnectorManifest } from "../connector-kit/manifest.ts";

/** Every app that Tenure speaks to: its folder and this line are all that it takes. Loaded when asked for. */
export const connectors = {
  followupboss: () => import("./followupboss/index.ts"),
  front: () => import("./front/index.ts"),
} satisfies Readonly<Record<string, () => Promise<{ readonly default: ConnectorManifest }>>>;
