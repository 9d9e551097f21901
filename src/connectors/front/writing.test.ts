import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../kernel/assert.ts";
import { isJsonObject, type JsonObject } from "../../kernel/json.ts";
import { Secret } from "../../kernel/secret.ts";
import { VERBS } from "../../model/traits.ts";
import type { Changes, WriteAnswer } from "../../connector-kit/contract.ts";
import type { AccountDraft, AccountRecord } from "../../model/account.ts";
import { withTwin, type TwinBench } from "../twin.suite.ts";
import manifest from "./index.ts";

const key = { kind: "teammate", id: "tea_1" };
const alice = { id: "tea_1", email: "alice@example.com", first_name: "Alice", last_name: "Smith" };
const carol = { id: "tea_2", email: "carol@example.com", first_name: "Carol", last_name: "Jones" };
const teams = [
  { id: "tim_1", name: "Support", teammate_ids: ["tea_1"] },
  { id: "tim_2", name: "Sales", teammate_ids: [] },
];
const draft: AccountDraft = {
  email: "bob@example.com",
  displayName: "Bob Builder",
  givenName: "Bob",
  familyName: "Builder",
  phone: null,
  role: null,
  teams: [],
  attributes: {},
};

async function create(bench: TwinBench, extra: Partial<AccountDraft> = {}): Promise<WriteAnswer> {
  return bench.drive(present(bench.connector.create, "create")({ ...draft, ...extra }, bench.context()));
}

async function update(bench: TwinBench, changes: Changes): Promise<WriteAnswer> {
  return bench.drive(present(bench.connector.update, "update")(key, changes, bench.context()));
}

async function remove(bench: TwinBench): Promise<WriteAnswer> {
  return bench.drive(present(bench.connector.remove, "remove")(key, bench.context()));
}

async function read(bench: TwinBench, id = "tea_1"): Promise<AccountRecord> {
  return present(await bench.drive(bench.connector.get({ kind: "teammate", id }, bench.context())), id);
}

async function members(bench: TwinBench, team: string): Promise<readonly string[]> {
  const request = { kind: "membership", parent: team, cursor: null, pageSize: 100 };
  return (await bench.drive(bench.connector.list(request, bench.context()))).items.map((item) => item.id);
}

function bodyOfLast(bench: TwinBench, method: string): JsonObject {
  const entry = bench.twin.journal().findLast((one) => one.method === method);
  assert.ok(isJsonObject(entry?.body));
  return entry.body;
}

async function withAlice(body: (bench: TwinBench) => Promise<void>, settings: object = {}): Promise<void> {
  await withTwin(manifest, { settings: { ...settings } }, async (bench) => {
    await bench.twin.reset({ data: { teammates: [alice, carol], teams } });
    await body(bench);
  });
}

test("[FRONT-08] may create, change and deactivate with teammates:write, and is told when the scope is missing", async () => {
  await withAlice(async (bench) => {
    const reader = bench.reconnect({
      token: new Secret(bench.twin.token({ kind: "company", scopes: ["teammates:read"] })),
    });
    const calls = [
      present(reader.create, "create")(draft, bench.context()),
      present(reader.update, "update")(key, { givenName: "A" }, bench.context()),
      present(reader.remove, "remove")(key, bench.context()),
    ];
    for (const call of calls) {
      const outcome = await bench.attempt(call);
      assert.equal(outcome.error?.code, "forbidden");
      assert.match(outcome.error.message, /teammates:write/);
    }
    await create(bench);
    await update(bench, { givenName: "Alison" });
    await remove(bench);
  });
});

test("[FRONT-10] adds and removes members with teams:write, and is told when the scope is missing", async () => {
  await withAlice(async (bench) => {
    const scopes = ["teammates:read", "teammates:write", "teams:read"];
    const reader = bench.reconnect({ token: new Secret(bench.twin.token({ kind: "company", scopes })) });
    for (const verb of ["join", "leave"] as const) {
      const outcome = await bench.attempt(present(reader[verb], verb)(key, "tim_1", bench.context()));
      assert.equal(outcome.error?.code, "forbidden");
      assert.match(outcome.error.message, /teams:write/);
    }
    await bench.drive(present(bench.connector.join, "join")(key, "tim_2", bench.context()));
    assert.deepEqual(await members(bench, "tim_2"), ["tea_1"]);
  });
});

