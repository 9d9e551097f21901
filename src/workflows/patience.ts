import { isAppError } from "../kernel/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Connection } from "../connector-kit/connection.ts";

/** The longest that one call waits for its turn before the caller has to think again. */
const MOST_PATIENCE_MS = 2 * 3_600_000;

/**
 * Makes a call that waits for the app's budget where it is: a listing of a thousand pages must not begin anew because
 * the window turned in its middle. Only `rate_limited` is waited for, and only as long as it says; everything else is thrown.
 */
async function patiently<T>(
  time: { readonly clock: Clock; readonly signal: AbortSignal },
  call: () => Promise<T>,
): Promise<T> {
  const untilMs = time.clock.now() + MOST_PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const wait = isAppError(error, "rate_limited") ? error.details["retryAfterMs"] : null;
      if (typeof wait !== "number" || time.clock.now() + wait > untilMs) throw error;
      await time.clock.sleep(wait, time.signal);
    }
  }
}

/** The connection with listings and hand-overs that wait for their turn in the app's budget. */
export function patientConnection(
  connection: Connection,
  time: { readonly clock: Clock; readonly signal: AbortSignal },
): Connection {
  const { connector } = connection;
  const { holdings, transfer } = connector;
  return {
    ...connection,
    connector: {
      ...connector,
      list: (request, context) => patiently(time, () => connector.list(request, context)),
      ...(holdings === undefined
        ? {}
        : { holdings: (request, context) => patiently(time, () => holdings(request, context)) }),
      ...(transfer === undefined
        ? {}
        : { transfer: (request, context) => patiently(time, () => transfer(request, context)) }),
    },
  };
}
