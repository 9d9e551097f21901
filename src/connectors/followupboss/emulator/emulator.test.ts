import assert from "node:assert/strict";
import { test } from "node:test";
import { emulatorSuite } from "../../../emulator-kit/suite.ts";
import { basic, errorMessage, object, rows, SUBJECT, text, withAccount } from "./suite.ts";

emulatorSuite(SUBJECT);

const JANE = { id: 1, name: "Jane Smith", email: "jane@example.com", role: "Admin" };
const JOHN = { id: 42, name: "John Doe", email: "john@example.com", role: "Agent" };
const ALICE = { name: "Alice Brown", email: "alice@example.com", role: "Agent" };
const { main: KEY, otherAccount: OTHER_KEY } = SUBJECT.credentials;

test("[FUB-02] the API is under /v1 of its base URL, and nowhere else", () =>
  withAccount({ users: [JANE] }, async (api) => {
    assert.equal(api.emulator.document["baseUrl"], `${api.emulator.origin}/v1`);
    assert.equal((await api.call("GET", "/v1/users")).status, 200);
    errorMessage(await api.call("GET", "/users"), 404);
    errorMessage(await api.call("GET", "/v2/users"), 404);
  }));

test("[FUB-03] the key is the user name of Basic with an empty password, its colon included", () =>
  withAccount({ users: [JANE] }, async (api) => {
    const status = async (authorization: string): Promise<number> =>
      (await api.raw("GET", "/v1/users", { Authorization: authorization })).status;
    assert.equal(await status(`Basic ${Buffer.from(`${KEY}:`).toString("base64")}`), 200);
    assert.equal(await status(basic(KEY)), 401);
    // FUB-A14: the vendor takes any password, the document asks for none.
    assert.equal(await status(basic(`${KEY}:secret`)), 401);
    assert.equal(await status(basic(`:${KEY}`)), 401);
    assert.equal(await status("Basic"), 401);
    const refused = await api.raw("GET", "/v1/users", {});
    errorMessage(refused, 401);
    assert.equal(refused.headers.get("www-authenticate"), 'Basic realm="Follow Up Boss API"');
    assert.equal(refused.headers.get("x-ratelimit-limit"), null);
  }));

test("[FUB-04] a Bearer token is refused with 401", () =>
  withAccount({ users: [JANE] }, async (api) => {
    errorMessage(await api.raw("GET", "/v1/users", { Authorization: `Bearer ${KEY}` }), 401);
  }));

test("[FUB-24] [FUB-28] lists users as {users, _metadata}, each with id, name, email and role", () =>
  withAccount({ users: [JANE] }, async (api) => {
    const body = object(await api.call("GET", "/v1/users?limit=20&offset=0"), 200);
    assert.deepEqual(Object.keys(body).sort(), ["_metadata", "users"]);
    assert.deepEqual(body["_metadata"], { total: 1, limit: 20, offset: 0 });
    const [jane] = rows(await api.call("GET", "/v1/users"), "users");
    const { id, name, email, role } = jane ?? {};
    assert.deepEqual({ id, name, email, role }, JANE);
  }));

test("[FUB-25] a key lists the users of its own account only, and so for one user", () =>
  withAccount({ users: [JANE] }, async (api) => {
    const emails = async (key: string) =>
      rows(await api.call("GET", "/v1/users", undefined, key), "users").map((user) => user["email"]);
    assert.deepEqual(await emails(KEY), [JANE.email]);
    const others = await emails(OTHER_KEY);
    assert.ok(others.length > 0 && !others.includes(JANE.email));
    assert.equal((await api.call("GET", "/v1/users/1", undefined, OTHER_KEY)).status, 404);
    assert.equal((await api.call("DELETE", "/v1/users/1", undefined, OTHER_KEY)).status, 404);
    assert.equal((await api.call("GET", "/v1/users/1")).status, 200);
  }));

