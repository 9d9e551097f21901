import { isIP } from "node:net";
import { AppError } from "../../kernel/errors.ts";
import { sha256Hex } from "../../kernel/hash.ts";
import type { Auth, Endpoint, TransportRequest } from "../contract.ts";
import { assertSafePath } from "../path.ts";
import { loopbackAddresses, publicAddresses, type AddressTest } from "./address.ts";
import { createMask, type Mask } from "./mask.ts";

/** Everything about an endpoint that is the same for all requests, made once. The only place that exposes secrets. */
export interface Target {
  /** Scheme, host and port: the only place that requests go to. */
  readonly origin: string;
  /** For people: scheme, host and base path. */
  readonly shown: string;
  readonly allows: AddressTest;
  readonly basePath: string;
  readonly baseQuery: string;
  /** Name, value, name, value …; with and without a body. */
  readonly headers: string[];
  readonly headersWithBody: string[];
  /** Whose quota it is, hashed. */
  readonly budgetKey: string;
  /** Takes the secrets out of a text. */
  readonly mask: Mask;
}

function configError(message: string): AppError {
  return new AppError("config", message);
}

function parseBaseUrl(text: string): URL {
  const url = URL.parse(text);
  const example = "use one like https://api.example.com/v1";
  if (url === null) throw configError(`the base URL is not a URL: ${example}`);
  if (url.username !== "" || url.password !== "") {
    throw configError(`the base URL of ${url.host} has credentials in it: ${example} and put them where they belong`);
  }
  if (url.hash !== "") throw configError(`the base URL of ${url.host} has a fragment (#): ${example}`);
  return url;
}

/** How sockets may be connected for this URL. https anywhere on the Internet; http and https on this machine. */
function addressTest(url: URL, allowPrivate: boolean): AddressTest {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const loopback = loopbackAddresses();
  const isLoopback = host === "localhost" || loopback(host);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback)) {
    throw configError(`the base URL of ${url.host} is not https: http is for this machine only (127.0.0.1, localhost)`);
  }
  if (isLoopback) return loopback;
  const allows = allowPrivate ? () => true : publicAddresses();
  if (isIP(host) !== 0 && !allows(host)) {
    throw configError(`the base URL leads to ${host}, which is not on the public Internet: check it`);
  }
  return allows;
}

/** The value of the Authorization header, and all texts that must never be shown. */
function authorization(auth: Auth, host: string): { readonly value: string; readonly secrets: readonly string[] } {
  if (auth.scheme === "bearer") {
    const token = auth.token.expose();
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw configError(`the token for ${host} is empty or has characters that a header cannot carry: enter it again`);
    }
    return { value: `Bearer ${token}`, secrets: [token] };
  }
  const user = auth.user.expose();
  const password = auth.password?.expose() ?? "";
  if (user === "" || user.includes(":")) {
    throw configError(`the API key for ${host} is empty or has a colon in it: enter it again`);
  }
  const pair = Buffer.from(`${user}:${password}`, "utf8").toString("base64");
  return { value: `Basic ${pair}`, secrets: [user, password, pair] };
}

const OURS = new Set(["authorization", "host", "content-length", "transfer-encoding", "connection"]);

function ownHeaders(endpoint: Endpoint, host: string): readonly string[] {
  const list = ["accept", "application/json", "accept-encoding", "gzip", "user-agent", "tenure"];
  for (const [name, value] of Object.entries(endpoint.headers)) {
    const plain = /^[A-Za-z0-9-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value);
    if (!plain || OURS.has(name.toLowerCase())) throw configError(`the header ${name} cannot be set for ${host}`);
    const at = list.findIndex((known, index) => index % 2 === 0 && known === name.toLowerCase());
    if (at === -1) list.push(name.toLowerCase(), value);
    else list[at + 1] = value;
  }
  return list;
}

/** Throws `config` for what cannot be an endpoint. */
export function parseTarget(endpoint: Endpoint, allowPrivate: boolean): Target {
  const url = parseBaseUrl(endpoint.baseUrl);
  const allows = addressTest(url, allowPrivate);
  const { value, secrets } = authorization(endpoint.auth, url.host);
  const headers = [...ownHeaders(endpoint, url.host), "authorization", value];
  const basePath = url.pathname.replace(/\/+$/, "");
  return {
    origin: url.origin,
    shown: `${url.origin}${basePath}`,
    allows,
    basePath,
    baseQuery: url.search.slice(1),
    headers,
    headersWithBody: [...headers, "content-type", "application/json"],
    budgetKey: sha256Hex(JSON.stringify(["budget", url.host, endpoint.quotaOwner ?? value])),
    mask: createMask(secrets),
  };
}

/** Path and query of one request: the base's own are kept (FRONT-D8). Throws `bad_input` for a path that climbs. */
export function requestTarget(target: Target, request: TransportRequest<unknown>): string {
  assertSafePath(request.path);
  let query = target.baseQuery;
  for (const name in request.query) {
    const value = request.query[name];
    if (value === null || value === undefined) continue;
    query += `${query === "" ? "" : "&"}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  }
  return `${target.basePath}${request.path}${query === "" ? "" : "?"}${query}`;
}