test("[FRONT-13] sends an address with each create, and can change but not clear it; a taken one is refused", async () => {
  await withAlice(async (bench) => {
    await create(bench);
    assert.equal(bodyOfLast(bench, "POST")["email"], "bob@example.com");
    const taken = await bench.attempt(create(bench, { email: "carol@example.com" }));
    assert.ok(["conflict", "invalid"].includes(taken.error?.code ?? ""));
    await update(bench, { email: "alison@example.com" });
    assert.equal((await read(bench)).email, "alison@example.com");
    assert.equal((await bench.attempt(update(bench, { email: null }))).error?.code, "bad_input");
  });
});

test("[FRONT-14] a user name may be given on create and changed", async () => {
  await withAlice(async (bench) => {
    const { id } = await create(bench, { attributes: { username: "bobb" } });
    assert.equal((await read(bench, present(id, "id"))).attributes["username"], "bobb");
    await update(bench, { username: "ali" });
    assert.deepEqual(bodyOfLast(bench, "PATCH"), { username: "ali" });
    assert.equal((await read(bench)).attributes["username"], "ali");
  });
});

test("[FRONT-15] a first name goes to first_name and comes back as the given name", async () => {
  await withAlice(async (bench) => {
    await create(bench);
    assert.equal(bodyOfLast(bench, "POST")["first_name"], "Bob");
    await update(bench, { givenName: "Alison" });
    assert.deepEqual(bodyOfLast(bench, "PATCH"), { first_name: "Alison" });
    assert.equal((await read(bench)).givenName, "Alison");
    await create(bench, { email: "x@example.com", givenName: null });
    assert.equal("first_name" in bodyOfLast(bench, "POST"), false);
  });
});

test("[FRONT-16] a last name goes to last_name and comes back as the family name", async () => {
  await withAlice(async (bench) => {
    await create(bench);
    assert.equal(bodyOfLast(bench, "POST")["last_name"], "Builder");
    await update(bench, { familyName: "Miller" });
    assert.deepEqual(bodyOfLast(bench, "PATCH"), { last_name: "Miller" });
    const now = await read(bench);
    assert.deepEqual([now.familyName, now.displayName], ["Miller", "Alice Miller"]);
  });
});

test("[FRONT-17] says with each create whether it is an admin, false unless asked for, and changes it as a role", async () => {
  await withAlice(async (bench) => {
    await create(bench);
    assert.equal(bodyOfLast(bench, "POST")["is_admin"], false);
    const { id } = await create(bench, { email: "chief@example.com", role: "Admin" });
    const chief = await read(bench, present(id, "id"));
    assert.deepEqual([chief.privileged, chief.roles], [true, ["Admin"]]);
    await bench.drive(present(bench.connector.assignRole, "assignRole")(key, "Admin", bench.context()));
    assert.deepEqual(bodyOfLast(bench, "PATCH"), { is_admin: true });
    assert.equal((await read(bench)).privileged, true);
    const odd = await bench.attempt(present(bench.connector.assignRole, "assignRole")(key, "Broker", bench.context()));
    assert.equal(odd.error?.code, "bad_input");
  });
});

test("[FRONT-18] availability is an attribute that can be changed", async () => {
  await withAlice(async (bench) => {
    assert.equal((await read(bench)).attributes["available"], true);
    await update(bench, { available: false });
    assert.deepEqual(bodyOfLast(bench, "PATCH"), { is_available: false });
    assert.equal((await read(bench)).attributes["available"], false);
    assert.match(bench.traits.verbs.update?.sideEffects.join() ?? "", /loses the open conversations/);
  });
});

test("[FRONT-19] reads blocked as deactivated, and never writes the flag, on create or on update", async () => {
  await withAlice(async (bench) => {
    await create(bench);
    assert.equal("is_blocked" in bodyOfLast(bench, "POST"), false);
    bench.twin.mutate({ op: "update", kind: "teammate", id: "tea_1", data: { is_blocked: true } });
    assert.equal((await read(bench)).state, "removed");
    for (const name of ["is_blocked", "blocked", "state"]) {
      assert.equal((await bench.attempt(update(bench, { [name]: false }))).error?.code, "bad_input");
    }
  });
});

test("[FRONT-20] writes custom fields whole: read, merged, and only those that are set up in Front", async () => {
  await withAlice(async (bench) => {
    await update(bench, { customFields: { title: "Agent", office: "Oakland" } });
    await update(bench, { customFields: { title: "Lead" } });
    assert.deepEqual(bodyOfLast(bench, "PATCH"), { custom_fields: { title: "Lead", office: "Oakland" } });
    assert.deepEqual((await read(bench)).attributes["customFields"], { title: "Lead", office: "Oakland" });
    await update(bench, { customFields: { office: null } });
    assert.deepEqual((await read(bench)).attributes["customFields"], { title: "Lead" });
    const seen = bench.mark();
    const unknown = await bench.attempt(create(bench, { attributes: { customFields: { shoe: 43 } } }));
    assert.equal(unknown.error?.code, "bad_input");
    assert.match(unknown.error.message, /not set up in Front: shoe/);
    assert.equal(bench.mark(), seen, "nothing was sent");
    const { id } = await create(bench, { attributes: { customFields: { title: "Agent" } } });
    assert.deepEqual((await read(bench, present(id, "id"))).attributes["customFields"], { title: "Agent" });
  });
});

