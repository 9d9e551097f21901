import type { ControlHooks, FaultHooks } from "../../../emulator-kit/contract.ts";
import { issueToken } from "./access.ts";
import type { FrontCall, FrontContext, FrontShape, InvitationState, Teammate } from "./entities.ts";
import { activeAdmins, addTeammate, leaveAllTeams, seats, tellOfChange } from "./lifecycle.ts";
import type { FrontOptions } from "./options.ts";
import { findByEmail, findTeammate } from "./render.ts";
import { readPatch } from "./scim-bodies.ts";
import { isJsonObject } from "../../../kernel/json.ts";

/** The open invitation of this address, or the newest of all. */
function openInvitation(context: FrontContext, email: string | null): Teammate | null {
  const open = context.state.teammates.filter((one) => one.invitation === "pending" && !one.is_blocked);
  if (email === null) return open.at(-1) ?? null;
  return open.find((one) => one.email.toLowerCase() === email.toLowerCase()) ?? null;
}

function settle(context: FrontContext, teammate: Teammate, invitation: InvitationState): void {
  context.state.teammates.replace({ ...teammate, invitation });
}

/** Values of fields that are no longer set up are gone with the field. */
function forgetCustomFields(context: FrontContext): void {
  const names = new Set(context.state.customFields.list().map((field) => field.name));
  for (const teammate of context.state.teammates.list()) {
    const kept = Object.entries(teammate.custom_fields).filter(([name]) => names.has(name));
    if (kept.length === Object.keys(teammate.custom_fields).length) continue;
    context.state.teammates.replace({ ...teammate, custom_fields: Object.fromEntries(kept) });
  }
}

export const CONTROL: ControlHooks<FrontShape, FrontOptions> = {
  creatable: ["team", "customField"],
  changed(context, kind, id, op) {
    if (kind === "teammate" || kind === "teammates") {
      if (op === "delete") leaveAllTeams(context, id);
      tellOfChange(context, id, op);
    }
    if ((kind === "customField" || kind === "customFields") && op !== "create") forgetCustomFields(context);
  },
  accept(context, email) {
    const invited = openInvitation(context, email);
    if (invited !== null) settle(context, invited, "accepted");
    return invited !== null;
  },
  purge(context, id) {
    const teammate = context.state.teammates.get(id);
    if (teammate === null || !teammate.is_blocked) return false;
    leaveAllTeams(context, id);
    return context.state.teammates.remove(id);
  },
  token: issueToken,
};

/** The teammate whose access this request would end or whose rights it would take; null when it is no such request. */
function demoted(call: FrontCall): Teammate | null {
  const { method, body, path } = call.request;
  const teammate = findTeammate(call, call.params["id"] ?? "");
  if (method === "DELETE") return path.endsWith("/teammates") ? null : teammate;
  if (method !== "PATCH") return null;
  if (path.startsWith("/scim/")) {
    const change = readPatch(call);
    return change.ok && change.value.active === false ? teammate : null;
  }
  const takes = isJsonObject(body) && (body["is_admin"] === false || body["is_blocked"] === true);
  return takes ? teammate : null;
}

export const FAULTS: FaultHooks<FrontShape, FrontOptions> = {
  takeSeats(context, left) {
    const { limit, used } = seats(context);
    if (limit === null) return;
    for (let free = limit - used; free > left; free -= 1) {
      const email = `seat-taker-${context.state.teammates.list().length + 1}@elsewhere.example`;
      addTeammate(context, { email }, false);
    }
  },
  // Front lists blocked teammates too: only a record of another type holds an address without being seen (FRONT-D11).
  holdEmail(context, email, hidden) {
    if (findByEmail(context, email) === null) {
      addTeammate(context, { email, type: hidden ? "visitor" : "user" }, false);
    }
  },
  removesLastAdmin(call) {
    const admins = activeAdmins(call);
    return admins.length === 1 && admins[0]?.id === demoted(call)?.id;
  },
  settleInvitation(context, email, outcome) {
    const invited = openInvitation(context, email);
    if (invited !== null) settle(context, invited, outcome);
  },
};
