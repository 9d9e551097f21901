import assert from "node:assert/strict";
import { test } from "node:test";
import type { Health } from "../../connector-kit/contract.ts";
import { sandboxSecret } from "../../connector-kit/settings.ts";
import { Secret } from "../../kernel/secret.ts";
import { withTwin, type TwinBench } from "../twin.suite.ts";
import manifest from "./index.ts";

async function check(bench: TwinBench, settings: Readonly<Record<string, unknown>> = {}): Promise<Health> {
  return bench.drive(bench.reconnect(settings).check(bench.context()));
}

test("a connection that works is ok, by reads alone and never by /me", async () => {
  await withTwin(manifest, {}, async (bench) => {
    await bench.twin.reset({ data: { users: [{}] } });
    const health = await check(bench);
    assert.equal(health.ok, true);
    assert.deepEqual(
      health.checks.map(({ what, state }) => [what, state]),
      [
        ["REST API, users", "ok"],
        ["REST API, teams", "ok"],
      ],
    );
    assert.equal(health.profile, "guide");
    assert.equal(health.keyOwner, null);
    const asked = bench.twin.journal().map((entry) => `${entry.method} ${entry.path}`);
    assert.deepEqual(asked, ["GET /v1/users", "GET /v1/teams"]);
  });
});

test("a wrong key, a refused key, a wrong base URL and an app that is away are told apart", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const base = bench.twin.origin;
    const wrongKey = await check(bench, { apiKey: new Secret("fka_wrong") });
    assert.deepEqual([wrongKey.ok, wrongKey.checks.length, wrongKey.checks[0]?.state], [false, 1, "wrong-key"]);
    assert.match(wrongKey.checks[0]?.text ?? "", /Admin > API/);
    for (const baseUrl of [base, `${base}/v2`, `${base}/v1/users`]) {
      assert.equal((await check(bench, { baseUrl })).checks[0]?.state, "wrong-base-url", baseUrl);
    }
    await bench.fault({ fault: "F26", status: 200 });
    assert.equal((await check(bench)).checks[0]?.state, "wrong-base-url", "a web page");
    await bench.fault({ fault: "F24", status: 302, to: "cross" });
    assert.equal((await check(bench)).checks[0]?.state, "wrong-base-url", "a redirect");
    await bench.fault({ fault: "F23", status: 401, answer: { error: { code: "Unauthorized" } } });
    assert.equal((await check(bench)).checks[0]?.state, "wrong-base-url", "a 401 of some other server");
    await bench.fault({ fault: "F23", status: 403 });
    const refused = (await check(bench)).checks[0];
    assert.equal(refused?.state, "not-allowed");
    assert.match(refused.text, /must be the key of an admin, and the account must not have expired/);
    await bench.fault({ fault: "F02" });
    assert.equal((await check(bench)).checks[0]?.state, "unreachable");
    await bench.fault();
  });
});

test("a check that is canceled is canceled, not a finding", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const stop = new AbortController();
    stop.abort();
    const outcome = await bench.attempt(bench.connector.check(bench.context(stop.signal)));
    assert.equal(outcome.error?.code, "canceled");
  });
});

test("another key of the same account is as good, a key of another account sees that account", async () => {
  await withTwin(manifest, {}, async (bench) => {
    const { apiKey2, otherApiKey } = bench.twin.document;
    assert.equal((await check(bench, { apiKey: sandboxSecret(apiKey2) })).ok, true);
    assert.equal((await check(bench, { apiKey: sandboxSecret(otherApiKey) })).ok, true);
  });
});
