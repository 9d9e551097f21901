import type { Health, HealthCheck } from "../../connector-kit/contract.ts";
import { healthOfFailure, probe } from "../../connector-kit/probe.ts";
import { AppError, isAppError, toAppError } from "../../kernel/errors.ts";
import type { CallContext, Transport } from "../../transport/contract.ts";
import type { Client } from "./client.ts";
import { parseTeamPage, parseUserPage, readError, type WireUserPage } from "./wire.ts";

interface HealthParts {
  readonly transport: Transport;
  readonly client: Client;
  readonly vendor: boolean;
}

interface Finding {
  readonly check: HealthCheck;
  readonly users: WireUserPage | null;
}

/** Asks for one row of a listing and says what the answer means. */
async function look(parts: HealthParts, listing: "users" | "teams", context: CallContext): Promise<Finding> {
  const { transport } = parts;
  const what = `REST API, ${listing}`;
  const at = (state: HealthCheck["state"], text: string): Finding => ({ check: { what, state, text }, users: null });
  const answer = await probe(
    transport,
    { path: `/${listing}`, query: listing === "users" ? { limit: 1, offset: 0 } : {} },
    context,
  );
  if (answer instanceof AppError) return { check: healthOfFailure(what, transport.origin, answer), users: null };
  const words = readError(answer.body);
  if (answer.status !== 200 && words === null) {
    return at(
      "wrong-base-url",
      `${transport.origin} answered ${answer.status}, but not as Follow Up Boss does: check the base URL`,
    );
  }
  switch (answer.status) {
    case 200:
      break;
    case 401:
      return at(
        "wrong-key",
        `Follow Up Boss does not know this API key: take it from Admin > API again (${words ?? ""})`,
      );
    case 403:
      return at(
        "not-allowed",
        `Follow Up Boss knows the key but refuses this: it must be the key of an admin, and the account must not have expired (${words ?? ""})`,
      );
    default:
      return at("wrong-base-url", `${transport.origin} has no ${listing} (${answer.status}): check the base URL`);
  }
  try {
    const users = listing === "users" ? parseUserPage(answer.body) : null;
    if (listing === "teams") parseTeamPage(answer.body);
    return { check: { what, state: "ok", text: `${listing} can be read` }, users };
  } catch (error) {
    return { check: healthOfFailure(what, transport.origin, toAppError(error)), users: null };
  }
}

/** FUB-D9: in the vendor's own description a key belongs to a user and sees what that user sees. */
async function keyOwnerOf(
  parts: HealthParts,
  context: CallContext,
): Promise<{ readonly id: string | null; readonly check: HealthCheck }> {
  const what = "Owner of the key";
  try {
    const id = await parts.client.identity(context);
    const user = await parts.client.getUser(id, context);
    const sufficient = user !== null && (user.isOwner === true || user.role === "Broker");
    const text = sufficient
      ? `the key belongs to user ${id}, who administers the account`
      : `the key belongs to user ${id}, who sees a part of the account only: use the key of the owner or of an admin`;
    return { id, check: { what, state: sufficient ? "ok" : "not-allowed", text } };
  } catch (error) {
    if (isAppError(error, "canceled", "fenced", "internal")) throw error;
    return { id: null, check: healthOfFailure(what, parts.transport.origin, toAppError(error)) };
  }
}

/** Which description the live answers fit; one row may not tell. */
function profileOf(users: WireUserPage | null): Health["profile"] {
  const [user] = users?.users ?? [];
  if (user === undefined) return null;
  if (user.activeFlag !== undefined || user.teamId !== undefined) return "guide";
  return user.status !== undefined || user.teamIds !== undefined ? "vendor" : null;
}

/** Reads only, and never `/me`, which answers with secrets. */
export async function checkHealth(parts: HealthParts, context: CallContext): Promise<Health> {
  const users = await look(parts, "users", context);
  const checks = [users.check];
  let keyOwner: string | null = null;
  if (users.check.state === "ok") {
    checks.push((await look(parts, "teams", context)).check);
    if (parts.vendor) {
      const owner = await keyOwnerOf(parts, context);
      keyOwner = owner.id;
      checks.push(owner.check);
    }
  }
  return { ok: checks.every((check) => check.state === "ok"), checks, keyOwner, profile: profileOf(users.users) };
}
