import type { Connector, ListRequest, Page, TransferRequest, WriteAnswer } from "../../connector-kit/contract.ts";
import type { ConnectOptions } from "../../connector-kit/manifest.ts";
import { offer } from "../../connector-kit/offer.ts";
import { present } from "../../kernel/assert.ts";
import { AppError } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { CallContext } from "../../transport/contract.ts";
import { createClient, type Client } from "./client.ts";
import type { FollowUpBossSettings } from "./config.ts";
import { checkHealth } from "./health.ts";
import {
  ownerOf,
  toAccount,
  toAccountIfWhole,
  toCreateBody,
  toLead,
  toTeam,
  toUpdateBody,
  toWholeBody,
  type RoleMap,
} from "./mapper.ts";
import { pageEnd, pageQuery, placeOf } from "./paging.ts";
import { followUpBossTraits } from "./traits.ts";
import { idNumber, numericId, type WireUser } from "./wire.ts";

/** What the methods work with. */
interface Parts {
  readonly client: Client;
  readonly roles: RoleMap;
  readonly settings: FollowUpBossSettings;
  readonly vendor: boolean;
}

async function listUsers(parts: Parts, request: ListRequest, context: CallContext): Promise<Page> {
  const place = placeOf(request);
  const query = { ...pageQuery(place), ...(parts.vendor ? { includeDeleted: true } : {}) };
  const page = await parts.client.listUsers(query, context);
  return {
    items: page.users.map((user) => toAccount(user, parts.roles)),
    ...pageEnd(place, page._metadata, page.users.length, parts.vendor),
  };
}

async function listTeams(parts: Parts, request: ListRequest, context: CallContext): Promise<Page> {
  const place = placeOf(request);
  // No paging is documented here (FUB-A7): it is asked for only where an answer has shown that it is there.
  const page = await parts.client.listTeams(request.cursor === null ? {} : pageQuery(place), context);
  const items = page.teams.map((team) => toTeam(team));
  if (page._metadata === undefined) return { items, next: null, total: null, warnings: [] };
  return { items, ...pageEnd(place, page._metadata, items.length, parts.vendor) };
}

/** the vendor may ignore the filter and show everybody's leads; each row is checked by the owner that it names. */
async function listLeads(
  parts: Parts,
  owner: string,
  request: Pick<ListRequest, "cursor" | "pageSize">,
  context: CallContext,
): Promise<Page> {
  const place = placeOf(request);
  const filter = { [parts.vendor ? "assignedUserId" : "userId"]: numericId(owner) };
  const page = await parts.client.listPeople({ ...filter, ...pageQuery(place) }, context);
  const ours = page.people.filter((person) => ownerOf(person) === owner);
  const silent = page.people.filter((person) => ownerOf(person) === null).length;
  const foreign = page.people.length - ours.length - silent;
  const end = pageEnd(place, page._metadata, page.people.length, parts.vendor);
  const warnings = [...end.warnings];
  if (foreign > 0) warnings.push(`${foreign} leads of other owners were listed for user ${owner} and left out`);
  if (silent > 0) warnings.push(`${silent} leads that name no owner were listed for user ${owner} and left out`);
  return { ...end, warnings, items: ours.map((person) => toLead(person)) };
}

async function requireUser(parts: Parts, id: string, context: CallContext): Promise<WireUser> {
  const user = await parts.client.getUser(id, context);
  if (user === null) throw new AppError("not_found", `Follow Up Boss has no user ${id}`);
  return user;
}

/** One PUT; before it a read where leaving fields out would clear them (FUB-36). */
async function put(
  parts: Parts,
  id: string,
  change: JsonObject,
  outcome: WriteAnswer["outcome"],
  context: CallContext,
  known: WireUser | null = null,
): Promise<WriteAnswer> {
  let body = change;
  if (parts.settings.putSemantics === "replace") {
    const user = known ?? (await requireUser(parts, id, { ...context, beforeSend: null }));
    body = toWholeBody(user, change, parts.roles);
  }
  const answer = await parts.client.updateUser(id, body, context);
  return { outcome, id, record: toAccountIfWhole(answer, parts.roles) };
}

