import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountNode, Graph } from "./graph.ts";
import { accountsAreComplete, findAccount } from "./graph.ts";
import { account, app, graphOf, HR, link, member, MEMBERED, OKTA, person, team } from "./testing/company.ts";

const MAYA = person("E010", "Maya Okafor");
const JO = person("E011", "Jo Lee");

function node(graph: Graph, id: string, kind = "user"): AccountNode {
  const found = findAccount(graph, { connection: "crm", kind, id });
  assert.ok(found !== null, `account ${id}`);
  return found;
}

/** `linked E010` or `disputed two-people`: how an account stands. */
function standing(graph: Graph, id: string): string {
  const { situation, dispute, person: who } = node(graph, id);
  const key = who === null ? "" : (graph.people.get(who)?.person.key ?? "?");
  return [situation, dispute ?? "", key].filter((part) => part !== "").join(" ");
}

test("an account with exactly a person's address is linked, with the place that says so", () => {
  const graph = graphOf({ people: [MAYA, JO], rows: [account("1", " Maya.Okafor@HarborPine.example ")] });
  assert.equal(standing(graph, "1"), "linked E010");
  const [made] = graph.newLinks;
  assert.equal(made?.state, "confirmed");
  assert.equal(made?.evidence.method, "email");
  assert.match(made?.evidence.reasons[0] ?? "", /is that of Maya Okafor \(hr, row 11\)/);
  assert.deepEqual(graph.people.get(MAYA.id)?.unmatched, []);
  assert.deepEqual(graph.people.get(JO.id)?.unmatched, ["crm"]);
});

test("what is stored already is not made again", () => {
  const rows = [account("1", MAYA.email)];
  const [made] = graphOf({ people: [MAYA], rows }).newLinks;
  assert.ok(made !== undefined);
  assert.deepEqual(graphOf({ people: [MAYA], rows, links: [made] }).newLinks, []);
});

test("[B7] the stored link stays when address and name change", () => {
  const married = person("E010", "Maya Reyes");
  const graph = graphOf({
    people: [married],
    rows: [account("1", "maya.okafor@harborpine.example")],
    links: [link(MAYA, "1")],
  });
  assert.equal(standing(graph, "1"), "linked E010");
  assert.deepEqual(graph.newLinks, []);
});

test("further addresses of the roster and the domain map link too, each with its method", () => {
  const maya = person("E010", "Maya Okafor", { aliases: ["maya@old.example"] });
  const rows = [account("1", "maya@old.example"), account("2", "jo.lee@hp.example")];
  const graph = graphOf({ people: [maya, JO], rows, policy: { domains: [["harborpine.example", "HP.example"]] } });
  assert.deepEqual([standing(graph, "1"), standing(graph, "2")], ["linked E010", "linked E011"]);
  const methods = graph.newLinks.map((one) => [one.evidence.method, one.evidence.score]);
  assert.deepEqual(methods, [
    ["alias", 0.97],
    ["domain-map", 0.96],
  ]);
});

test("[X-04] an address that two people have, as own or further one, waits for a human", () => {
  const other = person("E012", "May Okafor", { email: "may@harborpine.example", aliases: [MAYA.email] });
  const graph = graphOf({ people: [MAYA, other], rows: [account("1", MAYA.email)] });
  assert.equal(standing(graph, "1"), "disputed two-people");
  assert.equal(node(graph, "1").candidates.length, 2);
  assert.deepEqual(graph.newLinks, []);
});

test("[X-04] a stored link is questioned when its address becomes a further one of somebody else", () => {
  const other = person("E012", "May Okafor", { email: "may@harborpine.example", aliases: [MAYA.email] });
  const graph = graphOf({ people: [MAYA, other], rows: [account("1", MAYA.email)], links: [link(MAYA, "1")] });
  assert.equal(standing(graph, "1"), "disputed two-people E010");
});

test("[X-04] two accounts with one address wait for a human, and so does a second one beside a linked one", () => {
  const rows = [account("1", MAYA.email), account("2", MAYA.email.toUpperCase())];
  const both = graphOf({ people: [MAYA], rows });
  assert.deepEqual([standing(both, "1"), standing(both, "2")], ["disputed two-accounts", "disputed two-accounts"]);
  const one = graphOf({ people: [MAYA], rows, links: [link(MAYA, "2")] });
  assert.deepEqual([standing(one, "1"), standing(one, "2")], ["disputed duplicate", "linked E010"]);
  assert.match(node(one, "1").notes[0] ?? "", /has MAYA OKAFOR \(user 2\) already/);
});

