/** What the control verbs and the faults that know this vendor do, and the seeded company. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Company } from "../../../emulator-kit/company.ts";
import { ids, startFront, stored, teammates, textOf } from "./suite.ts";
import { runEmulator } from "../../../emulator-kit/run.ts";
import { virtualClock } from "../../../kernel/clock.ts";
import { emulator } from "./index.ts";
import { seededRandom } from "../../../kernel/random.ts";
import { seed } from "./seed.ts";

const ANNA = {
  employeeId: "E1",
  firstName: "Anna",
  lastName: "Pine",
  email: "anna@harborpine.example",
  phone: "+1 555 0100",
  department: "Sales",
  title: "Agent",
  office: "Harbor",
  managerId: null,
  startDate: "2024-02-01",
  lastDay: null,
  status: "active",
  zone: "America/Los_Angeles",
} as const;

const ACCOUNT = { phone: null, holdings: 0, since: "2024-02-01", zone: "America/Los_Angeles" } as const;

const HARBOR: Company = {
  name: "Harbor & Pine Realty",
  domain: "harborpine.example",
  people: [ANNA],
  systems: {
    inbox: {
      accounts: [
        { ...ACCOUNT, ...ANNA, admin: true, state: "active", teams: ["Sales"], phone: null },
        {
          ...ACCOUNT,
          employeeId: null,
          firstName: "Old",
          lastName: "Hand",
          email: "anna@gone.example",
          admin: false,
          state: "inactive",
          teams: [],
        },
        {
          ...ACCOUNT,
          employeeId: null,
          firstName: "Ivy",
          lastName: "Ited",
          email: "ivy@harborpine.example",
          admin: false,
          state: "invited",
          teams: ["Sales", "Support"],
        },
      ],
      teams: ["Support"],
      seats: 5,
    },
  },
};

test("seeds itself with the accounts that the company has in its inbox system", async (t) => {
  const running = await runEmulator(emulator, { clock: virtualClock(0), company: HARBOR });
  t.after(() => running.stop());
  const { collections, seats } = running.state();
  assert.deepEqual(seats, { limit: 5, used: 2 });
  const people = collections["teammates"] ?? [];
  assert.deepEqual(
    people.map((one) => [one["id"], one["username"], one["is_admin"], one["is_blocked"], one["invitation"]]),
    [
      ["tea_1", "anna", true, false, "accepted"],
      ["tea_2", "anna2", false, true, "accepted"],
      ["tea_3", "ivy", false, false, "pending"],
    ],
  );
  assert.deepEqual(people[0]?.["custom_fields"], { department: "Sales", office: "Harbor", title: "Agent" });
  assert.deepEqual(
    (collections["teams"] ?? []).map((team) => [team["name"], team["teammate_ids"]]),
    [
      ["Support", ["tea_3"]],
      ["Sales", ["tea_1", "tea_3"]],
    ],
  );
  await running.reset({ kind: "empty" });
  assert.deepEqual(running.state().collections["teammates"], []);
});

test("seeding is the same each time, and a second company is apart", () => {
  const input = { kind: "demo", company: HARBOR, now: 0 } as const;
  const once = seed({ ...input, random: seededRandom(7) });
  assert.deepEqual(seed({ ...input, random: seededRandom(7) }), once);
  assert.deepEqual(Object.keys(once.accounts), ["main", "other"]);
});

test("what state shows can be given back as data", async (t) => {
  const front = await startFront(t);
  await front.send("POST", "/teammates", { body: { email: "new@example.com", custom_fields: { office: "Bern" } } });
  const before = front.emulator.state().collections;
  await front.emulator.reset({ data: before });
  assert.deepEqual(front.emulator.state().collections, before);
  await assert.rejects(front.emulator.reset({ data: { teammates: [{ email: "" }] } }), {
    code: "bad_input",
  });
});

test("create and drop take teams and custom fields, and a dropped field goes from every teammate", async (t) => {
  const front = await startFront(t);
  const team = front.emulator.create("team", { name: "Night", is_private: true });
  assert.match(team, /^tim_/);
  assert.ok(ids(await front.send("GET", "/teams")).includes(team));
  front.emulator.drop("team", team);
  assert.equal((await front.send("GET", `/teams/${team}/teammates`)).status, 404);
  const field = front.emulator.create("customField", { name: "desk", type: "string" });
  await front.send("PATCH", "/teammates/tea_456", { body: { custom_fields: { desk: "4b", office: "Bern" } } });
  front.emulator.drop("customField", field);
  assert.deepEqual((await front.send("GET", "/teammates/tea_456")).body["custom_fields"], { office: "Bern" });
  assert.throws(() => front.emulator.create("teammate", { email: "x@example.com" }), { code: "bad_input" });
});

test("purge forgets a blocked teammate and frees the address; an active one it does not find", async (t) => {
  const front = await startFront(t);
  await front.send("POST", "/teams/tim_1/teammates", { body: { teammate_ids: ["tea_789"] } });
  assert.throws(() => front.emulator.purge("tea_456"), { code: "missing" });
  front.emulator.purge("tea_789");
  assert.equal((await front.send("GET", "/teammates/tea_789")).status, 404);
  assert.deepEqual(stored(front, "teams", "tim_1")["teammate_ids"], ["tea_123"]);
  const again = await front.send("POST", "/teammates", { body: { email: "carl@example.com" } });
  assert.equal(again.status, 201);
  assert.notEqual(again.body["id"], "tea_789");
});

test("another admin may delete a teammate; no team keeps it", async (t) => {
  const front = await startFront(t);
  front.emulator.mutate({ op: "delete", kind: "teammate", id: "tea_456" });
  assert.deepEqual(stored(front, "teams", "tim_2")["teammate_ids"], ["tea_123"]);
  assert.equal((await front.send("GET", "/teammates/tea_456")).status, 404);
});

test("F60: another client takes the last seats before a create", async (t) => {
  const front = await startFront(t, teammates(2));
  front.emulator.set("seatLimit", 4);
  await front.emulator.setFaults([{ fault: "F60", method: "POST", left: 0, times: 1 }]);
  assert.equal((await front.send("POST", "/teammates", { body: { email: "new@example.com" } })).status, 400);
  assert.deepEqual(front.emulator.state().seats, { limit: 4, used: 4 });
});

test("F61: a holder of the address whom no listing shows makes a create fail with 409", async (t) => {
  const front = await startFront(t);
  await front.emulator.setFaults([{ fault: "F61", method: "POST", hidden: true, times: 1 }]);
  const answer = await front.send("POST", "/teammates", { body: { email: "new@example.com" } });
  assert.equal(answer.status, 409);
  assert.equal(ids(await front.send("GET", "/teammates")).length, 4);
});

test("F62: only requests that would take the last admin away are refused", async (t) => {
  const front = await startFront(t);
  await front.emulator.setFaults([{ fault: "F62", status: 403 }]);
  assert.equal((await front.send("DELETE", "/teammates/tea_456")).status, 204);
  assert.equal((await front.send("DELETE", "/teammates/tea_123")).status, 403);
  assert.equal((await front.send("PATCH", "/teammates/tea_123", { body: { is_admin: false } })).status, 403);
  assert.equal((await front.send("PATCH", "/teammates/tea_123", { body: { first_name: "Al" } })).status, 204);
  assert.equal((await front.scim("DELETE", "/Users/tea_123")).status, 403);
});

test("F65: an invitation is accepted, declined or expires between two steps", async (t) => {
  const front = await startFront(t);
  await front.emulator.setFaults([{ fault: "F65", outcome: "expired", times: 1 }]);
  await front.send("GET", "/teammates");
  assert.equal(stored(front, "teammates", "tea_790")["invitation"], "expired");
  const { body } = await front.send("POST", "/teammates", { body: { email: "new@example.com" } });
  const id = textOf(body["id"]);
  await front.emulator.setFaults([{ fault: "F65", outcome: "declined", email: "new@example.com", times: 1 }]);
  await front.send("GET", "/teammates");
  assert.equal(stored(front, "teammates", id)["invitation"], "declined");
});

test("the sandbox document names every credential that a user's test needs", async (t) => {
  const front = await startFront(t);
  const { document } = front.emulator;
  const names = ["baseUrl", "token", "token2", "teammateToken", "scopedTokens", "customFields", "scim"];
  for (const name of names) assert.ok(document[name] !== undefined, name);
  assert.equal(Object.keys(document["scopedTokens"] ?? {}).length, 15);
});

test("an answer that was lost after a create leaves one teammate, and one mail", async (t) => {
  const front = await startFront(t);
  await front.emulator.setFaults([{ fault: "F05", method: "POST", times: 1 }]);
  await assert.rejects(front.send("POST", "/teammates", { body: { email: "new@example.com" } }));
  assert.equal(front.emulator.state().collections["teammates"]?.length, 5);
  assert.equal(front.emulator.outbox().length, 1);
  assert.equal(front.emulator.journal().at(-1)?.effect, "applied");
});