test("[FRONT-27] creates by POST /teammates with a JSON body of what is known, and nothing else", async () => {
  await withAlice(async (bench) => {
    await create(bench);
    const entry = bench.twin.journal().at(-1);
    assert.deepEqual([entry?.method, entry?.path], ["POST", "/teammates"]);
    assert.deepEqual(entry?.body, {
      email: "bob@example.com",
      first_name: "Bob",
      last_name: "Builder",
      is_admin: false,
    });
    assert.equal(
      (await bench.attempt(create(bench, { email: "y@example.com", teams: ["tim_1"] }))).error?.code,
      "bad_input",
    );
  });
});

test("[FRONT-28] a create sends an invitation, says so in its outcome, and is declared to do so beforehand", async () => {
  await withAlice(async (bench) => {
    assert.match(bench.traits.verbs.create?.sideEffects.join() ?? "", /sends an invitation e-mail at once/);
    assert.equal(bench.traits.create?.outcome, "invited");
    assert.equal(bench.traits.verbs.create?.resend, "never", "a second one would mail again");
    const answer = await create(bench);
    assert.deepEqual([answer.outcome, answer.record?.state], ["invited", "invited"]);
    assert.deepEqual(
      bench.twin.outbox().map((mail) => mail.to),
      ["bob@example.com"],
    );
  });
});

test("[FRONT-29] takes the tea_ id from the answer to a create, which is 201", async () => {
  await withAlice(async (bench) => {
    const { id } = await create(bench);
    assert.match(id ?? "", /^tea_/);
    assert.equal(bench.twin.journal().at(-1)?.status, 201);
    assert.equal((await read(bench, present(id, "id"))).email, "bob@example.com");
    await bench.fault({ fault: "F31", variant: "missing", key: "id", method: "POST" });
    const unnamed = await bench.attempt(create(bench, { email: "x@example.com" }));
    await bench.assertFired();
    assert.equal(unnamed.error?.code, "outcome_unknown");
  });
});

test("[FRONT-30] changes by PATCH with the changed fields alone", async () => {
  await withAlice(async (bench) => {
    await update(bench, { givenName: "Alison", available: false });
    const entry = bench.twin.journal().at(-1);
    assert.deepEqual([entry?.method, entry?.path], ["PATCH", "/teammates/tea_1"]);
    assert.deepEqual(entry?.body, { first_name: "Alison", is_available: false });
    const now = await read(bench);
    assert.deepEqual([now.email, now.familyName], ["alice@example.com", "Smith"]);
  });
});

test("[FRONT-31] a PATCH is answered 204 without a body: the answer proves nothing, the read does", async () => {
  await withAlice(async (bench) => {
    const answer = await update(bench, { givenName: "Alison" });
    assert.deepEqual([bench.twin.journal().at(-1)?.status, answer.record, answer.id], [204, null, "tea_1"]);
    assert.equal(bench.traits.confirmByRead, true);
    assert.equal((await read(bench)).givenName, "Alison");
    await bench.fault({ fault: "F54", method: "PATCH" });
    assert.equal((await update(bench, { givenName: "Alicia" })).outcome, "updated");
    await bench.assertFired();
    assert.equal((await read(bench)).givenName, "Alison", "what was not taken shows in the read");
  });
});

test("[FRONT-32] deactivates by DELETE, which is answered 204 without a body, and is confirmed by a read", async () => {
  await withAlice(async (bench) => {
    const answer = await remove(bench);
    const entry = bench.twin.journal().at(-1);
    assert.deepEqual([entry?.method, entry?.path, entry?.status], ["DELETE", "/teammates/tea_1", 204]);
    assert.deepEqual([answer.outcome, answer.record], ["removed", null]);
    assert.equal((await read(bench)).state, "removed");
  });
});

test("[FRONT-33] keeps the record of a deactivated teammate: it is still read and listed", async () => {
  await withAlice(async (bench) => {
    await remove(bench);
    assert.equal(bench.traits.remove?.effect, "deactivate");
    assert.match(bench.traits.verbs.remove?.sideEffects.join() ?? "", /history and conversations are kept/);
    const request = { kind: "teammate", parent: null, cursor: null, pageSize: 100 };
    const { items } = await bench.drive(bench.connector.list(request, bench.context()));
    const record = items.find((item) => item.id === "tea_1");
    assert.ok(record?.noun === "account" && record.state === "removed");
    assert.equal(record.displayName, "Alice Smith");
  });
});

