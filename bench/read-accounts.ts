import { connectors } from "../src/connectors/index.ts";
import type { LimitScheme } from "../src/emulator-kit/contract.ts";
import { runEmulator } from "../src/emulator-kit/run.ts";
import type { RunningEmulator } from "../src/emulator-kit/running.ts";
import type { Clock } from "../src/kernel/clock.ts";
import type { JsonObject } from "../src/kernel/json.ts";
import { seededRandom } from "../src/kernel/random.ts";
import { loadEmulators } from "../src/sandbox/registry.ts";
import { makeSchema, startPostgres } from "../test/postgres-server.ts";
import { openReader, type AccountReader, type ReaderOptions, type Reading } from "./account-reader.ts";
import { READ_APPS, type Calls, type ReadApp } from "./app-accounts.ts";
import { fairness } from "./fairness.ts";
import { atMost, exactly, type Bench, type Measure } from "./measure.ts";
import { ReadingChild } from "./reading-child.ts";
import { localPart, PartClock, passTime } from "./shared-time.ts";

const SCHEMES: readonly LimitScheme[] = ["fixed-window", "sliding-log", "strict", "no-headers"];
const START_MS = 1_795_212_000_000;
const ROUND_TRIP_MS = 150;

interface Limit {
  readonly limit: number;
  readonly windowSeconds: number;
}

interface Job {
  readonly app: ReadApp;
  readonly accounts: number;
  readonly readers: number;
  readonly limit: Limit;
  /** Null: the app's own limit and scheme, and the connector's declaration of it. */
  readonly scheme: LimitScheme | null;
  /** What a call takes; with several readers by up to a fifth more or less, so that they do not march in step. */
  readonly roundTripMs: number;
  /** How much later than the one before each reader begins. */
  readonly apartMs: number;
  readonly seed: number;
}

interface Result {
  readonly readings: readonly Reading[];
  /** By the app's own journal. */
  readonly calls: number;
  readonly refused: number;
  readonly elapsedMs: number;
}

/** Opens one reader of a job; `number` from 1. */
type Open = (options: ReaderOptions, number: number) => Promise<AccountReader>;

/** A clock on which every wait is up to a fifth longer or shorter than asked for. */
function unsteady(clock: Clock, seed: number): Clock {
  const random = seededRandom(seed);
  return {
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(Math.round(ms * (0.8 + 0.4 * random.next())), signal),
  };
}

/** The app's emulator on a clock of its own, filled and limited as the job says. */
async function openApp(job: Job, clock: PartClock): Promise<RunningEmulator> {
  const { id } = job.app;
  const emulator = (await loadEmulators(connectors, [id]))[id];
  if (emulator === undefined) throw new Error(`there is no emulator of ${id}`);
  const running = await runEmulator(emulator, {
    clock: job.readers === 1 ? clock : unsteady(clock, job.seed),
    kind: "empty",
  });
  await running.reset({ data: job.app.data(job.accounts) });
  if (job.scheme !== null) running.set("rateLimit", { ...job.limit, scheme: job.scheme });
  running.set("latencyMs", job.roundTripMs);
  return running;
}

/** What the connection's settings say of the limit: a vendor that tells nothing counts in windows. */
function declared({ limit, scheme }: Job): JsonObject | null {
  if (scheme === null) return null;
  return { ...limit, scheme: scheme === "no-headers" ? "fixed-window" : scheme };
}

