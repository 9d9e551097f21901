import assert from "node:assert/strict";
import { test } from "node:test";
import { walkListing, wholeListing } from "../../connector-kit/walk.ts";
import { sandboxSecret } from "../../connector-kit/settings.ts";
import { present } from "../../kernel/assert.ts";
import type { Page } from "../../connector-kit/contract.ts";
import { Secret } from "../../kernel/secret.ts";
import type { AccountRecord } from "../../model/account.ts";
import { withTwin, type TwinBench } from "../twin.suite.ts";
import manifest from "./index.ts";
import { parseTeammate, parseTeammatePage, parseTeamPage } from "./wire.ts";

const alice = { id: "tea_1", email: "alice@example.com", first_name: "Alice", last_name: "Smith" };

async function list(bench: TwinBench, kind: string, parent: string | null = null, pageSize = 100): Promise<Page> {
  return bench.drive(bench.connector.list({ kind, parent, cursor: null, pageSize }, bench.context()));
}

async function read(bench: TwinBench, id = "tea_1"): Promise<AccountRecord> {
  return present(await bench.drive(bench.connector.get({ kind: "teammate", id }, bench.context())), id);
}

test("[FRONT-02] asks below the base URL of the connection", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await list(bench, "teammate");
    assert.equal(bench.twin.journal()[0]?.path, "/teammates");
    const elsewhere = bench.reconnect({ baseUrl: `${bench.twin.origin}/base/path` });
    const request = { kind: "teammate", parent: null, cursor: null, pageSize: 1 };
    await bench.attempt(elsewhere.list(request, bench.context()));
    assert.equal(bench.twin.journal().at(-1)?.path, "/base/path/teammates");
  });
});

test("[FRONT-03] is known by its bearer token", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await list(bench, "teammate");
    assert.equal(bench.twin.journal()[0]?.credential, "known");
    const request = { kind: "teammate", parent: null, cursor: null, pageSize: 1 };
    const wrong = await bench.attempt(bench.reconnect({ token: new Secret("a.b.c") }).list(request, bench.context()));
    assert.equal(wrong.error?.code, "auth");
  });
});

test("[FRONT-04] is forbidden to manage teammates with a teammate's token, and says what is needed", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const token = sandboxSecret(bench.twin.document["teammateToken"]);
    const asTeammate = bench.reconnect({ token });
    const request = { kind: "teammate", parent: null, cursor: null, pageSize: 1 };
    const outcome = await bench.attempt(asTeammate.list(request, bench.context()));
    assert.equal(outcome.error?.code, "forbidden");
    const health = await bench.drive(asTeammate.check(bench.context()));
    assert.equal(health.checks[0]?.state, "not-allowed");
    assert.match(health.checks[0].text, /company-level token/);
  });
});

test("[FRONT-06] never echoes the token: not in errors, not in the log, not when settings are printed", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const token = bench.twin.token({ kind: "company" });
    const connector = bench.reconnect({ token: new Secret(token) });
    const request = { kind: "teammate", parent: null, cursor: null, pageSize: 1 };
    await bench.fault({ fault: "F23", status: 401, message: `token ${token} is unknown` });
    const outcome = await bench.attempt(connector.list(request, bench.context()));
    await bench.assertFired();
    assert.equal(outcome.error?.code, "auth");
    assert.ok(!outcome.error.message.includes(token), "not even when the app itself repeats it");
    await bench.drive(connector.check(bench.context()));
    // Closing the bench looks for the token in every line of the log and every error.
  });
});

test("[FRONT-12] takes the tea_ id of the app as the account's id, and no other", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teammates: [alice] } });
    assert.equal((await read(bench)).id, "tea_1");
    assert.equal(bench.twin.journal().at(-1)?.path, "/teammates/tea_1");
    const body = { ...alice, is_admin: false };
    assert.equal(parseTeammate(body).id, "tea_1");
    for (const id of ["alice@example.com", "1", 1, null, "tim_1"]) {
      assert.throws(() => parseTeammate({ ...body, id }), { code: "bad_response" });
    }
  });
});

test("[FRONT-21] keeps the links of a record with it, needs none, and never writes them", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teammates: [alice] } });
    const { raw } = await read(bench);
    assert.ok("_links" in raw);
    assert.equal(parseTeammate({ ...alice, is_admin: false }).id, "tea_1", "the guide's own examples have none");
    await bench.drive(
      present(bench.connector.update, "update")({ kind: "teammate", id: "tea_1" }, { givenName: "A" }, bench.context()),
    );
    assert.deepEqual(bench.twin.journal().at(-1)?.body, { first_name: "A" });
  });
});