test("[FRONT-34] has no call that brings a teammate back: that is a task for a person", async () => {
  await withAlice(async (bench) => {
    await remove(bench);
    assert.equal(bench.connector.reactivate, undefined);
    assert.equal(bench.traits.verbs.remove?.undo, "by-hand");
    assert.equal(bench.traits.reactivate, "by-hand");
    assert.match(bench.traits.reactivateByHand ?? "", /find the blocked teammate and unblock them/);
    // Whatever else is written to a blocked teammate leaves them blocked.
    await bench.attempt(update(bench, { givenName: "Alison", available: true }));
    await bench.attempt(present(bench.connector.assignRole, "assignRole")(key, "Teammate", bench.context()));
    assert.equal((await read(bench)).state, "removed");
    assert.ok(bench.twin.journal().every((entry) => !JSON.stringify(entry.body).includes("is_blocked")));
    assert.ok(VERBS.includes("reactivate"));
  });
});

test("[FRONT-38] adds to a team by POST /teams/{id}/teammates with a list of ids, answered 204", async () => {
  await withAlice(async (bench) => {
    const answer = await bench.drive(present(bench.connector.join, "join")(key, "tim_2", bench.context()));
    const entry = bench.twin.journal().at(-1);
    assert.deepEqual([entry?.method, entry?.path, entry?.status], ["POST", "/teams/tim_2/teammates", 204]);
    assert.deepEqual(entry?.body, { teammate_ids: ["tea_1"] });
    assert.equal(answer.outcome, "joined");
    assert.deepEqual(await members(bench, "tim_2"), ["tea_1"]);
  });
});

test("[FRONT-39] may add a member again: nothing happens, and it may be sent again when the answer was lost", async () => {
  await withAlice(async (bench) => {
    await bench.drive(present(bench.connector.join, "join")(key, "tim_1", bench.context()));
    assert.equal(bench.twin.journal().at(-1)?.status, 204);
    assert.deepEqual(await members(bench, "tim_1"), ["tea_1"]);
    assert.equal(bench.traits.verbs.join?.resend, "safe");
  });
});

test("[FRONT-40] removes from a team by DELETE with the ids in its body, answered 204", async () => {
  await withAlice(async (bench) => {
    await bench.drive(
      present(bench.connector.join, "join")({ kind: "teammate", id: "tea_2" }, "tim_1", bench.context()),
    );
    const answer = await bench.drive(present(bench.connector.leave, "leave")(key, "tim_1", bench.context()));
    const entry = bench.twin.journal().at(-1);
    assert.deepEqual([entry?.method, entry?.path, entry?.status], ["DELETE", "/teams/tim_1/teammates", 204]);
    assert.deepEqual(entry?.body, { teammate_ids: ["tea_1"] });
    assert.equal(answer.outcome, "left");
    assert.deepEqual(await members(bench, "tim_1"), ["tea_2"], "and nobody else");
  });
});

test("[FRONT-41] always sends the body of that DELETE; one that lost it on the way is refused, not tried without", async () => {
  await withAlice(async (bench) => {
    await bench.fault({ fault: "F55", fields: ["teammate_ids"], method: "DELETE" });
    await bench.attempt(present(bench.connector.leave, "leave")(key, "tim_1", bench.context()));
    await bench.fault();
    const deletes = bench.twin.journal().filter((entry) => entry.method === "DELETE");
    assert.equal(deletes.length, 1, "it is not sent again in another form");
    assert.deepEqual(deletes[0]?.body, { teammate_ids: ["tea_1"] });
    await bench.fault({ fault: "F24", status: 307, to: "same", method: "DELETE" });
    const redirected = await bench.attempt(present(bench.connector.leave, "leave")(key, "tim_1", bench.context()));
    await bench.assertFired();
    assert.equal(redirected.error?.code, "bad_response", "a redirect, which could drop the body, is not followed");
    await bench.fault({ fault: "F20", status: 400, method: "DELETE", message: "teammate_ids is required" });
    const refused = await bench.attempt(present(bench.connector.leave, "leave")(key, "tim_1", bench.context()));
    await bench.assertFired();
    assert.equal(refused.error?.code, "invalid");
    assert.deepEqual(await members(bench, "tim_1"), ["tea_1"]);
    await bench.drive(present(bench.connector.leave, "leave")(key, "tim_1", bench.context()));
    assert.deepEqual(await members(bench, "tim_1"), []);
  });
});
