import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { isJsonObject, parseJson, type JsonObject } from "../kernel/json.ts";
import { FAULT_CODES } from "./faults.ts";
import type { FaultRule } from "./running.ts";
import { START, withExample, type ExampleBench } from "./suite/example.ts";
import type { WireAnswer } from "./suite/wire.ts";

function header({ headers }: WireAnswer, wanted: string): readonly string[] {
  return headers.filter(
    (_value, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === wanted.toLowerCase(),
  );
}

function body({ bytes }: WireAnswer): JsonObject {
  const value = parseJson(bytes.toString("utf8"));
  assert.ok(isJsonObject(value));
  return value;
}

async function listUnder(api: ExampleBench, rule: FaultRule): Promise<WireAnswer> {
  await api.emulator.setFaults([rule]);
  const answer = await api.list();
  assert.deepEqual(api.emulator.faults(), [{ id: "rule-1", fired: 1 }]);
  return answer;
}

/** The first row of the list, under a fault of its shape. */
async function rowUnder(api: ExampleBench, rule: FaultRule): Promise<JsonObject> {
  const { items } = body(await listUnder(api, rule));
  const first: unknown = Array.isArray(items) ? items[0] : null;
  assert.ok(isJsonObject(first));
  return first;
}

test("the vocabulary is whole", () => {
  const range = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from + 1 }, (_, index) => `F${String(from + index).padStart(2, "0")}`);
  const asked = [...range(1, 2), ...range(4, 12), ...range(20, 31), ...range(40, 55), ...range(60, 65), "F80"];
  assert.deepEqual(FAULT_CODES, asked);
});

test("F20 answers with any status and the vendor's error body, or any other", () =>
  withExample(async (api) => {
    for (const status of [500, 502, 408, 423, 409]) {
      const answer = await listUnder(api, { fault: "F20", status });
      assert.equal(answer.status, status);
      assert.deepEqual(body(answer), { error: { status, message: "injected error" } });
    }
    assert.deepEqual(body(await listUnder(api, { fault: "F20", answer: { oops: 1 } })), { oops: 1 });
  }));

test("F21 sends 429 with the Retry-After that it is given: numbers, dates, garbage, none, two of them", () =>
  withExample(async (api) => {
    const values = async (retryAfter: FaultRule["retryAfter"]): Promise<readonly string[]> => {
      const answer = await listUnder(api, { fault: "F21", ...(retryAfter === undefined ? {} : { retryAfter }) });
      assert.equal(answer.status, 429);
      return header(answer, "retry-after");
    };
    for (const value of [30, 0, -1, 1.5, 2_592_000]) assert.deepEqual(await values(value), [String(value)]);
    assert.deepEqual(await values("soon"), ["soon"]);
    assert.deepEqual(await values("http-date"), ["Fri, 20 Nov 2026 22:00:30 GMT"]);
    assert.deepEqual(await values(undefined), []);
    assert.deepEqual(await values([5, 60]), ["5", "60"]);
  }));

test("F22 sends the vendor's reset header in seconds, milliseconds, of the past or of a wrong clock; remaining lies", () =>
  withExample(async (api) => {
    const reset = async (kind: string): Promise<number> => {
      const answer = await listUnder(api, { fault: "F22", reset: kind, inSeconds: 30, skewSeconds: 600, remaining: 7 });
      assert.equal(answer.status, 429);
      assert.deepEqual(header(answer, "x-left"), ["7"]);
      return Number(header(answer, "x-reset")[0]);
    };
    const now = START / 1000;
    assert.deepEqual(await reset("seconds"), now + 30);
    assert.deepEqual(await reset("ms"), START + 30_000);
    assert.ok((await reset("past")) < now);
    assert.deepEqual(await reset("skewed"), now + 630);
    const lying = await listUnder(api, { fault: "F22", status: 200, remaining: 5000 });
    assert.deepEqual([lying.status, header(lying, "x-left")], [200, ["5000"]]);
    assert.equal(header(lying, "retry-after").length, 0);
  }));

