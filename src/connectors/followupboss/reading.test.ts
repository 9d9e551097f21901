import assert from "node:assert/strict";
import { test } from "node:test";
import { findByEmail, walkListing, wholeListing } from "../../connector-kit/walk.ts";
import type { EndpointPlan } from "../../connector-kit/manifest.ts";
import { sandboxSecret } from "../../connector-kit/settings.ts";
import { present } from "../../kernel/assert.ts";
import type { AccountRecord, Observation } from "../../model/account.ts";
import type { Endpoint } from "../../transport/contract.ts";
import { withTwin, type TwinBench } from "../twin.suite.ts";
import manifest from "./index.ts";
import { parseTeamPage, parseUpdatedUser, parseUser, parseUserPage } from "./wire.ts";

const owner = { kind: "user", id: "1" };
const alice = { id: 1, name: "Alice Brown", email: "alice@example.com" };

async function page(bench: TwinBench, kind: string, pageSize = 100): Promise<readonly Observation[]> {
  const request = { kind, parent: null, cursor: null, pageSize };
  return (await bench.drive(bench.connector.list(request, bench.context()))).items;
}

async function account(bench: TwinBench, id: string): Promise<AccountRecord | null> {
  return bench.drive(bench.connector.get({ kind: "user", id }, bench.context()));
}

test("[FUB-02] asks below the base URL of the connection, its path included", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await page(bench, "user");
    assert.equal(bench.twin.journal()[0]?.path, "/v1/users");
  });
});

test("[FUB-03] is known by its key with an empty password, as a strict server insists", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await page(bench, "user");
    assert.deepEqual(
      bench.twin.journal().map((entry) => entry.credential),
      ["known"],
    );
  });
});

test("[FUB-04] does not use the key as a bearer token, which is refused", async () => {
  const asBearer = ({ endpoint }: EndpointPlan): Endpoint => {
    assert.ok(endpoint.auth.scheme === "basic", "the connector itself uses Basic");
    return { ...endpoint, auth: { scheme: "bearer", token: endpoint.auth.user } };
  };
  await withTwin(manifest, { endpoint: asBearer }, async (bench) => {
    const outcome = await bench.attempt(page(bench, "user"));
    assert.equal(outcome.error?.code, "auth");
    assert.equal(bench.twin.journal()[0]?.status, 401);
  });
});

test("[FUB-24] lists users by GET /v1/users", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { users: [alice] } });
    const [first] = await page(bench, "user");
    assert.ok(first?.noun === "account");
    assert.equal(first.email, "alice@example.com");
    const [entry] = bench.twin.journal();
    assert.deepEqual([entry?.method, entry?.path], ["GET", "/v1/users"]);
  });
});

test("[FUB-25] sees the users of its key's own account only", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { users: [alice] } });
    assert.equal((await page(bench, "user")).length, 1);
    const other = bench.reconnect({ apiKey: sandboxSecret(bench.twin.document["otherApiKey"]) });
    const items = (
      await bench.drive(other.list({ kind: "user", parent: null, cursor: null, pageSize: 100 }, bench.context()))
    ).items;
    assert.ok(items.every((item) => item.noun === "account" && item.email !== "alice@example.com"));
    const same = bench.reconnect({ apiKey: sandboxSecret(bench.twin.document["apiKey2"]) });
    const seen = await bench.drive(
      same.list({ kind: "user", parent: null, cursor: null, pageSize: 100 }, bench.context()),
    );
    assert.equal(seen.items.length, 1, "another key of the same account sees the same");
  });
});

test("[FUB-26] finds a deactivated user by id although the listing leaves it out", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({
      data: { users: [alice, { id: 2, name: "Off", email: "off@example.com", activeFlag: false }] },
    });
    assert.deepEqual(
      (await page(bench, "user")).map((item) => item.id),
      ["1"],
    );
    assert.equal((await account(bench, "2"))?.state, "suspended");
    assert.equal(bench.traits.kinds["user"]?.hidesInactive, true);
  });
});

