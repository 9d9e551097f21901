import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import { isJsonObject, parseJson, type JsonValue } from "../../../kernel/json.ts";
import { signature } from "./webhooks.ts";
import { errorMessage, object, rows, SUBJECT, withAccount } from "./suite.ts";

const { sameAccount, otherAccount } = SUBJECT.credentials;
const TWO_AGENTS = { users: [{ id: 1 }, { id: 2 }] };

test("[FUB-42] [FUB-43] lists teams as {teams: [{id, name, memberCount}]} without _metadata", () =>
  withAccount(
    { teams: [{ id: 5, name: "East Coast Team" }], users: [{ teamId: 5 }, { teamId: 5, activeFlag: false }] },
    async (api) => {
      const answer = await api.call("GET", "/v1/teams");
      assert.deepEqual(answer.body, { teams: [{ id: 5, name: "East Coast Team", memberCount: 2 }] });
      assert.deepEqual(rows(await api.call("GET", "/v1/teams", undefined, sameAccount), "teams").length, 1);
      errorMessage(await api.raw("GET", "/v1/teams", {}), 401);
    },
  ));

test("[FUB-44] there is no way to a team's members but the user's teamId", () =>
  withAccount({ teams: [{ id: 5 }], users: [{ id: 1 }] }, async (api) => {
    for (const method of ["GET", "POST", "DELETE"]) {
      for (const path of ["/v1/teams/5/users", "/v1/teams/5/members"]) {
        assert.equal((await api.call(method, path)).status, 404, `${method} ${path}`);
      }
    }
    for (const method of ["POST", "PUT", "DELETE"]) {
      assert.ok([404, 405].includes((await api.call(method, "/v1/teams/5")).status), method);
    }
  }));

test("[FUB-45] a key has 1,000 calls in 10 minutes, as many of them at once as it likes", () =>
  withAccount({}, async (api) => {
    const teams = (key?: string) => api.call("GET", "/v1/teams", undefined, key);
    const statuses: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => teams()));
      statuses.push(...answers.map((answer) => answer.status));
    }
    assert.deepEqual(new Set(statuses), new Set([200]));
    errorMessage(await teams(), 429);
    assert.equal((await teams(sameAccount)).status, 200, "another key of the account has calls of its own");
    api.clock.advance(600_000);
    assert.equal((await teams()).status, 200);
  }));

test("[FUB-46] answers carry X-RateLimit-Limit, -Remaining and -Reset", () =>
  withAccount({}, async (api) => {
    api.emulator.set("rateLimit", { limit: 3, windowSeconds: 60 });
    const figures = async (): Promise<readonly (string | null)[]> => {
      const { headers } = await api.call("GET", "/v1/teams");
      return ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"].map((name) => headers.get(name));
    };
    const windowEnd = String(Math.floor(api.clock.now() / 60_000) * 60 + 60);
    assert.deepEqual(await figures(), ["3", "2", windowEnd]);
    api.clock.advance(15_000);
    assert.deepEqual(await figures(), ["3", "1", windowEnd]);
    // FUB-A5: the other reading of a header without a unit.
    api.emulator.set("reset", "delta");
    assert.deepEqual(await figures(), ["3", "0", "45"]);
    assert.deepEqual(await figures(), ["3", "0", "45"]);
  }));

test("[FUB-47] 429 comes without Retry-After, with the reset header", () =>
  withAccount({}, async (api) => {
    api.emulator.set("rateLimit", { limit: 1, windowSeconds: 60 });
    await api.call("GET", "/v1/teams");
    const refused = await api.call("GET", "/v1/teams");
    errorMessage(refused, 429);
    assert.equal(refused.headers.get("retry-after"), null);
    const wait = Number(refused.headers.get("x-ratelimit-reset")) * 1000 - api.clock.now();
    assert.ok(wait > 0 && wait <= 60_000);
    api.clock.advance(wait);
    assert.equal((await api.call("GET", "/v1/teams")).status, 200);
  }));

test("[FUB-59] lists the leads of one user by userId, in pages", () =>
  withAccount(
    { ...TWO_AGENTS, people: Array.from({ length: 50 }, (_, index) => ({ ownerId: (index % 2) + 1 })) },
    async (api) => {
      const answer = await api.call("GET", "/v1/people?userId=2&limit=20&offset=20");
      assert.deepEqual(object(answer, 200)["_metadata"], { total: 25, limit: 20, offset: 20 });
      const leads = rows(answer, "people");
      assert.equal(leads.length, 5);
      assert.ok(leads.every((lead) => lead["ownerId"] === 2 && typeof lead["name"] === "string"));
      assert.equal(rows(await api.call("GET", "/v1/people?userId=2"), "people").length, 20);
      assert.deepEqual(rows(await api.call("GET", "/v1/people", undefined, otherAccount), "people").length, 1);
      // a vendor that does not know the filter shows everybody's leads.
      errorMessage(await api.call("GET", "/v1/people?assignedTo=2"), 400);
      api.emulator.set("ignoreUnknownFilters", true);
      assert.equal(rows(await api.call("GET", "/v1/people?userId=2&limit=100"), "people").length, 50);
    },
  ));

