import { diffRoster } from "../src/graph/diff-roster.ts";
import { findDrift } from "../src/graph/drift.ts";
import { resolveGraph } from "../src/graph/resolve.ts";
import { assert } from "../src/kernel/assert.ts";
import type { Person, RosterEntry } from "../src/model/person.ts";
import { readRoster } from "../src/sources/read-roster.ts";
import { READ_DEFAULTS } from "../src/sources/reading.ts";
import { atMost, shown, type Bench, type Measure } from "./measure.ts";
import { makeCompany, makeRoster, NOW, type BenchCompany } from "./people.ts";

const SIZES = [1000, 10_000, 100_000] as const;
/** n log n between the smallest and the largest size, as an exponent: log(100 × log 10^5 / log 10^3) / log 100. */
const N_LOG_N = Math.log((100 * Math.log(100_000)) / Math.log(1000)) / Math.log(100);

interface Cost {
  /** CPU of the process, user and system, in seconds. */
  readonly cpu: number;
  readonly elapsed: number;
}

async function costOf(work: () => unknown): Promise<Cost> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const elapsed = (performance.now() - start) / 1000;
  const used = process.cpuUsage(before);
  return { cpu: (used.user + used.system) / 1_000_000, elapsed };
}

function csvOf(roster: readonly RosterEntry[]): Uint8Array {
  const header =
    "Employee ID,First Name,Last Name,Display Name,Work Email,Employment Status,Start Date,Termination Date,Time Zone,Department,Office,Worker Type,Manager\r\n";
  const lines = roster.map((entry) => {
    const status = entry.status === "terminated" ? "Terminated" : "Active";
    const dates = `${entry.startDate ?? ""},${entry.lastDay ?? ""}`;
    return `${entry.key},${entry.givenName},${entry.familyName},${entry.displayName},${entry.email},${status},${dates},${entry.zone},${entry.department ?? ""},"${entry.office ?? ""}",${entry.workerType ?? ""},${entry.manager ?? ""}\r\n`;
  });
  return Buffer.from(header + lines.join(""));
}

/** What one import and the reading of two apps cost, from the bytes of the file to the findings. */
async function pipeline(
  company: BenchCompany,
  file: Uint8Array,
  previous: ReadonlyMap<string, Person>,
): Promise<readonly Cost[]> {
  let entries: readonly RosterEntry[] = [];
  const read = await costOf(async () => {
    const options = { ...READ_DEFAULTS, name: "hr", defaultZone: "UTC", now: NOW };
    const reading = await readRoster({ bytes: file, fileName: "roster.csv" }, options);
    assert(reading.errorCount === 0 && reading.entries.length === company.people.length, "the whole roster was read");
    entries = reading.entries;
  });
  const compare = await costOf(() => {
    const diff = diffRoster({ source: "hr", importId: "imp_bench", previous, entries, whole: true });
    assert(diff.writes.length === 0 && diff.unchanged === entries.length, "an unchanged roster writes nothing");
  });
  entries = [];
  const judge = await costOf(() => {
    const graph = resolveGraph({
      people: company.people,
      sources: [{ name: "hr", kind: "roster" }],
      connections: company.connections,
      links: company.links,
      policy: company.policy,
      now: company.now,
    });
    assert(graph.newLinks.length === 0, "every account is linked already");
    const drift = findDrift({ graph, policy: company.policy, now: company.now, removedByUs: new Set() });
    assert(drift.findings.length > 0 && drift.withheld.length === 0, "the planted stories are found");
  });
  return [read, compare, judge];
}

function total(costs: readonly Cost[], what: keyof Cost): number {
  return costs.reduce((sum, cost) => sum + cost[what], 0);
}

/** The run in the middle of three: the first one also pays for the compiler. */
async function middle(
  company: BenchCompany,
  file: Uint8Array,
  previous: ReadonlyMap<string, Person>,
): Promise<readonly Cost[]> {
  const runs: (readonly Cost[])[] = [];
  for (let run = 0; run < 3; run += 1) runs.push(await pipeline(company, file, previous));
  const sorted = runs.toSorted((left, right) => total(left, "cpu") - total(right, "cpu"));
  return sorted[1] ?? [];
}

async function measureSizes(): Promise<readonly Measure[]> {
  const measures: Measure[] = [];
  const cpu = new Map<number, number>();
  for (const size of SIZES) {
    const company = await makeCompany(size);
    // As the store gives them.
    const people = company.people.toSorted((left, right) => (left.id < right.id ? -1 : 1));
    const file = csvOf(makeRoster(size));
    const costs = await middle({ ...company, people }, file, new Map(people.map((person) => [person.key, person])));
    cpu.set(size, total(costs, "cpu"));
    const [read, compare, judge] = costs.map((cost) => cost.cpu);
    measures.push(
      shown(`${size} people: read the roster`, read ?? 0, "s CPU"),
      shown(`${size} people: compare with the stored ones`, compare ?? 0, "s CPU"),
      shown(`${size} people × 2 apps: match and find drift`, judge ?? 0, "s CPU"),
      atMost(`${size} people × 2 apps: from the file to the findings`, total(costs, "cpu"), 5, "s CPU"),
      shown(`${size} people × 2 apps: the same by the clock`, total(costs, "elapsed"), "s"),
    );
  }
  const growth = Math.log((cpu.get(100_000) ?? 0) / (cpu.get(1000) ?? 1)) / Math.log(100);
  return [...measures, atMost("exponent of the CPU from 1,000 to 100,000 people (n log n)", growth, N_LOG_N, "")];
}

export const rosterDiff: Bench = {
  name: "roster-diff",
  run: measureSizes,
};