test("[X-04] a person's own address comes before a further one: the other account is a second one", () => {
  const maya = person("E010", "Maya Okafor", { aliases: ["maya@old.example"] });
  const graph = graphOf({ people: [maya], rows: [account("1", "maya@old.example"), account("2", maya.email)] });
  assert.deepEqual([standing(graph, "1"), standing(graph, "2")], ["disputed duplicate", "linked E010"]);
});

test("[B1] the case of an address never matters, neither in the app nor in the roster", () => {
  const shouting = person("E010", "Maya Okafor", { email: "MAYA.OKAFOR@HARBORPINE.EXAMPLE" });
  assert.equal(
    standing(graphOf({ people: [shouting], rows: [account("1", "maya.okafor@harborpine.example")] }), "1"),
    "linked E010",
  );
});

test("[B2] KELVIN SIGN is not k: neither person nor account is linked over it", () => {
  const kim = person("E020", "Kim Berg", { email: "kim@harborpine.example" });
  const graph = graphOf({ people: [kim], rows: [account("1", "\u212Aim@harborpine.example")] });
  assert.notEqual(node(graph, "1").situation, "linked");
  assert.equal(graph.newLinks.length, 0);
});

test("[B3] an address that looks like somebody's is never linked, and says whom it imitates", () => {
  for (const fake of [
    "m\u0430ya.okafor@harborpine.example",
    "maya.okafor@h\u0430rborpine.example",
    "\uFF4Daya.okafor@harborpine.example",
  ]) {
    const graph = graphOf({ people: [MAYA], rows: [account("1", fake, { displayName: "x" })] });
    assert.equal(node(graph, "1").situation, "unlinked", fake);
    assert.equal(node(graph, "1").resembles, MAYA.id, fake);
    assert.match(node(graph, "1").notes.join(), /looks like maya\.okafor@harborpine\.example .* and is another one/);
  }
});

test("[B3] a person with such an address is not linked by us, even where it is exactly the account's", () => {
  const odd = person("E030", "J\u00f6 Lee", { email: "j\u00f6@harborpine.example" });
  const graph = graphOf({ people: [odd], rows: [account("1", "j\u00f6@harborpine.example", { displayName: "Zed" })] });
  assert.equal(node(graph, "1").situation, "unlinked");
  assert.equal(node(graph, "1").candidates[0]?.person, odd.id);
  assert.match(node(graph, "1").candidates[0]?.link.evidence.reasons.join() ?? "", /letters beyond plain ASCII/);
});

test("[B4] dots and tags make other addresses: they are a suggestion at most", () => {
  for (const variant of ["mayaokafor@harborpine.example", "maya.okafor+crm@harborpine.example"]) {
    const graph = graphOf({ people: [MAYA], rows: [account("1", variant, { displayName: "Someone Else" })] });
    assert.equal(node(graph, "1").situation, "unlinked", variant);
    assert.match(node(graph, "1").candidates[0]?.link.evidence.reasons[0] ?? "", /with other dots or a tag/);
    assert.equal(graph.newLinks.length, 0);
  }
});

test("[B5] the address of a leaver given to somebody new is disputed, linked before or not", () => {
  const leaver = person("E010", "Maya Okafor", { status: "terminated", lastDay: "2026-01-31" });
  const heir = person("E040", "Maya Okonkwo", { email: leaver.email });
  const rows = [account("1", leaver.email)];
  assert.equal(standing(graphOf({ people: [leaver, heir], rows }), "1"), "disputed two-people");
  assert.equal(
    standing(graphOf({ people: [leaver, heir], rows, links: [link(leaver, "1")] }), "1"),
    "disputed two-people E010",
  );
  const human = graphOf({ people: [leaver, heir], rows, links: [link(leaver, "1", "confirmed", "human")] });
  assert.equal(standing(human, "1"), "linked E010");
});

test("[B5] a linked account that now carries somebody else's address is disputed until a human says no", () => {
  const rows = [account("1", JO.email)];
  const graph = graphOf({ people: [MAYA, JO], rows, links: [link(MAYA, "1", "confirmed", "human")] });
  assert.equal(standing(graph, "1"), "disputed moved E010");
  assert.match(
    node(graph, "1").notes[0] ?? "",
    /linked to Maya Okafor .* and carries the address jo\.lee@harborpine\.example of Jo Lee/,
  );
  const settled = graphOf({
    people: [MAYA, JO],
    rows,
    links: [link(MAYA, "1", "confirmed", "human"), link(JO, "1", "rejected")],
  });
  assert.equal(standing(settled, "1"), "linked E010");
});

