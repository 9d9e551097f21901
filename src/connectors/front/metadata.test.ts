import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Secret } from "../../kernel/secret.ts";
import manifest from "./index.ts";

const readme = readFileSync(new URL("./README.md", import.meta.url), "utf8");
const given = { connector: "front", token: new Secret("token-of-a-test") };
const settings = manifest.settings.parse(given);
const traits = manifest.traits(settings);
const setup = [...manifest.setup.steps, ...manifest.setup.warnings].join(" ");
const notesFor = (id: string): string =>
  manifest.notes
    .filter((note) => note.caveats.includes(id))
    .map((note) => note.text)
    .join(" ");

test("[FRONT-01] is named Front and says which revision of the guide it was written from", () => {
  assert.equal(manifest.name, "Front");
  assert.equal(manifest.guide.version, "2026-03-09");
  assert.match(readme, /guide of 2026-03-09/);
});

test("[FRONT-02] speaks to api2.frontapp.com unless told otherwise", () => {
  assert.equal(settings.baseUrl, "https://api2.frontapp.com");
  assert.equal(manifest.settings.safeParse({ ...given, baseUrl: "http://127.0.0.1:4020" }).success, true);
  assert.equal(manifest.settings.safeParse({ ...given, baseUrl: "http://api2.frontapp.com" }).success, false);
});

test("[FRONT-03] sends the token as a bearer token", () => {
  const [rest] = manifest.endpoints(settings);
  assert.ok(rest?.endpoint.auth.scheme === "bearer");
  assert.equal(rest.endpoint.auth.token.expose(), "token-of-a-test");
});

test("[FRONT-05] tells the operator where a company-level token is made", () => {
  assert.match(manifest.setup.steps[0] ?? "", /Settings > Developers > API Tokens/);
  assert.match(manifest.setup.steps[1] ?? "", /company-level token with the scopes below/);
  assert.deepEqual(manifest.setup.scopes, ["teammates:read", "teammates:write", "teams:read", "teams:write"]);
  for (const scope of manifest.setup.scopes) assert.match(readme, new RegExp(scope));
});

test("[FRONT-06] warns that the token is shown only once, and never shows it again itself", () => {
  assert.match(manifest.setup.warnings[0] ?? "", /shown only once .* keep it in a secret store/);
  assert.match(readme, /it is shown only once/);
  const printed = JSON.stringify([settings, manifest.endpoints(settings)]);
  assert.doesNotMatch(printed, /token-of-a-test/);
});

test("[FRONT-11] has a user API", () => {
  assert.match(notesFor("FRONT-11"), /user API/);
  for (const verb of ["create", "update", "remove"] as const) assert.ok(traits.verbs[verb], verb);
});

test("[FRONT-37] calls a team an inbox team, never a unit of the organisation", () => {
  assert.equal(traits.teams.meaning, "inbox team");
  assert.match(notesFor("FRONT-37"), /not units of the organisation/);
  assert.match(readme, /Nothing about who reports to whom follows from them/);
});

test("[FRONT-43] declares 120 requests a minute for each token, and no limit on concurrency", () => {
  assert.deepEqual(traits.quota, { scheme: "fixed-window", limit: 120, windowMs: 60_000, owner: "credential" });
  assert.match(notesFor("FRONT-43"), /every plan; no limit on concurrent requests is documented/);
});

test("[FRONT-47] knows webhooks for a channel or the company, by settings or API, sent by POST", () => {
  assert.equal(manifest.webhooks.available, true);
  assert.match(manifest.webhooks.note, /for a channel or for the whole company, in the settings or through the API/);
  assert.match(manifest.webhooks.note, /HTTP POST/);
});

test("[FRONT-48] lists the ten events of the guide, three of them about teammates", () => {
  assert.deepEqual(manifest.webhooks.events, [
    "conversation.created",
    "conversation.assigned",
    "conversation.unassigned",
    "conversation.archived",
    "conversation.reopened",
    "message.received",
    "message.sent",
    "teammate.created",
    "teammate.updated",
    "teammate.deleted",
  ]);
  assert.deepEqual(traits.userEvents, ["teammate.created", "teammate.updated", "teammate.deleted"]);
});

