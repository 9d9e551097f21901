import { json, type EmulatorResponse } from "../../../emulator-kit/contract.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Unauthenticated",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  422: "Unprocessable entity",
  429: "Too many requests",
  500: "Internal server error",
  501: "Not implemented",
  502: "Bad gateway",
  503: "Service unavailable",
  504: "Gateway timeout",
};

/** The vendor's error body. */
export function problem(status: number, message: string, details: readonly string[] = []): EmulatorResponse {
  const title = TITLES[status] ?? "Error";
  return json(status, { _error: { status, title, message, ...(details.length > 0 ? { details } : {}) } });
}

export function badRequest(details: readonly string[]): EmulatorResponse {
  return problem(400, "The request is invalid.", details);
}

export function notFound(what: string): EmulatorResponse {
  return problem(404, `${what} not found`);
}

export function conflict(message: string): EmulatorResponse {
  return problem(409, message);
}

/** What is not part of the profile that is followed. */
export function wrongVerb(method: string): EmulatorResponse {
  return problem(405, `${method} is not supported here`);
}

/** Either what was read, or everything that is wrong with it. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly details: readonly string[] };

const SCIM_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";
const SCIM_JSON = { "Content-Type": "application/scim+json; charset=utf-8" };

export function scimAnswer(status: number, body: EmulatorResponse["body"]): EmulatorResponse {
  return json(status, body, SCIM_JSON);
}

/** The error body of RFC 7644; the status is a text there. */
export function scimProblem(status: number, detail: string, scimType: string | null = null): EmulatorResponse {
  const type = scimType === null ? {} : { scimType };
  return scimAnswer(status, { schemas: [SCIM_ERROR], status: String(status), ...type, detail });
}