test("[B5] an account made after its person had left is not taken for the leaver's", () => {
  const leaver = person("E010", "Maya Okafor", { status: "terminated", lastDay: "2026-01-31" });
  const graph = graphOf({
    people: [leaver],
    rows: [account("1", leaver.email, { createdAt: "2026-03-01T09:00:00Z" })],
  });
  assert.equal(standing(graph, "1"), "disputed after-leaving");
  const before = graphOf({
    people: [leaver],
    rows: [account("1", leaver.email, { createdAt: "2025-03-01T09:00:00Z" })],
  });
  assert.equal(standing(before, "1"), "linked E010");
});

test("[B6] a deactivated record of a rehire is tied to the person, so that it can come back", () => {
  const graph = graphOf({ people: [MAYA], rows: [account("1", MAYA.email, { state: "removed" })] });
  assert.equal(standing(graph, "1"), "linked E010");
  assert.deepEqual(graph.people.get(MAYA.id)?.unmatched, ["crm"]);
  const beside = graphOf({
    people: [MAYA],
    rows: [account("1", MAYA.email, { state: "removed" }), account("2", MAYA.email)],
  });
  assert.deepEqual([standing(beside, "1"), standing(beside, "2")], ["unlinked", "linked E010"]);
});

test("[B8] an address of a role is nobody's: not linked, not proposed, flagged", () => {
  const lucky = person("E050", "Sales Desk", { email: "sales@harborpine.example" });
  const graph = graphOf({
    people: [lucky],
    rows: [account("1", "sales@harborpine.example"), account("2", "support-eu@harborpine.example")],
  });
  for (const id of ["1", "2"]) {
    assert.equal(standing(graph, id), "unlinked");
    assert.equal(node(graph, id).shared, true);
    assert.deepEqual(node(graph, id).candidates, []);
  }
});

test('[B9] ids are texts: 1, 0001 and " 1" are three accounts', () => {
  const rows = [account("1", MAYA.email), account("0001", JO.email), account(" 1", "x@y.example")];
  const graph = graphOf({ people: [MAYA, JO], rows, links: [link(JO, "0001")] });
  assert.deepEqual(
    [standing(graph, "1"), standing(graph, "0001"), node(graph, " 1").situation],
    ["linked E010", "linked E011", "unlinked"],
  );
});

test("[B10] who administers an app is linked by nothing weaker than the person's own address in an own domain", () => {
  const admin = { privileged: true, roles: ["Admin"] };
  const maya = person("E010", "Maya Okafor", { aliases: ["maya@old.example"] });
  const own = graphOf({ people: [maya], rows: [account("1", maya.email, admin)] });
  assert.equal(standing(own, "1"), "linked E010");
  const alias = graphOf({ people: [maya], rows: [account("1", "maya@old.example", admin)] });
  assert.equal(standing(alias, "1"), "unlinked");
  assert.match(
    node(alias, "1").candidates[0]?.link.evidence.reasons.join() ?? "",
    /administers the app: only its person's own address/,
  );
  const free = person("E060", "Gil Ott", { email: "gil@gmail.com" });
  assert.equal(standing(graphOf({ people: [free], rows: [account("1", "gil@gmail.com", admin)] }), "1"), "unlinked");
  const other = graphOf({
    people: [maya],
    rows: [account("1", maya.email, admin)],
    policy: { domains: [["a.example", "b.example"]] },
  });
  assert.equal(standing(other, "1"), "unlinked");
});

test("[B12] an account made anew under the same address is not the one that was linked", () => {
  const graph = graphOf({
    people: [MAYA],
    rows: [account("2", MAYA.email)],
    gone: [account("1", MAYA.email)],
    links: [link(MAYA, "1")],
  });
  assert.equal(standing(graph, "2"), "disputed replaced");
  assert.equal(standing(graph, "1"), "deleted E010");
  assert.deepEqual(graph.newLinks, []);
  assert.deepEqual(
    graph.people.get(MAYA.id)?.possible.map((one) => one.ref.id),
    ["2"],
  );
});

test("a pair that a human rejected is neither linked nor proposed again", () => {
  const graph = graphOf({ people: [MAYA], rows: [account("1", MAYA.email)], links: [link(MAYA, "1", "rejected")] });
  assert.equal(standing(graph, "1"), "unlinked");
  assert.deepEqual(node(graph, "1").candidates, []);
});