test("[FRONT-50] says that SCIM 2.0 needs Professional (Growth), and Enterprise for full integration", () => {
  assert.equal(traits.scim.available, true);
  assert.match(traits.scim.note, /SCIM 2\.0 on plan Professional \(Growth\) or above, Enterprise for full integration/);
});

test("[FRONT-52] assumes no SCIM base URL, and tells the operator where the right one is shown", () => {
  assert.equal(settings.scim, undefined);
  assert.equal(manifest.endpoints(settings).length, 1);
  const withoutUrl = manifest.settings.safeParse({ ...given, scim: { token: new Secret("s") } });
  assert.equal(withoutUrl.success, false);
  assert.match(setup, /may differ from company to company, and Tenure assumes none/);
  assert.match(setup, /tells a wrong SCIM base URL from a wrong SCIM token/);
  assert.match(readme, /Tenure never assumes one/);
});

test("[FRONT-56] says that SSO must be active before SCIM", () => {
  assert.match(setup, /SSO must be active before SCIM can be used/);
  assert.match(readme, /SSO \(SAML\) must be active before/);
});

test("[FRONT-57] names the identity providers that are supported, and those that are not", () => {
  const text = notesFor("FRONT-57");
  assert.match(text, /Okta or Microsoft Entra ID; Google Workspace and OneLogin are not officially supported/);
});

test("[FRONT-67] tells how a SCIM token is made and where an identity provider wants it", () => {
  assert.match(setup, /generate a SCIM token in Settings > Security > SCIM/);
  assert.match(setup, /add the Front SCIM app there \(Okta, .*give it the same base URL and bearer token/);
  assert.match(readme, /add the Front SCIM app there and give it the same base URL and bearer token/);
});

test("[FRONT-70] warns that SCIM is no parity with the identity provider", () => {
  assert.match(setup, /SCIM is not full parity with the identity provider/);
  assert.match(
    notesFor("FRONT-70"),
    /stale in everything but who has an account: attributes and teams are read by REST/,
  );
});

test("[FRONT-71] says that a rehire of a blocked teammate is a task for a person", () => {
  assert.equal(traits.reactivate, "by-hand");
  assert.match(traits.reactivateByHand ?? "", /unblock/);
  assert.equal(traits.remove?.reservesEmail, true);
  assert.match(readme, /For a rehire, a person has to unblock the teammate in Front's settings/);
});

test("[FRONT-73] promises approval where it matters, tasks for what has no API, reconciliation and an audit log", () => {
  const text = `${notesFor("FRONT-73")} ${readme}`;
  for (const promise of [
    /people's approval where there is no way back by API/,
    /task for a person, closed by a read/,
    /reconciled with HR, with the other apps and with the identity provider/,
    /audit log/,
  ]) {
    assert.match(text, promise);
  }
});

test("provisioning by SCIM needs a SCIM server, and makes a silent create without a role", () => {
  assert.equal(manifest.settings.safeParse({ ...given, provisioning: "scim" }).success, false);
  const scim = { baseUrl: "https://scim.example/v2", token: new Secret("s") };
  const silent = manifest.traits(manifest.settings.parse({ ...given, provisioning: "scim", scim }));
  assert.equal(silent.create?.outcome, "active");
  assert.equal(silent.create.role, false);
  assert.equal(traits.create?.outcome, "invited");
  assert.equal(traits.create.role, true);
});

test("profile vendor makes and deactivates teammates by SCIM only, and counts by company", () => {
  const vendor = { ...given, profile: "vendor", company: "acme" };
  const without = manifest.settings.parse(vendor);
  assert.deepEqual(Object.keys(manifest.traits(without).verbs), ["update", "join", "leave"]);
  assert.equal(manifest.endpoints(without)[0]?.endpoint.quotaOwner, "acme");
  const scim = { baseUrl: "https://scim.example/v2?mode=strict", token: new Secret("s") };
  const withScim = manifest.traits(manifest.settings.parse({ ...vendor, scim }));
  assert.deepEqual(Object.keys(withScim.verbs), ["create", "remove", "update", "join", "leave"]);
  assert.equal(withScim.writable.includes("email"), false);
});