test("[FUB-60] PUT of one lead with ownerId gives it to another agent", () =>
  withAccount({ ...TWO_AGENTS, people: [{ id: 9, name: "Lena Lead", ownerId: 1 }, { ownerId: 1 }] }, async (api) => {
    const { id, name, ownerId } = object(await api.call("PUT", "/v1/people/9", { ownerId: 2 }), 200);
    assert.deepEqual({ id, name, ownerId }, { id: 9, name: "Lena Lead", ownerId: 2 });
    const owned = async (user: number) => rows(await api.call("GET", `/v1/people?userId=${user}`), "people").length;
    assert.deepEqual([await owned(1), await owned(2)], [1, 1]);
    errorMessage(await api.call("PUT", "/v1/people/9", { ownerId: 3 }), 422);
    errorMessage(await api.call("PUT", "/v1/people/77", { ownerId: 2 }), 404);
    assert.ok((await api.call("PUT", "/v1/people", { ownerId: 2 })).status >= 400, "there is no bulk call");
  }));

test("deleting a user who owns leads orphans them, or is refused where the switch says so", () =>
  withAccount({ ...TWO_AGENTS, people: [{ id: 9, ownerId: 1 }] }, async (api) => {
    api.emulator.set("deleteWithLeads", "reject");
    errorMessage(await api.call("DELETE", "/v1/users/1"), 409);
    api.emulator.set("deleteWithLeads", null);
    assert.equal((await api.call("DELETE", "/v1/users/1")).status, 204);
    assert.equal(api.emulator.state().collections["people"]?.[0]?.["ownerId"], null);
  }));

test("the seat limit answers with the status that is set", () =>
  withAccount(TWO_AGENTS, async (api) => {
    api.emulator.set("seatLimit", 2);
    for (const status of [422, 402, 403]) {
      api.emulator.set("seatStatus", status);
      errorMessage(await api.call("POST", "/v1/users", { name: "A", email: "a@example.com" }), status);
    }
  }));

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A receiver of webhooks on loopback. */
async function withReceiver(run: (url: string, received: readonly Delivery[]) => Promise<void>): Promise<void> {
  const received: Delivery[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (piece: Buffer) => (text += piece.toString("utf8")));
    request.on("end", () => {
      received.push({ headers: request.headers, text });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  try {
    await run(`http://127.0.0.1:${address.port}/hook`, received);
  } finally {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}

test("[FUB-49] webhooks of CRM events are registered under /webhooks and come as signed JSON by POST", () =>
  withReceiver((url, received) =>
    withAccount({ ...TWO_AGENTS, people: [{ id: 9, ownerId: 1 }] }, async (api) => {
      const headers = { ...SUBJECT.authorize(SUBJECT.credentials.main), "Content-Type": "application/json" };
      const register = (event: string): ReturnType<typeof api.raw> =>
        api.raw("POST", "/v1/webhooks", { ...headers, "X-System-Key": "our-key" }, JSON.stringify({ event, url }));
      const hook = object(await register("lead.updated"), 201);
      assert.deepEqual(hook, { id: 1, status: "Active", event: "lead.updated", url });
      errorMessage(await register("user.created"), 400);
      assert.deepEqual(rows(await api.call("GET", "/v1/webhooks"), "webhooks"), [hook]);
      await api.call("PUT", "/v1/people/9", { ownerId: 2 });
      await api.emulator.delivered();
      await api.emulator.emit("lead.created");
      assert.equal(received.length, 1, "only the event that was asked for");
      const [delivery] = received;
      const body: JsonValue = parseJson(delivery?.text ?? "");
      assert.ok(isJsonObject(body));
      assert.deepEqual([body["event"], body["resourceIds"]], ["lead.updated", [9]]);
      assert.equal(delivery?.headers["content-type"], "application/json");
      assert.equal(delivery.headers["fub-signature"], signature("our-key", delivery.text));
      assert.equal((await api.call("DELETE", "/v1/webhooks/1")).status, 204);
      await api.emulator.emit("lead.updated");
      assert.equal(received.length, 1);
    }),
  ));

test("a delivery is signed over the base64 of its body, as in the published vector fub-1", () => {
  const body =
    '{"eventId":"152d60c0-79da-4018-a9af-28aec8a71c94","event":"peopleUpdated","resourceIds":[1234],"uri":"https://api.followupboss.com/v1/people?id=1234"}';
  assert.equal(
    signature("whsec_example_0123456789", body),
    "5a3a3d412437c2b2e501b979c0d49c00c0bae1b185375955e100b530408e2e03",
  );
});

test("a webhook whose receiver answers 410 is deleted", () =>
  withAccount({}, async (api) => {
    const server = createServer((_request, response) => response.writeHead(410).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    api.emulator.webhook(`http://127.0.0.1:${address.port}/`, ["note.created"]);
    await api.emulator.emit("note.created");
    assert.deepEqual(rows(await api.call("GET", "/v1/webhooks"), "webhooks"), []);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }));

test("the demo company's CRM becomes users, teams and leads; the seats are the company's", async () => {
  await withAccount({}, async (api) => {
    await api.emulator.reset({ kind: "demo" });
    const { collections, seats } = api.emulator.state();
    assert.deepEqual(seats, { limit: 5, used: 4 });
    assert.deepEqual(
      collections["people"]?.map((lead) => lead["ownerId"]),
      [2, 3, 3, 4, 4, 4],
    );
    assert.deepEqual(
      collections["users"]?.map(({ role, teamId }) => [role, teamId]),
      [
        ["Admin", 1],
        ["Agent", 1],
        ["Agent", 1],
        ["Agent", 1],
      ],
    );
  });
});
