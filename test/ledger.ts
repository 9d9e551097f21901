import { connectors } from "../src/connectors/index.ts";
import type { Side } from "../src/connector-kit/manifest.ts";
import { readTree } from "./source-tree.ts";

/** The sides in the order in which they are printed. */
export const SIDES: readonly Side[] = ["E", "C", "M", "D", "L", "S", "V", "T"];

export const SIDE_NAMES: Readonly<Record<Side, string>> = {
  E: "emulator",
  C: "connector",
  M: "metadata",
  D: "docs",
  L: "lifecycle",
  S: "SCIM",
  V: "events",
  T: "explicit test",
};

/** Where a test must stand to count for a side. */
function placeOf(app: string, side: Side): RegExp {
  switch (side) {
    case "E":
      return new RegExp(`^src/connectors/${app}/emulator/`);
    case "C":
    case "M":
    case "D":
      return new RegExp(`^src/connectors/${app}/(?!emulator/)`);
    case "L":
      return /^(src\/(planner|workflows|graph|app|cli)|test)\//;
    case "S":
      return /^src\/scim\//;
    case "V":
      return /^src\/events\//;
    case "T":
      return /^(src|test)\//;
  }
}

export interface LedgerRow {
  readonly app: string;
  readonly side: Side;
  readonly covered: readonly string[];
  readonly open: readonly string[];
}

/** Ids in test titles, by file: `test("[FUB-01] …")`, also several in one title. */
function idsInTitles(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const title = /\b(?:test|it)(?:\.\w+)?\(\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/g;
  for (const file of [...readTree("src", ".test.ts"), ...readTree("test", ".test.ts")]) {
    for (const match of file.text.matchAll(title)) {
      for (const brackets of (match[2] ?? "").matchAll(/\[([A-Z]+-\w+(?:,? [A-Z]+-\w+)*)\]/g)) {
        for (const id of (brackets[1] ?? "").split(/,? /)) {
          const files = found.get(id) ?? new Set<string>();
          files.add(file.path);
          found.set(id, files);
        }
      }
    }
  }
  return found;
}

/** Per app and side: which ids of the contract have a test of their own. */
export async function readLedger(): Promise<readonly LedgerRow[]> {
  const titles = idsInTitles();
  const rows: LedgerRow[] = [];
  for (const [app, load] of Object.entries(connectors)) {
    const { default: manifest } = await load();
    const caveats = Object.entries(manifest.caveats);
    for (const side of SIDES) {
      const place = placeOf(app, side);
      const ids = caveats.filter(([, caveat]) => caveat.sides.includes(side)).map(([id]) => id);
      const covered = ids.filter((id) => [...(titles.get(id) ?? [])].some((path) => place.test(path)));
      rows.push({ app, side, covered, open: ids.filter((id) => !covered.includes(id)) });
    }
  }
  return rows;
}

/** Ids in titles that no contract knows: a typing error, or a fact that was dropped. */
export async function unknownIds(): Promise<readonly string[]> {
  const known = new Set<string>();
  const prefixes = new Set<string>();
  for (const load of Object.values(connectors)) {
    const { default: manifest } = await load();
    for (const id of Object.keys(manifest.caveats)) {
      known.add(id);
      prefixes.add(id.slice(0, id.indexOf("-")));
    }
  }
  return [...idsInTitles().keys()].filter(
    (id) => prefixes.has(id.slice(0, id.indexOf("-"))) && /-\d+$/.test(id) && !known.has(id),
  );
}
