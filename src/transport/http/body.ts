import { isUtf8 } from "node:buffer";
import { gunzip, inflate } from "node:zlib";
import { parseJson, type JsonValue } from "../../kernel/json.ts";
import type { Exchange } from "./exchange.ts";
import type { HeaderValue } from "../retry-after.ts";

/** A body as JSON, none at all, or why it cannot be read. */
export type Body =
  | { readonly kind: "json"; readonly value: JsonValue }
  | { readonly kind: "none" }
  | { readonly kind: "unreadable"; readonly reason: string };

export interface BodyLimits {
  /** Of the decoded body. */
  readonly maxBodyBytes: number;
  readonly maxDepth: number;
}

const NONE: Body = { kind: "none" };
const JSON_TYPE = /^(?:application|text)\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([\w-]+)/i;

function unreadable(reason: string): Body {
  return { kind: "unreadable", reason };
}

function one(value: HeaderValue): string {
  return typeof value === "string" ? value : (value?.[0] ?? "");
}

/** Why a body of that type is no JSON in UTF-8; null when it may be. A missing type is no reason. */
function wrongType(type: string): string | null {
  if (type === "" || type === "application/json") return null;
  if (/^\s*text\/html/i.test(type)) return "it is a web page (text/html), perhaps of a login or a proxy";
  if (!JSON_TYPE.test(type)) return `its content type is ${type.slice(0, 60)}`;
  const charset = CHARSET.exec(type)?.[1]?.toLowerCase() ?? "utf-8";
  return charset === "utf-8" || charset === "utf8" || charset === "us-ascii" ? null : `its charset is ${charset}`;
}

/** Whether its end can be told from a lost connection: by its length or by its last chunk (safety C17). */
export function isFramed(exchange: Exchange): boolean {
  if (exchange.headers["content-length"] !== undefined || exchange.status === 204) return true;
  return /\bchunked\b/i.test(one(exchange.headers["transfer-encoding"]));
}

function parseText(bytes: Buffer, maxDepth: number): Body {
  if (!isUtf8(bytes)) return unreadable("it is not UTF-8");
  // A byte order mark is no part of the text (RFC 8259).
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const text = bytes.toString("utf8", from);
  try {
    return { kind: "json", value: parseJson(text, maxDepth) };
  } catch {
    // The parser's own words quote the body: they are not passed on.
    return unreadable(
      /^\s*</.test(text) ? "it is a web page, not JSON" : "it is not valid JSON, or is nested too deeply",
    );
  }
}

type Unpack = typeof gunzip;

function unpack(encoding: string): Unpack | null {
  if (encoding === "gzip" || encoding === "x-gzip") return gunzip;
  return encoding === "deflate" ? inflate : null;
}

async function parsePacked(bytes: Buffer, encoding: string, limits: BodyLimits): Promise<Body> {
  const decode = unpack(encoding);
  if (decode === null) return unreadable(`its content encoding is ${encoding.slice(0, 40)}`);
  return new Promise((resolve) => {
    decode(bytes, { maxOutputLength: limits.maxBodyBytes }, (error, plain) => {
      if (error === null) resolve(plain.length === 0 ? NONE : parseText(plain, limits.maxDepth));
      else if ("code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
        resolve(unreadable("it is too large when unpacked"));
      else resolve(unreadable("it is damaged: it cannot be unpacked"));
    });
  });
}

/** Reads the body of an ended exchange. `typed`: it must be declared as JSON; error bodies are read more leniently. */
export function readBody(exchange: Exchange, limits: BodyLimits, typed: boolean): Body | Promise<Body> {
  if (exchange.size === 0) return NONE;
  if (typed) {
    const reason = wrongType(one(exchange.headers["content-type"]));
    if (reason !== null) return unreadable(reason);
  }
  const [only] = exchange.chunks;
  const bytes =
    exchange.chunks.length === 1 && only !== undefined ? only : Buffer.concat(exchange.chunks, exchange.size);
  const encoding = one(exchange.headers["content-encoding"]).trim().toLowerCase();
  if (encoding === "" || encoding === "identity") return parseText(bytes, limits.maxDepth);
  return parsePacked(bytes, encoding, limits);
}
