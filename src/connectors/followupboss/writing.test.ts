import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../kernel/assert.ts";
import { isJsonObject, type JsonObject } from "../../kernel/json.ts";
import type { Changes, WriteAnswer } from "../../connector-kit/contract.ts";
import type { AccountDraft, AccountRecord } from "../../model/account.ts";
import { withTwin, type TwinBench } from "../twin.suite.ts";
import manifest from "./index.ts";

const key = { kind: "user", id: "1" };
const alice = { id: 1, name: "Alice Brown", email: "alice@example.com", role: "Agent" };
const teams = [
  { id: 5, name: "East" },
  { id: 6, name: "West" },
];
const draft: AccountDraft = {
  email: "bob@example.com",
  displayName: "Bob Builder",
  givenName: null,
  familyName: null,
  phone: null,
  role: "Agent",
  teams: [],
  attributes: {},
};

async function create(bench: TwinBench, extra: Partial<AccountDraft> = {}): Promise<WriteAnswer> {
  return bench.drive(present(bench.connector.create, "create")({ ...draft, ...extra }, bench.context()));
}

async function update(bench: TwinBench, changes: Changes): Promise<WriteAnswer> {
  return bench.drive(present(bench.connector.update, "update")(key, changes, bench.context()));
}

async function read(bench: TwinBench, id = "1"): Promise<AccountRecord> {
  return present(await bench.drive(bench.connector.get({ kind: "user", id }, bench.context())), `user ${id}`);
}

function bodyOfLast(bench: TwinBench, method: string): JsonObject {
  const entry = bench.twin.journal().findLast((one) => one.method === method);
  assert.ok(isJsonObject(entry?.body));
  return entry.body;
}

/** A bench with Alice, user 1, in it. */
async function withAlice(body: (bench: TwinBench) => Promise<void>, settings: object = {}): Promise<void> {
  await withTwin(manifest, { settings: { ...settings } }, async (bench) => {
    await bench.twin.reset({ data: { users: [alice], teams } });
    await body(bench);
  });
}

test("[FUB-12] takes the number that the app gave as the account's id, as text, and never writes it", async () => {
  await withAlice(async (bench) => {
    const { id } = await create(bench);
    assert.equal(id, "2");
    assert.equal("id" in bodyOfLast(bench, "POST"), false);
    assert.equal((await bench.attempt(update(bench, { id: "9" }))).error?.code, "bad_input");
    assert.equal((await read(bench)).id, "1");
  });
});

test("[FUB-13] sends a name with each create, and can change but not clear it", async () => {
  await withAlice(async (bench) => {
    const seen = bench.mark();
    assert.equal((await bench.attempt(create(bench, { displayName: " " }))).error?.code, "bad_input");
    assert.equal((await bench.attempt(update(bench, { displayName: null }))).error?.code, "bad_input");
    assert.equal(bench.mark(), seen, "nothing was sent");
    await create(bench);
    assert.equal(bodyOfLast(bench, "POST")["name"], "Bob Builder");
    await update(bench, { displayName: "Alice B. Brown" });
    assert.equal((await read(bench)).displayName, "Alice B. Brown");
  });
});

test("[FUB-14] sends an address with each create; a taken one is refused on create and on update", async () => {
  await withAlice(async (bench) => {
    await create(bench);
    assert.equal(bodyOfLast(bench, "POST")["email"], "bob@example.com");
    assert.equal((await bench.attempt(update(bench, { email: "bob@example.com" }))).error?.code, "invalid");
    await update(bench, { email: "alice.brown@example.com" });
    assert.equal((await read(bench)).email, "alice.brown@example.com");
    assert.equal((await bench.attempt(update(bench, { email: null }))).error?.code, "bad_input");
  });
});

test("[FUB-15] a phone number may be given on create, changed and cleared", async () => {
  await withAlice(async (bench) => {
    const { id } = await create(bench, { phone: "+15550100" });
    assert.equal((await read(bench, present(id, "id"))).phone, "+15550100");
    await update(bench, { phone: "+15550111" });
    assert.equal((await read(bench)).phone, "+15550111");
    await update(bench, { phone: null });
    assert.equal((await read(bench)).phone, null);
  });
});

