import { toIso } from "../../kernel/dates.ts";
import { toAppError } from "../../kernel/errors.ts";
import { errorFields } from "../../kernel/log.ts";
import type { Connection } from "../../connector-kit/connection.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { syncConnection } from "../../workflows/sync.ts";
import { connectionNamed, type UseCaseContext } from "../context.ts";
import type { SyncInput, SyncResult } from "../contract.ts";
import { refreshPicture } from "../picture.ts";

/** Reads the named apps, or all of them, side by side; one sick app does not keep the others from being read. */
export async function syncApps(context: UseCaseContext, input: SyncInput): Promise<SyncResult> {
  const startedMs = context.clock.now();
  const connections =
    input.apps === null ? context.deployment.connections : input.apps.map((name) => connectionNamed(context, name));
  const outcomes = await Promise.all(
    connections.map((connection) => readOne(context, connection, input.acceptLoss ?? false)),
  );
  const snapshots = outcomes.flatMap((outcome) => ("snapshot" in outcome ? [outcome.snapshot] : []));
  const findings = await refreshPicture(context);
  return {
    schema: "tenure.sync/v1",
    snapshots,
    failed: outcomes.flatMap((outcome) => ("failed" in outcome ? [outcome.failed] : [])),
    counts: snapshots.flatMap((snapshot) => countKinds(context, snapshot)),
    seconds: (context.clock.now() - startedMs) / 1000,
    findings: findings.length,
  };
}

type Outcome = { readonly snapshot: Snapshot } | { readonly failed: SyncResult["failed"][number] };

async function readOne(context: UseCaseContext, connection: Connection, acceptLoss: boolean): Promise<Outcome> {
  try {
    const snapshot = await syncConnection(
      {
        store: context.store,
        clock: context.clock,
        random: context.random,
        signal: AbortSignal.any([context.options.signal, context.signal]),
        onEvent: context.options.onEvent,
        resumeAgeMs: context.deployment.policy.guards.snapshotAgeMs,
        acceptLoss,
      },
      connection,
    );
    await rememberKeyOwner(context, connection);
    return { snapshot };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === "canceled" || error.code === "storage" || error.code === "internal") throw error;
    context.log.warn("an app could not be read", { connection: connection.name, ...errorFields(error) });
    context.options.onEvent({ type: "sync.failed", app: connection.name, error: error.message });
    return {
      failed: { app: connection.name, error: error.message, next: `tenure apps test ${connection.name}` },
    };
  }
}

/** Whose key it is decides whom no plan may remove (safety G11); asked once for each connection. */
async function rememberKeyOwner(context: UseCaseContext, connection: Connection): Promise<void> {
  const known = await context.store.connections.get(connection.name);
  if (known !== null) return;
  const health = await connection.connector.check({
    signal: context.options.signal,
    lane: "poll",
    beforeSend: null,
  });
  await context.store.connections.put({
    connection: connection.name,
    off: {},
    keyOwner: health.keyOwner,
    health: { ok: health.ok },
    updatedAt: toIso(context.clock.now()),
  });
}

function countKinds(context: UseCaseContext, snapshot: Snapshot): readonly SyncResult["counts"][number][] {
  const connection = connectionNamed(context, snapshot.connection);
  return Object.entries(connection.traits.kinds)
    .filter(([, traits]) => traits.noun === "account" || traits.noun === "invitation")
    .map(([kind, traits]) => ({
      app: connection.name,
      appName: connection.appName,
      kind,
      many: traits.many,
      count: snapshot.listings
        .filter((listing) => listing.kind === kind)
        .reduce((sum, listing) => sum + listing.count, 0),
    }));
}
