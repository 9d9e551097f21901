import { AppError } from "../../kernel/errors.ts";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import type { CallContext, Transport, TransportRequest } from "../../transport/contract.ts";
import {
  ENDPOINTS,
  parseMemberPage,
  parseTeammate,
  parseTeammatePage,
  parseTeamPage,
  parseTeamWithMembers,
  readError,
  teammateId,
  type WireMemberPage,
  type WireTeammate,
  type WireTeammatePage,
  type WireTeamPage,
  type WireTeamWithMembers,
} from "./wire.ts";

type Query = TransportRequest<unknown>["query"];

/** One method an endpoint, one request a call, one page an answer. */
export interface Client {
  listTeammates(query: Query, context: CallContext): Promise<WireTeammatePage>;
  /** Null when Front itself says that there is no such teammate. */
  getTeammate(id: string, context: CallContext): Promise<WireTeammate | null>;
  createTeammate(body: JsonObject, context: CallContext): Promise<WireTeammate>;
  updateTeammate(id: string, body: JsonObject, context: CallContext): Promise<void>;
  /** False when it was not there any more. */
  deleteTeammate(id: string, context: CallContext): Promise<boolean>;
  listTeams(query: Query, context: CallContext): Promise<WireTeamPage>;
  getTeam(id: string, context: CallContext): Promise<WireTeamWithMembers>;
  /** Null when this Front has no such listing (404, 405): then the team itself tells its members (FRONT-A3). */
  listMembers(team: string, query: Query, context: CallContext): Promise<WireMemberPage | null>;
  addMembers(team: string, teammates: readonly string[], context: CallContext): Promise<void>;
  removeMembers(team: string, teammates: readonly string[], context: CallContext): Promise<void>;
}

/** PATCH, DELETE and the team calls answer 204 without a body; what 2xx it is does not matter, a read confirms it. */
const DONE = [200, 202, 204];

/** A 404 counts only when it is the vendor's own: some other server's would say nothing about the account. */
function ownNotFound(body: JsonValue): void {
  if (readError(body) !== null) return;
  throw new AppError("bad_response", "a 404 that is not Front's own: check the base URL of the connection");
}

function nothing(): void {}

/** The ids stand in the body, and the body is always there: without it nobody knows who would be removed (FRONT-41). */
function memberBody(teammates: readonly string[]): JsonObject {
  return { teammate_ids: teammates.map((id) => teammateId(id)) };
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
    listTeammates: async (query, context) =>
      call(on(ENDPOINTS.listTeammates), { query, expect: [200], parse: parseTeammatePage }, context),
    async getTeammate(id, context) {
      const parse = (body: JsonValue, status: number): WireTeammate | null => {
        if (status !== 404) return parseTeammate(body);
        ownNotFound(body);
        return null;
      };
      return call(on(ENDPOINTS.getTeammate, id), { expect: [200, 404], parse }, context);
    },
    createTeammate: async (body, context) =>
      call(on(ENDPOINTS.createTeammate), { body, expect: [200, 201], parse: parseTeammate }, context),
    updateTeammate: async (id, body, context) =>
      call(on(ENDPOINTS.updateTeammate, id), { body, expect: DONE, parse: nothing }, context),
    async deleteTeammate(id, context) {
      const parse = (body: JsonValue, status: number): boolean => {
        if (status === 404) ownNotFound(body);
        return status !== 404;
      };
      return call(on(ENDPOINTS.deleteTeammate, id), { expect: [...DONE, 404], parse }, context);
    },
    listTeams: async (query, context) =>
      call(on(ENDPOINTS.listTeams), { query, expect: [200], parse: parseTeamPage }, context),
    getTeam: async (id, context) =>
      call(on(ENDPOINTS.getTeam, id), { expect: [200], parse: parseTeamWithMembers }, context),
    async listMembers(team, query, context) {
      const parse = (body: JsonValue, status: number): WireMemberPage | null =>
        status === 200 ? parseMemberPage(body) : null;
      return call(on(ENDPOINTS.listMembers, team), { query, expect: [200, 404, 405], parse }, context);
    },
    addMembers: async (team, teammates, context) =>
      call(on(ENDPOINTS.addMembers, team), { body: memberBody(teammates), expect: DONE, parse: nothing }, context),
    removeMembers: async (team, teammates, context) =>
      call(on(ENDPOINTS.removeMembers, team), { body: memberBody(teammates), expect: DONE, parse: nothing }, context),
  };
}
