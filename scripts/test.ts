import { spawnSync } from "node:child_process";
import { readTree, ROOT } from "../test/source-tree.ts";

/**
 * Runs the tests in one process: `npm test`, `npm test -- src/graph` for some, `--soak` for the long ones too,
 * `--without-postgres` to leave out (and name) what needs a PostgreSQL server.
 */
const given = process.argv.slice(2);
const flags = new Set(given.filter((word) => word.startsWith("--")));
const wanted = given.filter((word) => !word.startsWith("--"));
const all = [...readTree("src", ".test.ts"), ...readTree("test", ".test.ts")].map((file) => file.path);
const files =
  wanted.length === 0 ? all : all.filter((path) => wanted.some((word) => path.startsWith(word.replace(/^\.\//, ""))));

if (files.length === 0) {
  process.stderr.write(
    `error: no test file matches ${wanted.join(" ")}\n  Paths start at the root: npm test -- src/graph\n`,
  );
  process.exit(64);
}
const result = spawnSync(
  process.execPath,
  ["--disable-warning=ExperimentalWarning", "--test", "--test-isolation=none", "--test-reporter=spec", ...files],
  {
    cwd: ROOT,
    stdio: "inherit",
    env: {
      ...process.env,
      ...(flags.has("--soak") ? { TENURE_TEST_SOAK: "1" } : {}),
      ...(flags.has("--without-postgres") ? { TENURE_TEST_WITHOUT_POSTGRES: "1" } : {}),
    },
  },
);
process.exit(result.status ?? 1);
