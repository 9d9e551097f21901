import assert from "node:assert/strict";
import { test } from "node:test";
import type { Health } from "../../connector-kit/contract.ts";
import { sandboxSecret } from "../../connector-kit/settings.ts";
import { isJsonObject } from "../../kernel/json.ts";
import { Secret } from "../../kernel/secret.ts";
import { withTwin, type TwinBench } from "../twin.suite.ts";
import manifest from "./index.ts";

async function check(bench: TwinBench, settings: Readonly<Record<string, unknown>> = {}): Promise<Health> {
  return bench.drive(bench.reconnect(settings).check(bench.context()));
}

function scoped(bench: TwinBench, ...scopes: readonly string[]): { readonly token: Secret } {
  return { token: new Secret(bench.twin.token({ kind: "company", scopes })) };
}

function statesOf(health: Health): readonly (readonly [string, string])[] {
  return health.checks.map(({ what, state }) => [what, state]);
}

test("a connection that works is ok, by reads alone", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teammates: [{ id: "tea_1", email: "a@example.com" }] } });
    const health = await check(bench);
    assert.deepEqual(statesOf(health), [
      ["REST API, teammates", "ok"],
      ["REST API, teams", "ok"],
      ["SCIM", "ok"],
    ]);
    assert.deepEqual([health.ok, health.profile, health.keyOwner], [true, "guide", null]);
    assert.ok(bench.twin.journal().every((entry) => entry.method === "GET"));
  });
});

test("[FRONT-07] reads teammates with teammates:read alone, and says so when that scope is missing", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teammates: [{ id: "tea_1", email: "a@example.com" }] } });
    const reader = bench.reconnect(scoped(bench, "teammates:read"));
    const request = { kind: "teammate", parent: null, cursor: null, pageSize: 100 };
    assert.equal((await bench.drive(reader.list(request, bench.context()))).items.length, 1);
    assert.ok(await bench.drive(reader.get({ kind: "teammate", id: "tea_1" }, bench.context())));
    const without = await check(bench, scoped(bench, "teams:read"));
    assert.deepEqual(statesOf(without).slice(0, 2), [
      ["REST API, teammates", "missing-scope"],
      ["REST API, teams", "ok"],
    ]);
    assert.match(without.checks[0]?.text ?? "", /lacks the scope teammates:read/);
  });
});

test("[FRONT-09] reads teams and their members with teams:read, and says so when that scope is missing", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { teams: [{ id: "tim_1", name: "Support" }] } });
    const reader = bench.reconnect(scoped(bench, "teams:read"));
    const request = { kind: "team", parent: null, cursor: null, pageSize: 100 };
    assert.equal((await bench.drive(reader.list(request, bench.context()))).items.length, 1);
    const listed = await bench.drive(reader.list({ ...request, kind: "membership", parent: "tim_1" }, bench.context()));
    assert.deepEqual(listed.items, []);
    const blind = bench.reconnect(scoped(bench, "teammates:read"));
    for (const kind of ["team", "membership"]) {
      const parent = kind === "team" ? null : "tim_1";
      const outcome = await bench.attempt(blind.list({ ...request, kind, parent }, bench.context()));
      assert.equal(outcome.error?.code, "forbidden", kind);
      assert.match(outcome.error.message, /teams:read/);
    }
    const without = await check(bench, scoped(bench, "teammates:read"));
    assert.equal(without.checks[1]?.state, "missing-scope");
    assert.match(without.checks[1].text, /lacks the scope teams:read/);
  });
});

test("a wrong token, a teammate's token, a wrong base URL and an app that is away are told apart", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const first = async (settings: Readonly<Record<string, unknown>>): Promise<string | undefined> =>
      (await check(bench, settings)).checks[0]?.state;
    assert.equal(await first({ token: new Secret("sandbox.nobody.front") }), "wrong-key");
    assert.equal(await first({ token: sandboxSecret(bench.twin.document["teammateToken"]) }), "not-allowed");
    await bench.fault({ fault: "F20", status: 404, answer: { error: "no such page" }, path: "^/teammates" });
    assert.equal(await first({}), "wrong-base-url", "some other server's 404");
    await bench.fault({ fault: "F26", status: 200, path: "^/teammates" });
    assert.equal(await first({}), "wrong-base-url", "a web page");
    await bench.fault({ fault: "F24", status: 301, to: "http", path: "^/teammates" });
    assert.equal(await first({}), "wrong-base-url", "a redirect");
    await bench.fault({ fault: "F23", status: 401, answer: { errorMessage: "no" }, path: "^/teammates" });
    assert.equal(await first({}), "wrong-base-url", "a 401 of some other server");
    await bench.fault({ fault: "F02" });
    assert.equal(await first({}), "unreachable");
    await bench.fault();
  });
});

test("[FRONT-52] tells a wrong SCIM base URL from a wrong SCIM token, although both are answered 401", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const { scim } = bench.twin.document;
    assert.ok(isJsonObject(scim));
    const { baseUrl: base } = scim;
    assert.ok(typeof base === "string");
    const token = sandboxSecret(scim["token"]);
    const state = async (settings: { readonly baseUrl: string; readonly token: Secret }): Promise<string | undefined> =>
      (await check(bench, { scim: settings })).checks.find(({ what }) => what === "SCIM")?.state;
    assert.equal(await state({ baseUrl: base, token }), "ok");
    assert.equal(await state({ baseUrl: base, token: new Secret("sandbox.wrong.front") }), "wrong-key");
    const seen = bench.mark();
    for (const wrong of [bench.twin.origin, `${bench.twin.origin}/scim/v3`, `${base}/Users`]) {
      assert.equal(await state({ baseUrl: wrong, token }), "wrong-base-url", wrong);
    }
    const asked = bench.twin.journal(seen).filter((entry) => entry.path.endsWith("/Users"));
    assert.ok(
      asked.some((entry) => entry.status === 401),
      "the trap: a wrong address is answered like a wrong token",
    );
    await bench.fault({ fault: "F26", status: 200, path: "^/scim" });
    assert.equal(await state({ baseUrl: base, token }), "wrong-base-url", "a web page");
    await bench.fault();
    bench.twin.set("sso", "off");
    const blocked = (await check(bench)).checks.find(({ what }) => what === "SCIM");
    assert.notEqual(blocked?.state, "ok");
    assert.notEqual(blocked?.state, "wrong-key");
  });
});

test("[FRONT-51] speaks SCIM below the base URL that the connection gives, its query included", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await check(bench);
    assert.equal(bench.twin.journal().at(-1)?.path, "/scim/v2/Users");
    const { scim } = bench.twin.document;
    assert.ok(isJsonObject(scim));
    const { baseUrl: base } = scim;
    assert.ok(typeof base === "string");
    const settings = {
      scim: { baseUrl: `${base}?aadOptscim062020`, token: sandboxSecret(scim["token"]) },
    };
    await check(bench, settings);
    assert.ok("aadOptscim062020" in (bench.twin.journal().at(-1)?.query ?? {}));
    const guide = manifest.settings.parse({
      connector: "front",
      token: new Secret("t"),
      scim: { baseUrl: "https://api2.frontapp.com/scim/v2", token: new Secret("s") },
    });
    assert.equal(manifest.endpoints(guide)[1]?.endpoint.baseUrl, "https://api2.frontapp.com/scim/v2");
  });
});