test("[FUB-27] pages by limit and offset, both always said", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { users: [1, 2, 3].map((id) => ({ id })) } });
    const traits = present(bench.traits.kinds["user"], "users");
    const request = { ...wholeListing({ connector: bench.connector, pageSize: 2 }, "user", traits) };
    await bench.drive(walkListing(request, bench.context()));
    assert.deepEqual(
      bench.twin
        .journal()
        .slice(0, 2)
        .map((entry) => entry.query),
      [
        { limit: "2", offset: "0" },
        { limit: "2", offset: "2" },
      ],
    );
  });
});

test("[FUB-28] reads the guide's list, and takes a list without users, metadata or a field of a user for an error", () => {
  const user = { id: 1, name: "Jane Smith", email: "jane@example.com", role: "Admin" };
  const body = { users: [user], _metadata: { total: 45, limit: 20, offset: 0 } };
  assert.deepEqual(parseUserPage(body), body);
  const { total: _total, ...short } = body._metadata;
  const broken = [
    {},
    { users: [user] },
    { users: [user], _metadata: short },
    { _metadata: body._metadata },
    ...(["id", "name", "email", "role"] as const).map((name) => {
      const { [name]: _gone, ...rest } = user;
      return { ...body, users: [rest] };
    }),
  ];
  for (const one of broken) assert.throws(() => parseUserPage(one), { code: "bad_response" }, JSON.stringify(one));
});

test("[FUB-29] reads one user as a bare object with its admin flag", async () => {
  const john = { id: 42, name: "John Doe", email: "john@example.com", role: "Agent", isAdmin: false };
  assert.deepEqual(parseUser(john), john);
  assert.throws(() => parseUser({ user: john }), { code: "bad_response" });
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({
      data: { users: [john, { ...john, id: 43, email: "b@example.com", role: "Admin", isAdmin: true }] },
    });
    assert.equal((await account(bench, "42"))?.privileged, false);
    assert.equal((await account(bench, "43"))?.privileged, true);
    assert.equal(bench.twin.journal()[0]?.path, "/v1/users/42");
  });
});

test("[FUB-30] says that an account is not there only for the app's own 404", async () => {
  await withTwin(manifest, {}, async (bench) => {
    assert.equal(await account(bench, "9999"), null);
    await bench.fault({ fault: "F20", status: 404, answer: { message: "no such route" } });
    const elsewhere = await bench.attempt(account(bench, "9999"));
    await bench.assertFired();
    assert.equal(elsewhere.error?.code, "bad_response");
  });
});

test("[FUB-42] lists teams by GET /v1/teams with the same key", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teams: [{ id: 5, name: "East Coast Team" }] } });
    const [team] = await page(bench, "team");
    assert.ok(team?.noun === "team");
    assert.deepEqual([team.id, team.name], ["5", "East Coast Team"]);
    const [entry] = bench.twin.journal();
    assert.deepEqual([entry?.method, entry?.path, entry?.credential], ["GET", "/v1/teams", "known"]);
  });
});

test("[FUB-43] reads teams with their member count and without metadata, as one page", async () => {
  const body = { teams: [{ id: 5, name: "East Coast Team", memberCount: 8 }] };
  assert.deepEqual(parseTeamPage(body), body);
  await withTwin(manifest, {}, async (bench) => {
    const users = [1, 2, 3].map((id) => ({ id, teamId: id === 3 ? null : 5 }));
    await bench.twin.reset({ data: { users, teams: [{ id: 5, name: "East" }] } });
    const request = { kind: "team", parent: null, cursor: null, pageSize: 1 };
    const listed = await bench.drive(bench.connector.list(request, bench.context()));
    assert.equal(listed.next, null);
    assert.equal(listed.total, null);
    assert.ok(listed.items[0]?.noun === "team");
    assert.equal(listed.items[0].memberCount, 2);
    assert.deepEqual(bench.twin.journal()[0]?.query, {});
  });
});