test("[FUB-26] a deactivated user is not listed and not counted, but still there by id", () =>
  withAccount({ users: [JANE, JOHN] }, async (api) => {
    object(await api.call("PUT", "/v1/users/42", { activeFlag: false }), 200);
    const body = object(await api.call("GET", "/v1/users"), 200);
    assert.deepEqual(
      rows(await api.call("GET", "/v1/users"), "users").map((user) => user["id"]),
      [1],
    );
    assert.deepEqual(body["_metadata"], { total: 1, limit: 20, offset: 0 });
    assert.equal(object(await api.call("GET", "/v1/users/42"), 200)["activeFlag"], false);
    // FUB-A2: the switch that shows them.
    api.emulator.set("listInactive", true);
    assert.equal(rows(await api.call("GET", "/v1/users"), "users").length, 2);
  }));

test("[FUB-27] limit and offset choose the page", () =>
  withAccount({ users: Array.from({ length: 45 }, () => ({})) }, async (api) => {
    const page = await api.call("GET", "/v1/users?limit=20&offset=40");
    assert.deepEqual(object(page, 200)["_metadata"], { total: 45, limit: 20, offset: 40 });
    assert.deepEqual(
      rows(page, "users").map((user) => user["id"]),
      [41, 42, 43, 44, 45],
    );
    assert.deepEqual(rows(await api.call("GET", "/v1/users?limit=20&offset=60"), "users"), []);
    errorMessage(await api.call("GET", "/v1/users?limit=ten"), 400);
    errorMessage(await api.call("GET", "/v1/users?offset=-1"), 400);
  }));

test("[FUB-48] a page has 20 rows unless asked, and never more than 100", () =>
  withAccount({ users: Array.from({ length: 120 }, () => ({})) }, async (api) => {
    const standard = await api.call("GET", "/v1/users");
    assert.equal(rows(standard, "users").length, 20);
    const largest = await api.call("GET", "/v1/users?limit=500");
    assert.equal(rows(largest, "users").length, 100);
    assert.deepEqual(object(largest, 200)["_metadata"], { total: 120, limit: 100, offset: 0 });
  }));

test("[FUB-29] one user is the bare object, isAdmin included", () =>
  withAccount({ users: [JANE, JOHN] }, async (api) => {
    const { id, name, email, role, isAdmin } = object(await api.call("GET", "/v1/users/42"), 200);
    assert.deepEqual({ id, name, email, role, isAdmin }, { ...JOHN, isAdmin: false });
    assert.equal(object(await api.call("GET", "/v1/users/1"), 200)["isAdmin"], true);
  }));

test("[FUB-30] an id that is not in the account gives 404", () =>
  withAccount({ users: [JANE] }, async (api) => {
    for (const id of ["43", "0", "-1", "1.5", "jane@example.com", "01"]) {
      errorMessage(await api.call("GET", `/v1/users/${id}`), 404);
    }
  }));

