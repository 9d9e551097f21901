import {
  defineEmulator,
  type AccountContext,
  type Admission,
  type Call,
  type Credential,
  type EmulatorModule,
  type EmulatorRequest,
  type EmulatorResponse,
  type FaultHooks,
  type PageDialect,
  type VendorLimits,
} from "../../../emulator-kit/contract.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../kernel/json.ts";
import {
  isSameEmail,
  OPTIONS,
  orphanLeads,
  RECORDS,
  vendorTime,
  type FollowUpBossOptions,
  type FollowUpBossShape,
  type User,
} from "./entities.ts";
import { problem, ROUTES } from "./routes.ts";
import { seed } from "./seed.ts";
import { webhookHooks } from "./webhooks.ts";

type Context = AccountContext<FollowUpBossShape, FollowUpBossOptions>;

const API_KEY = "fka_0sandboxHarborPine1";
const API_KEY_2 = "fka_0sandboxHarborPine2";
const OTHER_API_KEY = "fka_0sandboxOther1";

/** A key is a whole account, without scopes (FUB-05, FUB-06). */
function key(value: string, account: string): Credential {
  return { value, account, kind: "", scopes: null, owner: null };
}

/** The user name of Basic with an empty password, colon included (FUB-03, FUB-04, FUB-A14); null for anything else. */
function readKey(header: string): string | null {
  const match = /^Basic ([A-Za-z0-9+/]+={0,2})$/.exec(header);
  const text = Buffer.from(match?.[1] ?? "", "base64").toString("utf8");
  return text.endsWith(":") ? text.slice(0, -1) : null;
}

/** No limit headers on this answer: nobody's call was counted. */
function unauthenticated(): EmulatorResponse {
  const message = "Authentication is required: HTTP Basic with the API key as user name and an empty password.";
  const answer = problem(401, message);
  return { ...answer, headers: { ...answer.headers, "WWW-Authenticate": 'Basic realm="Follow Up Boss API"' } };
}

function authenticate(request: EmulatorRequest, find: (value: string) => Credential | null): Admission {
  const header = request.headers["authorization"];
  if (header === undefined) return { kind: "none", answer: unauthenticated() };
  const value = readKey(header);
  const credential = value === null ? null : find(value);
  return credential === null ? { kind: "unknown", answer: unauthenticated() } : { kind: "known", credential };
}

/** FUB-45 to FUB-47, FUB-A5, FUB-A13: per key, no Retry-After. */
const limits: VendorLimits<FollowUpBossOptions> = {
  standard: { limit: 1000, windowSeconds: 600, scheme: "fixed-window" },
  bucket: (credential) => credential.value,
  headers: ({ limit, remaining, resetAt, now }, { reset }) => ({
    "X-RateLimit-Limit": String(limit),
    "X-RateLimit-Remaining": String(remaining),
    "X-RateLimit-Reset": String(Math.ceil((reset === "epoch" ? resetAt : resetAt - now) / 1000)),
  }),
  refuse: () => problem(429, "Rate limit exceeded"),
};

const LISTINGS: Readonly<Record<string, string>> = { "/v1/users": "users", "/v1/people": "people" };

function withQuery(request: EmulatorRequest, changes: Readonly<Record<string, string>>): EmulatorRequest {
  const query = new URLSearchParams(request.query);
  for (const [name, value] of Object.entries(changes)) query.set(name, value);
  return { ...request, query };
}

function rowsKey(body: JsonObject): string {
  return Array.isArray(body["people"]) ? "people" : "users";
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isJsonObject) : [];
}

function metadata(body: JsonObject): JsonObject {
  const value = body["_metadata"];
  return isJsonObject(value) ? value : {};
}

/** Offset paging (FUB-27, FUB-28). A forged pointer goes where the vendor's own material has one: `_metadata.nextLink`. */
const pages: PageDialect = {
  listing: (request) => (request.method === "GET" ? (LISTINGS[request.path] ?? null) : null),
  read(body) {
    const { total, nextLink: next } = metadata(body);
    return {
      rows: objects(body[rowsKey(body)]),
      total: typeof total === "number" ? total : null,
      next: typeof next === "string" ? next : null,
    };
  },
  write(body, { rows, total, next }) {
    const { total: before, ...rest } = metadata(body);
    const count = total === undefined ? (before ?? null) : total;
    return {
      ...body,
      ...(rows === undefined ? {} : { [rowsKey(body)]: rows }),
      _metadata: {
        ...rest,
        ...(count === null ? {} : { total: count }),
        ...(next === undefined || next === null ? {} : { next, nextLink: next }),
      },
    };
  },
  resize: (request, size) => withQuery(request, { limit: String(size) }),
  rewind: (request) => withQuery(request, { offset: "0" }),
  isLater: (request) => Number(request.query.get("offset") ?? "0") > 0,
};

