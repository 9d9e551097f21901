import { AppError } from "../../kernel/errors.ts";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import type { CallContext, Transport, TransportRequest } from "../../transport/contract.ts";
import {
  ENDPOINTS,
  parseIdentity,
  parsePerson,
  parsePersonPage,
  parseTeamPage,
  parseUpdatedUser,
  parseUser,
  parseUserPage,
  readError,
  type WirePerson,
  type WirePersonPage,
  type WireTeamPage,
  type WireUpdatedUser,
  type WireUser,
  type WireUserPage,
} from "./wire.ts";

export type Query = TransportRequest<unknown>["query"];

/** One method an endpoint, one request a call, one page an answer. */
export interface Client {
  listUsers(query: Query, context: CallContext): Promise<WireUserPage>;
  /** Null when Follow Up Boss itself says that there is no such user (FUB-30). */
  getUser(id: string, context: CallContext): Promise<WireUser | null>;
  createUser(body: JsonObject, context: CallContext): Promise<WireUser>;
  updateUser(id: string, body: JsonObject, context: CallContext): Promise<WireUpdatedUser>;
  /** False when it was not there any more. */
  deleteUser(id: string, query: Query, context: CallContext): Promise<boolean>;
  listTeams(query: Query, context: CallContext): Promise<WireTeamPage>;
  listPeople(query: Query, context: CallContext): Promise<WirePersonPage>;
  updatePerson(id: string, body: JsonObject, context: CallContext): Promise<WirePerson>;
  /** Id of the account that owns the key; profile `vendor`. */
  identity(context: CallContext): Promise<string>;
}

/** A 404 counts only when it is the vendor's own: some other server's would say nothing about the account. */
function ownNotFound(body: JsonValue): void {
  if (readError(body) !== null) return;
  throw new AppError("bad_response", "a 404 that is not Follow Up Boss's own: check the base URL of the connection");
}

export function createClient(transport: Transport): Client {
  const call = async <T>(
    endpoint: { readonly method: TransportRequest<T>["method"]; readonly path: string },
    request: Pick<TransportRequest<T>, "expect" | "parse"> & { readonly query?: Query; readonly body?: JsonValue },
    context: CallContext,
  ): Promise<T> => {
    const { query = {}, body = null, expect, parse } = request;
    const answer = await transport.send({ ...endpoint, query, body, expect, parse, readError }, context);
    return answer.value;
  };
  const on = (
    endpoint: (typeof ENDPOINTS)[keyof typeof ENDPOINTS],
    id = "",
  ): { method: typeof endpoint.method; path: string } => ({
    method: endpoint.method,
    path: endpoint.path(id),
  });
  return {
    listUsers: (query, context) =>
      call(on(ENDPOINTS.listUsers), { query, expect: [200], parse: parseUserPage }, context),
    getUser: (id, context) =>
      call(
        on(ENDPOINTS.getUser, id),
        {
          expect: [200, 404],
          parse(body, status) {
            if (status !== 404) return parseUser(body);
            ownNotFound(body);
            return null;
          },
        },
        context,
      ),
    createUser: (body, context) => call(on(ENDPOINTS.createUser), { body, expect: [201], parse: parseUser }, context),
    updateUser: (id, body, context) =>
      call(on(ENDPOINTS.updateUser, id), { body, expect: [200], parse: parseUpdatedUser }, context),
    deleteUser: (id, query, context) =>
      call(
        on(ENDPOINTS.deleteUser, id),
        {
          query,
          expect: [200, 202, 204, 404],
          parse(body, status) {
            if (status === 404) ownNotFound(body);
            return status !== 404;
          },
        },
        context,
      ),
    listTeams: (query, context) =>
      call(on(ENDPOINTS.listTeams), { query, expect: [200], parse: parseTeamPage }, context),
    listPeople: (query, context) =>
      call(on(ENDPOINTS.listPeople), { query, expect: [200], parse: parsePersonPage }, context),
    updatePerson: (id, body, context) =>
      call(on(ENDPOINTS.updatePerson, id), { body, expect: [200], parse: parsePerson }, context),
    identity: (context) =>
      call(on(ENDPOINTS.identity), { expect: [200], parse: (body) => String(parseIdentity(body).user.id) }, context),
  };
}
