import type { AccountKey, WriteAnswer } from "../../connector-kit/contract.ts";
import { canonicalEmail } from "../../kernel/email.ts";
import { AppError, isAppError } from "../../kernel/errors.ts";
import type { AccountDraft } from "../../model/account.ts";
import type { CallContext } from "../../transport/contract.ts";
import type { Client } from "./client.ts";
import { toScimBody, userNameFilter, type ScimClient } from "./scim-client.ts";

/** Makes a teammate silently. Names are all that it carries: role, attributes and teams go by REST afterwards (FRONT-54). */
export async function createByScim(scim: ScimClient, draft: AccountDraft, context: CallContext): Promise<WriteAnswer> {
  if (draft.role !== null || draft.teams.length > 0 || Object.keys(draft.attributes).length > 0) {
    throw new AppError(
      "bad_input",
      "a create by SCIM carries names only: role, attributes and teams are set afterwards, by REST",
    );
  }
  const user = await scim.createUser(toScimBody(draft), context);
  // The SCIM id need not be the teammate's: when it does not look like one, the caller finds the teammate by address.
  return { outcome: "created", id: /^tea_[A-Za-z0-9]+$/.test(user.id) ? user.id : null, record: null };
}

/** The one SCIM user with this address; every row is checked, since a filter may be ignored (X-03, FRONT-A11). */
async function findScimUser(scim: ScimClient, email: string, context: CallContext): Promise<string> {
  let list;
  try {
    list = await scim.listUsers(userNameFilter(email), context);
  } catch (error) {
    if (!isAppError(error, "invalid", "unsupported")) throw error;
    list = await scim.listUsers(null, context);
  }
  const rows = list.Resources ?? [];
  const found = rows.filter((row) => canonicalEmail(row.userName) === canonicalEmail(email));
  const [user] = found;
  if (user !== undefined && found.length === 1) return user.id;
  if (found.length > 1)
    throw new AppError("conflict", "Front's SCIM server lists several users with this address: look there");
  if (rows.length < list.totalResults) {
    throw new AppError(
      "unsupported",
      "Front's SCIM server cannot be asked for one address: deactivate the teammate in Front's settings",
    );
  }
  throw new AppError(
    "not_found",
    "Front's SCIM server does not know this teammate's address: deactivate them in Front's settings",
  );
}

/**
 * Deactivates through SCIM: the teammate is read by REST for the address, found by SCIM, then deleted there (the guide's
 * operation) or set to inactive (profile `vendor`).
 */
export async function removeByScim(
  parts: { readonly client: Client; readonly scim: ScimClient; readonly vendor: boolean },
  key: AccountKey,
  context: CallContext,
): Promise<WriteAnswer> {
  const reading = { ...context, beforeSend: null };
  const teammate = await parts.client.getTeammate(key.id, reading);
  if (teammate === null || teammate.is_blocked === true) return { outcome: "was-absent", id: key.id, record: null };
  if (teammate.email === null) throw new AppError("unsupported", "this teammate has no address: SCIM cannot find them");
  const id = await findScimUser(parts.scim, teammate.email, reading);
  if (parts.vendor) await parts.scim.patchUser(id, false, context);
  else await parts.scim.deleteUser(id, context);
  return { outcome: "removed", id: key.id, record: null };
}
