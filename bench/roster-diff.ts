import { diffRoster } from "../src/graph/diff-roster.ts";
import { findDrift } from "../src/graph/drift.ts";
import { resolveGraph } from "../src/graph/resolve.ts";
import { diffPrints, printRoster, type RosterPrints } from "../src/graph/roster-prints.ts";
import { assert } from "../src/kernel/assert.ts";
import type { Person, RosterEntry } from "../src/model/person.ts";
import { readRoster } from "../src/sources/read-roster.ts";
import { READ_DEFAULTS } from "../src/sources/reading.ts";
import { atMost, median, shown, type Bench, type Measure } from "./measure.ts";
import { makeCompany, makeRoster, NOW, type BenchCompany } from "./people.ts";

const SIZES = [1000, 10_000, 100_000] as const;
/** People of the comparison of two whole rosters (goal 7). */
const PRINTS = 1_000_000;
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

/** A million people as prints: every hundredth changed, every hundredth gone, and in another order. */
function shuffledPrints(prints: RosterPrints): RosterPrints {
  const words = new Uint32Array(prints.words.length);
  // A step that has no factor in common with the count visits every place once.
  for (let place = 0, from = 0; place < prints.count; place += 1, from = (from + 611_953) % prints.count) {
    words.set(prints.words.subarray(from * 4, from * 4 + 4), place * 4);
    if (from % 100 === 0) words[place * 4 + 3] = ((words[place * 4 + 3] ?? 0) ^ 1) >>> 0;
    if (from % 100 === 50) words[place * 4] = ((words[place * 4] ?? 0) ^ 1) >>> 0;
  }
  return { count: prints.count, words };
}

/** The same question answered with a map of all rows, for the ratio. */
function diffByMap(before: readonly string[], after: readonly string[]): number {
  const rows = new Map(before.map((row, place) => [row.slice(0, 16), place]));
  let differences = 0;
  for (const row of after) {
    const place = rows.get(row.slice(0, 16));
    if (place === undefined || before[place] !== row) differences += 1;
  }
  return differences;
}

async function measurePrints(): Promise<readonly Measure[]> {
  const one = printRoster(makeRoster(1000));
  const words = new Uint32Array(PRINTS * 4);
  // Keys of a thousand real people, spread over a million by their place.
  for (let place = 0; place < PRINTS; place += 1) {
    const from = (place % one.count) * 4;
    words.set(one.words.subarray(from, from + 4), place * 4);
    words[place * 4 + 1] = ((one.words[from + 1] ?? 0) + Math.imul(place, 0x9e3779b1)) >>> 0;
    words[place * 4] = ((one.words[from] ?? 0) ^ Math.imul(place, 0x85ebca77)) >>> 0;
  }
  const before: RosterPrints = { count: PRINTS, words };
  const after = shuffledPrints(before);
  const held = process.memoryUsage().arrayBuffers;
  let extra = 0;
  const times: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const cost = await costOf(() => {
      const diff = diffPrints(before, after);
      assert(diff.changed.length === PRINTS / 100 && diff.added.length === PRINTS / 100, "every change is found");
    });
    if (run === 0) extra = (process.memoryUsage().arrayBuffers - held) / 1e6;
    times.push(cost.cpu);
  }
  const text = (prints: RosterPrints): readonly string[] =>
    Array.from({ length: prints.count }, (_one, place) =>
      Array.from(prints.words.subarray(place * 4, place * 4 + 4), (word) => word.toString(16).padStart(8, "0")).join(
        "",
      ),
    );
  const [left, right] = [text(before), text(after)];
  const byMap = await costOf(() => assert(diffByMap(left, right) === PRINTS / 50, "the map finds the same"));
  return [
    atMost("1,000,000 × 1,000,000 people, shuffled, by prints", median(times), 0.2, "s CPU"),
    atMost("the same beside a map of all rows", median(times) / byMap.cpu, 1 / 15, "of its CPU"),
    atMost("memory that comparing prints takes", extra, 64, "MB"),
  ];
}

/** Roster, graph and drift of 1,000 to 100,000 people in two apps, and two rosters of a million compared by prints. */
export const rosterDiff: Bench = {
  name: "roster-diff",
  async run() {
    const prints = await measurePrints();
    return [...(await measureSizes()), ...prints];
  },
};