test("[FUB-16] a role is given on create and changed by a write of the role alone", async () => {
  await withAlice(async (bench) => {
    const { id } = await create(bench, { role: "Admin" });
    assert.deepEqual((await read(bench, present(id, "id"))).roles, ["Admin"]);
    await bench.drive(present(bench.connector.assignRole, "assignRole")(key, "Admin", bench.context()));
    assert.deepEqual(bodyOfLast(bench, "PUT"), { role: "Admin" });
    const now = await read(bench);
    assert.deepEqual([now.roles, now.privileged], [["Admin"], true]);
    await create(bench, { email: "c@example.com", role: null });
    assert.equal("role" in bodyOfLast(bench, "POST"), false, "no role is sent that nobody asked for");
  });
});

test("[FUB-17] the admin flag makes an account privileged, can be written, and is reported when the role says otherwise", async () => {
  await withAlice(async (bench) => {
    await update(bench, { isAdmin: true });
    assert.deepEqual(bodyOfLast(bench, "PUT"), { isAdmin: true });
    bench.twin.mutate({ op: "update", kind: "user", id: "1", data: { role: "Agent", isAdmin: true } });
    const torn = await read(bench);
    assert.equal(torn.privileged, true);
    assert.deepEqual(torn.oddities, ["role mismatch: role is Agent, but isAdmin is true"]);
    bench.twin.mutate({ op: "update", kind: "user", id: "1", data: { role: "Agent", isAdmin: false } });
    assert.deepEqual((await read(bench)).oddities, []);
  });
});

test("[FUB-18] puts a user into a team by teamId, on create or later, and takes it out by null", async () => {
  await withAlice(async (bench) => {
    const { id } = await create(bench, { teams: ["5"] });
    assert.equal(bodyOfLast(bench, "POST")["teamId"], 5);
    assert.deepEqual((await read(bench, present(id, "id"))).teams, ["5"]);
    assert.equal((await bench.attempt(create(bench, { teams: ["5", "6"] }))).error?.code, "bad_input");
    await bench.drive(present(bench.connector.join, "join")(key, "6", bench.context()));
    assert.deepEqual((await read(bench)).teams, ["6"]);
    const leave = present(bench.connector.leave, "leave");
    const wrong = await bench.drive(leave(key, "5", bench.context()));
    assert.equal(wrong.outcome, "was-no-member");
    assert.deepEqual((await read(bench)).teams, ["6"], "leaving another team takes this one not away");
    await bench.drive(leave(key, "6", bench.context()));
    assert.deepEqual(bodyOfLast(bench, "PUT"), { teamId: null });
    assert.deepEqual((await read(bench)).teams, []);
  });
});

test("[FUB-19] knows when an account was made, and never writes that", async () => {
  await withAlice(async (bench) => {
    const { id, record } = await create(bench);
    assert.match(record?.createdAt ?? "", /^2026-11-20T22:00:00/);
    assert.equal("created" in bodyOfLast(bench, "POST"), false);
    await bench.clock.advance(60_000);
    await bench.drive(
      present(bench.connector.update, "update")(
        { kind: "user", id: present(id, "id") },
        { phone: "1" },
        bench.context(),
      ),
    );
    assert.equal((await read(bench, present(id, "id"))).createdAt, record?.createdAt);
    assert.equal((await bench.attempt(update(bench, { created: "2020-01-01T00:00:00Z" }))).error?.code, "bad_input");
  });
});

test("[FUB-20] knows when an account last changed: each update moves it", async () => {
  await withAlice(async (bench) => {
    const before = await read(bench);
    await bench.clock.advance(60_000);
    await update(bench, { phone: "1" });
    const after = await read(bench);
    assert.ok(present(after.updatedAt, "updated") > present(before.updatedAt, "updated"));
  });
});

test("[FUB-21] an avatar is an attribute that can be set and cleared", async () => {
  await withAlice(async (bench) => {
    await update(bench, { avatar: "https://img.example/a.png" });
    assert.equal((await read(bench)).attributes["avatar"], "https://img.example/a.png");
    await update(bench, { avatar: null });
    assert.equal((await read(bench)).attributes["avatar"], null);
  });
});

test("[FUB-22] a time zone is an attribute that can be given on create and changed", async () => {
  await withAlice(async (bench) => {
    const { id } = await create(bench, { attributes: { timezone: "America/New_York" } });
    assert.equal((await read(bench, present(id, "id"))).attributes["timezone"], "America/New_York");
    await update(bench, { timezone: "America/Los_Angeles" });
    assert.equal((await read(bench)).attributes["timezone"], "America/Los_Angeles");
  });
});

