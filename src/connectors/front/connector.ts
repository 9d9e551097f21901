import type { Changes, Connector, ListRequest, Page, WriteAnswer } from "../../connector-kit/contract.ts";
import type { ConnectOptions } from "../../connector-kit/manifest.ts";
import { offer } from "../../connector-kit/offer.ts";
import { present } from "../../kernel/assert.ts";
import { AppError } from "../../kernel/errors.ts";
import type { AccountDraft } from "../../model/account.ts";
import type { CallContext } from "../../transport/contract.ts";
import { createClient, type Client } from "./client.ts";
import type { FrontSettings } from "./config.ts";
import { checkHealth } from "./health.ts";
import {
  mergeCustomFields,
  toAccount,
  toAdminFlag,
  toCreateBody,
  toMembership,
  toTeam,
  toUpdateBody,
} from "./mapper.ts";
import { nextCursor, pageQuery } from "./paging.ts";
import { createByScim, removeByScim } from "./provisioning.ts";
import { createScimClient, type ScimClient } from "./scim-client.ts";
import { frontTraits, makesByScim } from "./traits.ts";
import { ENDPOINTS } from "./wire.ts";

/** What the methods work with. */
interface Parts {
  readonly client: Client;
  /** Not null when teammates are made and deactivated through SCIM. */
  readonly scim: ScimClient | null;
  readonly settings: FrontSettings;
  readonly writable: readonly string[];
  readonly vendor: boolean;
}

async function listTeammates(parts: Parts, request: ListRequest, context: CallContext): Promise<Page> {
  // The vendor's own description has no paging here (FRONT-D4).
  const page = await parts.client.listTeammates(parts.vendor ? {} : pageQuery(request), context);
  const place = { baseUrl: parts.settings.baseUrl, path: ENDPOINTS.listTeammates.path() };
  return {
    items: page._results.map((teammate) => toAccount(teammate)),
    next: nextCursor(page._pagination?.next, request, place),
    total: null,
    warnings: [],
  };
}

async function listTeams(parts: Parts, request: ListRequest, context: CallContext): Promise<Page> {
  // No paging is documented here: it is asked for only where an answer has shown that it is there (FRONT-A4).
  const page = await parts.client.listTeams(request.cursor === null ? {} : pageQuery(request), context);
  const place = { baseUrl: parts.settings.baseUrl, path: ENDPOINTS.listTeams.path() };
  return {
    items: page._results.map((team) => toTeam(team)),
    next: nextCursor(page._pagination?.next, request, place),
    total: null,
    warnings: [],
  };
}

/** FRONT-42: the members of one team; where that listing does not exist, the team itself tells them (FRONT-A3). */
async function listMembers(parts: Parts, request: ListRequest, context: CallContext): Promise<Page> {
  const team = request.parent;
  if (team === null) throw new AppError("bad_input", "memberships are listed by team: name the team");
  const page = parts.vendor ? null : await parts.client.listMembers(team, pageQuery(request), context);
  if (page === null) {
    const { members } = await parts.client.getTeam(team, context);
    return { items: members.map((member) => toMembership(member, team)), next: null, total: null, warnings: [] };
  }
  const place = { baseUrl: parts.settings.baseUrl, path: ENDPOINTS.listMembers.path(team) };
  return {
    items: page._results.map((member) => toMembership(member, team)),
    next: nextCursor(page._pagination?.next, request, place),
    total: null,
    warnings: [],
  };
}

function wrongKind(kind: string): AppError {
  return new AppError("bad_input", `Front has teammates, teams and team memberships, no ${kind}`);
}

async function list(parts: Parts, request: ListRequest, context: CallContext): Promise<Page> {
  switch (request.kind) {
    case "teammate":
      return listTeammates(parts, request, context);
    case "team":
      return listTeams(parts, request, context);
    case "membership":
      return listMembers(parts, request, context);
    default:
      throw wrongKind(request.kind);
  }
}

async function create(parts: Parts, draft: AccountDraft, context: CallContext): Promise<WriteAnswer> {
  if (parts.scim !== null) return createByScim(parts.scim, draft, context);
  const body = toCreateBody(draft, parts.writable);
  const fields = draft.attributes["customFields"];
  const known = parts.settings.customFields ?? null;
  const whole = fields === undefined ? body : { ...body, custom_fields: mergeCustomFields(null, fields, known) };
  const teammate = await parts.client.createTeammate(whole, context);
  // Until the invitation is accepted nobody can log in, but the record exists at once (FRONT-28, FRONT-62).
  return { outcome: "invited", id: teammate.id, record: { ...toAccount(teammate), state: "invited" } };
}

/** A PATCH has no body in its answer: what became of it is for the caller to read (FRONT-31). */
async function update(parts: Parts, id: string, changes: Changes, context: CallContext): Promise<WriteAnswer> {
  const body = toUpdateBody(changes, parts.writable);
  const fields = changes["customFields"];
  let whole = body;
  if (fields !== undefined) {
    const teammate = await parts.client.getTeammate(id, { ...context, beforeSend: null });
    if (teammate === null) throw new AppError("not_found", `Front has no teammate ${id}`);
    whole = { ...body, custom_fields: mergeCustomFields(teammate, fields, parts.settings.customFields ?? null) };
  }
  await parts.client.updateTeammate(id, whole, context);
  return { outcome: "updated", id, record: null };
}

async function remove(parts: Parts, key: { kind: string; id: string }, context: CallContext): Promise<WriteAnswer> {
  const { client, scim, vendor } = parts;
  if (scim !== null) return removeByScim({ client, scim, vendor }, key, context);
  const was = await client.deleteTeammate(key.id, context);
  return { outcome: was ? "removed" : "was-absent", id: key.id, record: null };
}

export function connectFront(options: ConnectOptions<FrontSettings>): Connector {
  const { settings, transports } = options;
  const rest = present(transports.get("rest"), "transport of the endpoint rest");
  const scimTransport =
    settings.scim === undefined ? null : present(transports.get("scim"), "transport of the endpoint scim");
  const traits = frontTraits(settings);
  const client = createClient(rest);
  const parts: Parts = {
    client,
    scim: scimTransport !== null && makesByScim(settings) ? createScimClient(scimTransport) : null,
    settings,
    writable: traits.writable,
    vendor: settings.profile === "vendor",
  };
  return offer(
    {
      check: async (context) => checkHealth({ rest, scim: scimTransport }, context),
      list: async (request, context) => list(parts, request, context),
      async get(key, context) {
        if (key.kind !== "teammate") throw wrongKind(key.kind);
        const teammate = await client.getTeammate(key.id, context);
        return teammate === null ? null : toAccount(teammate);
      },
    },
    {
      create: async (draft, context) => create(parts, draft, context),
      update: async (key, changes, context) => update(parts, key.id, changes, context),
      remove: async (key, context) => remove(parts, key, context),
      async join(key, team, context) {
        await client.addMembers(team, [key.id], context);
        return { outcome: "joined", id: key.id, record: null };
      },
      async leave(key, team, context) {
        // The body is required with this DELETE; without it somebody else could lose their place (FRONT-41).
        await client.removeMembers(team, [key.id], context);
        return { outcome: "left", id: key.id, record: null };
      },
      async assignRole(key, role, context) {
        await client.updateTeammate(key.id, { is_admin: toAdminFlag(role) }, context);
        return { outcome: "updated", id: key.id, record: null };
      },
    },
    traits,
  );
}
