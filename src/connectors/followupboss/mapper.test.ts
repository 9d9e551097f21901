import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AccountDraft } from "../../model/account.ts";
import { toAccount, toAccountIfWhole, toCreateBody, toLead, toUpdateBody, toWholeBody } from "./mapper.ts";
import { parsePerson, parsePersonPage, parseUser, parseUserPage } from "./wire.ts";

const guide = { privileged: ["Admin"] };
const vendor = { privileged: ["Broker"] };

const draft = fc.record<AccountDraft>({
  email: fc.emailAddress(),
  displayName: fc.string({ minLength: 1 }).filter((name) => name.trim() !== ""),
  givenName: fc.constant(null),
  familyName: fc.constant(null),
  phone: fc.option(fc.string()),
  role: fc.constantFrom(null, "Admin", "Agent"),
  teams: fc.array(
    fc.nat().map((id) => String(id)),
    { maxLength: 1 },
  ),
  attributes: fc.constantFrom({}, { timezone: "America/New_York" }, { avatar: null, timezone: "Asia/Kathmandu" }),
});

test("what is written for a new account reads back as what was wanted", () => {
  fc.assert(
    fc.property(draft, fc.nat(), (wanted, id) => {
      const account = toAccount(parseUser({ id, ...toCreateBody(wanted) }), guide);
      assert.equal(account.id, String(id));
      assert.equal(account.email, wanted.email);
      assert.equal(account.displayName, wanted.displayName);
      assert.equal(account.phone, wanted.phone);
      assert.deepEqual(account.roles, wanted.role === null ? [] : [wanted.role]);
      assert.deepEqual(account.teams, wanted.teams);
      assert.equal(account.privileged, wanted.role === "Admin");
      for (const [name, value] of Object.entries(wanted.attributes)) assert.equal(account.attributes[name], value);
    }),
  );
});

test("a change names its own fields only; laid over the whole record it changes nothing else", () => {
  const change = fc.record(
    {
      displayName: fc.string(),
      phone: fc.option(fc.string()),
      timezone: fc.option(fc.string()),
      isAdmin: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const user = {
    id: 1,
    name: "A",
    email: "a@example.com",
    role: "Agent",
    isAdmin: false,
    phone: "1",
    teamId: 5,
    timezone: "UTC",
    activeFlag: true,
    created: "2024-01-15T10:00:00Z",
  };
  fc.assert(
    fc.property(change, (changes) => {
      const body = toUpdateBody(changes);
      assert.equal(Object.keys(body).length, Object.keys(changes).length);
      const { id: _id, created: _created, ...writable } = user;
      assert.deepEqual(toWholeBody(parseUser(user), body, guide), { ...writable, ...body });
    }),
  );
});

test("a field that is null, one that is empty and one that is absent are three things", () => {
  assert.deepEqual(toUpdateBody({ phone: null }), { phone: null });
  assert.deepEqual(toUpdateBody({ phone: "" }), { phone: "" });
  assert.deepEqual(toUpdateBody({}), {});
  for (const wrong of [{ phone: 5 }, { isAdmin: "true" }, { isAdmin: null }, { teamId: 5 }, { __proto__x: "a" }]) {
    assert.throws(() => toUpdateBody(wrong), { code: "bad_input" }, JSON.stringify(wrong));
  }
});

test("reads the vendor's own shape: status, lists of teams, owner, and no secret is kept", () => {
  const user = parseUser({
    id: 7,
    created: "2024-05-01T12:00:00Z",
    updated: "2026-02-03T08:00:00Z",
    name: "Dana Agent",
    firstName: "Dana",
    email: "dana@example.com",
    role: "Broker",
    status: "Invited",
    isOwner: true,
    teamIds: [5, 6],
    groups: [{ id: 3, name: "Buyers" }],
    apiKey: "canary-of-a-key",
  });
  const account = toAccount(user, vendor);
  assert.deepEqual(
    [account.state, account.owner, account.privileged, account.teams],
    ["invited", true, true, ["5", "6"]],
  );
  assert.ok("groups" in account.raw, "what we do not know is kept");
  assert.ok(!JSON.stringify(account).includes("canary-of-a-key"));
  assert.equal(toAccount({ ...user, status: "Deleted" }, vendor).state, "removed");
  assert.equal(toAccount({ ...user, status: "Active" }, vendor).state, "active");
});

test("an answer that shows a part of a user is no account", () => {
  assert.equal(toAccountIfWhole({ id: 99, name: "A", phone: "1" }, guide), null);
  const whole = { id: 99, name: "A", email: "a@example.com", role: "Agent", teamId: null };
  assert.equal(toAccountIfWhole(whole, guide)?.id, "99");
});

test("ids keep all their digits, and a lead that names no owner has none (X-03)", () => {
  const page = parseUserPage({
    users: [{ id: "9007199254740993", name: "A", email: null, role: null }],
    _metadata: { total: 1, limit: 100, offset: 0 },
  });
  const [user] = page.users;
  assert.ok(user);
  assert.deepEqual([toAccount(user, guide).id, toAccount(user, guide).email], ["9007199254740993", null]);
  assert.equal(toLead(parsePerson({ id: 1 })).owner, null);
  assert.equal(toLead(parsePerson({ id: 1, ownerId: null })).owner, null);
  assert.equal(toLead(parsePerson({ id: 1, assignedUserId: 5 })).owner, "5");
  assert.equal(toLead(parsePerson({ id: 1, name: "Buyer", ownerId: 2 })).label, "Buyer");
  assert.throws(() => parsePersonPage({ people: [] }), { code: "bad_response" });
});
