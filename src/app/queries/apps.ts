import { toIso } from "../../kernel/dates.ts";
import { toAppError } from "../../kernel/errors.ts";
import { toJson, isJsonObject } from "../../kernel/json.ts";
import type { Connection } from "../../connector-kit/connection.ts";
import type { Health } from "../../connector-kit/contract.ts";
import { VERBS, type Verb } from "../../model/traits.ts";
import { connectionNamed, type UseCaseContext } from "../context.ts";
import type {
  AppLimitsResult,
  AppResult,
  AppRow,
  AppsResult,
  AppsTestResult,
  CapabilityRow,
  NoInput,
} from "../contract.ts";

export async function listApps(context: UseCaseContext, _input: NoInput): Promise<AppsResult> {
  const apps: AppRow[] = [];
  for (const connection of context.deployment.connections) apps.push(await appRow(context, connection));
  return { schema: "tenure.apps/v1", apps };
}

/** One configured app as lists show it: when it was last read, how many accounts it has, what its last test said. */
export async function appRow(context: UseCaseContext, connection: Connection): Promise<AppRow> {
  const snapshot = await context.store.snapshots.latest(connection.name);
  const state = await context.store.connections.get(connection.name);
  const kinds = Object.entries(connection.traits.kinds).filter(([, traits]) => traits.noun === "account");
  const listings = (snapshot?.listings ?? []).filter((listing) => kinds.some(([kind]) => kind === listing.kind));
  return {
    name: connection.name,
    connector: connection.connectorId,
    appName: connection.appName,
    profile: connection.profile,
    accounts: snapshot === null ? null : listings.reduce((sum, listing) => sum + listing.count, 0),
    seats: connection.policy.seats,
    lastRead: snapshot?.endedAt ?? null,
    health: state?.health === null || state === null ? "not tested" : state.health["ok"] === true ? "ok" : "broken",
  };
}

const MISSING: Readonly<Record<Verb, string>> = {
  create: "a new account is a manual step",
  update: "a change of name, phone or address is a manual step",
  suspend: "there is no way to shut an account without removing it",
  reactivate: "bringing an account back is a manual step, or not possible",
  remove: "taking an account out is a manual step",
  convert: "the app has one kind of account",
  join: "team membership is a manual step, or the app has no teams",
  leave: "team membership is a manual step, or the app has no teams",
  assignRole: "a change of role is a manual step",
  transfer: "the app has nothing to hand over by API",
  revokeInvitation: "the app has no invitations of their own",
};

export async function showApp(context: UseCaseContext, input: { readonly app: string }): Promise<AppResult> {
  const connection = connectionNamed(context, input.app);
  const off = (await context.store.connections.get(connection.name))?.off ?? {};
  const capabilities: CapabilityRow[] = VERBS.map((verb) => {
    const traits = connection.traits.verbs[verb];
    const lost = off[verb];
    const can = traits !== undefined && lost === undefined;
    const note = lost ?? (traits === undefined ? MISSING[verb] : traits.sideEffects.join("; "));
    return { verb, can, undo: traits?.undo ?? null, note };
  });
  return {
    schema: "tenure.app/v1",
    app: await appRow(context, connection),
    origin: connection.origin,
    guide: connection.guide,
    capabilities,
    traits: connection.traits,
    notes: connection.notes,
    setup: [...connection.setup.steps, ...connection.setup.warnings],
  };
}

/** Asks each app by reads alone whether key, scope and base URL are right, and remembers who owns the key. */
export async function testApps(
  context: UseCaseContext,
  input: { readonly app: string | null },
): Promise<AppsTestResult> {
  const connections = input.app === null ? context.deployment.connections : [connectionNamed(context, input.app)];
  const apps: AppsTestResult["apps"][number][] = [];
  for (const connection of connections) {
    const health = await checkConnection(context, connection);
    const known = await context.store.connections.get(connection.name);
    const json = toJson({ ok: health.ok, checks: health.checks });
    await context.store.connections.put({
      connection: connection.name,
      off: known?.off ?? {},
      keyOwner: health.keyOwner ?? known?.keyOwner ?? null,
      health: isJsonObject(json) ? json : null,
      updatedAt: toIso(context.clock.now()),
    });
    apps.push({ app: connection.name, ...health });
  }
  return { schema: "tenure.apps-test/v1", ok: apps.every((app) => app.ok), apps };
}

async function checkConnection(context: UseCaseContext, connection: Connection): Promise<Health> {
  const call = { signal: context.options.signal, lane: "normal" as const, beforeSend: null };
  try {
    return await connection.connector.check(call);
  } catch (error) {
    const { message } = toAppError(error);
    const check = { what: connection.appName, state: "unreachable" as const, text: message };
    return { ok: false, checks: [check], keyOwner: null, profile: null };
  }
}

export async function showLimits(
  context: UseCaseContext,
  input: { readonly app: string | null },
): Promise<AppLimitsResult> {
  const connections = input.app === null ? context.deployment.connections : [connectionNamed(context, input.app)];
  return {
    schema: "tenure.limits/v1",
    apps: connections.map((connection) => ({
      app: connection.name,
      quota: connection.traits.quota,
      share: connection.policy.share,
      allowance: Math.max(1, Math.floor(connection.traits.quota.limit * connection.policy.share)),
      maxPageSize: Object.fromEntries(
        Object.entries(connection.traits.kinds).map(([kind, traits]) => [kind, traits.maxPageSize]),
      ),
    })),
  };
}
