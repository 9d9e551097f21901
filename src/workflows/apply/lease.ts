import { AppError } from "../../kernel/errors.ts";
import type { LeaseHandle } from "../../store/port.ts";
import { LEASE_MS, type ApplyDeps } from "./context.ts";

/** A lease being held: renewed in the background, checked in the tick of each send. */
export interface HeldLease {
  /** As last renewed; its epoch fences journal writes. */
  readonly handle: () => LeaseHandle;
  /** Throws `fenced` when the lease was lost or has run out on our own clock. */
  readonly fence: () => void;
}

/**
 * Does `work` as the only writer for `key` in all processes. Null when another process holds it: try again later.
 * A worker that was stopped past its lease finds the fence closed and sends nothing (safety S14).
 */
export async function withLease<T>(
  deps: ApplyDeps,
  key: string,
  work: (lease: HeldLease) => Promise<T>,
): Promise<T | null> {
  // Each taking has a holder of its own: two rounds of one run in one process must not write side by side either.
  const holder = `${deps.holder}/${Buffer.from(deps.random.bytes(8)).toString("hex")}`;
  const taken = await deps.store.leases.take(key, holder, LEASE_MS, deps.clock.now());
  if (taken === null) return null;
  let current: LeaseHandle = taken;
  let lost = false;
  const stop = new AbortController();
  const renewing = (async (): Promise<void> => {
    for (;;) {
      await deps.clock.sleep(LEASE_MS / 3, stop.signal);
      const renewed = await deps.store.leases.renew(current, LEASE_MS, deps.clock.now());
      if (renewed === null) {
        lost = true;
        return;
      }
      current = renewed;
    }
  })().catch(() => undefined);
  const fence = (): void => {
    if (lost || deps.clock.now() >= current.expiresAtMs) {
      throw new AppError(
        "fenced",
        `the lease on ${key} was lost: another worker may have taken over; nothing was sent`,
      );
    }
  };
  try {
    return await work({ handle: () => current, fence });
  } finally {
    stop.abort();
    await renewing;
    if (!lost) await deps.store.leases.release(current);
  }
}
