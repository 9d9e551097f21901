import type { LimitScheme, LimitStanding } from "./contract.ts";

export interface EffectiveLimit {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly scheme: LimitScheme;
}

interface Bucket {
  readonly scheme: LimitScheme;
  /** Fixed windows: which one, and how many calls it had. */
  window: number;
  used: number;
  /** Logs: when calls were counted, oldest first, never more than the limit. */
  times: number[];
  latest: number;
}

/** Counts calls by bucket under the four schemes of the contract. Time comes with each call. */
export interface Limiter {
  take(
    bucket: string,
    limit: EffectiveLimit,
    now: number,
  ): { readonly admitted: boolean; readonly standing: LimitStanding };
  clear(): void;
}

export function createLimiter(): Limiter {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (key: string, scheme: LimitScheme, now: number): Bucket => {
    const known = buckets.get(key);
    // A clock that was set back must not leave calls of the future in a log.
    if (known !== undefined && known.scheme === scheme && known.latest <= now) return known;
    const fresh: Bucket = { scheme, window: -1, used: 0, times: [], latest: now };
    buckets.set(key, fresh);
    return fresh;
  };
  return {
    take(key, limit, now) {
      const bucket = bucketOf(key, limit.scheme, now);
      bucket.latest = now;
      switch (limit.scheme) {
        case "fixed-window":
        case "no-headers":
          return takeFromWindow(bucket, limit, now);
        case "sliding-log":
          return takeFromLog(bucket, limit, now, false);
        case "strict":
          return takeFromLog(bucket, limit, now, true);
      }
    },
    clear: () => buckets.clear(),
  };
}

function takeFromWindow(bucket: Bucket, limit: EffectiveLimit, now: number): ReturnType<Limiter["take"]> {
  const windowMs = limit.windowSeconds * 1000;
  const window = Math.floor(now / windowMs);
  if (bucket.window !== window) {
    bucket.window = window;
    bucket.used = 0;
  }
  const admitted = bucket.used < limit.limit;
  if (admitted) bucket.used += 1;
  return { admitted, standing: standing(limit, now, limit.limit - bucket.used, (window + 1) * windowMs) };
}

function takeFromLog(
  bucket: Bucket,
  limit: EffectiveLimit,
  now: number,
  countRefused: boolean,
): ReturnType<Limiter["take"]> {
  const windowMs = limit.windowSeconds * 1000;
  const alive = bucket.times.findIndex((time) => time > now - windowMs);
  bucket.times.splice(0, alive === -1 ? bucket.times.length : alive);
  const admitted = bucket.times.length < limit.limit;
  if (admitted || countRefused) bucket.times.push(now);
  if (bucket.times.length > limit.limit) bucket.times.splice(0, bucket.times.length - limit.limit);
  const resetAt = (bucket.times[0] ?? now) + windowMs;
  return { admitted, standing: standing(limit, now, limit.limit - bucket.times.length, resetAt) };
}

function standing(limit: EffectiveLimit, now: number, remaining: number, resetAt: number): LimitStanding {
  return {
    limit: limit.limit,
    remaining: Math.max(0, remaining),
    windowSeconds: limit.windowSeconds,
    now,
    resetAt,
  };
}
