import type { EmailKey } from "../../kernel/email.ts";
import { localPart } from "../words.ts";
import { ROLE_COMPANIONS, ROLE_WORDS } from "./mailboxes.data.ts";

/** Tells addresses of roles from those of people. */
export type SharedMailboxTest = (key: EmailKey) => boolean;

/**
 * A test for addresses of roles (sales@, info@, support-eu@, leads+web@): every word of the local part is a role's or may
 * stand beside one, and at least one is a role's (safety B8).
 */
export function sharedMailboxTest(): SharedMailboxTest {
  const roles = new Set(ROLE_WORDS);
  const companions = new Set(ROLE_COMPANIONS);
  return (key) => {
    const local = localPart(key);
    if (roles.has(local)) return true;
    const words = local
      .split("+")[0]
      ?.split(/[._\-\d]+/)
      .filter((word) => word !== "");
    if (words === undefined || words.length === 0) return false;
    return words.some((word) => roles.has(word)) && words.every((word) => roles.has(word) || companions.has(word));
  };
}
