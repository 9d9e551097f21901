import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "../kernel/errors.ts";
import type { Person } from "../model/person.ts";
import { explainAccess } from "./explain.ts";
import type { Graph } from "./graph.ts";
import { account, app, graphOf, HR, MEMBERED, NOW, OKTA, person, policy, team } from "./testing/company.ts";

const MAYA = person("E010", "Maya Okafor");

function lines(graph: Graph, who: Person): readonly string[] {
  const trace = explainAccess({
    graph,
    policy: policy(),
    person: who.id,
    connection: "crm",
    now: NOW,
    removedByUs: new Set(),
  });
  return trace.map(({ step, text }) => `${step}: ${text}`);
}

test("a joiner is told in six lines, from the roster row to the create with its caveat", () => {
  const priya = person("E085", "Priya Nakamura", { status: "future", startDate: "2026-11-23", row: 85 });
  const graph = graphOf({ people: [priya], apps: [app({ traits: MEMBERED, rows: [team("t", "Oakland Team")] })] });
  assert.deepEqual(lines(graph, priya), [
    "source: hr row 85: future, starts 2026-11-23, department Sales, office Oakland, first day 2026-11-23",
    "scope: in: rule sales-gets-crm (tenure.yaml:41)",
    "match: none: link, e-mail, aliases, domains, name and phone looked for; 0 accounts read 2026-11-20 21:55 UTC",
    "desired: mate, role Agent, inbox team Oakland Team",
    "actual: absent",
    "action: create; caveat: an invitation is always sent",
  ]);
});

test("a linked account tells how it was matched, and a mover what will change", () => {
  const boston = person("E010", "Maya Okafor", { office: "Boston" });
  const rows = [
    account("1", MAYA.email, { displayName: "Maya Okafor" }),
    team("1", "Oakland Team"),
    team("2", "Boston Team"),
  ];
  const all = lines(graphOf({ people: [boston], rows }), boston);
  assert.match(
    all[2] ?? "",
    /^match: user 1, email \(1\.00\): e-mail maya\.okafor@harborpine\.example is that of Maya Okafor \(hr, row 11\)$/,
  );
  assert.equal(all[4], "actual: user 1: active, role Agent, team Oakland Team");
  assert.equal(all[5], "action: change teams");
});

test("a leaver, somebody in dispute, and somebody out of scope each get their reason", () => {
  const leaver = person("E010", "Maya Okafor", { status: "terminated", lastDay: "2026-11-01" });
  const left = lines(graphOf({ people: [leaver], rows: [account("1", MAYA.email)] }), leaver);
  assert.equal(left[1], "scope: out: has left");
  assert.match(left[5] ?? "", /^action: contain, hand over and remove/);
  const waiting = lines(
    graphOf({ people: [MAYA], rows: [account("1", "m.okafor@harborpine.example", { displayName: "Maya Okafor" })] }),
    MAYA,
  );
  assert.equal(waiting[2], "match: waits for a human: user 1 0.93");
  assert.equal(waiting[5], "action: wait: someone must say whose account it is");
  const support = person("E011", "Jo Lee", { department: "Support" });
  const out = lines(graphOf({ people: [support], rows: [] }), support);
  assert.equal(out[1], "scope: out: none of sales-gets-crm fits");
  assert.deepEqual(out.slice(3), ["desired: nothing", "actual: absent", "action: none"]);
  const later = person("E012", "Al Ott", { status: "future", startDate: "2027-03-01" });
  assert.match(
    lines(graphOf({ people: [later], rows: [] }), later)[1] ?? "",
    /^scope: not yet: rule sales-gets-crm .* first day is 2027-03-01/,
  );
});

test("what an app cannot bring back is told as work by hand", () => {
  const removed = account("1", MAYA.email, { kind: "mate", state: "removed", teams: null });
  const all = lines(graphOf({ people: [MAYA], apps: [app({ traits: MEMBERED, rows: [removed] })] }), MAYA);
  assert.equal(all[5], "action: reactivate by hand: unblock the mate on the settings page");
});

test("an app that was not read proves nothing, and says so", () => {
  const all = lines(graphOf({ people: [MAYA], apps: [app({ rows: [], unread: true })] }), MAYA);
  assert.deepEqual(all.slice(4), ["actual: not seen; never read", "action: none"]);
});

test("a person is found by the id of another source too; an unknown person or app is an error with a next step", () => {
  const seen = person("00u1", "Maya Okafor", { source: "okta" });
  const graph = graphOf({ people: [MAYA, seen], rows: [], sources: [HR, OKTA] });
  assert.match(lines(graph, seen)[0] ?? "", /^source: hr row 11: .*; okta row 2: /);
  const ask = (who: string, connection: string) => (): unknown =>
    explainAccess({ graph, policy: policy(), person: who, connection, now: NOW, removedByUs: new Set() });
  assert.throws(
    ask("per_x", "crm"),
    (error) => isAppError(error, "missing") && /tenure people list/.test(error.message),
  );
  assert.throws(
    ask(MAYA.id, "nope"),
    (error) => isAppError(error, "missing") && /configured are crm/.test(error.message),
  );
});
