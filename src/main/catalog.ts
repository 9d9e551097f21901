import { readFile } from "node:fs/promises";
import type { ConnectorManifest } from "../connector-kit/manifest.ts";
import { connectors } from "../connectors/index.ts";
import type { CatalogEntry } from "../cli/host.ts";
import type { Settings } from "../cli/settings.ts";
import { isJsonObject } from "../kernel/json.ts";
import { readDocument } from "./config/document.ts";

/** Every connector of this build. */
export async function loadManifests(): Promise<readonly ConnectorManifest[]> {
  return Promise.all(Object.values(connectors).map(async (load) => (await load()).default));
}

export async function readCatalog(): Promise<readonly CatalogEntry[]> {
  const manifests = await loadManifests();
  return manifests.map((manifest) => ({
    id: manifest.id,
    name: manifest.name,
    guide: manifest.guide,
    secretFields: manifest.secretFields,
    setup: manifest.setup.steps,
    scopes: manifest.setup.scopes,
    warnings: manifest.setup.warnings,
    caveats: Object.entries(manifest.caveats).map(([id, one]) => ({
      id,
      says: one.says,
      where: one.where,
      profile: one.profile,
    })),
  }));
}

/** Names and connectors as they stand in the file; a file with errors gives what can be read of it. */
export async function readConfiguredApps(settings: Settings): Promise<Readonly<Record<string, string>>> {
  if (settings.config === null) return {};
  const text = await readFile(settings.config, "utf8").catch(() => "");
  const { apps } = readDocument("tenure.yaml", text).data;
  if (!isJsonObject(apps)) return {};
  return Object.fromEntries(
    Object.entries(apps).flatMap(([name, app]) => {
      const id = isJsonObject(app) ? app["connector"] : null;
      return typeof id === "string" ? [[name, id]] : [];
    }),
  );
}