test("[FUB-23] suspends and reactivates by the active flag alone", async () => {
  await withAlice(async (bench) => {
    await bench.drive(present(bench.connector.suspend, "suspend")(key, bench.context()));
    assert.deepEqual(bodyOfLast(bench, "PUT"), { activeFlag: false });
    assert.equal((await read(bench)).state, "suspended");
    await bench.drive(present(bench.connector.reactivate, "reactivate")(key, bench.context()));
    assert.deepEqual(bodyOfLast(bench, "PUT"), { activeFlag: true });
    assert.equal((await read(bench)).state, "active");
  });
});

test("[FUB-31] creates by POST /v1/users with a JSON body of what is known, and nothing else", async () => {
  await withAlice(async (bench) => {
    await create(bench);
    const entry = bench.twin.journal().at(-1);
    assert.deepEqual([entry?.method, entry?.path], ["POST", "/v1/users"]);
    assert.deepEqual(entry?.body, { name: "Bob Builder", email: "bob@example.com", role: "Agent" });
  });
});

test("[FUB-32] a create takes a seat, as its traits say, and is refused when none is left", async () => {
  await withAlice(async (bench) => {
    assert.equal(bench.traits.verbs.create?.seat, 1);
    assert.match(bench.traits.verbs.create.sideEffects.join(), /takes a paid seat/);
    bench.twin.set("seatLimit", 2);
    await create(bench);
    assert.deepEqual(bench.twin.state().seats, { limit: 2, used: 2 });
    for (const [status, code] of [
      [422, "invalid"],
      [402, "invalid"],
      [403, "forbidden"],
    ] as const) {
      bench.twin.set("seatStatus", status);
      const full = await bench.attempt(create(bench, { email: "c@example.com" }));
      assert.equal(full.error?.code, code);
      assert.equal(full.error?.details["status"], status);
      assert.match(full.error?.message ?? "", /limit of 2 users/, "in the app's own words");
    }
    assert.equal(bench.twin.state().seats.used, 2);
  });
});

test("[FUB-33] a second create with an address is refused with 422 and changes nothing", async () => {
  await withAlice(async (bench) => {
    const again = await bench.attempt(create(bench, { email: "ALICE@example.com" }));
    assert.equal(again.error?.code, "invalid");
    assert.equal(again.error?.details["status"], 422);
    assert.equal(bench.twin.state().collections["users"]?.length, 1);
    assert.equal(bench.traits.create?.refusesDuplicates, true);
  });
});

test("[FUB-34] believes a create only with a 201 and an id; anything else is an outcome that nobody knows", async () => {
  await withAlice(async (bench) => {
    const answer = await create(bench);
    assert.deepEqual([answer.outcome, answer.id, answer.record?.email], ["created", "2", "bob@example.com"]);
    assert.equal(bench.twin.journal().at(-1)?.status, 201);
    await bench.fault({ fault: "F31", variant: "missing", key: "id", method: "POST" });
    const unnamed = await bench.attempt(create(bench, { email: "c@example.com" }));
    assert.equal(unnamed.error?.code, "outcome_unknown");
    await bench.fault({
      fault: "F20",
      phase: "after",
      status: 200,
      answer: { id: 4, name: "D", email: "d@example.com" },
      method: "POST",
    });
    const odd = await bench.attempt(create(bench, { email: "d@example.com" }));
    await bench.assertFired();
    assert.equal(odd.error?.code, "outcome_unknown");
  });
});

test("[FUB-35] updates by PUT /v1/users/{id} with the changed fields alone", async () => {
  await withAlice(async (bench) => {
    await update(bench, { displayName: "Alice B. Brown", phone: "+15551234567" });
    const entry = bench.twin.journal().at(-1);
    assert.deepEqual([entry?.method, entry?.path], ["PUT", "/v1/users/1"]);
    assert.deepEqual(entry?.body, { name: "Alice B. Brown", phone: "+15551234567" });
  });
});

test("[FUB-36] leaves all other fields as they are, whether the app merges or replaces", async () => {
  for (const mode of ["merge", "replace"]) {
    await withAlice(
      async (bench) => {
        const full = { phone: "+15550100", timezone: "America/New_York", teamId: 5, role: "Admin", isAdmin: true };
        bench.twin.mutate({ op: "update", kind: "user", id: "1", data: full });
        bench.twin.set("putMode", mode);
        const before = await read(bench);
        await update(bench, { displayName: "Alice B. Brown" });
        const after = await read(bench);
        assert.deepEqual(
          { ...after, displayName: before.displayName, updatedAt: null, raw: {} },
          { ...before, updatedAt: null, raw: {} },
          mode,
        );
        assert.equal(after.displayName, "Alice B. Brown");
        const fields = Object.keys(bodyOfLast(bench, "PUT"));
        assert.equal(fields.length > 1, mode === "replace");
        assert.equal(bench.traits.verbs.update?.requests, mode === "replace" ? 2 : 1);
      },
      { putSemantics: mode },
    );
  }
});

