/** One figure beside its bound. Ratios, so that they hold on any machine. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  /** The value may not be above it; null: shown, not judged. */
  readonly bound: number | null;
  readonly unit: string;
  readonly ok: boolean;
}

export interface Bench {
  readonly name: string;
  run(): Promise<readonly Measure[]>;
}

/** A figure that must not be above its bound. */
export function atMost(name: string, value: number, bound: number, unit: string): Measure {
  return { name, value, bound, unit, ok: value <= bound };
}

/** A figure that must be just this. */
export function exactly(name: string, value: number, bound: number, unit: string): Measure {
  return { name, value, bound, unit, ok: value === bound };
}

/** A figure that is shown and not judged. */
export function shown(name: string, value: number, unit: string): Measure {
  return { name, value, bound: null, unit, ok: true };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
