import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CONNECTOR_FILES, EMPTY_NAMES, FENCED, LAYERS, PACKAGES, TYPES_ONLY } from "./layers.data.ts";
import { ROOT, importsOf, isTest, packagesOf, readTree, type SourceFile } from "./source-tree.ts";

const sources = readTree("src", ".ts");
const code = sources.filter((file) => !isTest(file.path));

function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function connectorOf(path: string): string | null {
  const match = /^src\/connectors\/([^/]+)\//.exec(path);
  return match?.[1] ?? null;
}

function inEmulator(path: string): boolean {
  return /^src\/connectors\/[^/]+\/emulator\//.test(path);
}

function none(problems: readonly string[]): void {
  assert.deepEqual(problems, [], problems.join("\n"));
}

function layerProblem(file: SourceFile, target: { readonly path: string; readonly typeOnly: boolean }): string | null {
  const [from, to] = [folderOf(file.path), folderOf(target.path)];
  const where = `${file.path} imports ${target.path}`;
  if (target.path === "package.json" && from === "main") return null;
  if (!target.path.startsWith("src/")) return `${where}: outside src/`;
  if (inEmulator(file.path)) {
    const own = file.path.slice(0, file.path.indexOf("/emulator/") + 10);
    const fine = target.path.startsWith(own) || to === "emulator-kit" || to === "kernel";
    return fine ? null : `${where}: an emulator knows only emulator-kit and kernel`;
  }
  if (from === to) return connectorProblem(file, target, where);
  if (from === "kernel") return `${where}: kernel imports nothing`;
  if (to === "kernel" || (to === "model" && from !== "emulator-kit")) return null;
  if (!(LAYERS[from] ?? []).includes(to)) return `${where}: ${from} may not import ${to}`;
  if ((TYPES_ONLY[from] ?? []).includes(to) && !target.typeOnly) return `${where}: types only`;
  return null;
}

function connectorProblem(file: SourceFile, target: { readonly path: string }, where: string): string | null {
  const [own, other] = [connectorOf(file.path), connectorOf(target.path)];
  if (own !== null && other !== null && own !== other) return `${where}: one app does not know another`;
  const lazy = file.path === `src/connectors/${own}/index.ts`;
  if (own !== null && inEmulator(target.path) && !lazy) return `${where}: a connector does not know its emulator`;
  return null;
}

test("each folder imports only what its layer allows", () => {
  const problems = code.flatMap((file) => importsOf(file).flatMap((target) => layerProblem(file, target) ?? []));
  none(problems);
});

test("every folder of src has a layer", () => {
  const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  none(folders.map((entry) => entry.name).filter((name) => LAYERS[name] === undefined));
});

test("top-level files are a folder's face, sub-folders are private", () => {
  const problems = code.flatMap((file) =>
    importsOf(file)
      .filter((target) => folderOf(target.path) !== folderOf(file.path))
      .filter((target) => folderOf(file.path) !== "main" && target.path.split("/").length > 3)
      .map((target) => `${file.path} reaches into ${target.path}`),
  );
  none(problems);
});

test("packages are imported only where they belong", () => {
  const problems = code.flatMap((file) =>
    packagesOf(file)
      .filter((name) => !name.startsWith("node:"))
      .filter(
        (name) => !(PACKAGES[folderOf(file.path)] ?? []).some((own) => name === own || name.startsWith(`${own}/`)),
      )
      .map((name) => `${file.path} imports ${name}`),
  );
  none(problems);
});

test("clocks, chance, console, environment and network stay behind their fences", () => {
  const problems: string[] = [];
  for (const file of code) {
    const bare = file.text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
    const lines = bare.split("\n");
    for (const fence of FENCED) {
      if (fence.allowed.some((prefix) => file.path.startsWith(prefix))) continue;
      for (const line of lines)
        if (fence.pattern.test(line)) problems.push(`${file.path}: ${fence.what}: ${line.trim()}`);
    }
  }
  none(problems);
});