async function runJob(job: Job, database: string | null, open: Open): Promise<Result> {
  // Somewhere in the app's window, which begins with the hour.
  const startMs = START_MS + Math.floor(seededRandom(job.seed).next() * job.limit.windowSeconds * 1000);
  const clock = new PartClock(startMs);
  const app = await openApp(job, clock);
  const readers: AccountReader[] = [];
  try {
    const common = { app: job.app.id, document: app.document, rate: declared(job), database, startMs };
    for (let number = 1; number <= job.readers; number += 1) {
      const seed = job.seed + number;
      const readMs = startMs + (number - 1) * job.apartMs;
      readers.push(await open({ ...common, name: `app-${number}`, readMs, seed }, number));
    }
    const vendor = localPart(clock, () => -clock.sleeping);
    const work = Promise.all(readers.map((reader) => reader.read()));
    const readings = await passTime([vendor, ...readers.map((reader) => reader.part)], work);
    const journal = app.journal();
    const refused = journal.filter((entry) => entry.status === 429).length;
    return { readings, calls: journal.length, refused, elapsedMs: clock.now() - startMs };
  } finally {
    for (const reader of readers) await reader.close();
    await app.stop();
  }
}

/** A fast wrong answer is no answer: every account was seen, and every listing is proven. */
function checkContent({ app, accounts }: Job, { readings, calls, refused }: Result): void {
  const answered = readings.reduce((sum, reading) => sum + reading.answeredMs.length, 0);
  if (answered + refused !== calls) throw new Error(`${app.id}: ${answered} of ${calls} calls were answered to us`);
  for (const { complete, listings } of readings) {
    const seen = listings.find((listing) => listing.kind === app.kind)?.count ?? 0;
    if (complete && seen === accounts) continue;
    throw new Error(`${app.id}: ${accounts} accounts are there and ${seen} were read: ${JSON.stringify(listings)}`);
  }
}

/** The least time: all windows but the last, then what each reader has left to do in that one, call after call. */
function bound({ limit, roundTripMs }: Job, calls: number, readings: readonly Reading[]): number {
  const windows = Math.ceil(calls / limit.limit);
  const answers = readings
    .flatMap(({ answeredMs }, reader) => answeredMs.map((atMs) => ({ atMs, reader })))
    .sort((a, b) => a.atMs - b.atMs)
    .slice((windows - 1) * limit.limit);
  const left = readings.map((_, reader) => answers.filter((answer) => answer.reader === reader).length);
  return (windows - 1) * limit.windowSeconds * 1000 + Math.max(...left) * roundTripMs;
}

/** What is to be called: the fewest calls that show everything, and those that prove it. */
function callsOf({ app, accounts, readers }: Job): Calls {
  const { minimum, proof } = app.calls(accounts);
  return { minimum: minimum * readers, proof: proof * readers };
}

function titleOf({ app, accounts, limit, scheme, readers }: Job): string {
  const who = readers === 1 ? "" : `${readers} processes, each `;
  return `${app.id}, ${scheme ?? "documented"} ${limit.limit}/${limit.windowSeconds} s, ${who}${accounts} accounts`;
}

/** Runs of one job, which differ in what a call takes. */
async function measure(jobs: readonly Job[], run: (job: Job) => Promise<Result>): Promise<readonly Measure[]> {
  const measures: Measure[] = [];
  let refused = 0;
  for (const job of jobs) {
    const result = await run(job);
    checkContent(job, result);
    refused += result.refused;
    const { minimum, proof } = callsOf(job);
    const title = titleOf(job);
    const why = proof === 0 ? `${minimum} calls, proven by ${job.app.proof}` : `${minimum} calls and ${proof} of proof`;
    const trip = job.roundTripMs === 0 ? "elapsed" : `elapsed, ${job.roundTripMs} ms a call`;
    const least = bound(job, minimum + proof, result.readings);
    measures.push(
      exactly(`${title}: ${why}`, result.calls / (minimum + proof), 1, "× calls"),
      least === 0
        ? atMost(`${title}: ${trip}, within one window`, result.elapsedMs / 1000, 0, "s")
        : atMost(`${title}: ${trip}`, result.elapsedMs / least, 1.01, "× bound"),
      ...unfairness(job, result),
    );
  }
  const [job] = jobs;
  return job === undefined ? [] : [...once(measures), atMost(`${titleOf(job)}: refused`, refused, 0, "429s")];
}