test("[FRONT-22] lists teammates by GET /teammates with a limit", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teammates: [alice] } });
    assert.equal((await list(bench, "teammate", null, 50)).items.length, 1);
    const [entry] = bench.twin.journal();
    assert.deepEqual(
      [entry?.method, entry?.path, entry?.query, entry?.status],
      ["GET", "/teammates", { limit: "50" }, 200],
    );
  });
});

test("[FRONT-23] lists blocked teammates too, as deactivated and without a seat", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({
      data: { teammates: [alice, { ...alice, id: "tea_2", email: "b@example.com", is_blocked: true }] },
    });
    const { items } = await list(bench, "teammate");
    assert.deepEqual(
      items.map((item) => item.noun === "account" && [item.id, item.state, item.takesSeat]),
      [
        ["tea_1", "active", true],
        ["tea_2", "removed", false],
      ],
    );
    assert.equal(bench.traits.kinds["teammate"]?.hidesInactive, false);
  });
});

test("[FRONT-24] reads the guide's list, and takes a list without results for an error, never for an empty one", () => {
  const body = {
    _pagination: { next: "https://api2.frontapp.com/teammates?page_token=abc" },
    _results: [{ id: "tea_123", email: "alice@example.com", first_name: "Alice", is_admin: false }],
  };
  assert.deepEqual(parseTeammatePage(body), body);
  for (const _pagination of [undefined, null, { next: null }, {}]) {
    const page = _pagination === undefined ? { _results: [] } : { _pagination, _results: [] };
    assert.deepEqual(parseTeammatePage(page), page);
  }
  const { _results, ...short } = body;
  for (const one of [
    {},
    short,
    { ...body, _results: null },
    { ...body, results: _results, _results: {} },
    { ...body, _results: [{ id: "tea_1" }] },
  ]) {
    assert.throws(() => parseTeammatePage(one), { code: "bad_response" }, JSON.stringify(one));
  }
});

test("[FRONT-25] reads one teammate as a bare object", async () => {
  const body = {
    id: "tea_123",
    email: "alice@example.com",
    first_name: "Alice",
    last_name: "Smith",
    is_admin: false,
    is_available: true,
  };
  assert.deepEqual(parseTeammate(body), body);
  assert.throws(() => parseTeammate({ data: body }), { code: "bad_response" });
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teammates: [alice] } });
    const record = await read(bench);
    assert.deepEqual(
      [record.displayName, record.email, record.privileged],
      ["Alice Smith", "alice@example.com", false],
    );
    assert.equal(await bench.drive(bench.connector.get({ kind: "teammate", id: "tea_zzz" }, bench.context())), null);
  });
});

test("[FRONT-26] never puts an address into a path", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teammates: [alice], teams: [{ id: "tim_1", name: "A" }] } });
    const seen = bench.mark();
    const key = { kind: "teammate", id: "alice@example.com" };
    const { connector } = bench;
    const context = bench.context();
    const calls: readonly (() => Promise<unknown>)[] = [
      async () => connector.get(key, context),
      async () => present(connector.update, "update")(key, { givenName: "A" }, context),
      async () => present(connector.remove, "remove")(key, context),
      async () => present(connector.join, "join")(key, "tim_1", context),
      async () => present(connector.leave, "leave")(key, "tim_1", context),
    ];
    for (const call of calls) assert.equal((await bench.attempt(call())).error?.code, "bad_input");
    assert.equal(bench.mark(), seen, "nothing was sent");
  });
});

test("[FRONT-35] lists teams by GET /teams", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teams: [{ id: "tim_1", name: "Support" }] } });
    const { items } = await list(bench, "team");
    assert.deepEqual(items, [{ noun: "team", kind: "team", id: "tim_1", name: "Support", memberCount: null }]);
    assert.deepEqual([bench.twin.journal()[0]?.method, bench.twin.journal()[0]?.path], ["GET", "/teams"]);
  });
});

test("[FRONT-36] reads the guide's teams, with or without a pointer to more", () => {
  const body = { _results: [{ id: "tim_1", name: "Support", is_private: false }] };
  assert.deepEqual(parseTeamPage(body), body);
  assert.ok(parseTeamPage({ ...body, _pagination: { next: null } }));
  assert.throws(() => parseTeamPage({ _results: [{ id: "tea_1", name: "No team" }] }), { code: "bad_response" });
  assert.throws(() => parseTeamPage({ _results: [{ id: "tim_1" }] }), { code: "bad_response" });
});

