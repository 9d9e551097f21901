import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../kernel/assert.ts";
import { isJsonObject } from "../../kernel/json.ts";
import type { AccountDraft } from "../../model/account.ts";
import { withTwin, type TwinBench } from "../twin.suite.ts";
import manifest from "./index.ts";

const key = { kind: "teammate", id: "tea_1" };
const alice = { id: "tea_1", email: "alice@example.com", first_name: "Alice", last_name: "Smith" };
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

async function withScim(body: (bench: TwinBench) => Promise<void>, settings: object = {}): Promise<void> {
  await withTwin(manifest, { settings: { provisioning: "scim", ...settings } }, async (bench) => {
    await bench.twin.reset({ data: { teammates: [alice], teams: [{ id: "tim_1", name: "Support" }] } });
    await body(bench);
  });
}

test("[FRONT-53] creates, lists and deactivates through SCIM by POST, GET and DELETE of /Users", async () => {
  await withScim(async (bench) => {
    const created = await bench.drive(present(bench.connector.create, "create")(draft, bench.context()));
    assert.equal(created.outcome, "created");
    const post = bench.twin.journal().at(-1);
    assert.deepEqual([post?.method, post?.path, post?.status], ["POST", "/scim/v2/Users", 201]);
    assert.ok(isJsonObject(post?.body));
    assert.deepEqual(
      [post.body["userName"], post.body["name"]],
      ["bob@example.com", { givenName: "Bob", familyName: "Builder" }],
    );
    assert.deepEqual(bench.twin.outbox(), [], "silently");
    const seen = bench.mark();
    const removed = await bench.drive(present(bench.connector.remove, "remove")(key, bench.context()));
    assert.equal(removed.outcome, "removed");
    assert.deepEqual(
      bench.twin.journal(seen).map((entry) => `${entry.method} ${entry.path.replace(/Users\/.+/, "Users/{id}")}`),
      ["GET /teammates/tea_1", "GET /scim/v2/Users", "DELETE /scim/v2/Users/{id}"],
    );
    assert.equal((await bench.drive(bench.connector.get(key, bench.context())))?.state, "removed");
  });
});

test("the account that SCIM made is found by REST, by id where the answer tells it and by address always", async () => {
  await withScim(async (bench) => {
    const { id } = await bench.drive(present(bench.connector.create, "create")(draft, bench.context()));
    const { items } = await bench.drive(
      bench.connector.list({ kind: "teammate", parent: null, cursor: null, pageSize: 100 }, bench.context()),
    );
    const bob = items.find((item) => item.noun === "account" && item.email === "bob@example.com");
    assert.ok(bob?.noun === "account");
    assert.deepEqual([bob.displayName, bob.state], ["Bob Builder", "active"]);
    if (id !== null) assert.equal(id, bob.id);
  });
});

test("[FRONT-54] changes attributes by REST although teammates are made by SCIM, and a read shows them", async () => {
  await withScim(async (bench) => {
    const seen = bench.mark();
    await bench.drive(present(bench.connector.update, "update")(key, { familyName: "Miller" }, bench.context()));
    await bench.drive(present(bench.connector.assignRole, "assignRole")(key, "Admin", bench.context()));
    assert.ok(bench.twin.journal(seen).every((entry) => entry.method === "PATCH" && entry.path === "/teammates/tea_1"));
    const now = await bench.drive(bench.connector.get(key, bench.context()));
    assert.deepEqual([now?.familyName, now?.privileged], ["Miller", true]);
    // What SCIM would have made of it: an answer of 200, and nothing changed.
    const carried = { ...draft, role: "Admin", attributes: { username: "bobb" } };
    const outcome = await bench.attempt(present(bench.connector.create, "create")(carried, bench.context()));
    assert.equal(outcome.error?.code, "bad_input");
    assert.match(outcome.error.message, /role, attributes and teams are set afterwards, by REST/);
  });
});

test("a deactivation by SCIM goes to the one with that address, also where a filter is ignored or refused (X-03)", async () => {
  for (const behaviour of ["on", "ignore", "400"]) {
    await withScim(async (bench) => {
      const others = [2, 3].map((id) => ({ id: `tea_${id}`, email: `other${id}@example.com` }));
      await bench.twin.reset({ data: { teammates: [...others, alice] } });
      bench.twin.set("scimFilter", behaviour);
      await bench.drive(present(bench.connector.remove, "remove")(key, bench.context()));
      const rows = bench.twin.state().collections["teammates"] ?? [];
      assert.deepEqual(
        rows.filter((row) => row["is_blocked"] === true).map((row) => row["id"]),
        ["tea_1"],
        behaviour,
      );
      assert.equal(
        (await bench.drive(present(bench.connector.remove, "remove")(key, bench.context()))).outcome,
        "was-absent",
      );
    });
  }
});

test("an address that SCIM cannot be asked for is left to a person: nobody is deactivated on a guess", async () => {
  await withScim(async (bench) => {
    const others = Array.from({ length: 120 }, (_, index) => ({
      id: `tea_z${index}`,
      email: `other${index}@example.com`,
    }));
    await bench.twin.reset({ data: { teammates: [...others, alice] } });
    bench.twin.set("scimFilter", "ignore");
    const outcome = await bench.attempt(present(bench.connector.remove, "remove")(key, bench.context()));
    assert.equal(outcome.error?.code, "unsupported");
    assert.match(outcome.error.message, /deactivate the teammate in Front's settings/);
    assert.ok((bench.twin.state().collections["teammates"] ?? []).every((row) => row["is_blocked"] === false));
  });
});

test("profile vendor deactivates by SCIM as well, by setting the person inactive", async () => {
  await withScim(
    async (bench) => {
      bench.twin.set("profile", "vendor");
      const answer = await bench.drive(present(bench.connector.remove, "remove")(key, bench.context()));
      assert.equal(answer.outcome, "removed");
      const last = bench.twin.journal().at(-1);
      assert.equal(last?.method, "PATCH");
      assert.match(last.path, /^\/scim\/v2\/Users\//);
      assert.equal((await bench.drive(bench.connector.get(key, bench.context())))?.state, "removed");
    },
    { profile: "vendor" },
  );
});