/** Teams are a field of the user (FUB-44): leaving one that is not the user's own would take away another. */
async function leave(parts: Parts, id: string, team: string, context: CallContext): Promise<WriteAnswer> {
  const user = await requireUser(parts, id, { ...context, beforeSend: null });
  const record = toAccount(user, parts.roles);
  if (record.teams?.includes(team) !== true) return { outcome: "was-no-member", id, record };
  return put(parts, id, { teamId: null }, "left", context, user);
}

/** FUB-60, FUB-D14: the PUT names the owner and nothing else, since it would replace what it names. */
async function transfer(parts: Parts, request: TransferRequest, context: CallContext): Promise<WriteAnswer> {
  const { id, owner, from, to } = request;
  if (owner === to.id) return { outcome: "was-owner", id: to.id, record: null };
  if (owner !== from.id) {
    throw new AppError(
      "conflict",
      `lead ${id} belongs to user ${owner}, neither to ${from.id} nor to ${to.id}: read it again`,
    );
  }
  const field = parts.vendor ? "assignedUserId" : "ownerId";
  const person = await parts.client.updatePerson(id, { [field]: idNumber(to.id) }, context);
  const now = ownerOf(person);
  if (now !== null && now !== to.id) {
    throw new AppError(
      "outcome_unknown",
      `lead ${id} was given to user ${to.id}, but the answer shows user ${now}: read it again`,
    );
  }
  return { outcome: "transferred", id: to.id, record: null };
}

async function create(parts: Parts, body: JsonObject, context: CallContext): Promise<WriteAnswer> {
  const user = await parts.client.createUser(body, context);
  return { outcome: "created", id: String(user.id), record: toAccountIfWhole(user, parts.roles) };
}

function wrongKind(kind: string): AppError {
  return new AppError("bad_input", `Follow Up Boss has users, teams and leads, no ${kind}`);
}

function list(parts: Parts, request: ListRequest, context: CallContext): Promise<Page> {
  switch (request.kind) {
    case "user":
      return listUsers(parts, request, context);
    case "team":
      return listTeams(parts, request, context);
    case "lead":
      if (request.parent === null) throw new AppError("bad_input", "leads are listed by their owner: name the user");
      return listLeads(parts, request.parent, request, context);
    default:
      throw wrongKind(request.kind);
  }
}

export function connectFollowUpBoss(options: ConnectOptions<FollowUpBossSettings>): Connector {
  const { settings } = options;
  const transport = present(options.transports.get("rest"), "transport of the endpoint rest");
  const traits = followUpBossTraits(settings);
  const parts: Parts = {
    client: createClient(transport),
    roles: { privileged: traits.roles.privileged },
    settings,
    vendor: settings.profile === "vendor",
  };
  const { client } = parts;
  const leftovers = settings.leftoversTo === undefined ? {} : { assignTo: settings.leftoversTo };
  return offer(
    {
      check: (context) => checkHealth({ transport, client, vendor: parts.vendor }, context),
      list: async (request, context) => list(parts, request, context),
      async get(key, context) {
        if (key.kind !== "user") throw wrongKind(key.kind);
        const user = await client.getUser(key.id, context);
        return user === null ? null : toAccount(user, parts.roles);
      },
      async holdings({ holding, owner, cursor, pageSize }, context) {
        if (holding !== "lead") throw wrongKind(holding);
        return listLeads(parts, owner.id, { cursor, pageSize }, context);
      },
    },
    {
      create: async (draft, context) => create(parts, toCreateBody(draft), context),
      update: async (key, changes, context) => put(parts, key.id, toUpdateBody(changes), "updated", context),
      suspend: async (key, context) => put(parts, key.id, { activeFlag: false }, "suspended", context),
      reactivate: async (key, context) => put(parts, key.id, { activeFlag: true }, "reactivated", context),
      async remove(key, context) {
        const was = await client.deleteUser(key.id, parts.vendor ? leftovers : {}, context);
        return { outcome: was ? "removed" : "was-absent", id: key.id, record: null };
      },
      join: async (key, team, context) => put(parts, key.id, { teamId: idNumber(team) }, "joined", context),
      leave: async (key, team, context) => leave(parts, key.id, team, context),
      assignRole: async (key, role, context) => put(parts, key.id, { role }, "updated", context),
      transfer: async (request, context) => transfer(parts, request, context),
    },
    traits,
  );
}
