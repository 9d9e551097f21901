/**
 * What every connector must do, whatever its app: run by each app's `connector.test.ts` against the app's emulator, over
 * real HTTP on loopback and on a clock that only the test moves.
 */
import { describe, test } from "node:test";
import type { ErrorCode } from "../kernel/errors.ts";
import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { ListProof, Verb } from "../model/traits.ts";
import type { CallContext } from "../transport/contract.ts";
import type { Connector, WriteAnswer, WriteOutcome } from "./contract.ts";
import { answerCases } from "./suite/answers.ts";
import type { Twin } from "./suite/bench.ts";
import { Bench } from "./suite/bench.ts";
import { capabilityCases } from "./suite/capabilities.ts";
import { limitCases } from "./suite/limits.ts";
import { pagingCases } from "./suite/paging.ts";
import { writingCases } from "./suite/writing.ts";

export { Bench };
export type { BenchParts, Outcome, Twin, TwinEntry, TwinFault } from "./suite/bench.ts";

export type Collections = Readonly<Record<string, readonly JsonObject[]>>;

/** One listing of the app: what the emulator must hold for it, and what of that must be seen. */
export interface SuiteListing {
  readonly kind: string;
  readonly parent: string | null;
  /** Path of its requests, as a regular expression. */
  readonly path: string;
  /** Rows can come and go while it is read, and it has several pages. */
  readonly paged: boolean;
  /** As its traits declare it. */
  readonly proof: ListProof;
  /** Data for a reset after which the listing has so many rows. */
  data(rows: number): JsonObject;
  /** Vendor ids that the listing shows when the emulator holds this. */
  ids(state: Collections): readonly string[];
}

/** One write of the app. */
export interface SuiteWrite {
  readonly verb: Verb;
  /** Where a verb has several ways: which one this is. */
  readonly way?: string;
  /** Data for a reset from which it starts. */
  readonly data: JsonObject;
  run(connector: Connector, context: CallContext): Promise<WriteAnswer>;
  /** The request that has the effect. */
  readonly request: { readonly method: string; readonly path: string };
  /** What it says the first time. */
  readonly first: WriteOutcome;
  /** What it may say when it is done already: the same words, others, or a refusal. */
  readonly again: readonly (WriteOutcome | ErrorCode)[];
  /** What the emulator holds of it, without times: compared before, after, and after a second time. */
  effect(state: Collections): JsonValue;
}

export interface SuiteSubject<T extends Twin = Twin> {
  readonly name: string;
  /** A fresh emulator with an empty account, and the connector that speaks to it with these settings besides. */
  open(settings?: Readonly<Record<string, unknown>>): Promise<Bench<T>>;
  readonly listings: readonly SuiteListing[];
  readonly writes: readonly SuiteWrite[];
  /** A second way of the same app: only its writes are run, the rest is as in the first. */
  readonly writesOnly?: boolean;
  /** The listing of accounts, and how one of them is asked for. */
  readonly accounts: { readonly kind: string; readonly path: string };
}

/** Opens a bench for one test and closes it behind it; closing looks for credentials in all that was said. */
export type BenchTest = (
  title: string,
  body: (bench: Bench) => Promise<void>,
  settings?: Readonly<Record<string, unknown>>,
) => void;

export function runConnectorSuite(subject: SuiteSubject): void {
  const benchTest: BenchTest = (title, body, settings = {}) => {
    test(title, async () => {
      const bench = await subject.open(settings);
      try {
        await body(bench);
      } finally {
        await bench.close();
      }
    });
  };
  describe(`${subject.name}: connector suite`, () => {
    for (const write of subject.writes) writingCases(write, benchTest);
    if (subject.writesOnly === true) return;
    capabilityCases(subject, benchTest);
    for (const listing of subject.listings) pagingCases(listing, benchTest);
    answerCases(subject, benchTest);
    limitCases(subject, benchTest);
  });
}