test("with replace a new role is not sent beside the old admin flag", async () => {
  await withAlice(
    async (bench) => {
      bench.twin.set("putMode", "replace");
      await bench.drive(present(bench.connector.assignRole, "assignRole")(key, "Admin", bench.context()));
      const now = await read(bench);
      assert.deepEqual([now.roles, now.privileged, now.oddities], [["Admin"], true, []]);
    },
    { putSemantics: "replace" },
  );
});

test("[FUB-37] shows by a read what a PUT did to the fields that it left out, and clears by null only", async () => {
  await withAlice(async (bench) => {
    bench.twin.mutate({
      op: "update",
      kind: "user",
      id: "1",
      data: { phone: "+15550100", timezone: "America/New_York" },
    });
    await update(bench, { phone: null });
    const merged = await read(bench);
    assert.deepEqual([merged.phone, merged.attributes["timezone"]], [null, "America/New_York"]);
    // An app that replaces against what the connection believes: the read-back shows what was lost.
    bench.twin.set("putMode", "replace");
    const { record } = await update(bench, { displayName: "Alice B." });
    assert.equal((await read(bench)).attributes["timezone"], null);
    assert.equal(record?.attributes["timezone"], null, "the answer shows it already");
  });
});

test("[FUB-38] takes the answer to an update as the receipt, with its new time of change", async () => {
  await withAlice(async (bench) => {
    const before = await read(bench);
    await bench.clock.advance(5_000);
    const { record, id } = await update(bench, { phone: "+15550199" });
    assert.equal(id, "1");
    assert.equal(record?.phone, "+15550199");
    assert.ok(present(record?.updatedAt, "updated") > present(before.updatedAt, "updated"));
  });
});

test("[FUB-39] deletes by DELETE /v1/users/{id}, which is answered 204 without a body", async () => {
  await withAlice(async (bench) => {
    const remove = present(bench.connector.remove, "remove");
    const first = await bench.drive(remove(key, bench.context()));
    assert.deepEqual([first.outcome, first.record], ["removed", null]);
    const entry = bench.twin.journal().at(-1);
    assert.deepEqual([entry?.method, entry?.path, entry?.status, entry?.body], ["DELETE", "/v1/users/1", 204, null]);
    assert.equal(await bench.drive(bench.connector.get(key, bench.context())), null);
    assert.equal((await bench.drive(remove(key, bench.context()))).outcome, "was-absent");
  });
});

test("[FUB-40] declares that a delete can never be undone: the same person made again is another account", async () => {
  await withAlice(async (bench) => {
    assert.equal(bench.traits.verbs.remove?.undo, "never");
    assert.equal(bench.traits.remove?.effect, "erase");
    await bench.drive(present(bench.connector.remove, "remove")(key, bench.context()));
    const back = await bench.attempt(present(bench.connector.reactivate, "reactivate")(key, bench.context()));
    assert.equal(back.error?.code, "not_found");
    const { id } = await create(bench, { email: "alice@example.com" });
    assert.notEqual(id, "1");
  });
});

test("a delete that the app refuses because of leads is a conflict, and nothing is deleted", async () => {
  await withAlice(async (bench) => {
    bench.twin.set("deleteWithLeads", "reject");
    bench.twin.create("person", { ownerId: 1 });
    const refused = await bench.attempt(present(bench.connector.remove, "remove")(key, bench.context()));
    assert.equal(refused.error?.code, "conflict");
    assert.equal((await read(bench)).state, "active");
  });
});

test("[FUB-44] has no call for members of a team: joining and leaving are writes of the user", async () => {
  await withAlice(async (bench) => {
    await bench.drive(present(bench.connector.join, "join")(key, "5", bench.context()));
    await bench.drive(present(bench.connector.leave, "leave")(key, "5", bench.context()));
    assert.ok(bench.twin.journal().every((entry) => !entry.path.includes("/teams")));
    assert.equal(bench.traits.teams.toldBy, "account");
  });
});
