import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import type { Random } from "../../kernel/random.ts";
import type { AccountContext, Call, EmulatorModule, EmulatorRequest, EmulatorResponse, Shape } from "../contract.ts";
import type { OptionSet } from "../options.ts";
import type { Store } from "../store.ts";

/** What is sent: like a vendor's response, but able to be wrong (two headers of a name, bytes that are no JSON). */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: JsonValue;
  /** Sent instead of `body`: pieces that are made only as fast as the client takes them. */
  readonly pieces: (() => Iterable<Uint8Array>) | null;
}

/** How it is sent. */
export type Wire =
  | { readonly kind: "normal" }
  | { readonly kind: "reset" }
  | { readonly kind: "fin" }
  | { readonly kind: "half-status" }
  | { readonly kind: "hang" }
  | { readonly kind: "slow"; readonly part: "headers" | "body"; readonly bytesPerSecond: number }
  | { readonly kind: "cut"; readonly framing: "length" | "chunk" | "close" };

/** One request as a fault sees it: admitted by credential and rate limit, not handled yet. */
export interface Scene {
  readonly module: EmulatorModule;
  readonly request: EmulatorRequest;
  readonly account: string;
  readonly now: number;
  readonly random: Random;
  readonly store: Store;
  /** How many requests this connection has carried, this one included. */
  readonly requestsOnSocket: number;
  /** The ids of the rows that this listing has shown since it was last begun. */
  readonly shown: readonly string[];
  /** The handler's call for this request; null where no route matches. */
  readonly call: Call<Shape, OptionSet> | null;
  readonly context: AccountContext<Shape, OptionSet>;
  /** Asks the handler and takes everything back. */
  rehearse(request: EmulatorRequest): EmulatorResponse;
  /** Somebody else's change, kept whatever becomes of this request. */
  meddle(work: () => void): void;
  /** The same by the names of the control API. */
  mutate(op: "create" | "update" | "delete", kind: string, id: string | null, data: JsonObject): string;
}

/** What one fault does to one exchange, in the order in which it happens. */
export interface FaultPlan {
  /** Waits on the emulator's clock before anything else. */
  readonly waitMs: number;
  /** Somebody else's doing before the handler runs. */
  readonly prepare: (() => void) | null;
  /** Answered without running the handler. */
  readonly instead: Answer | null;
  readonly request: EmulatorRequest;
  /** Runs the handler over another view of the records. */
  readonly view: ((work: () => EmulatorResponse) => EmulatorResponse) | null;
  /** What becomes of the handler's changes: a delay in milliseconds, or only what a lesser request would do. */
  readonly effect:
    | { readonly kind: "keep" }
    | { readonly kind: "lose" }
    | { readonly kind: "later"; readonly ms: number }
    | { readonly kind: "partial"; readonly request: EmulatorRequest };
  /** Somebody else's doing after the handler ran. */
  readonly follow: (() => void) | null;
  readonly rewrite: ((answer: Answer) => Answer) | null;
  /** Waits between the effect and the answer. */
  readonly holdMs: number;
  readonly wire: Wire;
}

export interface FaultDefinition {
  /** The first one is the default. */
  readonly phases: readonly ["before" | "after" | "during", ...(readonly ("before" | "after" | "during")[])];
  /** Reads the parameters once, when the rule is set; what it gives is asked for each request that matches. */
  build(parameters: Parameters, phase: "before" | "after" | "during"): FaultAction;
}

export interface FaultAction {
  /** Requests to which this fault has nothing to do are not counted. */
  applies?(scene: Scene): boolean;
  /** `turn` counts the firings of this rule from 1. */
  plan(scene: Scene, turn: number): Partial<FaultPlan>;
}

/** Typed access to the parameters of a rule; every reader throws `bad_input` that names fault and parameter. */
export interface Parameters {
  number(name: string, fallback: number): number;
  numberOrNull(name: string): number | null;
  text(name: string, fallback: string): string;
  textOrNull(name: string): string | null;
  flag(name: string, fallback: boolean): boolean;
  oneOf<const V extends string>(name: string, values: readonly [V, ...(readonly V[])]): V;
  texts(name: string): readonly string[];
  json(name: string): JsonValue | undefined;
  object(name: string): JsonObject;
}

export function toAnswer(response: EmulatorResponse): Answer {
  return { status: response.status, headers: Object.entries(response.headers), body: response.body, pieces: null };
}

/** The answer with one header in place of all of that name; null takes it away. */
export function withHeader(answer: Answer, name: string, value: string | null): Answer {
  const others = answer.headers.filter(([one]) => one.toLowerCase() !== name.toLowerCase());
  return { ...answer, headers: value === null ? others : [...others, [name, value]] };
}