function strangerAt(context: Context, email: string, activeFlag: boolean): User {
  const now = vendorTime(context.now);
  const blank = { phone: null, teamId: null, avatar: null, timezone: null, created: now, updated: now };
  const id = context.state.users.nextId();
  return { id, name: "Somebody Else", email, role: "Agent", isAdmin: false, activeFlag, ...blank };
}

/** The owner that a request is about: the filter, the user in the path, or who has the lead in the path. */
function ownerOf({ request, params, state }: Call<FollowUpBossShape, FollowUpBossOptions>): number | null {
  const filter = request.query.get("userId");
  if (filter !== null) return Number(filter);
  const id = Number(params["id"]);
  return request.path.startsWith("/v1/users/") ? id : (state.people.get(id)?.ownerId ?? null);
}

const faults: FaultHooks<FollowUpBossShape, FollowUpBossOptions> = {
  takeSeats(context, left) {
    const { users } = context.state;
    const { seatLimit } = context.options;
    if (seatLimit === null) return;
    for (let free = seatLimit - users.list().length; free > left; free -= 1) {
      users.insert(strangerAt(context, `stranger${users.list().length + 1}@example.com`, true));
    }
  },
  holdEmail(context, email, hidden) {
    const { users } = context.state;
    if (users.find((user) => isSameEmail(user.email, email)) === null)
      users.insert(strangerAt(context, email, !hidden));
  },
  removesLastAdmin({ request, params, state }) {
    const user = state.users.get(Number(params["id"]));
    const admins = state.users.filter((one) => one.isAdmin && one.activeFlag);
    if (!request.path.startsWith("/v1/users/") || admins.length !== 1 || user === null || user.id !== admins[0]?.id) {
      return false;
    }
    if (request.method === "DELETE") return true;
    const body = isJsonObject(request.body) ? request.body : {};
    return (
      request.method === "PUT" &&
      (body["isAdmin"] === false || body["activeFlag"] === false || body["role"] === "Agent")
    );
  },
  bringHolding(call) {
    const ownerId = ownerOf(call);
    if (ownerId === null || call.state.users.get(ownerId) === null) return;
    const now = vendorTime(call.now);
    const id = call.state.people.nextId();
    call.state.people.insert({ id, name: "Nova Newlead", ownerId, created: now, updated: now });
    call.emit("lead.created", { id });
  },
};

/** What follows from another admin's change. */
function changed(context: Context, kind: string, id: string, op: "create" | "update" | "delete"): void {
  const { users, people } = context.state;
  if (kind === "user" && op === "delete") orphanLeads(people, Number(id), context.now);
  if (kind === "team" && op === "delete") {
    for (const user of users.filter(({ teamId }) => teamId === Number(id))) users.replace({ ...user, teamId: null });
  }
  const words = { create: "created", update: "updated", delete: "deleted" };
  if (kind === "person") context.emit(`lead.${words[op]}`, { id: Number(id) });
}

/** Follow Up Boss as its source document describes it (guide of 2026-03-18). */
export const emulator: EmulatorModule = defineEmulator<FollowUpBossShape, FollowUpBossOptions>({
  id: "followupboss",
  name: "Follow Up Boss",
  records: RECORDS,
  options: OPTIONS,
  credentials: [key(API_KEY, "main"), key(API_KEY_2, "main"), key(OTHER_API_KEY, "other")],
  seed,
  authenticate,
  limits,
  routes: ROUTES,
  problem: (status, message) => (status === 401 ? unauthenticated() : problem(status, message)),
  // A deactivated user still holds the paid place: only deletion gives it back (ux.md, story 3).
  seats: ({ state, options }) => ({ limit: options.seatLimit, used: state.users.list().length }),
  pages,
  faults,
  control: { creatable: ["team", "person"], changed },
  webhooks: webhookHooks(API_KEY),
  document: (origin) => ({
    baseUrl: `${origin}/v1`,
    apiKey: API_KEY,
    otherApiKey: OTHER_API_KEY,
    apiKey2: API_KEY_2,
  }),
  hidden: ["webhooks"],
});
