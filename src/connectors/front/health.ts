import type { Health, HealthCheck } from "../../connector-kit/contract.ts";
import { healthOfFailure, probe, type ProbeAnswer } from "../../connector-kit/probe.ts";
import { AppError, toAppError } from "../../kernel/errors.ts";
import { isJsonObject } from "../../kernel/json.ts";
import type { CallContext, Transport } from "../../transport/contract.ts";
import { isScimError, parseScimList } from "./scim-client.ts";
import { parseTeammatePage, parseTeamPage, readError, type WireTeammatePage } from "./wire.ts";

interface HealthParts {
  readonly rest: Transport;
  /** Null where the connection has no SCIM. */
  readonly scim: Transport | null;
}

interface Listing {
  readonly name: "teammates" | "teams";
  readonly scope: string;
  readonly query: Readonly<Record<string, number>>;
}

const LISTINGS: readonly Listing[] = [
  { name: "teammates", scope: "teammates:read", query: { limit: 1 } },
  { name: "teams", scope: "teams:read", query: {} },
];

function refused(what: string, scope: string, words: string): HealthCheck {
  if (/scope/i.test(words)) {
    return { what, state: "missing-scope", text: `Front knows the token, but it lacks the scope ${scope} (${words})` };
  }
  return {
    what,
    state: "not-allowed",
    text: `Front knows the token but refuses this: it must be a company-level token with the scope ${scope}, not a teammate's (${words})`,
  };
}

/** What Front's answer to one harmless question means; null when it is the listing that was asked for. */
function judge(what: string, listing: Listing, origin: string, answer: ProbeAnswer): HealthCheck | null {
  const words = readError(answer.body);
  if (answer.status === 200) return null;
  if (words === null) {
    const text = `${origin} answered ${answer.status}, but not as Front does: check the base URL`;
    return { what, state: "wrong-base-url", text };
  }
  switch (answer.status) {
    case 401:
      return {
        what,
        state: "wrong-key",
        text: `Front does not know this token: it is shown only once, so that a lost one must be replaced by a new one (${words})`,
      };
    case 403:
      return refused(what, listing.scope, words);
    default:
      return {
        what,
        state: "wrong-base-url",
        text: `${origin} has no ${listing.name} (${answer.status}): check the base URL`,
      };
  }
}

async function look(
  rest: Transport,
  listing: Listing,
  context: CallContext,
): Promise<{ readonly check: HealthCheck; readonly page: WireTeammatePage | null }> {
  const what = `REST API, ${listing.name}`;
  const answer = await probe(rest, { path: `/${listing.name}`, query: listing.query }, context);
  if (answer instanceof AppError) return { check: healthOfFailure(what, rest.origin, answer), page: null };
  const problem = judge(what, listing, rest.origin, answer);
  if (problem !== null) return { check: problem, page: null };
  try {
    const page = listing.name === "teammates" ? parseTeammatePage(answer.body) : null;
    if (listing.name === "teams") parseTeamPage(answer.body);
    return { check: { what, state: "ok", text: `${listing.name} can be read` }, page };
  } catch (error) {
    return { check: healthOfFailure(what, rest.origin, toAppError(error)), page: null };
  }
}

/**
 * FRONT-52: a wrong SCIM base URL looks like a wrong token. They are told apart by who answers: a SCIM server refuses a
 * token in the words of SCIM; whatever else answers, with whatever status, is not the SCIM server.
 */
async function lookAtScim(scim: Transport, context: CallContext): Promise<HealthCheck> {
  const what = "SCIM";
  const where = "copy it from Settings > Security > SCIM (or Settings > Developers) in Front";
  const answer = await probe(scim, { path: "/Users", query: { startIndex: 1, count: 1 } }, context);
  if (answer instanceof AppError) return healthOfFailure(what, scim.origin, answer);
  const { status, body } = answer;
  if (status === 200) {
    try {
      parseScimList(body);
      return { what, state: "ok", text: "users can be read by SCIM" };
    } catch (error) {
      return healthOfFailure(what, scim.origin, toAppError(error));
    }
  }
  if (!isScimError(body)) {
    return {
      what,
      state: "wrong-base-url",
      text: `${scim.origin} answered ${status}, but is no SCIM server: the SCIM base URL is wrong; ${where}`,
    };
  }
  if (status === 401) {
    return {
      what,
      state: "wrong-key",
      text: `the SCIM server at ${scim.origin} does not know the SCIM token: the base URL is right; make a new token`,
    };
  }
  if (status === 403) {
    return {
      what,
      state: "not-allowed",
      text: `the SCIM server at ${scim.origin} refuses the token: SSO must be active, and the plan must have SCIM`,
    };
  }
  return {
    what,
    state: "wrong-base-url",
    text: `the server at ${scim.origin} has no /Users (${status}): the SCIM base URL is wrong; ${where}`,
  };
}

/** Which description the live answers fit. The guide pages its listings, the vendor's own does not (FRONT-D4, FRONT-D11). */
function profileOf(page: WireTeammatePage | null): Health["profile"] {
  if (page === null) return null;
  if (isJsonObject(page._pagination) && "next" in page._pagination) return "guide";
  return page._results.some((teammate) => teammate.type !== undefined) ? "vendor" : null;
}

/** Reads only. Scopes for writing cannot be tried out without writing: the first refused write names the one that lacks. */
export async function checkHealth(parts: HealthParts, context: CallContext): Promise<Health> {
  const checks: HealthCheck[] = [];
  let profile: Health["profile"] = null;
  for (const listing of LISTINGS) {
    const { check, page } = await look(parts.rest, listing, context);
    checks.push(check);
    if (page !== null) profile = profileOf(page);
    // A key or an address that is wrong is wrong for the other listing too.
    if (check.state !== "ok" && check.state !== "missing-scope") break;
  }
  if (parts.scim !== null) checks.push(await lookAtScim(parts.scim, context));
  return { ok: checks.every((check) => check.state === "ok"), checks, keyOwner: null, profile };
}
