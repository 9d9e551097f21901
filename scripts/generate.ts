import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { publishedSchemas } from "../src/cli/documents.ts";
import { cliReference } from "../src/cli/reference.ts";
import { connectors } from "../src/connectors/index.ts";
import type { ConnectorManifest } from "../src/connector-kit/manifest.ts";
import { Secret } from "../src/kernel/secret.ts";
import { VARIABLES } from "../src/main/config.ts";
import { configJsonSchema } from "../src/main/config-tools.ts";
import { VERBS, type Traits, type Verb } from "../src/model/traits.ts";
import { ROOT } from "../test/source-tree.ts";

/**
 * Writes what the docs say about the apps from their manifests, and the published schemas: `npm run generate`. With `--check` nothing is written,
 * and a file that differs fails.
 */
const TITLES: Readonly<Record<Verb, string>> = {
  create: "create an account",
  update: "change name, phone, address",
  suspend: "suspend",
  reactivate: "reactivate",
  remove: "remove",
  convert: "convert to another kind",
  join: "add to a team",
  leave: "take out of a team",
  assignRole: "change the role",
  transfer: "hand over what an account owns",
  revokeInvitation: "revoke an invitation",
};

const UNDO: Readonly<Record<string, string>> = {
  api: "can be undone",
  "by-hand": "undo by hand",
  never: "cannot be undone",
};

function cell(traits: Traits, verb: Verb): string {
  const known = traits.verbs[verb];
  if (known === undefined) return "–";
  const effects = known.sideEffects.length === 0 ? "" : `; ${known.sideEffects.join("; ")}`;
  return `${UNDO[known.undo] ?? known.undo}${effects}`;
}

function quota(traits: Traits): string {
  const { limit, windowMs, owner } = traits.quota;
  const each = owner === "credential" ? "credential" : "vendor account";
  return `${limit} requests in ${windowMs / 1000} s for each ${each}`;
}

async function capabilities(): Promise<string> {
  const apps: { readonly manifest: ConnectorManifest; readonly traits: Traits }[] = [];
  for (const load of Object.values(connectors)) {
    const manifest = (await load()).default as ConnectorManifest;
    const secrets = manifest.secretFields
      .filter((name) => !name.includes("."))
      .map((name) => [name, new Secret("none")]);
    const settings = manifest.settings.parse({ connector: manifest.id, ...Object.fromEntries(secrets) });
    apps.push({ manifest, traits: manifest.traits(settings) });
  }
  const row = (name: string, cells: readonly string[]): string => `| ${[name, ...cells].join(" | ")} |`;
  return [
    "# What Tenure can do in each app",
    "",
    "Made from the connectors' manifests by `npm run generate`; profile `guide`.",
    "",
    row(
      "",
      apps.map(({ manifest }) => manifest.name),
    ),
    row(
      "---",
      apps.map(() => "---"),
    ),
    ...VERBS.map((verb) =>
      row(
        TITLES[verb],
        apps.map(({ traits }) => cell(traits, verb)),
      ),
    ),
    row(
      "limit",
      apps.map(({ traits }) => quota(traits)),
    ),
    row(
      "native SCIM",
      apps.map(({ traits }) => traits.scim.note),
    ),
    row(
      "events about users",
      apps.map(({ traits }) => traits.userEvents.join(", ") || "none: changes are seen by reading"),
    ),
    row(
      "written from",
      apps.map(({ manifest }) => `${manifest.guide.title}, ${manifest.guide.version}`),
    ),
    "",
  ].join("\n");
}

function pretty(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The JSON Schemas of what the command line prints, and of `tenure.yaml`. */
const schemas = Object.fromEntries(
  Object.entries(publishedSchemas()).map(([name, schema]) => [`docs/schemas/${name}`, async () => pretty(schema)]),
);

const files: Readonly<Record<string, () => Promise<string>>> = {
  "docs/capabilities.md": capabilities,
  "docs/cli.md": () => cliReference(VARIABLES),
  ...schemas,
  "docs/schemas/tenure.yaml.json": async () => pretty(await configJsonSchema()),
};
const check = process.argv.includes("--check");
for (const [path, make] of Object.entries(files)) {
  const target = join(ROOT, path);
  const text = await make();
  const known = existsSync(target) ? readFileSync(target, "utf8") : "";
  if (text === known) continue;
  if (check) {
    process.stderr.write(`error: ${path} is not what the code says. Run: npm run generate\n`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    process.stdout.write(`wrote ${path}\n`);
  }
}