test("autoLink never turns every sure match into a question", () => {
  const graph = graphOf({ people: [MAYA], rows: [account("1", MAYA.email)], policy: { autoLink: "never" } });
  assert.equal(standing(graph, "1"), "unlinked");
  assert.deepEqual([node(graph, "1").candidates[0]?.score, graph.newLinks.length], [0.99, 0]);
});

test("[FRONT-D11] records that are no person's are counted and left alone", () => {
  const graph = graphOf({ people: [MAYA], rows: [account("1", MAYA.email, { human: false, takesSeat: false })] });
  assert.equal(findAccount(graph, { connection: "crm", kind: "user", id: "1" }), null);
  assert.deepEqual([graph.connections.get("crm")?.machines, graph.connections.get("crm")?.seatsUsed], [1, 0]);
});

test("[FRONT-72] [FRONT-37] teams come from the members' lists where accounts do not tell, and are never an org chart", () => {
  const rows = [
    account("a", MAYA.email, { kind: "mate", teams: null }),
    account("b", JO.email, { kind: "mate", teams: null }),
    team("t2", "Support"),
    team("t1", "Sales"),
    member("a", "t2"),
    member("a", "t1"),
  ];
  const graph = graphOf({ people: [MAYA, JO], apps: [app({ traits: MEMBERED, rows })] });
  assert.deepEqual(node(graph, "a", "mate").teams, ["t1", "t2"]);
  assert.deepEqual(node(graph, "b", "mate").teams, []);
  assert.equal(graph.connections.get("crm")?.traits.teams.meaning, "inbox team");
  const unproven = graphOf({ people: [MAYA], apps: [app({ traits: MEMBERED, rows, complete: false })] });
  assert.equal(node(unproven, "a", "mate").teams, null);
});

test("[A2] absence counts only where a listing came with a proof", () => {
  const whole = graphOf({ people: [MAYA], apps: [app({ rows: [] })] }).connections.get("crm");
  const part = graphOf({ people: [MAYA], apps: [app({ rows: [], complete: false })] }).connections.get("crm");
  const none = graphOf({ people: [MAYA], apps: [app({ rows: [], unread: true })] }).connections.get("crm");
  assert.deepEqual(
    [whole, part, none].map((one) => one !== undefined && accountsAreComplete(one)),
    [true, false, false],
  );
});

test("a directory beside the roster is the same human, and what only a directory knows is told apart", () => {
  const seen = person("00u1", "Maya Okafor", { source: "okta" });
  const further = person("00u2", "Jo Lee", { source: "okta", email: "jlee@okta.example", aliases: [JO.email] });
  const only = person("00u3", "Sam Ware", { source: "okta" });
  const rows = [account("1", MAYA.email), account("2", "jlee@okta.example"), account("3", only.email)];
  const graph = graphOf({ people: [only, further, seen, JO, MAYA], rows, sources: [OKTA, HR] });
  assert.equal(graph.people.size, 3);
  assert.equal(graph.sameAs.get(seen.id), MAYA.id);
  assert.deepEqual(
    [standing(graph, "1"), standing(graph, "2"), standing(graph, "3")],
    ["linked E010", "linked E011", "linked 00u3"],
  );
  assert.equal(graph.people.get(only.id)?.directoryOnly, true);
  assert.equal(graph.people.get(MAYA.id)?.seenAs[0]?.source, "okta");
});

test("a link made while only the directory knew the person stays with the person", () => {
  const seen = person("00u1", "Maya Okafor", { source: "okta" });
  const graph = graphOf({
    people: [MAYA, seen],
    rows: [account("1", "other@x.example")],
    links: [link(seen, "1")],
    sources: [HR, OKTA],
  });
  assert.equal(standing(graph, "1"), "linked E010");
});

test("a link to somebody whom no source knows any more is disputed", () => {
  const graph = graphOf({ people: [JO], rows: [account("1", "x@y.example")], links: [link(MAYA, "1")] });
  assert.equal(standing(graph, "1"), "disputed lost-person");
});

test("an open invitation of its own kind is found by address", () => {
  const invitation = {
    noun: "invitation",
    kind: "invitation",
    id: "i1",
    email: MAYA.email,
    state: "pending",
    roles: [],
    invitedAt: null,
  } as const;
  const graph = graphOf({
    people: [MAYA, JO],
    rows: [invitation, { ...invitation, id: "i2", email: JO.email, state: "revoked" }],
  });
  assert.equal(graph.people.get(MAYA.id)?.invitations.length, 1);
  assert.equal(graph.people.get(JO.id)?.invitations.length, 0);
});
