import { readableEmail, type EmailKey } from "../../kernel/email.ts";
import { LOOK_ALIKES } from "./confusables.data.ts";

/** Look-alike sign → plain sign. */
export type LookAlikes = ReadonlyMap<string, string>;

export function lookAlikes(): LookAlikes {
  const plain = new Map<string, string>();
  for (const [sign, others] of Object.entries(LOOK_ALIKES)) for (const other of others) plain.set(other, sign);
  return plain;
}

/**
 * What an address looks like: every sign as the plain one it can be taken for, marks on letters taken off. Two different
 * addresses that look alike have one skeleton (safety B3).
 */
export function skeleton(key: EmailKey, table: LookAlikes): string {
  let text = "";
  for (const sign of readableEmail(key).normalize("NFC")) {
    const bare = sign.normalize("NFKD").replace(/\p{M}+/gu, "");
    text += table.get(sign) ?? table.get(bare) ?? bare;
  }
  return text.toLowerCase();
}
