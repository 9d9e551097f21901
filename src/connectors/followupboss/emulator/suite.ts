/** What the tests of this emulator share: how its API is spoken to. They know the source document, not the connector. */
import assert from "node:assert/strict";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../kernel/json.ts";
import { withBench, type Answered, type Bench, type EmulatorSubject } from "../../../emulator-kit/suite.ts";
import { smallCompany } from "../../../emulator-kit/suite/company.ts";
import { emulator } from "./index.ts";

const { apiKey, apiKey2, otherApiKey } = emulator.document("");

export function text(value: JsonValue | undefined): string {
  assert.ok(typeof value === "string");
  return value;
}

/** `base64(apiKey + ":")`: the empty password leaves only its colon. */
export function basic(userAndPassword: string): string {
  return `Basic ${Buffer.from(userAndPassword).toString("base64")}`;
}

export const SUBJECT: EmulatorSubject = {
  module: emulator,
  credentials: { main: text(apiKey), sameAccount: text(apiKey2), otherAccount: text(otherApiKey) },
  authorize: (key) => ({ Authorization: basic(`${key}:`) }),
  data: (rows) => ({ users: Array.from({ length: rows }, () => ({})) }),
  listing: {
    collection: "users",
    first: (size) => `/v1/users?limit=${size}&offset=0`,
    next(path, body) {
      const { total, limit, offset } = isJsonObject(body["_metadata"]) ? body["_metadata"] : {};
      const reached = Number(offset) + Number(limit);
      return reached < Number(total) ? path.replace(/offset=\d+/, `offset=${reached}`) : null;
    },
  },
  create: (n) => ({ path: "/v1/users", body: { name: `New Agent ${n}`, email: `new${n}@example.com`, role: "Agent" } }),
  byId: (id) => `/v1/users/${id}`,
  company: smallCompany(),
};

/** Runs a test against an account with these records. */
export function withAccount(data: JsonObject, run: (bench: Bench) => Promise<void>): Promise<void> {
  return withBench(SUBJECT, async (bench) => {
    await bench.emulator.reset({ data });
    await run(bench);
  });
}

/** The body of an answer with this status, as an object. */
export function object(answer: Answered, status: number): JsonObject {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.ok(isJsonObject(answer.body));
  return answer.body;
}

/** The list under `name`, as objects. */
export function rows(answer: Answered, name: string): readonly JsonObject[] {
  const list = object(answer, 200)[name];
  assert.ok(Array.isArray(list));
  return (list as readonly JsonValue[]).filter(isJsonObject);
}

/** The path of one user. */
export function pathOf(user: JsonObject): string {
  assert.ok(typeof user["id"] === "number");
  return `/v1/users/${user["id"]}`;
}

export function errorMessage(answer: Answered, status: number): string {
  return text(object(answer, status)["errorMessage"]);
}
