import { createHash } from "node:crypto";
import { canonicalJson, type JsonValue } from "./json.ts";

export function sha256Hex(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

/** SHA-256 over the canonical JSON, in hex: the same content gives the same hash wherever it was made. */
export function hashJson(value: JsonValue): string {
  return sha256Hex(canonicalJson(value));
}
