import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Secret } from "../../kernel/secret.ts";
import manifest from "./index.ts";

const readme = readFileSync(new URL("./README.md", import.meta.url), "utf8");
const settings = manifest.settings.parse({ connector: "followupboss", apiKey: new Secret("key-of-a-test") });
const traits = manifest.traits(settings);
const notesFor = (id: string): string =>
  manifest.notes
    .filter((note) => note.caveats.includes(id))
    .map((note) => note.text)
    .join(" ");

test("[FUB-01] is named Follow Up Boss and says which revision of the guide it was written from", () => {
  assert.equal(manifest.name, "Follow Up Boss");
  assert.equal(manifest.guide.version, "2026-03-18");
  assert.match(readme, /guide of 2026-03-18/);
});

test("[FUB-02] speaks to api.followupboss.com/v1 unless told otherwise, by https everywhere but on loopback", () => {
  assert.equal(settings.baseUrl, "https://api.followupboss.com/v1");
  const parse = (baseUrl: string): boolean =>
    manifest.settings.safeParse({ connector: "followupboss", apiKey: new Secret("k"), baseUrl }).success;
  assert.equal(parse("http://127.0.0.1:4010/v1"), true);
  assert.equal(parse("https://proxy.example/fub"), true);
  assert.equal(parse("http://api.followupboss.com/v1"), false);
});

test("[FUB-03] sends the key as the user name of HTTP Basic, with an empty password", () => {
  const [rest] = manifest.endpoints(settings);
  assert.equal(rest?.endpoint.auth.scheme, "basic");
  assert.ok(rest.endpoint.auth.scheme === "basic");
  assert.equal(rest.endpoint.auth.user.expose(), "key-of-a-test");
  assert.equal(rest.endpoint.auth.password, null);
});

test("[FUB-05] says that the key is the whole account's and an admin's, and treats it as a secret", () => {
  assert.deepEqual(manifest.secretFields, ["apiKey"]);
  assert.match(manifest.credentialNotes.join(" "), /whole account with the rights of an admin/);
  assert.match(readme, /Treat it like a root password/);
  assert.doesNotMatch(JSON.stringify(settings), /key-of-a-test/);
  assert.equal(manifest.settings.safeParse({ connector: "followupboss", apiKey: "in the clear" }).success, false);
});

test("[FUB-06] offers neither OAuth nor a choice of scopes", () => {
  assert.match(manifest.credentialNotes.join(" "), /no OAuth for each user and there are no scopes/);
  assert.equal(manifest.setup.scopes.length, 1);
  assert.match(manifest.setup.scopes[0] ?? "", /no narrower scopes/);
  assert.ok(manifest.endpoints(settings).every(({ endpoint }) => endpoint.auth.scheme === "basic"));
  for (const field of ["oauth", "scopes", "token"]) {
    const given = { connector: "followupboss", apiKey: new Secret("k"), [field]: "x" };
    assert.equal(manifest.settings.safeParse(given).success, false, field);
  }
});

test("[FUB-07] tells the operator to log in as an admin, open Admin > API and take the key", () => {
  const [login, open, take] = manifest.setup.steps;
  assert.match(login ?? "", /Log in to Follow Up Boss as an admin/);
  assert.match(open ?? "", /Admin > API/);
  assert.match(take ?? "", /Generate an API key .* or copy/);
  assert.match(readme, /Open Admin > API/);
});

test("[FUB-08] has a user API with reading, creating, changing and deleting", () => {
  assert.match(notesFor("FUB-08"), /user API: GET, POST, PUT and DELETE on \/v1\/users/);
  for (const verb of ["create", "update", "remove"] as const) assert.ok(traits.verbs[verb], verb);
  assert.equal(traits.kinds["user"]?.noun, "account");
});

test("[FUB-09] reports that there is no SCIM, and that version, endpoint and plan are not documented", () => {
  assert.equal(traits.scim.available, false);
  assert.match(traits.scim.note, /No SCIM endpoint, version or plan is documented/);
  assert.match(notesFor("FUB-09"), /no SCIM/);
});

