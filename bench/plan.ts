import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { atMost, median, shown, type Bench, type Measure } from "./measure.ts";

/** What `bench/plan-process.ts` prints of one size. */
export interface PlanFigures {
  readonly people: number;
  readonly steps: number;
  /** Time of the main thread, in milliseconds: what other processes take from the machine is not in it. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Memory of the process before there was a company: Node and the code. */
  readonly idleMb: number;
  /** The most memory that it ever had. */
  readonly peakMb: number;
  readonly parts: Readonly<Record<string, number>>;
  /** People that the same roster once more would write. */
  readonly writtenAgain: number;
}

const SIZES = [1_000, 10_000, 100_000] as const;
const ROUNDS = 3;
const MOST_SECONDS = 5;
const MOST_MB = 500;

/** From 1k to 100k a cost of n log n grows like n to the power of this. */
const N_LOG_N = 1 + Math.log(Math.log(100_000) / Math.log(1_000)) / Math.log(100);

const run = promisify(execFile);

/** Each size in a process of its own, so that its memory is its own. */
async function measure(size: number): Promise<PlanFigures> {
  const script = new URL("plan-process.ts", import.meta.url).pathname;
  const flags = ["--disable-warning=ExperimentalWarning", "--max-old-space-size=470", "--max-semi-space-size=8"];
  const { stdout } = await run(process.execPath, [...flags, script, String(size)], { timeout: 300_000 });
  return JSON.parse(stdout) as PlanFigures;
}

async function measureAll(): Promise<readonly Measure[]> {
  const measures: Measure[] = [];
  const seconds = new Map<number, number>();
  for (const size of SIZES) {
    const rounds: PlanFigures[] = [];
    for (let round = 0; round < (size === 100_000 ? 1 : ROUNDS); round += 1) rounds.push(await measure(size));
    const cpu = median(rounds.map((one) => one.cpuMs)) / 1000;
    seconds.set(size, cpu);
    const [first] = rounds;
    if (first === undefined) continue;
    const what = `${size} people, 2 apps, ${first.steps} steps: diff, resolve, drift, plan`;
    const parts = Object.entries(first.parts).map(([name, ms]) => `${name} ${Math.round(ms)}`);
    measures.push(
      size === 100_000 ? atMost(what, cpu, MOST_SECONDS, "s") : shown(what, cpu, "s"),
      shown(`of these: ${parts.join(", ")}; on the wall ${Math.round(first.wallMs)}`, first.cpuMs, "ms"),
    );
    if (size !== 100_000) continue;
    measures.push(
      atMost("memory that company, graph and plan take together", first.peakMb - first.idleMb, MOST_MB, "MB"),
      shown("memory of the whole process", first.peakMb, "MB"),
      atMost("people written when the same roster comes again", first.writtenAgain, 0, "rows"),
    );
  }
  const growth = Math.log((seconds.get(100_000) ?? 0) / (seconds.get(1_000) ?? 1)) / Math.log(100);
  measures.push(
    atMost("exponent of the growth from 1k to 100k (n log n)", growth, Math.round(N_LOG_N * 1000) / 1000, ""),
  );
  return measures;
}

/** Roster diff and plan of big companies: 100,000 people and two apps in under 5 s and 500 MB, growing like n log n. */
export const planning: Bench = { name: "plan", run: measureAll };
