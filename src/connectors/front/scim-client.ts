import { Type, type Static } from "typebox";
import { bodyParser, textAt } from "../../connector-kit/parser.ts";
import { AppError } from "../../kernel/errors.ts";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import type { AccountDraft } from "../../model/account.ts";
import type { CallContext, Method, Transport } from "../../transport/contract.ts";
import { path } from "../../transport/path.ts";

const ScimUser = Type.Object({
  id: Type.String({ minLength: 1 }),
  userName: Type.String(),
  active: Type.Optional(Type.Boolean()),
});
const ScimList = Type.Object({
  totalResults: Type.Integer({ minimum: 0 }),
  Resources: Type.Optional(Type.Array(ScimUser)),
});

type WireScimUser = Static<typeof ScimUser>;
type WireScimList = Static<typeof ScimList>;

const parseScimUser = bodyParser("a user of Front's SCIM server", ScimUser);
export const parseScimList = bodyParser("a listing of Front's SCIM server", ScimList);

const CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH_OPERATION = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

/** Front's own SCIM server (FRONT-51, FRONT-53): one request a method. Attributes and teams never go this way (FRONT-54). */
export interface ScimClient {
  /** Sends no invitation (FRONT-63). Throws `conflict` when the server says that the address is taken. */
  createUser(body: JsonObject, context: CallContext): Promise<WireScimUser>;
  /** One page. `filter` null lists everybody; throws `invalid` or `unsupported` where the server takes no filter. */
  listUsers(filter: string | null, context: CallContext): Promise<WireScimList>;
  /** False when it was not there any more. */
  deleteUser(id: string, context: CallContext): Promise<boolean>;
  /** `active: false` blocks; whether anything else arrives is not documented (FRONT-54). */
  patchUser(id: string, active: boolean, context: CallContext): Promise<void>;
}

const LARGEST_PAGE = 100;

export function isScimError(body: JsonValue): boolean {
  const schemas = typeof body === "object" && body !== null && "schemas" in body ? body["schemas"] : null;
  return Array.isArray(schemas) && schemas.includes(ERROR);
}

function readError(body: JsonValue): string | null {
  return textAt(body, "detail") ?? textAt(body, "_error", "message");
}

export function toScimBody(draft: AccountDraft): JsonObject {
  const name = {
    ...(draft.givenName === null ? {} : { givenName: draft.givenName }),
    ...(draft.familyName === null ? {} : { familyName: draft.familyName }),
  };
  return {
    schemas: [CORE_USER],
    userName: draft.email,
    name,
    emails: [{ value: draft.email, type: "work", primary: true }],
    active: true,
  };
}

/** A filter on the user name; quotes and backslashes cannot end the value. */
export function userNameFilter(email: string): string {
  return `userName eq ${JSON.stringify(email)}`;
}

interface Sending<T> {
  readonly method: Method;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: JsonValue;
  readonly expect: readonly number[];
  readonly parse: (body: JsonValue, status: number) => T;
}

export function createScimClient(transport: Transport): ScimClient {
  const call = async <T>(sending: Sending<T>, context: CallContext): Promise<T> =>
    (await transport.send({ query: {}, body: null, ...sending, readError }, context)).value;
  return {
    createUser: async (body, context) =>
      call({ method: "POST", path: "/Users", body, expect: [200, 201], parse: parseScimUser }, context),
    async listUsers(filter, context) {
      const query = { ...(filter === null ? {} : { filter }), startIndex: 1, count: LARGEST_PAGE };
      return call({ method: "GET", path: "/Users", query, expect: [200], parse: parseScimList }, context);
    },
    async deleteUser(id, context) {
      const parse = (body: JsonValue, status: number): boolean => {
        if (status === 404 && !isScimError(body)) {
          throw new AppError("bad_response", "a 404 of no SCIM server: check the SCIM base URL of the connection");
        }
        return status !== 404;
      };
      return call({ method: "DELETE", path: path`/Users/${id}`, expect: [200, 202, 204, 404], parse }, context);
    },
    async patchUser(id, active, context) {
      const body = { schemas: [PATCH_OPERATION], Operations: [{ op: "replace", path: "active", value: active }] };
      await call({ method: "PATCH", path: path`/Users/${id}`, body, expect: [200, 204], parse: () => null }, context);
    },
  };
}