test("F23 refuses once, from a call on for good, or one route alone", () =>
  withExample(async (api) => {
    const statuses = async (count: number): Promise<readonly number[]> => {
      const seen = [];
      for (let index = 0; index < count; index += 1) seen.push((await api.list()).status);
      return seen;
    };
    await api.emulator.setFaults([{ fault: "F23", times: 1 }]);
    assert.deepEqual(await statuses(2), [401, 200]);
    await api.emulator.setFaults([{ fault: "F23", nth: 2, times: 1_000_000 }]);
    assert.deepEqual(await statuses(4), [200, 401, 401, 401]);
    await api.emulator.setFaults([{ fault: "F23", status: 403, path: "^/members/\\d+$" }]);
    assert.deepEqual(await statuses(1), [200]);
  }));

test("F24 redirects to the same origin, to another one, or to http", () =>
  withExample(async (api) => {
    for (const status of [301, 302, 303, 307, 308]) {
      const answer = await listUnder(api, { fault: "F24", status });
      assert.deepEqual([answer.status, header(answer, "location")], [status, [`${api.emulator.origin}/members`]]);
    }
    const cross = await listUnder(api, { fault: "F24", to: "cross" });
    assert.deepEqual(header(cross, "location"), ["https://other.example/members"]);
    const plain = await listUnder(api, { fault: "F24", to: "http" });
    assert.deepEqual(header(plain, "location"), ["http://other.example/members"]);
  }));

