/** What happens to a teammate whoever asks for it: the REST API, SCIM, the admin pages. */
import { canonicalJson, toJson } from "../../../kernel/json.ts";
import { handleFor, type FrontContext, type InvitationState, type Teammate } from "./entities.ts";
import { companyOf, isListed, teammateView } from "./render.ts";

/** People who are not blocked hold a seat, invited or not; bots and visitors do not (FRONT-D11). */
export function seats(context: FrontContext): { readonly limit: number | null; readonly used: number } {
  const used = context.state.teammates.filter((one) => one.type === "user" && !one.is_blocked).length;
  return { limit: context.options.seatLimit, used };
}

export function hasFreeSeat(context: FrontContext): boolean {
  const { limit, used } = seats(context);
  return limit === null || used < limit;
}

export const NO_SEAT = "The company has no seat left for another teammate.";
export const ADDRESS_TAKEN = "A teammate with this e-mail address exists already.";

type TeammateEvent = "teammate.created" | "teammate.updated" | "teammate.deleted";

function tell(context: FrontContext, event: TeammateEvent, teammate: Teammate): void {
  if (context.options.teammateEvents === "on" && teammate.type === "user") {
    context.emit(event, teammateView(context, teammate));
  }
}

/** A handle that nobody has: the one from the address, with a number where it is taken. */
function freeHandle(context: FrontContext, email: string): string {
  const handle = handleFor(email);
  const taken = new Set(context.state.teammates.list().map((one) => one.username));
  let candidate = handle;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${handle}${number}`;
  return candidate;
}

/** FRONT-28 and FRONT-A18: the mail goes out with every create, save one by SCIM. */
function sendInvitation(context: FrontContext, teammate: Teammate): void {
  context.mail({
    to: teammate.email,
    subject: `Join ${companyOf(context.account).name} on Front`,
    link: `${context.origin}/invitations/${teammate.id}`,
  });
}

export type NewTeammate = Pick<Teammate, "email"> & Partial<Omit<Teammate, "id" | "email" | "invitation">>;

/** A new person in the company; the address must be free and there must be a seat. */
export function addTeammate(context: FrontContext, draft: NewTeammate, invite: boolean): Teammate {
  const teammate = context.state.teammates.insert({
    id: context.state.teammates.nextId(),
    username: draft.username ?? freeHandle(context, draft.email),
    first_name: "",
    last_name: "",
    is_admin: false,
    is_available: true,
    is_blocked: false,
    custom_fields: {},
    license_type: "full",
    type: "user",
    external_id: null,
    ...draft,
    invitation: invite ? "pending" : "none",
  });
  if (invite) sendInvitation(context, teammate);
  tell(context, "teammate.created", teammate);
  return teammate;
}

/** Stores the change and tells of it; when nothing changes, nothing happens. Returns what is stored then. */
export function changeTeammate(context: FrontContext, before: Teammate, after: Teammate): Teammate {
  const stored = after.is_blocked ? { ...after, invitation: withdrawn(after.invitation) } : after;
  if (canonicalJson(toJson(before)) === canonicalJson(toJson(stored))) return before;
  context.state.teammates.replace(stored);
  tell(context, "teammate.updated", stored);
  return stored;
}

function withdrawn(invitation: InvitationState): InvitationState {
  return invitation === "pending" ? "withdrawn" : invitation;
}

/** FRONT-33 and FRONT-A2: blocked, and nothing else: team memberships and history stay. Twice is once. */
export function deactivate(context: FrontContext, teammate: Teammate): void {
  if (teammate.is_blocked) return;
  const blocked = { ...teammate, is_blocked: true, invitation: withdrawn(teammate.invitation) };
  context.state.teammates.replace(blocked);
  tell(context, "teammate.deleted", blocked);
}

/** No team keeps a member that the account has forgotten. */
export function leaveAllTeams(context: FrontContext, id: string): void {
  for (const team of context.state.teams.filter((one) => one.teammate_ids.includes(id))) {
    context.state.teams.replace({ ...team, teammate_ids: team.teammate_ids.filter((member) => member !== id) });
  }
}

/** Admins who can still sign in. */
export function activeAdmins(context: FrontContext): readonly Teammate[] {
  return context.state.teammates.filter((one) => one.type === "user" && one.is_admin && !one.is_blocked);
}

/** Events for what another admin did in the vendor's own pages. */
export function tellOfChange(context: FrontContext, id: string, op: "create" | "update" | "delete"): void {
  if (op === "delete") {
    if (context.options.teammateEvents === "on") context.emit("teammate.deleted", { id });
    return;
  }
  const teammate = context.state.teammates.get(id);
  if (teammate !== null) tell(context, op === "create" ? "teammate.created" : "teammate.updated", teammate);
}

export function listed(context: FrontContext): readonly Teammate[] {
  return context.state.teammates.filter((one) => isListed(context, one));
}
