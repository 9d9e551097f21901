import { createHash, hash } from "node:crypto";
import { canonicalJson, type JsonValue } from "./json.ts";

export function sha256Hex(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

/** SHA-256 over the canonical JSON, in hex: the same content gives the same hash wherever it was made. */
export function hashJson(value: JsonValue): string {
  return sha256Hex(canonicalJson(value));
}

/**
 * 128 bits of SHA-256 over a text, and its length: tells whether a stored text is still the same without reading it back.
 * The length is the part after the dot: texts that differ only in the order of their keys have the same one.
 */
export function fingerprint(text: string): string {
  return `${hash("sha256", text, "base64url").slice(0, 22)}.${text.length.toString(36)}`;
}
