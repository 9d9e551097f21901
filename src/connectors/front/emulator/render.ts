import type { JsonObject } from "../../../kernel/json.ts";
import type { FrontContext, Team, Teammate } from "./entities.ts";

export interface CompanyIdentity {
  readonly id: string;
  readonly name: string;
  /** The company's own API host (FRONT-D12). */
  readonly host: string;
}

export function companyOf(account: string): CompanyIdentity {
  return account === "main"
    ? { id: "cmp_1", name: "Harbor & Pine Realty", host: "https://harbor-pine.api.frontapp.com" }
    : { id: "cmp_2", name: "Quince Lane", host: "https://quince-lane.api.frontapp.com" };
}

/** What links begin with: the base URL that the client uses, or the company's own host. */
export function linkBase(context: FrontContext): string {
  return context.options.linkHost === "api2" ? context.origin : companyOf(context.account).host;
}

/**
 * FRONT-12 to FRONT-21: every field of the object model, always. The guide's model has no `license_type` and no `type`;
 * the vendor's has (FRONT-D11).
 */
export function teammateView(context: FrontContext, teammate: Teammate): JsonObject {
  const self = `${linkBase(context)}/teammates/${teammate.id}`;
  const more = context.options.profile === "guide" ? {} : { license_type: teammate.license_type, type: teammate.type };
  return {
    _links: { self, related: { inboxes: `${self}/inboxes`, conversations: `${self}/conversations` } },
    id: teammate.id,
    email: teammate.email,
    username: teammate.username,
    first_name: teammate.first_name,
    last_name: teammate.last_name,
    is_admin: teammate.is_admin,
    is_available: teammate.is_available,
    is_blocked: teammate.is_blocked,
    custom_fields: teammate.custom_fields,
    ...more,
  };
}

/** FRONT-36. The vendor's own team has no `is_private` (FRONT-D5). */
export function teamView(context: FrontContext, team: Team): JsonObject {
  const privacy = context.options.profile === "guide" ? { is_private: team.is_private } : {};
  return { _links: { self: `${linkBase(context)}/teams/${team.id}` }, id: team.id, name: team.name, ...privacy };
}

/** Whom the API knows as teammates: the guide has people alone, the vendor lists bots and visitors too (FRONT-D11). */
export function isListed(context: FrontContext, teammate: Teammate): boolean {
  return context.options.profile === "vendor" || teammate.type === "user";
}

/** FRONT-26 and FRONT-A5: an id and nothing else; the vendor takes `alt:email:` as well. */
export function findTeammate(context: FrontContext, name: string): Teammate | null {
  const alias = context.options.profile === "vendor" ? /^alt:email:(.+)$/.exec(name)?.[1] : undefined;
  const found = alias === undefined ? context.state.teammates.get(name) : findByEmail(context, alias);
  return found !== null && isListed(context, found) ? found : null;
}

/** Whoever holds the address in this company, listed or not (FRONT-13). */
export function findByEmail(context: FrontContext, email: string): Teammate | null {
  const wanted = email.toLowerCase();
  return context.state.teammates.find((one) => one.email.toLowerCase() === wanted);
}

/** Members that still exist, in the order in which they joined. */
export function membersOf(context: FrontContext, team: Team): readonly Teammate[] {
  return team.teammate_ids.flatMap((id) => {
    const member = context.state.teammates.get(id);
    return member !== null && isListed(context, member) ? [member] : [];
  });
}
