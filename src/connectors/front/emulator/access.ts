import type {
  Admission,
  Credential,
  EmulatorRequest,
  EmulatorResponse,
  LimitStanding,
  VendorLimits,
} from "../../../emulator-kit/contract.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { JsonObject, JsonValue } from "../../../kernel/json.ts";
import { problem, scimProblem } from "./answers.ts";
import type { FrontCall, FrontContext, FrontRoute, FrontValues } from "./entities.ts";
import type { FrontOptions } from "./options.ts";

/** FRONT-07 to FRONT-10. */
export const SCOPES = ["teammates:read", "teammates:write", "teams:read", "teams:write"] as const;
export type Scope = (typeof SCOPES)[number];

/** FRONT-51: SCIM lives under the same host, with a token of its own. */
export const SCIM_PATH = "/scim/v2";

/** The tokens that exist from the start. They have the three parts of a web token, so that a broken one can be told. */
export const TOKENS = {
  company: "sandbox.company-token-one.front",
  company2: "sandbox.company-token-two.front",
  teammate: "sandbox.teammate-token.front",
  scim: "sandbox.scim-token.front",
  other: "sandbox.other-company-token.front",
  otherScim: "sandbox.other-company-scim-token.front",
} as const;

function credential(value: string, account: string, kind: "company" | "teammate" | "scim"): Credential {
  return { value, account, kind, scopes: kind === "scim" ? null : SCOPES, owner: null };
}

/** Every choice of scopes, in the order of SCOPES, with a company token that has just these. */
export function scopedTokens(): ReadonlyMap<string, Credential> {
  const tokens = new Map<string, Credential>();
  for (let choice = 1; choice < 2 ** SCOPES.length; choice += 1) {
    const scopes = SCOPES.filter((_, place) => (choice & (1 << place)) !== 0);
    const value = `sandbox.scoped-token-${choice}.front`;
    tokens.set(scopes.join(" "), { value, account: "main", kind: "company", scopes, owner: null });
  }
  return tokens;
}

export function standardCredentials(): readonly Credential[] {
  return [
    credential(TOKENS.company, "main", "company"),
    credential(TOKENS.company2, "main", "company"),
    credential(TOKENS.teammate, "main", "teammate"),
    credential(TOKENS.scim, "main", "scim"),
    credential(TOKENS.other, "other", "company"),
    credential(TOKENS.otherScim, "other", "scim"),
    ...scopedTokens().values(),
  ];
}

function isScim(path: string): boolean {
  return path === SCIM_PATH || path.startsWith(`${SCIM_PATH}/`);
}

/**
 * FRONT-03. A REST token means nothing to SCIM and the other way round. Under a path that is not the SCIM base the SCIM
 * token meets the REST API, which refuses it as it refuses any unknown token: that is the trap of FRONT-52. The two
 * answers differ in their bodies alone.
 */
export function authenticate(request: EmulatorRequest, find: (value: string) => Credential | null): Admission {
  const scim = isScim(request.path);
  const answer = (message: string): EmulatorResponse => (scim ? scimProblem(401, message) : problem(401, message));
  const header = request.headers["authorization"];
  if (header === undefined) return { kind: "none", answer: answer("JSON Web Token error") };
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (token === undefined || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
    return { kind: "unknown", answer: answer("JSON Web Token error") };
  }
  const found = find(token);
  if (found === null || (found.kind === "scim") !== scim) return { kind: "unknown", answer: answer("Invalid token") };
  return { kind: "known", credential: found };
}

/** Why this call may not go on, or null. All endpoints of user management need a company token (FRONT-04, FRONT-A17). */
function refusal(call: FrontCall, scope: Scope): EmulatorResponse | null {
  if (call.credential.kind !== "company" || call.options.tokenKind === "teammate") {
    return problem(403, "This endpoint needs a company API token; this is a teammate token.");
  }
  if (call.credential.scopes?.includes(scope) === true) return null;
  return problem(403, `Missing required scopes: [${scope}]`);
}

/** A route of the REST API that needs this scope. */
export function restRoute(
  method: FrontRoute["method"],
  path: string,
  scope: Scope,
  handle: (call: FrontCall) => EmulatorResponse,
): FrontRoute {
  return { method, path, handle: (call) => refusal(call, scope) ?? handle(call) };
}

/** A route of the SCIM server: it answers only where the plan has it and SAML sign-on is active (FRONT-50, FRONT-56). */
export function scimRoute(
  method: FrontRoute["method"],
  path: string,
  handle: (call: FrontCall) => EmulatorResponse,
): FrontRoute {
  return {
    method,
    path: `${SCIM_PATH}${path}`,
    handle(call) {
      if (call.options.plan === "starter") return scimProblem(403, "SCIM is not part of this plan.");
      if (call.options.sso === "off") return scimProblem(403, "Set up SAML sign-on before SCIM is used.");
      return handle(call);
    },
  };
}

function readScopes(value: JsonValue | undefined): readonly Scope[] {
  if (value === undefined || value === null) return SCOPES;
  const wanted = typeof value === "string" ? value.split(/\s+/).filter((one) => one !== "") : value;
  if (!Array.isArray(wanted)) throw new AppError("bad_input", "front token: scopes must be a list of scope names");
  return (wanted as readonly JsonValue[]).map((one) => {
    const scope = SCOPES.find((known) => known === one);
    if (scope !== undefined) return scope;
    throw new AppError(
      "bad_input",
      `front token: unknown scope ${JSON.stringify(one)}; known are ${SCOPES.join(", ")}`,
    );
  });
}

/** Control verb `token`: `{kind: "company" | "teammate" | "scim", scopes?}`. */
export function issueToken(context: FrontContext, want: JsonObject, serial: number): Credential {
  const kind = want["kind"] ?? "company";
  const value = `sandbox.issued-token-${serial}.front`;
  switch (kind) {
    case "company":
      return { value, account: context.account, kind, scopes: readScopes(want["scopes"]), owner: null };
    case "teammate": {
      const owner = context.state.teammates.find((one) => one.type === "user" && !one.is_blocked);
      return { value, account: context.account, kind, scopes: readScopes(want["scopes"]), owner: owner?.id ?? null };
    }
    case "scim":
      return { value, account: context.account, kind, scopes: null, owner: null };
    default:
      throw new AppError("bad_input", "front token: kind must be company, teammate or scim");
  }
}

/** FRONT-43 to FRONT-45. The reset is in epoch seconds, the wait in seconds (FRONT-A8). */
export const LIMITS: VendorLimits<FrontOptions> = {
  standard: { limit: 120, windowSeconds: 60, scheme: "fixed-window" },
  bucket: (caller) => caller.value,
  headers: (standing, options) => limitHeaders(standing, options),
  refuse(standing) {
    const waitMs = Math.max(1, standing.resetAt - standing.now);
    const refused = problem(429, `Rate limit exceeded. Please retry in ${waitMs} milliseconds.`);
    return { ...refused, headers: { ...refused.headers, "Retry-After": String(Math.ceil(waitMs / 1000)) } };
  },
};

function limitHeaders(standing: LimitStanding, options: FrontValues): Readonly<Record<string, string>> {
  const values = {
    "X-RateLimit-Limit": String(standing.limit),
    "X-RateLimit-Remaining": String(standing.remaining),
    "X-RateLimit-Reset": String(Math.ceil(standing.resetAt / 1000)),
  };
  if (options.profile === "guide") return values;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
}