test("[FRONT-37] shows membership of an inbox team as that and as nothing else", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({
      data: { teammates: [alice], teams: [{ id: "tim_1", name: "Support", teammate_ids: ["tea_1"] }] },
    });
    const { items } = await list(bench, "membership", "tim_1");
    assert.deepEqual(items, [{ noun: "membership", kind: "membership", id: "tea_1", team: "tim_1" }]);
    assert.equal((await read(bench)).teams, null, "the account's own record tells no team");
    assert.equal(bench.traits.teams.meaning, "inbox team");
  });
});

test("[FRONT-42] lists the members of a team by GET /teams/{id}/teammates, or from the team where that is missing", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const teammates = [alice, { ...alice, id: "tea_2", email: "b@example.com" }];
    await bench.twin.reset({ data: { teammates, teams: [{ id: "tim_1", name: "Support", teammate_ids: ["tea_2"] }] } });
    assert.deepEqual(
      (await list(bench, "membership", "tim_1")).items.map((item) => item.id),
      ["tea_2"],
    );
    assert.equal(bench.twin.journal()[0]?.path, "/teams/tim_1/teammates");
    bench.twin.set("profile", "vendor");
    for (const status of [404, 405]) {
      await bench.fault({ fault: "F20", status, path: "/teammates$" });
      const { items } = await list(bench, "membership", "tim_1");
      await bench.assertFired();
      assert.deepEqual(items, [{ noun: "membership", kind: "membership", id: "tea_2", team: "tim_1" }]);
      assert.equal(bench.twin.journal().at(-1)?.path, "/teams/tim_1");
    }
    const gone = await bench.attempt(list(bench, "membership", "tim_9"));
    assert.equal(gone.ok, false, "a team that is not there has no empty list of members");
  });
});

test("[FRONT-46] goes on by the pointer alone, at most 100 rows a page, and never by an offset", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const teammates = Array.from({ length: 101 }, (_, index) => ({
      id: `tea_${(index + 1).toString(36)}`,
      email: `m${index}@example.com`,
    }));
    await bench.twin.reset({ data: { teammates } });
    const kind = present(bench.traits.kinds["teammate"], "teammate");
    const request = {
      ...wholeListing({ connector: bench.connector, pageSize: 1000 }, "teammate", kind),
      pageSize: 1000,
    };
    const { items, listing } = await bench.drive(walkListing(request, bench.context()));
    assert.equal(items.length, 101);
    assert.deepEqual(listing.proof, { method: "cursor-end", pages: 2 });
    const [first, second] = bench.twin.journal();
    assert.deepEqual(first?.query, { limit: "100" });
    assert.deepEqual(Object.keys(second?.query ?? {}).sort(), ["limit", "page_token"]);
    assert.equal(bench.twin.journal().length, 2);
  });
});

test("pages go on by the pointer although the app's links name the company's own host (X-05)", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teammates: [alice, { ...alice, id: "tea_2", email: "b@example.com" }] } });
    bench.twin.set("linkHost", "company");
    const kind = present(bench.traits.kinds["teammate"], "teammate");
    const request = { ...wholeListing({ connector: bench.connector, pageSize: 1 }, "teammate", kind) };
    const { items, listing } = await bench.drive(walkListing(request, bench.context()));
    assert.equal(items.length, 2);
    assert.ok(listing.proof);
  });
});

test("[FRONT-72] makes the identity graph from teammates and the members of each team, all by REST", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const teammates = [alice, { ...alice, id: "tea_2", email: "b@example.com" }];
    const teams = [
      { id: "tim_1", name: "Support", teammate_ids: ["tea_1", "tea_2"] },
      { id: "tim_2", name: "Sales", teammate_ids: ["tea_2"] },
    ];
    await bench.twin.reset({ data: { teammates, teams } });
    const people = await list(bench, "teammate");
    const edges: string[] = [];
    for (const team of (await list(bench, "team")).items) {
      for (const member of (await list(bench, "membership", team.id)).items) edges.push(`${member.id} in ${team.id}`);
    }
    assert.deepEqual(
      people.items.map((item) => item.id),
      ["tea_1", "tea_2"],
    );
    assert.deepEqual(edges, ["tea_1 in tim_1", "tea_2 in tim_1", "tea_2 in tim_2"]);
    assert.ok(bench.twin.journal().every((entry) => !entry.path.startsWith("/scim")));
    assert.equal(bench.traits.teams.toldBy, "members");
  });
});
