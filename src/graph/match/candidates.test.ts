import assert from "node:assert/strict";
import { test } from "node:test";
import type { Person } from "../../model/person.ts";
import type { AccountRecord } from "../../model/account.ts";
import type { Candidate } from "../graph.ts";
import { account, graphOf, link, person } from "../testing/company.ts";

const MAYA = person("E010", "Maya Okafor", { phone: "+1 (415) 555-0100" });
const JO = person("E011", "Jo Lee");

function candidates(record: AccountRecord, people: readonly Person[] = [MAYA, JO]): readonly Candidate[] {
  const graph = graphOf({ people, rows: [record] });
  return [...graph.connections.values()].flatMap((one) => one.accounts).flatMap((node) => node.candidates);
}

function scores(record: AccountRecord, people?: readonly Person[]): readonly string[] {
  const all = new Map((people ?? [MAYA, JO]).map((one) => [one.id, one.key]));
  return candidates(record, people).map((one) => `${all.get(one.person)} ${one.score}`);
}

test("m.okafor@ with the name is 0.93 for a human to decide, with the reasons in words", () => {
  const [best] = candidates(account("1", "m.okafor@harborpine.example", { displayName: "Maya Okafor" }));
  assert.equal(best?.score, 0.93);
  assert.equal(best?.link.state, "candidate");
  assert.equal(
    best?.link.evidence.reasons[0],
    "Maya Okafor (hr, row 11): the names are the same; m.okafor is made of the name and an initial; harborpine.example is a domain of the organisation",
  );
});

test("names, initials, old domains, phones and further addresses of the app each count", () => {
  const none = { displayName: "x" };
  assert.deepEqual(scores(account("1", "maya@elsewhere.example", { displayName: "Okafor, Maya" })), ["E010 0.5"]);
  assert.deepEqual(scores(account("1", "maya.okafor@old.example", { displayName: "M. Okafor" })), ["E010 0.7"]);
  assert.deepEqual(scores(account("1", "okaform@harborpine.example", { ...none, phone: "4155550100" })), ["E010 0.68"]);
  assert.deepEqual(scores(account("1", "hidden@x.example", { ...none, aliases: [MAYA.email] })), ["E010 0.6"]);
  assert.deepEqual(scores(account("1", null, { displayName: "Maya Okafor" })), ["E010 0.55"]);
});

test("what is only a little alike is not shown", () => {
  assert.deepEqual(scores(account("1", "maya@elsewhere.example", { displayName: "Maya Smith" })), []);
  assert.deepEqual(scores(account("1", "mo@harborpine.example", { displayName: "M O" })), []);
});

test("a likely match never reaches the certainty of a link", () => {
  const record = account("1", "maya.okafor@old.example", {
    displayName: "Maya Okafor",
    phone: "415-555-0100",
    aliases: [MAYA.email],
  });
  assert.deepEqual(scores(record), ["E010 0.99"]);
});

test("who has an account of the kind already can hardly have another one", () => {
  const graph = graphOf({
    people: [MAYA],
    rows: [account("1", "x@y.example"), account("2", "m.okafor@harborpine.example", { displayName: "Maya Okafor" })],
    links: [link(MAYA, "1")],
  });
  assert.deepEqual(
    graph.candidates.map((one) => [one.account.id, one.evidence.score, one.evidence.reasons[1]]),
    [["2", 0.6, "the person has another account of this kind already"]],
  );
});

test("a name that many have says nothing", () => {
  const smiths = Array.from({ length: 30 }, (_one, index) =>
    person(`E${100 + index}`, "John Smith", { email: `js${index}@harborpine.example` }),
  );
  assert.deepEqual(scores(account("1", "john@x.example", { displayName: "John Smith" }), smiths), []);
  assert.deepEqual(scores(account("1", "john@x.example", { displayName: "John Smith" }), smiths.slice(0, 1)), [
    "E100 0.55",
  ]);
});

test("at most five are shown, the best first, the same order every time", () => {
  const many = Array.from({ length: 8 }, (_one, index) =>
    person(`E${200 + index}`, "Ana Cruz", { email: `ac${index}@harborpine.example` }),
  );
  const record = account("1", "ana@x.example", { displayName: "Ana Cruz" });
  const first = scores(record, many);
  assert.equal(first.length, 5);
  assert.deepEqual(scores(record, many.toReversed()), first);
});

test("a stored candidate stays as it is while nothing about it changes", () => {
  const record = account("1", "m.okafor@harborpine.example", { displayName: "Maya Okafor" });
  const [before] = candidates(record);
  assert.ok(before !== undefined);
  const stored = { ...before.link, decidedAt: "2026-01-01T00:00:00.000Z" };
  const again = graphOf({ people: [MAYA, JO], rows: [record], links: [stored] }).candidates[0];
  assert.equal(again, stored);
  const renamed = graphOf({ people: [MAYA, JO], rows: [{ ...record, displayName: "M Okafor" }], links: [stored] })
    .candidates[0];
  assert.deepEqual([renamed?.id, renamed?.decidedAt, renamed?.evidence.score], [stored.id, stored.decidedAt, 0.73]);
});