test("[FUB-31] [FUB-34] creates a user from JSON with 201 and the bare object with its id and created", () =>
  withAccount({ users: [{ ...JOHN, id: 98 }] }, async (api) => {
    const { id, name, email, role, created } = object(await api.call("POST", "/v1/users", ALICE), 201);
    assert.deepEqual({ id, name, email, role }, { id: 99, ...ALICE });
    assert.match(text(created), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(object(await api.call("GET", "/v1/users/99"), 200)["email"], ALICE.email);
    const form = { Authorization: basic(`${KEY}:`), "Content-Type": "application/x-www-form-urlencoded" };
    errorMessage(await api.raw("POST", "/v1/users", form, "name=A&email=a@example.com"), 400);
    const json = { Authorization: basic(`${KEY}:`), "Content-Type": "text/plain" };
    errorMessage(await api.raw("POST", "/v1/users", json, '{"name":"A","email":"a@example.com"}'), 400);
  }));

test("[FUB-32] a new user takes a seat: at the limit nobody can be created until one is deleted", () =>
  withAccount({ users: [JANE, JOHN] }, async (api) => {
    api.emulator.set("seatLimit", 3);
    assert.deepEqual(api.emulator.state().seats, { limit: 3, used: 2 });
    assert.equal((await api.call("POST", "/v1/users", ALICE)).status, 201);
    const bob = { name: "Bob", email: "bob@example.com" };
    assert.match(errorMessage(await api.call("POST", "/v1/users", bob), 422), /limit of 3 users/);
    // Deactivating gives no seat back.
    await api.call("PUT", "/v1/users/42", { activeFlag: false });
    assert.equal((await api.call("POST", "/v1/users", bob)).status, 422);
    assert.equal((await api.call("DELETE", "/v1/users/42")).status, 204);
    assert.equal((await api.call("POST", "/v1/users", bob)).status, 201);
  }));

test("[FUB-33] an address that is taken gives 422, on create and on update, held by a deactivated user too", () =>
  withAccount({ users: [JANE, { ...JOHN, activeFlag: false }] }, async (api) => {
    errorMessage(await api.call("POST", "/v1/users", { ...ALICE, email: JANE.email }), 422);
    errorMessage(await api.call("POST", "/v1/users", { ...ALICE, email: "JANE@Example.com" }), 422);
    errorMessage(await api.call("POST", "/v1/users", { ...ALICE, email: JOHN.email }), 422);
    errorMessage(await api.call("PUT", "/v1/users/1", { email: JOHN.email }), 422);
    assert.equal((await api.call("PUT", "/v1/users/1", { email: JANE.email })).status, 200);
    await api.call("DELETE", "/v1/users/42");
    assert.equal((await api.call("POST", "/v1/users", { ...ALICE, email: JOHN.email })).status, 201);
  }));

test("[FUB-35] [FUB-38] updates any subset of fields and answers with the object and a new updated", () =>
  withAccount({ users: [{ id: 99, ...ALICE }] }, async (api) => {
    const before = object(await api.call("GET", "/v1/users/99"), 200);
    api.clock.advance(86_400_000);
    const changes = { name: "Alice B. Brown", phone: "+15551234567" };
    const updated = object(await api.call("PUT", "/v1/users/99", changes), 200);
    assert.deepEqual(updated, { ...before, ...changes, updated: updated["updated"] });
    assert.ok(text(updated["updated"]) > text(before["updated"]));
    assert.deepEqual(object(await api.call("GET", "/v1/users/99"), 200), updated);
    errorMessage(await api.call("PUT", "/v1/users/100", changes), 404);
  }));

test("[FUB-36] PUT takes full and partial bodies; what omitted fields become is a switch", () =>
  withAccount({ users: [{ id: 7, ...ALICE, phone: "+1555", timezone: "America/New_York" }] }, async (api) => {
    const full = object(await api.call("GET", "/v1/users/7"), 200);
    assert.equal((await api.call("PUT", "/v1/users/7", full)).status, 200);
    const merged = object(await api.call("PUT", "/v1/users/7", { name: "A" }), 200);
    assert.deepEqual([merged["phone"], merged["timezone"]], ["+1555", "America/New_York"]);
    assert.equal(object(await api.call("PUT", "/v1/users/7", { phone: null }), 200)["phone"], null);
    api.emulator.set("putMode", "replace");
    const replaced = object(await api.call("PUT", "/v1/users/7", { name: "B" }), 200);
    assert.deepEqual([replaced["name"], replaced["email"], replaced["timezone"]], ["B", ALICE.email, null]);
  }));

test("[FUB-39] deletes with 204 and no body", () =>
  withAccount({ users: [JANE, JOHN] }, async (api) => {
    const answer = await api.call("DELETE", "/v1/users/42");
    assert.equal(answer.status, 204);
    assert.equal(answer.body, null);
    assert.equal(answer.headers.get("content-length"), null);
    errorMessage(await api.call("DELETE", "/v1/users/42"), 404);
  }));

test("[FUB-40] no call brings a deleted user back: the same address gets another id", () =>
  withAccount({ users: [JANE, JOHN] }, async (api) => {
    await api.call("DELETE", "/v1/users/42");
    assert.equal((await api.call("GET", "/v1/users/42")).status, 404);
    assert.equal((await api.call("PUT", "/v1/users/42", { activeFlag: true })).status, 404);
    const again = object(await api.call("POST", "/v1/users", JOHN), 201);
    assert.notEqual(again["id"], 42);
  }));