test("[FUB-10] warns that an identity provider fails silently here, and that the layer in between never pretends success", () => {
  const text = notesFor("FUB-10");
  assert.match(text, /\/scim\/v2\/Users and fails without a word/);
  assert.match(text, /one for each connection, which reports success only for what was read back/);
  assert.match(readme, /expects `\/scim\/v2\/Users` here fails without a word/);
});

test("[FUB-11] says that no identity provider has an official connector, so that REST or the admin pages remain", () => {
  const text = notesFor("FUB-11");
  for (const name of ["Okta", "Entra ID", "Google Workspace", "OneLogin"]) assert.match(text, new RegExp(name));
  assert.match(text, /REST API or by hand in the admin pages/);
});

test("[FUB-44] tells teams by the account itself: one team, and no kind for memberships", () => {
  assert.equal(traits.teams.toldBy, "account");
  assert.equal(traits.teams.perAccount, "one");
  assert.ok(Object.values(traits.kinds).every((kind) => kind.noun !== "membership"));
  assert.match(notesFor("FUB-44"), /no endpoint for members of a team/);
});

test("[FUB-45] declares 1,000 requests in 10 minutes for each key, and no limit on concurrency", () => {
  assert.deepEqual(traits.quota, { scheme: "fixed-window", limit: 1000, windowMs: 600_000, owner: "credential" });
  assert.match(notesFor("FUB-45"), /every plan; no limit on concurrent requests is documented/);
});

test("[FUB-49] knows that webhooks are set up in the admin pages or through /webhooks and arrive as JSON by POST", () => {
  assert.equal(manifest.webhooks.available, true);
  assert.match(manifest.webhooks.note, /admin pages or through \/webhooks; JSON is sent by HTTP POST/);
});

test("[FUB-50] lists the eight events of the guide, none of which is about users", () => {
  assert.deepEqual(manifest.webhooks.events, [
    "lead.created",
    "lead.updated",
    "lead.deleted",
    "appointment.created",
    "appointment.updated",
    "note.created",
    "task.created",
    "task.updated",
  ]);
  assert.deepEqual(traits.userEvents, []);
});

test("[FUB-52] says how long a change can stay unseen, and that a known leaver does not wait for it", () => {
  assert.match(notesFor("FUB-52"), /time between two reads is how long a leaver's access can go unnoticed/);
  assert.match(notesFor("FUB-52"), /at once by a plan, without waiting for a read on schedule/);
  assert.match(
    readme,
    /time between two reads \(`schedule: \{ sync: 15m \}`\) is the longest that a change by somebody else stays unseen/,
  );
});

test("[FUB-70] promises approval where it matters, tasks for what has no API, reconciliation and an audit log", () => {
  const text = `${notesFor("FUB-70")} ${readme}`;
  for (const promise of [
    /need people's approval/,
    /task for a person that is closed by a read/,
    /reconciled with HR, with the other apps and with the identity provider/,
    /audit log/,
  ]) {
    assert.match(text, promise);
  }
});

test("a switched-off capability is no trait any more, and an account then comes back by hand", () => {
  const off = manifest.traits({ ...settings, off: ["reactivate", "suspend", "remove"] });
  assert.equal(off.verbs.reactivate, undefined);
  assert.equal(off.contain, null);
  assert.equal(off.remove, null);
  assert.equal(off.reactivate, "by-hand");
  assert.ok(off.reactivateByHand !== null);
});

test("profile vendor offers only what the vendor's own reference documents", () => {
  const parse = (extra: object): typeof settings =>
    manifest.settings.parse({ connector: "followupboss", apiKey: new Secret("k"), profile: "vendor", ...extra });
  assert.deepEqual(Object.keys(manifest.traits(parse({})).verbs), ["transfer"]);
  assert.deepEqual(Object.keys(manifest.traits(parse({ leftoversTo: "7" })).verbs), ["transfer", "remove"]);
  const bold = manifest.traits(parse({ allowUndocumentedUserWrites: true }));
  assert.deepEqual(Object.keys(bold.verbs), ["transfer", "create", "update", "assignRole"]);
});
