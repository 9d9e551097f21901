import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AccountDraft } from "../../model/account.ts";
import { mergeCustomFields, toAccount, toCreateBody, toUpdateBody } from "./mapper.ts";
import { nextCursor, pageQuery } from "./paging.ts";
import { toScimBody, userNameFilter } from "./scim-client.ts";
import { parseTeammate } from "./wire.ts";

const writable = ["givenName", "familyName", "username", "available", "customFields", "email"];
const draft = fc.record<AccountDraft>({
  email: fc.emailAddress(),
  displayName: fc.string(),
  givenName: fc.option(fc.string()),
  familyName: fc.option(fc.string()),
  phone: fc.constant(null),
  role: fc.constantFrom(null, "Admin", "Teammate"),
  teams: fc.constant([]),
  attributes: fc.constantFrom({}, { username: "bob" }, { available: false, customFields: { title: "Agent" } }),
});

test("what is written for a new teammate reads back as what was wanted", () => {
  fc.assert(
    fc.property(draft, (wanted) => {
      const account = toAccount(parseTeammate({ id: "tea_1", ...toCreateBody(wanted, writable) }));
      assert.equal(account.email, wanted.email);
      assert.equal(account.givenName, wanted.givenName);
      assert.equal(account.familyName, wanted.familyName);
      assert.deepEqual(account.roles, [wanted.role ?? "Teammate"]);
      for (const [name, value] of Object.entries(wanted.attributes)) assert.deepEqual(account.attributes[name], value);
    }),
  );
});

test("only fields that this connection may write are written", () => {
  assert.deepEqual(toUpdateBody({ givenName: null, familyName: "" }, writable), { first_name: null, last_name: "" });
  for (const wrong of [
    { is_blocked: false },
    { displayName: "A B" },
    { available: "yes" },
    { customFields: [] },
    { email: null },
  ]) {
    assert.throws(() => toUpdateBody(wrong, writable), { code: "bad_input" }, JSON.stringify(wrong));
  }
  assert.throws(() => toUpdateBody({ email: "a@example.com" }, ["givenName"]), { code: "bad_input" });
});

test("bots and visitors are no persons and take no seat; without a type it is a person", () => {
  const base = { id: "tea_1", email: null, is_admin: false };
  for (const type of ["visitor", "ai", "api", "application", "rule"]) {
    const account = toAccount(parseTeammate({ ...base, type }));
    assert.deepEqual([account.human, account.takesSeat], [false, false], type);
  }
  assert.equal(toAccount(parseTeammate(base)).human, true);
  assert.equal(toAccount(parseTeammate({ ...base, type: "user" })).takesSeat, true);
});

test("custom fields: the change is laid over what is there, null takes away, unknown names are refused", () => {
  const current = parseTeammate({
    id: "tea_1",
    email: null,
    is_admin: false,
    custom_fields: { title: "Agent", office: "Oakland" },
  });
  assert.deepEqual(mergeCustomFields(current, { title: "Lead" }, null), { title: "Lead", office: "Oakland" });
  assert.deepEqual(mergeCustomFields(current, { office: null }, ["office"]), { title: "Agent" });
  assert.throws(() => mergeCustomFields(current, { shoe: 1 }, ["title"]), { code: "bad_input" });
});

test("only the pointer of a link is used, and only of a link that leads to this listing at Front (X-05)", () => {
  const place = { baseUrl: "https://api2.frontapp.com", path: "/teammates" };
  const first = { cursor: null };
  const good = [
    "https://api2.frontapp.com/teammates?page_token=abc",
    "https://acme.api.frontapp.com/teammates?limit=50&page_token=abc",
  ];
  for (const link of good) {
    const cursor = nextCursor(link, first, place);
    assert.deepEqual(pageQuery({ cursor, pageSize: 50 }), { limit: 50, page_token: "abc" });
    assert.throws(() => nextCursor(link, { cursor }, place), { code: "bad_response" }, "a page that points to itself");
  }
  for (const none of [null, undefined, ""]) assert.equal(nextCursor(none, first, place), null);
  for (const bad of [
    "https://evil.example/teammates?page_token=abc",
    "http://api2.frontapp.com/teammates?page_token=abc",
    "https://api2.frontapp.com.evil.example/teammates?page_token=abc",
    "https://user:pw@api2.frontapp.com/teammates?page_token=abc",
    "https://evil-api.frontapp.com/teammates?page_token=abc",
    "https://api2.frontapp.com/conversations?page_token=abc",
    "https://api2.frontapp.com/teammates",
    "/teammates?page_token=abc",
    "javascript:alert(1)",
  ]) {
    assert.throws(() => nextCursor(bad, first, place), { code: "bad_response" }, bad);
  }
});

test("a SCIM create carries address and names, and a filter cannot be ended by an address", () => {
  const wanted = {
    email: "bob@example.com",
    displayName: "Bob B",
    givenName: "Bob",
    familyName: null,
    phone: null,
    role: null,
    teams: [],
    attributes: {},
  };
  const body = toScimBody(wanted);
  assert.deepEqual([body["userName"], body["name"], body["active"]], ["bob@example.com", { givenName: "Bob" }, true]);
  assert.equal(
    userNameFilter('a" or userName pr or "b@x.example'),
    'userName eq "a\\" or userName pr or \\"b@x.example"',
  );
});