test("[FUB-48] never asks for more than 100 rows, and never relies on the default of 20", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { users: Array.from({ length: 101 }, (_, index) => ({ id: index + 1 })) } });
    assert.equal((await page(bench, "user", 1000)).length, 100);
    assert.deepEqual(bench.twin.journal()[0]?.query, { limit: "100", offset: "0" });
    assert.equal(bench.traits.kinds["user"]?.maxPageSize, 100);
  });
});

test("[FUB-59] lists the leads of one user by the filter userId, page by page", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const people = Array.from({ length: 5 }, (_, index) => ({ id: index + 1, ownerId: index === 4 ? 2 : 1 }));
    await bench.twin.reset({ data: { users: [alice, { id: 2 }], people } });
    const holdings = present(bench.connector.holdings, "holdings");
    const first = await bench.drive(holdings({ holding: "lead", owner, cursor: null, pageSize: 3 }, bench.context()));
    const second = await bench.drive(
      holdings({ holding: "lead", owner, cursor: first.next, pageSize: 3 }, bench.context()),
    );
    assert.deepEqual(
      [...first.items, ...second.items].map((item) => item.id),
      ["1", "2", "3", "4"],
    );
    assert.equal(second.next, null);
    assert.deepEqual(
      bench.twin.journal().map((entry) => [entry.path, entry.query]),
      [
        ["/v1/people", { userId: "1", limit: "3", offset: "0" }],
        ["/v1/people", { userId: "1", limit: "3", offset: "3" }],
      ],
    );
  });
});

test("a filter that the app ignores makes nobody else's leads the leaver's, and the listing is not whole (X-03)", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const people = [{ id: 1, ownerId: 1 }, { id: 2, ownerId: 2 }, { id: 3 }];
    await bench.twin.reset({ data: { users: [alice, { id: 2 }], people } });
    bench.twin.set("ignoreUnknownFilters", true);
    const traits = present(bench.traits.kinds["lead"], "leads");
    const request = wholeListing({ connector: bench.connector, pageSize: 100 }, "lead", traits, "1");
    const { items, listing } = await bench.drive(walkListing(request, bench.context()));
    assert.deepEqual(
      items.map((item) => item.id),
      ["1"],
    );
    assert.equal(listing.proof, null);
    assert.deepEqual(listing.warnings, [
      "1 leads of other owners were listed for user 1 and left out",
      "1 leads that name no owner were listed for user 1 and left out",
    ]);
  });
});

test("[FUB-38] reads the guide's answer to an update although it shows only a part of the user", () => {
  const body = { id: 99, name: "Alice B. Brown", phone: "+15551234567", updated: "2024-01-16T08:30:00Z" };
  assert.deepEqual(parseUpdatedUser(body), body);
  assert.throws(() => parseUpdatedUser({ name: "Alice B. Brown" }), { code: "bad_response" });
});

test("finds an account by its address in any spelling, by reading all where the app has no filter", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const users = [1, 2, 3].map((id) => ({ id, name: `User ${id}`, email: `User${id}@Example.com` }));
    await bench.twin.reset({ data: { users } });
    const app = { connector: bench.connector, traits: bench.traits, pageSize: 2 };
    const found = await bench.drive(findByEmail(app, " user2@EXAMPLE.com ", bench.context()));
    assert.deepEqual([found.records.map((record) => record.id), found.complete], [["2"], true]);
    const nobody = await bench.drive(findByEmail(app, "nobody@example.com", bench.context()));
    assert.deepEqual(nobody, { records: [], complete: true });
    await bench.fault({ fault: "F46", total: "high", by: 1 });
    const unsure = await bench.drive(findByEmail(app, "nobody@example.com", bench.context()));
    await bench.assertFired();
    assert.deepEqual(unsure, { records: [], complete: false }, "then finding nothing means nothing");
  });
});