/** Runs that agree on a figure show it once. */
function once(measures: readonly Measure[]): readonly Measure[] {
  return [...new Map(measures.map((one) => [`${one.name} ${one.value}`, one])).values()];
}

function unfairness(job: Job, { readings }: Result): readonly Measure[] {
  const [mine, theirs] = readings.map((reading) => reading.answeredMs);
  if (mine === undefined || theirs === undefined) return [];
  const jain = fairness(mine, theirs, job.limit.windowSeconds * 1000);
  return [atMost(`${titleOf(job)}: unfairness (1 - Jain, worst window)`, 1 - jain, 0.01, "")];
}

const SMALL: Limit = { limit: 25, windowSeconds: 60 };
/** Part of one window, one window exactly, three windows exactly, and a little more than three. */
const SMALL_SIZES = [17, 25, 75, 81];

/** Each list is one job, with a network that takes no time and with one that does. */
function oneProcess(): readonly (readonly Job[])[] {
  const jobs: (readonly Job[])[] = [];
  const both = (job: Omit<Job, "readers" | "roundTripMs" | "apartMs">): readonly Job[] =>
    [0, ROUND_TRIP_MS].map((roundTripMs) => ({ ...job, readers: 1, roundTripMs, apartMs: 0 }));
  for (const app of READ_APPS) {
    jobs.push(both({ app, accounts: 100, limit: SMALL, scheme: "fixed-window", seed: 1 }));
    for (const scheme of SCHEMES) {
      for (const calls of SMALL_SIZES) {
        // The last page is full where the windows are used up exactly, and else not.
        const accounts = app.accountsIn(calls) - (calls % SMALL.limit === 0 ? 0 : 37);
        jobs.push(both({ app, accounts, limit: SMALL, scheme, seed: calls }));
      }
    }
    jobs.push(both({ app, accounts: app.accountsIn(app.overLimit), limit: app.limit, scheme: null, seed: 2 }));
  }
  return jobs;
}

/** Three windows exactly, and a little more than three. */
function twoProcesses(): readonly Job[] {
  return SCHEMES.flatMap((scheme) =>
    READ_APPS.map((app, place) => ({
      app,
      accounts: app.accountsIn(place === 0 ? 161 : 180),
      readers: 2,
      limit: { limit: place === 0 ? 100 : 120, windowSeconds: 60 },
      scheme,
      roundTripMs: ROUND_TRIP_MS,
      apartMs: 500,
      seed: place,
    })),
  );
}

async function alone(): Promise<readonly Measure[]> {
  const measures: Measure[] = [];
  for (const jobs of oneProcess()) measures.push(...(await measure(jobs, (job) => runJob(job, null, openReader))));
  return measures;
}

/** Two processes with one key, each with a connection of its own, sharing the budget through PostgreSQL. */
async function together(): Promise<readonly Measure[]> {
  const server = await startPostgres();
  const children = [new ReadingChild(), new ReadingChild()];
  const open: Open = (options, number) => {
    const child = children[number - 1];
    if (child === undefined) throw new Error(`there is no process ${number}`);
    return child.open(options);
  };
  try {
    const measures: Measure[] = [];
    for (const [place, job] of twoProcesses().entries()) {
      const schema = await makeSchema(server, `tenure_bench_${process.pid}_${place}`);
      try {
        measures.push(...(await measure([job], (one) => runJob(one, schema.url.expose(), open))));
      } finally {
        await schema.drop();
      }
    }
    return measures;
  } finally {
    await Promise.all(children.map((child) => child.end()));
    await server.stop();
  }
}

/**
 * Reading all accounts of both apps with the connectors, the walk and the budget as the product has them, from the apps'
 * emulators over HTTP, on virtual time.
 */
export const readAccounts: Bench = {
  name: "read-accounts",
  run: async () => [...(await alone()), ...(await together())],
};
