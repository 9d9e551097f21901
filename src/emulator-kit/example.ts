/**
 * A whole emulator of a vendor that does not exist: what the contract needs at least, and what the kit's own tests run
 * on. Members with a name and an address, listed by pages, invited by mail.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../kernel/json.ts";
import {
  defineEmulator,
  empty,
  integerIds,
  json,
  type Call,
  type Credential,
  type EmulatorModule,
  type EmulatorRequest,
  type EmulatorResponse,
  type Route,
} from "./contract.ts";
import { oneOf } from "./options.ts";

interface Member {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly admin: boolean;
  readonly invited: boolean;
}

type ExampleShape = { readonly members: Member };
const OPTIONS = { duplicateStatus: oneOf([409, 422], "Status of a create whose address is taken.") };
type ExampleOptions = typeof OPTIONS;
type ExampleCall = Call<ExampleShape, ExampleOptions>;

function problem(status: number, message: string): EmulatorResponse {
  return json(status, { error: { status, message } });
}

function member(data: JsonObject, id: number): Member {
  const { email, name, admin, invited } = data;
  return {
    id,
    email: typeof email === "string" ? email : `member${id}@example.com`,
    name: typeof name === "string" ? name : `Member ${id}`,
    admin: admin === true,
    invited: invited === true,
  };
}

function listMembers({ request, state }: ExampleCall): EmulatorResponse {
  const size = Number(request.query.get("size") ?? "10");
  const from = Number(request.query.get("from") ?? "0");
  const all = state.members.list();
  const next = from + size < all.length ? `/members?size=${size}&from=${from + size}` : null;
  return json(200, { items: all.slice(from, from + size).map((one) => ({ ...one })), total: all.length, next });
}

function createMember(call: ExampleCall): EmulatorResponse {
  const { request, state, options } = call;
  if (!isJsonObject(request.body)) return problem(400, "the body must be a JSON object");
  const { email } = request.body;
  if (typeof email !== "string") return problem(422, "email is missing");
  if (state.members.find((one) => one.email === email) !== null)
    return problem(options.duplicateStatus, "email is taken");
  if (options.seatLimit !== null && state.members.list().length >= options.seatLimit)
    return problem(402, "no seat is left");
  const created = state.members.insert({ ...member(request.body, state.members.nextId()), invited: true });
  call.mail({ to: email, subject: "You are invited", link: `${call.origin}/join/${created.id}` });
  call.emit("member.created", { id: created.id });
  return json(201, { ...created });
}

function withMember(call: ExampleCall, then: (found: Member) => EmulatorResponse): EmulatorResponse {
  const found = call.state.members.get(Number(call.params["id"]));
  return found === null ? problem(404, "no such member") : then(found);
}

const ROUTES: readonly Route<ExampleShape, ExampleOptions>[] = [
  { method: "GET", path: "/members", handle: listMembers },
  { method: "POST", path: "/members", handle: createMember },
  { method: "GET", path: "/members/{id}", handle: (call) => withMember(call, (found) => json(200, { ...found })) },
  {
    method: "PATCH",
    path: "/members/{id}",
    handle: (call) =>
      withMember(call, (found) => {
        const changes = isJsonObject(call.request.body) ? call.request.body : {};
        return json(200, { ...call.state.members.replace(member({ ...found, ...changes }, found.id)) });
      }),
  },
  {
    method: "DELETE",
    path: "/members/{id}",
    handle: (call) =>
      withMember(call, (found) => {
        call.state.members.remove(found.id);
        return empty(204);
      }),
  },
];

function token(value: string, account: string): Credential {
  return { value, account, kind: "", scopes: null, owner: null };
}

function withQuery(request: EmulatorRequest, name: string, value: string): EmulatorRequest {
  const query = new URLSearchParams(request.query);
  query.set(name, value);
  return { ...request, query };
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

export const example: EmulatorModule = defineEmulator<ExampleShape, ExampleOptions>({
  id: "example",
  name: "Example",
  records: { members: { kind: "member", ids: integerIds(), parse: (data, { id }) => member(data, id) } },
  options: OPTIONS,
  credentials: [token("key-1", "main"), token("key-2", "main"), token("key-other", "other")],
  seed: ({ company, random }) => ({
    accounts: {
      main: {
        members: (company?.people ?? []).map((person, index) =>
          member({ email: person.email, name: `${person.firstName} ${Math.floor(random.next() * 100)}` }, index + 1),
        ),
      },
      other: { members: [member({ email: "other@other.example" }, 901)] },
    },
    seatLimit: null,
  }),
  authenticate(request, find) {
    const header = request.headers["authorization"];
    if (header === undefined) return { kind: "none", answer: problem(401, "a token is needed") };
    const credential = find(header.replace(/^Bearer /, ""));
    return credential === null
      ? { kind: "unknown", answer: problem(401, "unknown token") }
      : { kind: "known", credential };
  },
  limits: {
    standard: { limit: 100, windowSeconds: 60, scheme: "sliding-log" },
    bucket: (credential) => credential.account,
    headers: ({ remaining, resetAt }) => ({
      "X-Left": String(remaining),
      "X-Reset": String(Math.ceil(resetAt / 1000)),
    }),
    refuse({ resetAt, now }) {
      const answer = problem(429, "slow down");
      return { ...answer, headers: { ...answer.headers, "Retry-After": String(Math.ceil((resetAt - now) / 1000)) } };
    },
  },
  routes: ROUTES,
  problem,
  seats: ({ state, options }) => ({ limit: options.seatLimit, used: state.members.list().length }),
  pages: {
    listing: ({ method, path }) => (method === "GET" && path === "/members" ? "members" : null),
    read(body) {
      const items = Array.isArray(body["items"]) ? (body["items"] as readonly JsonValue[]).filter(isJsonObject) : [];
      const total = typeof body["total"] === "number" ? body["total"] : null;
      return { rows: items, total, next: textOrNull(body["next"]) };
    },
    write(body, { rows, total, next }) {
      return {
        ...body,
        ...(rows === undefined ? {} : { items: rows }),
        ...(total === undefined ? {} : { total }),
        ...(next === undefined ? {} : { next }),
      };
    },
    resize: (request, size) => withQuery(request, "size", String(size)),
    rewind: (request) => withQuery(request, "from", "0"),
    isLater: (request) => Number(request.query.get("from") ?? "0") > 0,
  },
  faults: {
    takeSeats({ state, options }, left) {
      if (options.seatLimit === null) return;
      for (let free = options.seatLimit - state.members.list().length; free > left; free -= 1) {
        state.members.insert(member({}, state.members.nextId()));
      }
    },
    holdEmail: ({ state }, email) => void state.members.insert(member({ email }, state.members.nextId())),
    removesLastAdmin({ request, params, state }) {
      const admins = state.members.filter((one) => one.admin);
      return request.method === "DELETE" && admins.length === 1 && admins[0]?.id === Number(params["id"]);
    },
    bringHolding: ({ state }) => void state.members.insert(member({ name: "New" }, state.members.nextId())),
    settleInvitation({ state }, email, outcome) {
      const open = state.members.find((one) => one.invited && (email === null || one.email === email));
      if (open === null) return;
      if (outcome === "accepted") state.members.replace({ ...open, invited: false });
      else state.members.remove(open.id);
    },
  },
  control: {
    creatable: ["member"],
    accept({ state }, email) {
      const open = state.members.find((one) => one.invited && one.email === email);
      if (open !== null) state.members.replace({ ...open, invited: false });
      return open !== null;
    },
    token: (_context, want, serial) => token(`key-${serial}-${textOrNull(want["name"]) ?? "new"}`, "main"),
  },
  webhooks: null,
  document: (origin) => ({ baseUrl: origin, token: "key-1" }),
  hidden: [],
});
