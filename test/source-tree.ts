import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository, as the tidy test and the ledger see it: files with their text. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

export interface SourceFile {
  /** From the root, with forward slashes: `src/kernel/ids.ts`. */
  readonly path: string;
  readonly text: string;
}

const SKIPPED = new Set(["node_modules", ".git", "dist", "data", ".tenure"]);

/** All files below `folder` whose name ends as given, in a stable order. */
export function readTree(folder: string, ending: string): readonly SourceFile[] {
  const found: SourceFile[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (SKIPPED.has(entry.name)) continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith(ending)) {
        found.push({ path: relative(ROOT, path).replaceAll("\\", "/"), text: readFileSync(path, "utf8") });
      }
    }
  };
  walk(join(ROOT, folder));
  return found;
}

export function isTest(path: string): boolean {
  return /\.(test|suite)\.ts$/.test(path) || /\/(suite(\.ts|\/)|suites\/|testing\/)/.test(path);
}

/** Relative imports of a file, as paths from the root. `typeOnly` for `import type`. */
export function importsOf(file: SourceFile): readonly { readonly path: string; readonly typeOnly: boolean }[] {
  const found: { path: string; typeOnly: boolean }[] = [];
  const pattern = /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;"']*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/g;
  for (const match of file.text.matchAll(pattern)) {
    const target = match[2] ?? match[3] ?? "";
    const path = join(dirname(file.path), target).replaceAll("\\", "/");
    found.push({ path, typeOnly: match[1] !== undefined });
  }
  return found;
}

/** Names of packages that a file imports. */
export function packagesOf(file: SourceFile): readonly string[] {
  const pattern = /(?:^|\n)\s*(?:import|export)\s+[^;"']*?from\s+"([^."][^"]*)"|import\("([^."][^"]*)"\)/g;
  return [...file.text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? "");
}