test("F26, F27 and F29 answer with a web page, a wrong type, a byte order mark, a wrong charset, an error inside 200", () =>
  withExample(async (api) => {
    for (const status of [200, 502]) {
      const page = await listUnder(api, { fault: "F26", status });
      assert.deepEqual([page.status, header(page, "content-type")], [status, ["text/html; charset=utf-8"]]);
      assert.match(page.bytes.toString(), /^<!DOCTYPE html>/);
    }
    assert.deepEqual(header(await listUnder(api, { fault: "F27" }), "content-type"), ["text/plain"]);
    const marked = await listUnder(api, { fault: "F27", variant: "bom" });
    assert.deepEqual([...marked.bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
    const wide = await listUnder(api, { fault: "F27", variant: "charset" });
    assert.ok(isJsonObject(parseJson(wide.bytes.toString("utf16le"))));
    const inside = await listUnder(api, { fault: "F29" });
    assert.deepEqual([inside.status, body(inside)["status"]], [200, "error"]);
  }));

test("F30 answers with huge, packed, deep and long bodies of the given size", () =>
  withExample(async (api) => {
    const size = 3 * 1024 * 1024;
    assert.ok((await listUnder(api, { fault: "F30", size })).bytes.length > size);
    const packed = await listUnder(api, { fault: "F30", variant: "gzip", size });
    assert.deepEqual(header(packed, "content-encoding"), ["gzip"]);
    assert.ok(packed.bytes.length < size / 100);
    assert.equal(gunzipSync(packed.bytes).length, size);
    const deep = await listUnder(api, { fault: "F30", variant: "nested", size: 500 });
    assert.equal(deep.bytes.toString(), `${"[".repeat(500)}${"]".repeat(500)}`);
    const long = await listUnder(api, { fault: "F30", variant: "array", size: 25_000 });
    const items: unknown = JSON.parse(long.bytes.toString());
    assert.equal(Array.isArray(items) ? items.length : 0, 25_000);
  }));

test("F31 changes the shape of listed rows and of single objects", () =>
  withExample(async (api) => {
    const under = (variant: string, more: Partial<FaultRule> = {}) => rowUnder(api, { fault: "F31", variant, ...more });
    assert.ok(!("id" in (await under("missing"))));
    assert.equal((await under("null", { key: "email" }))["email"], null);
    assert.equal((await under("renamed", { key: "email", value: "mail" }))["mail"], "member1@example.com");
    assert.equal((await under("string-id"))["id"], "1");
    assert.equal((await under("big-id"))["id"], "9007199254740993");
    assert.equal((await under("value", { key: "admin", value: "sometimes" }))["admin"], "sometimes");
    assert.ok("addedByVendor" in (await under("extra")));
    assert.match(JSON.stringify(await under("hostile")), /<script>.*\\r\\n/);
    await api.emulator.setFaults([{ fault: "F31", variant: "missing", key: "email", method: "POST" }]);
    assert.ok(!("email" in body(await api.create("a@example.com"))));
  }));

test("F55 takes only some fields of a write that it confirms whole", () =>
  withExample(async (api) => {
    await api.emulator.setFaults([{ fault: "F55", method: "PATCH", fields: ["name"] }]);
    const response = await fetch(`${api.emulator.origin}/members/2`, {
      method: "PATCH",
      headers: { Authorization: "Bearer key-1" },
      body: JSON.stringify({ name: "Given", email: "given@example.com" }),
    });
    const answered = parseJson(await response.text());
    assert.ok(isJsonObject(answered) && answered["name"] === "Given" && answered["email"] === "given@example.com");
    const stored = api.emulator.state().collections["members"]?.[1];
    assert.deepEqual([stored?.["name"], stored?.["email"]], ["Member 2", "given@example.com"]);
    assert.equal(api.last()?.effect, "applied");
  }));

test("F61 and F60 restate the refusal in another status, or as an error inside 200", () =>
  withExample(async (api) => {
    await api.emulator.setFaults([{ fault: "F61", method: "POST", status: 400 }]);
    assert.equal((await api.create("a@example.com")).status, 400);
    await api.emulator.setFaults([{ fault: "F61", method: "POST", status: 200 }]);
    const answer = await api.create("b@example.com");
    assert.deepEqual([answer.status, body(answer)["status"]], [200, "error"]);
    api.emulator.set("seatLimit", 10);
    await api.emulator.setFaults([{ fault: "F60", method: "POST", left: 0, status: 403 }]);
    assert.equal((await api.create("c@example.com")).status, 403);
  }));

test("F62 refuses to take the last admin away and fires for nothing else", () =>
  withExample(async (api) => {
    await api.emulator.setFaults([{ fault: "F62", status: 409 }]);
    const remove = async (id: number): Promise<number> => {
      const url = `${api.emulator.origin}/members/${id}`;
      return (await fetch(url, { method: "DELETE", headers: { Authorization: "Bearer key-1" } })).status;
    };
    assert.equal(await remove(2), 204);
    assert.equal(await remove(1), 409);
    assert.equal(api.members(), 2);
    assert.deepEqual(api.emulator.faults(), [{ id: "rule-1", fired: 1 }]);
  }));

test("F63, F64 and F65 let others change records, bring new ones, and settle invitations", () =>
  withExample(async (api) => {
    await listUnder(api, { fault: "F63", op: "update", kind: "member", id: "2", data: { email: "other@example.com" } });
    assert.equal(api.emulator.state().collections["members"]?.[1]?.["email"], "other@example.com");
    assert.equal((body(await listUnder(api, { fault: "F64" }))["items"] as readonly unknown[]).length, 3);
    assert.equal(api.members(), 4);
    await api.emulator.setFaults([]);
    await api.create("invited@example.com");
    await listUnder(api, { fault: "F65", outcome: "declined" });
    assert.equal(api.members(), 4);
  }));

test("F80 skews the vendor's Date and nothing else", () =>
  withExample(async (api) => {
    const answer = await listUnder(api, { fault: "F80", skewSeconds: -86_400 });
    assert.deepEqual(header(answer, "date"), ["Thu, 19 Nov 2026 22:00:00 GMT"]);
    assert.equal(api.last()?.at, "2026-11-20T22:00:00.000Z");
  }));

test("F99 is any two faults on requests that follow each other", () =>
  withExample(async (api) => {
    await api.emulator.setFaults([
      { fault: "F20", status: 503, nth: 1 },
      { fault: "F21", retryAfter: 1, nth: 2 },
    ]);
    const statuses = [(await api.list()).status, (await api.list()).status, (await api.list()).status];
    assert.deepEqual(statuses, [503, 429, 200]);
    assert.deepEqual(
      api.emulator.faults().map((rule) => rule.fired),
      [1, 1],
    );
  }));
