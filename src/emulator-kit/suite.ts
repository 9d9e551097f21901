/**
 * What every emulator must do, whatever its vendor. An emulator's test calls `emulatorSuite` once with what the suite
 * cannot know: how a credential is sent, where its main listing is, and one write that adds a row to it.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { virtualClock } from "../kernel/clock.ts";
import { isAppError } from "../kernel/errors.ts";
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { sandboxClock, type SandboxClock } from "./clock.ts";
import type { Company } from "./company.ts";
import type { EmulatorModule, Page } from "./contract.ts";
import { runEmulator } from "./run.ts";
import type { FaultRule, RunningEmulator } from "./running.ts";
import { faultCases } from "./suite/faults.ts";
import { limitCases } from "./suite/limits.ts";

/** Any moment will do that is the start of a minute. */
const START = 1_795_212_000_000;

export interface EmulatorSubject {
  readonly module: EmulatorModule;
  readonly credentials: { readonly main: string; readonly sameAccount: string; readonly otherAccount: string };
  /** The headers that carry this credential. */
  authorize(credential: string): Readonly<Record<string, string>>;
  /** Data for a reset with so many rows in the listed collection of the account `main`. */
  data(rows: number): JsonObject;
  readonly listing: {
    readonly collection: string;
    /** Path and query of the first page at this size. */
    first(size: number): string;
    /** Path and query of the page after this one; null at the end. */
    next(path: string, body: JsonObject): string | null;
  };
  /** A write that adds one row to the listed collection; `n` makes it another one each time. */
  create(n: number): { readonly path: string; readonly body: JsonObject };
  /** Where one row is read by its id. */
  byId(id: string): string;
  /** A company to seed the demo from; null where the subject has none. */
  readonly company: Company | null;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonValue;
}

/** One running emulator and the ways of the suite to talk to it. */
export class Bench {
  readonly subject: EmulatorSubject;
  readonly emulator: RunningEmulator;
  readonly clock: SandboxClock;
  #created = 0;

  constructor(subject: EmulatorSubject, emulator: RunningEmulator, clock: SandboxClock) {
    this.subject = subject;
    this.emulator = emulator;
    this.clock = clock;
  }

  call(method: string, path: string, body?: JsonObject, credential?: string): Promise<Answered> {
    const authorization = this.subject.authorize(credential ?? this.subject.credentials.main);
    return body === undefined
      ? this.raw(method, path, authorization)
      : this.raw(method, path, { ...authorization, "Content-Type": "application/json" }, JSON.stringify(body));
  }

  /** With exactly these headers and this text: for what a well-behaved client would not send. */
  async raw(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    text: string | null = null,
  ): Promise<Answered> {
    const response = await fetch(`${this.emulator.origin}${path}`, { method, redirect: "manual", headers, body: text });
    const answer = await response.text();
    return { status: response.status, headers: response.headers, body: answer === "" ? null : parseJson(answer) };
  }

  list(size = 100, credential?: string): Promise<Answered> {
    return this.call("GET", this.subject.listing.first(size), undefined, credential);
  }

