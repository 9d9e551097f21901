import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import { present } from "../src/kernel/assert.ts";
import { virtualClock } from "../src/kernel/clock.ts";
import type { Person } from "../src/model/person.ts";
import { openEmbeddedStore, type OpenStore } from "../src/store/open.ts";
import { atMost, exactly, median, shown, type Bench, type Measure } from "./measure.ts";
import { makeRoster, NOW, personOf } from "./people.ts";

const PEOPLE = 100_000;
const ROUNDS = 5;
/** At least 0.8 times the rows that a bare loop writes with the same processor time. */
const BULK_BOUND = 1 / 0.8;
/** Finding out that nothing has changed costs less than writing it. */
const UNCHANGED_BOUND = 0.75;
const READ_BOUND = 1;

async function withDirectory<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "tenure-bench-"));
  try {
    return await run(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Processor time in milliseconds: the machine may be shared. */
async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** The same rows into the same table with the same indexes and the same fsync, without our code. */
async function bareLoop(people: readonly Person[]): Promise<number> {
  return withDirectory(async (directory) => {
    await (await openEmbeddedStore({ directory, clock: virtualClock(NOW) })).close();
    const database = new DatabaseSync(join(directory, "tenure.db"));
    database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -32768");
    const insert = database.prepare(
      `insert into people (id, source, key, email_key, fingerprint, v, body) values (?, ?, ?, ?, ?, ?, ?)
        on conflict (id) do update set source = excluded.source, key = excluded.key, email_key = excluded.email_key,
        fingerprint = excluded.fingerprint, v = excluded.v, body = excluded.body`,
    );
    const used = await cpuOf(() => {
      database.exec("begin immediate");
      for (const person of people) {
        const body = JSON.stringify(person);
        insert.run(person.id, person.source, person.key, person.emailKey, "0123456789012345678901.ab", 1, body);
      }
      database.exec("commit");
    });
    database.close();
    return used;
  });
}

async function changesOf(store: OpenStore): Promise<number> {
  const { rows } = await store.database.write((db) => sql<{ n: number }>`select total_changes() as n`.execute(db));
  return present(rows[0], "the count of changes").n;
}

interface Round {
  readonly bare: number;
  readonly upsert: number;
  readonly unchanged: number;
  readonly read: number;
  readonly writes: number;
}

async function playRound(people: readonly Person[]): Promise<Round> {
  const bare = await bareLoop(people);
  return withDirectory(async (directory) => {
    const store = await openEmbeddedStore({ directory, clock: virtualClock(NOW) });
    const upsert = await cpuOf(() => store.people.upsert(people));
    const before = await changesOf(store);
    const unchanged = await cpuOf(() => store.people.upsert(people.map((person) => ({ ...person }))));
    const writes = (await changesOf(store)) - before;
    const read = await cpuOf(() => store.people.all());
    await store.close();
    return { bare, upsert, unchanged, read, writes };
  });
}

/** Bulk writes of the embedded store beside a bare loop over node:sqlite (goal 8 of the performance notes). */
export const storeBulk: Bench = {
  name: "store-bulk",
  async run(): Promise<readonly Measure[]> {
    const people = makeRoster(PEOPLE).map(personOf);
    await playRound(people.slice(0, 5_000));
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await playRound(people));
    const ratio = (pick: (round: Round) => number): number => median(rounds.map((round) => pick(round) / round.bare));
    const bare = median(rounds.map((round) => round.bare));
    return [
      shown(`bare loop over node:sqlite, ${PEOPLE} people`, Math.round(bare), "ms CPU"),
      atMost(
        "upsert of as many new people beside it",
        ratio((round) => round.upsert),
        BULK_BOUND,
        "x CPU",
      ),
      atMost(
        "upsert of an unchanged roster beside it",
        ratio((round) => round.unchanged),
        UNCHANGED_BOUND,
        "x CPU",
      ),
      atMost(
        "reading all of them back beside it",
        ratio((round) => round.read),
        READ_BOUND,
        "x CPU",
      ),
      exactly("rows written for an unchanged roster", Math.max(...rounds.map((round) => round.writes)), 0, "rows"),
    ];
  },
};
