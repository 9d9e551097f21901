import { isJsonObject, type JsonValue } from "../kernel/json.ts";
import type { LimitScheme, RateLimit } from "./contract.ts";

/** One switch of an emulator: what it may be set to, what it is by default, and a sentence for the docs. */
export interface OptionSpec<V> {
  readonly initial: V;
  /** The allowed values in words or as a list, for error messages and docs. */
  readonly allowed: string;
  readonly says: string;
  /** The value, or undefined when it is not allowed. */
  parse(value: JsonValue): V | undefined;
}

export type OptionSet = Readonly<Record<string, OptionSpec<JsonValue>>>;
export type OptionValues<O extends OptionSet> = {
  readonly [K in keyof O]: O[K] extends OptionSpec<infer V> ? V : never;
};

/** One of these values; the first is the default. A number may be given as its text. */
export function oneOf<const V extends string | number>(
  values: readonly [V, ...(readonly V[])],
  says: string,
): OptionSpec<V> {
  return {
    initial: values[0],
    allowed: values.join(" | "),
    says,
    parse: (value) => values.find((one) => one === value || String(one) === value),
  };
}

export function flag(initial: boolean, says: string): OptionSpec<boolean> {
  return {
    initial,
    allowed: "true | false",
    says,
    parse: (value) => (typeof value === "boolean" ? value : undefined),
  };
}

/** A whole number from `least` to `most`. */
export function count(initial: number, says: string, least = 0, most = 1_000_000_000): OptionSpec<number> {
  return {
    initial,
    allowed: `a whole number from ${least} to ${most}`,
    says,
    parse: (value) =>
      typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most ? value : undefined,
  };
}

/** A whole number, or nothing: for a limit that need not exist. Null by default. */
function countOrNone(initial: number | null, says: string): OptionSpec<number | null> {
  return {
    initial,
    allowed: "a whole number, or null for the default",
    says,
    parse: (value) =>
      typeof value === "number" && Number.isSafeInteger(value) && value >= 0
        ? value
        : value === null
          ? null
          : undefined,
  };
}

const SCHEMES: readonly LimitScheme[] = ["fixed-window", "sliding-log", "strict", "no-headers"];

/** Figures instead of the vendor's own; a scheme of null stays the vendor's. */
export type LimitOverride = {
  readonly limit: RateLimit["limit"];
  readonly windowSeconds: RateLimit["windowSeconds"];
  readonly scheme: LimitScheme | null;
};

/** Null = the vendor's own limit. */
function rateLimitOption(): OptionSpec<LimitOverride | null> {
  return {
    initial: null,
    allowed: `{limit, windowSeconds, scheme: ${SCHEMES.join(" | ")}}, or null for the vendor's own`,
    says: "The rate limit of each bucket. A scheme that is left out stays the vendor's own.",
    parse(value) {
      if (value === null) return null;
      if (!isJsonObject(value)) return undefined;
      const { limit, windowSeconds } = value;
      const given = value["scheme"] ?? null;
      const scheme = given === null ? null : SCHEMES.find((one) => one === given);
      if (typeof limit !== "number" || !Number.isSafeInteger(limit) || limit < 1) return undefined;
      if (typeof windowSeconds !== "number" || !(windowSeconds > 0) || scheme === undefined) return undefined;
      return { limit, windowSeconds, scheme };
    },
  };
}

/** The options that every emulator has. */
export type CommonOptions = {
  readonly profile: OptionSpec<"guide" | "vendor">;
  readonly strict: OptionSpec<boolean>;
  readonly seatLimit: OptionSpec<number | null>;
  readonly rateLimit: OptionSpec<LimitOverride | null>;
  readonly latencyMs: OptionSpec<number>;
  readonly consistencyDelayMs: OptionSpec<number>;
};

export function commonOptions(): CommonOptions {
  return {
    profile: oneOf(["guide", "vendor"], "Which description of the vendor is followed."),
    strict: flag(true, "Refuse what the document does not describe, so that a wrong client shows."),
    seatLimit: countOrNone(null, "How many paid places the account has; the default is what the data was seeded with."),
    rateLimit: rateLimitOption(),
    latencyMs: count(0, "Every answer waits this long, on the sandbox's clock."),
    consistencyDelayMs: count(0, "Reads show the state of this long ago (eventual consistency)."),
  };
}