  create(credential?: string): Promise<Answered> {
    this.#created += 1;
    const { path, body } = this.subject.create(this.#created);
    return this.call("POST", path, body, credential);
  }

  page(answer: Answered): Page {
    assert.ok(isJsonObject(answer.body), "a listing answers with an object");
    return this.subject.module.pages.read(answer.body);
  }

  ids(answer: Answered): readonly string[] {
    return this.page(answer).rows.map((row) => {
      assert.ok(typeof row["id"] === "string" || typeof row["id"] === "number", "a listed row has an id");
      return String(row["id"]);
    });
  }

  /** The ids of every page, page by page. */
  async walk(size: number, mostPages = 20): Promise<readonly (readonly string[])[]> {
    const pages: (readonly string[])[] = [];
    let path: string | null = this.subject.listing.first(size);
    while (path !== null && pages.length < mostPages) {
      const answer = await this.call("GET", path);
      assert.ok(isJsonObject(answer.body));
      pages.push(this.ids(answer));
      path = this.subject.listing.next(path, answer.body);
    }
    return pages;
  }

  /** Ids of the stored rows of the listed collection. */
  stored(): readonly string[] {
    const rows = this.emulator.state().collections[this.subject.listing.collection] ?? [];
    return rows.map((row) => (typeof row["id"] === "string" ? row["id"] : JSON.stringify(row["id"])));
  }

  async fault(...rules: readonly FaultRule[]): Promise<void> {
    await this.emulator.setFaults(rules);
  }

  fired(): readonly number[] {
    return this.emulator.faults().map((rule) => rule.fired);
  }
}

export type BenchTest = (name: string, run: (bench: Bench) => Promise<void>) => void;

/** Runs `run` against a fresh emulator on a clock that stands still. */
export async function withBench(subject: EmulatorSubject, run: (bench: Bench) => Promise<void>): Promise<void> {
  const clock = sandboxClock(virtualClock(START), START);
  const emulator = await runEmulator(subject.module, { clock, company: subject.company });
  try {
    await run(new Bench(subject, emulator, clock));
  } finally {
    await emulator.stop();
  }
}

/** Registers the suite for one emulator. */
export function emulatorSuite(subject: EmulatorSubject): void {
  const benchTest: BenchTest = (name, run) => {
    test(name, () =>
      withBench(subject, async (bench) => {
        await bench.emulator.reset({ data: subject.data(9) });
        await run(bench);
      }),
    );
  };
  describe(`emulator of ${subject.module.name}`, () => {
    stateCases(benchTest);
    accessCases(benchTest);
    limitCases(benchTest);
    faultCases(benchTest);
  });
}

function stateCases(benchTest: BenchTest): void {
  benchTest("gives back the state that it was reset to", async ({ emulator }) => {
    const before = emulator.state();
    await emulator.reset({ data: before.collections });
    assert.deepEqual(emulator.state(), before);
  });

  benchTest("has the same data for the same seed, whatever happened before", async (bench) => {
    const { emulator } = bench;
    await emulator.reset({ seed: 7 });
    const first = emulator.state();
    await bench.create();
    await emulator.reset({ seed: 7 });
    assert.deepEqual(emulator.state(), first);
  });

  benchTest("forgets switches, faults and the journal at a reset", async (bench) => {
    const { emulator } = bench;
    emulator.set("latencyMs", 5);
    await bench.fault({ fault: "F20" });
    await emulator.reset();
    assert.equal(emulator.state().options["latencyMs"], 0);
    assert.deepEqual(emulator.faults(), []);
    assert.deepEqual(emulator.journal(), []);
  });

  benchTest("refuses data, switches and kinds that it does not know", async ({ emulator }) => {
    const refused = (error: unknown): boolean => isAppError(error, "bad_input");
    await assert.rejects(emulator.reset({ data: { nonsense: [] } }), refused);
    assert.throws(() => emulator.set("nonsense", true), refused);
    assert.throws(() => emulator.set("latencyMs", "slow"), refused);
    assert.throws(() => emulator.create("nonsense", {}), refused);
    assert.throws(() => emulator.mutate({ op: "create", kind: "nonsense" }), refused);
  });

  benchTest("sets a switch back to its default with null", async ({ emulator }) => {
    emulator.set("strict", false);
    assert.equal(emulator.state().options["strict"], false);
    emulator.set("strict", null);
    assert.equal(emulator.state().options["strict"], true);
  });

  benchTest("shows what another admin did, and nothing of it in the journal", async (bench) => {
    const { emulator, subject } = bench;
    const id = emulator.mutate({ op: "create", kind: subject.listing.collection, data: {} });
    assert.ok(bench.ids(await bench.list()).includes(id));
    emulator.mutate({ op: "delete", kind: subject.listing.collection, id });
    assert.ok(!bench.ids(await bench.list()).includes(id));
    assert.equal(emulator.journal().length, 2);
    assert.throws(
      () => emulator.mutate({ op: "delete", kind: subject.listing.collection, id }),
      (error) => isAppError(error, "missing"),
    );
  });

  benchTest("shows reads of long ago while consistencyDelayMs is set", async (bench) => {
    const before = bench.stored().length;
    bench.clock.advance(10_000);
    await bench.create();
    bench.emulator.set("consistencyDelayMs", 5000);
    assert.equal(bench.ids(await bench.list()).length, before);
    bench.clock.advance(5000);
    assert.equal(bench.ids(await bench.list()).length, before + 1);
  });
}

function accessCases(benchTest: BenchTest): void {
  benchTest("writes into the journal what took effect, and for whom", async (bench) => {
    const { emulator, subject } = bench;
    await bench.list();
    assert.ok((await bench.create()).status < 300);
    await bench.call("GET", subject.listing.first(5), undefined, "no-such-credential");
    await bench.raw("GET", subject.listing.first(5), {});
    const entries = emulator.journal().map(({ method, credential, effect }) => [method, credential, effect]);
    assert.deepEqual(entries, [
      ["GET", "known", "none"],
      ["POST", "known", "applied"],
      ["GET", "unknown", "none"],
      ["GET", "none", "none"],
    ]);
    const [first, second] = emulator.journal();
    assert.deepEqual(second?.body, subject.create(1).body);
    assert.deepEqual(emulator.journal(first?.seq), emulator.journal().slice(1));
  });

  benchTest("refuses what has no credential, or one that nobody issued, with 401", async (bench) => {
    const before = bench.stored();
    assert.equal((await bench.create("no-such-credential")).status, 401);
    assert.deepEqual(bench.stored(), before);
  });

  benchTest("shows one account to both of its credentials and nothing to another account's", async (bench) => {
    const { sameAccount, otherAccount } = bench.subject.credentials;
    assert.ok((await bench.create()).status < 300);
    const mine = bench.ids(await bench.list());
    assert.deepEqual(bench.ids(await bench.list(100, sameAccount)), mine);
    const theirs = bench.ids(await bench.list(100, otherAccount));
    assert.ok(mine.length > 0 && theirs.every((id) => !mine.includes(id)));
    const one = mine[0] ?? "";
    assert.equal((await bench.call("GET", bench.subject.byId(one), undefined, otherAccount)).status, 404);
  });

  benchTest("knows no other paths and takes no broken bodies", async (bench) => {
    assert.equal((await bench.call("GET", "/no/such/path")).status, 404);
    const { path } = bench.subject.create(1);
    const authorization = bench.subject.authorize(bench.subject.credentials.main);
    const headers = { ...authorization, "Content-Type": "application/json" };
    const { status } = await bench.raw("POST", path, headers, '{"half":');
    assert.ok(status >= 400 && status < 500);
    assert.equal(bench.emulator.journal().at(-1)?.effect, "none");
  });

  benchTest("listens on 127.0.0.1 and nowhere else", async ({ emulator }) => {
    assert.match(emulator.origin, /^http:\/\/127\.0\.0\.1:\d+$/);
    // All of 127.0.0.0/8 is this machine: a server on the wildcard address would answer at 127.0.0.2.
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect(emulator.port, "127.0.0.2");
      socket.once("connect", () => resolve("connected"));
      socket.once("error", () => resolve("refused"));
      socket.once("close", () => socket.destroy());
    });
    assert.equal(outcome, "refused");
  });

  benchTest("answers with the emulator's time", async (bench) => {
    bench.clock.advance(3_600_000);
    const date = (await bench.list()).headers.get("date");
    assert.equal(date, new Date(START + 3_600_000).toUTCString());
  });
}
