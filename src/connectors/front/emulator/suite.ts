/** For this folder's tests: the emulator on a port of its own, and a plain HTTP client that hides nothing. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { runEmulator } from "../../../emulator-kit/run.ts";
import type { RunningEmulator } from "../../../emulator-kit/running.ts";
import { virtualClock, type VirtualClock } from "../../../kernel/clock.ts";
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "../../../kernel/json.ts";
import { TOKENS } from "./access.ts";
import { emulator } from "./index.ts";

export const START_MS = 1_790_000_000_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as an object; an empty one when there is no such body. */
  readonly body: JsonObject;
}

export interface SendOptions {
  /** Null sends no Authorization header. */
  readonly token?: string | null;
  readonly body?: JsonValue;
  /** Sent as it is, in place of `body`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FrontUnderTest {
  readonly emulator: RunningEmulator;
  readonly clock: VirtualClock;
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  /** The same on the SCIM server, with its token. */
  scim(method: string, path: string, options?: SendOptions): Promise<Answer>;
}

/** A company of four: an admin, a member, one who was blocked, one who has not accepted yet. */
export const COMPANY: JsonObject = {
  teammates: [
    { id: "tea_123", email: "alice@example.com", first_name: "Alice", last_name: "Smith", is_admin: true },
    { id: "tea_456", email: "bob@example.com", first_name: "Bob", last_name: "Builder" },
    { id: "tea_789", email: "carl@example.com", first_name: "Carl", last_name: "Gone", is_blocked: true },
    { id: "tea_790", email: "dora@example.com", first_name: "Dora", last_name: "New", invitation: "pending" },
  ],
  teams: [
    { id: "tim_1", name: "Support", is_private: false, teammate_ids: ["tea_123"] },
    { id: "tim_2", name: "Owners", is_private: true, teammate_ids: ["tea_123", "tea_456"] },
  ],
};

async function sendTo(url: string, method: string, options: SendOptions): Promise<Answer> {
  const { token = TOKENS.company, body, text, headers = {} } = options;
  const sent = text ?? (body === undefined ? null : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    redirect: "manual",
    headers: {
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...(sent === null ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    body: sent,
  });
  const received = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "") && received !== "";
  const parsed = isJson ? parseJson(received) : null;
  return {
    status: response.status,
    headers: response.headers,
    text: received,
    body: isJsonObject(parsed) ? parsed : {},
  };
}

/** Ends with the test. */
export async function startFront(test: TestContext, data: JsonObject | null = COMPANY): Promise<FrontUnderTest> {
  const clock = virtualClock(START_MS);
  const running = await runEmulator(emulator, { clock });
  test.after(() => running.stop());
  if (data !== null) await running.reset({ data });
  return {
    emulator: running,
    clock,
    send: (method, path, options = {}) => sendTo(`${running.origin}${path}`, method, options),
    scim: (method, path, options = {}) =>
      sendTo(`${running.origin}/scim/v2${path}`, method, { token: TOKENS.scim, ...options }),
  };
}

/** Rows of a listing in the guide's form or of a SCIM list response. */
export function rows(answer: Answer): readonly JsonObject[] {
  const list = answer.body["_results"] ?? answer.body["Resources"];
  return Array.isArray(list) ? list.filter((row: JsonValue) => isJsonObject(row)) : [];
}

export function ids(answer: Answer): readonly JsonValue[] {
  return rows(answer).map((row) => row["id"] ?? null);
}

export function errorOf(answer: Answer): JsonObject {
  const error = answer.body["_error"];
  return isJsonObject(error) ? error : {};
}

/** A text that must be there. */
export function textOf(value: JsonValue | undefined): string {
  assert.ok(typeof value === "string", `not a text: ${JSON.stringify(value)}`);
  return value;
}

/** The stored record of this id in a collection, as the control API shows it. */
export function stored(front: FrontUnderTest, collection: string, id: string): JsonObject {
  return front.emulator.state().collections[collection]?.find((record) => record["id"] === id) ?? {};
}

export function teammates(count: number): JsonObject {
  const people = Array.from({ length: count }, (_, place) => ({ email: `person-${place + 1}@example.com` }));
  return { teammates: people };
}
