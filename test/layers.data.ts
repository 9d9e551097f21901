/** Which folder of `src/` may import which others, besides kernel and model (conventions, section 2). */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  model: [],
  graph: [],
  planner: ["graph"],
  transport: [],
  sources: [],
  "connector-kit": ["transport"],
  "emulator-kit": [],
  connectors: ["connector-kit", "transport"],
  store: ["transport"],
  engine: ["store"],
  events: ["store", "transport"],
  audit: ["store"],
  workflows: ["sources", "connector-kit", "graph", "planner", "store", "engine", "events", "audit", "transport"],
  app: ["workflows", "sources", "connector-kit", "graph", "planner", "store", "engine", "events", "audit", "transport"],
  scim: ["app"],
  api: ["app"],
  cli: ["app"],
  sandbox: ["emulator-kit", "connector-kit", "connectors"],
  main: [
    "graph",
    "planner",
    "transport",
    "sources",
    "connector-kit",
    "emulator-kit",
    "connectors",
    "store",
    "engine",
    "events",
    "audit",
    "workflows",
    "app",
    "scim",
    "api",
    "cli",
    "sandbox",
  ],
};

/** Folders from which another may take types only. */
export const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  "connector-kit": ["transport"],
  store: ["transport"],
  workflows: ["transport"],
  app: ["transport"],
};

/** Packages that a folder may import, besides Node's own modules; a folder that is not named imports none. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  transport: ["undici"],
  sources: ["read-excel-file"],
  "connector-kit": ["zod", "typebox"],
  "emulator-kit": ["hono", "@hono/node-server"],
  connectors: ["zod", "typebox"],
  store: ["kysely", "pg"],
  engine: ["openworkflow"],
  cli: ["commander", "@clack/prompts", "cli-table3", "picocolors", "zod"],
  sandbox: ["hono", "@hono/node-server"],
  main: ["zod", "yaml", "croner"],
};

/** What only some folders may touch: clocks, chance, the console, the environment, the network. */
export const FENCED: readonly {
  readonly what: string;
  readonly pattern: RegExp;
  readonly allowed: readonly string[];
}[] = [
  { what: "Date", pattern: /\bDate\b(?=\.|\(|\s*\()|new Date\b/, allowed: ["src/kernel/"] },
  {
    what: "timers",
    pattern: /(?<![.\w])(setTimeout|setInterval|setImmediate)\(/,
    allowed: ["src/kernel/", "src/emulator-kit/faults"],
  },
  { what: "Math.random", pattern: /\bMath\.random\b/, allowed: [] },
  { what: "random bytes", pattern: /\brandom(Bytes|UUID|Int)\b/, allowed: ["src/kernel/"] },
  { what: "console", pattern: /\bconsole\./, allowed: [] },
  { what: "process.env", pattern: /\bprocess\.env\b/, allowed: ["src/main/config"] },
  { what: "fetch", pattern: /(?<![.\w])fetch\(/, allowed: [] },
  { what: "any", pattern: /:\s*any\b|\bas any\b/, allowed: [] },
  { what: "ts-ignore", pattern: /@ts-(ignore|expect-error|nocheck)/, allowed: [] },
  { what: "a task without an issue", pattern: /\b(TODO|FIXME|XXX|HACK)\b/, allowed: [] },
];

/** Names that say nothing about what is inside. */
export const EMPTY_NAMES = /(^|[-_./])(utils?|helpers?|common|misc|managers?)([-_./]|$)/i;

/** The fixed shape of a connector (conventions, section 3). */
export const CONNECTOR_FILES: readonly string[] = [
  "index.ts",
  "config.ts",
  "caveats.ts",
  "wire.ts",
  "client.ts",
  "mapper.ts",
  "connector.ts",
  "connector.test.ts",
  "README.md",
  "emulator/index.ts",
  "emulator/entities.ts",
  "emulator/routes.ts",
  "emulator/seed.ts",
  "emulator/emulator.test.ts",
];