test("no file or folder has a name that says nothing", () => {
  none(sources.map((file) => file.path).filter((path) => EMPTY_NAMES.test(path)));
});

test("no index file re-exports", () => {
  const problems = code
    .filter((file) => file.path.endsWith("/index.ts"))
    .filter((file) => /^export .* from "/m.test(file.text))
    .map((file) => file.path);
  none(problems);
});

test("files have at most 400 lines; tables in .data.ts are free", () => {
  const problems = [...sources, ...readTree("test", ".ts"), ...readTree("scripts", ".ts"), ...readTree("bench", ".ts")]
    .filter((file) => !file.path.endsWith(".data.ts"))
    .map((file) => ({ path: file.path, lines: file.text.split("\n").length - 1 }))
    .filter((file) => file.lines > 400)
    .map((file) => `${file.path}: ${file.lines} lines`);
  none(problems);
});

test("every connector has the fixed shape and one line in the registry", () => {
  const folders = readdirSync(join(ROOT, "src/connectors"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const missing = folders.flatMap((app) =>
    CONNECTOR_FILES.filter((name) => !existsSync(join(ROOT, "src/connectors", app, name))).map(
      (name) => `${app}/${name}`,
    ),
  );
  none(missing);
  const registry = sources.find((file) => file.path === "src/connectors/index.ts")?.text ?? "";
  const listed = [...registry.matchAll(/import\("\.\/([^/]+)\/index\.ts"\)/g)].map((match) => match[1] ?? "");
  assert.deepEqual(new Set(listed), new Set(folders));
  assert.equal(listed.length, folders.length);
});

test("no app is named outside connectors", () => {
  const apps = readdirSync(join(ROOT, "src/connectors"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const named = new RegExp(`["'\`](${apps.join("|")})["'\`]|Follow Up Boss|FreshBooks|Freshservice|JustCall`, "i");
  const problems = code
    .filter((file) => folderOf(file.path) !== "connectors")
    .flatMap((file) => {
      const bare = file.text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
      return bare
        .split("\n")
        .filter((line) => named.test(line))
        .map((line) => `${file.path}: ${line.trim()}`);
    });
  none(problems);
});

test("named exports only, but for a connector's manifest and an emulator's module", () => {
  const problems = code
    .filter((file) => /^export default /m.test(file.text))
    .map((file) => file.path)
    .filter((path) => !/^src\/connectors\/[^/]+\/(emulator\/)?index\.ts$/.test(path));
  none(problems);
});

test("no tracked text holds a path of one machine", () => {
  const files = [...sources, ...readTree("docs", ".md"), ...readTree("test", ".ts"), ...readTree("scripts", ".ts")];
  const machine = new RegExp(`(^|[^a-z.])/(${["work", "root", "home"].join("|")})/[a-z]`);
  none(files.filter((file) => machine.test(file.text)).map((file) => file.path));
});

test("every export is used by another file", () => {
  const all = [...sources, ...readTree("test", ".ts"), ...readTree("scripts", ".ts"), ...readTree("bench", ".ts")];
  const words = new Map<string, Set<string>>();
  for (const file of all) {
    for (const word of file.text.match(/[A-Za-z_$][\w$]*/g) ?? []) {
      const users = words.get(word);
      if (users === undefined) words.set(word, new Set([file.path]));
      else users.add(file.path);
    }
  }
  const problems: string[] = [];
  for (const file of code) {
    for (const match of file.text.matchAll(
      /^export (?:async )?(?:const|function\*?|class|interface|type) ([\w$]+)/gm,
    )) {
      const name = match[1] ?? "";
      const ownUses = file.text.match(new RegExp(`\\b${name.replaceAll("$", "\\$")}\\b`, "g"))?.length ?? 0;
      const elsewhere = [...(words.get(name) ?? [])].some((path) => path !== file.path);
      const isTypeUsedHere = /^export (interface|type) /m.test(match[0]) && ownUses > 1;
      if (!elsewhere && !isTypeUsedHere) problems.push(`${file.path}: ${name}`);
    }
  }
  none(problems);
});
