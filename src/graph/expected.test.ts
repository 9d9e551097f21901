import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIso } from "../kernel/dates.ts";
import { desiredFor, employmentOf, fitsCondition, ruleBook } from "./expected.ts";
import { NOW, person, policy, SALES_RULE } from "./testing/company.ts";

const MAYA = person("E010", "Maya Okafor");
const at = (text: string): number => parseIso(text) ?? 0;

test("[S7] somebody has left only by an end of access that has passed, or by the word terminated", () => {
  assert.equal(employmentOf(MAYA, NOW), "active");
  assert.equal(employmentOf(person("E1", "A B", { status: "terminated" }), NOW), "left");
  const today = person("E1", "A B", { lastDay: "2026-11-20" });
  assert.equal(employmentOf(today, at("2026-11-21T07:59:59Z")), "active");
  assert.equal(employmentOf(today, at("2026-11-21T08:00:00Z")), "left");
});

test("[A16] an end of access that was moved into the future is believed, whatever the status word", () => {
  assert.equal(employmentOf(person("E1", "A B", { status: "terminated", lastDay: "2026-12-24" }), NOW), "active");
});

test("[A8] somebody no longer listed has left only if the source said so while it listed them", () => {
  assert.equal(employmentOf(person("E1", "A B", { listed: false }), NOW), "unlisted");
  assert.equal(employmentOf(person("E1", "A B", { listed: false, lastDay: "2026-11-01" }), NOW), "unlisted");
  assert.equal(
    employmentOf(person("E1", "A B", { listed: false, status: "terminated", lastDay: "2026-11-01" }), NOW),
    "left",
  );
});

test("a future person becomes active on the first day, in the person's zone, without a new import", () => {
  const priya = person("E1", "Priya Nakamura", { status: "future", startDate: "2026-11-23" });
  assert.equal(employmentOf(priya, NOW), "future");
  assert.equal(employmentOf(priya, at("2026-11-23T07:59:00Z")), "future");
  assert.equal(employmentOf(priya, at("2026-11-23T08:01:00Z")), "active");
});

test("a rule gives what it says, with fields of the person filled in", () => {
  const given = desiredFor(MAYA, policy(), NOW).get("crm");
  assert.deepEqual(given?.gift, { role: "Agent", teams: ["Oakland Team"], attributes: {} });
  assert.equal(given?.rule.name, "sales-gets-crm");
  assert.deepEqual(given?.unfilled, []);
});

test("an empty field fills nothing in and is told", () => {
  const given = desiredFor(person("E1", "Jo Lee", { office: null }), policy(), NOW).get("crm");
  assert.deepEqual(given?.gift.teams, []);
  assert.deepEqual(given?.unfilled, ['team "{office} Team": the person has no office']);
});

test("a condition is equality or one of a list, without regard to case and space, and every field must fit", () => {
  assert.ok(fitsCondition(MAYA, {}));
  assert.ok(fitsCondition(MAYA, { department: " sales " }));
  assert.ok(fitsCondition(MAYA, { department: ["Support", "Sales"], office: "Oakland" }));
  assert.ok(!fitsCondition(MAYA, { department: "Sales", office: "Boston" }));
  assert.ok(!fitsCondition(MAYA, { department: [] }));
  assert.ok(fitsCondition(person("E1", "A B", { office: null }), { office: null }));
  assert.ok(!fitsCondition(MAYA, { shoeSize: "42" }));
});

test("the first role wins, teams are joined, the first value of an attribute wins", () => {
  const second = {
    name: "everybody",
    place: "tenure.yaml:50",
    when: {},
    give: { crm: { role: "Admin", teams: ["All", "Oakland Team"], attributes: { zone: "{zone}", floor: 2 } } },
  };
  const given = desiredFor(MAYA, { rules: [SALES_RULE, second] }, NOW).get("crm");
  assert.deepEqual(given?.gift, {
    role: "Agent",
    teams: ["Oakland Team", "All"],
    attributes: { zone: "America/Los_Angeles", floor: 2 },
  });
  assert.deepEqual(
    given?.rules.map((rule) => rule.name),
    ["sales-gets-crm", "everybody"],
  );
});

test("nothing is given to a leaver, nor to somebody whose first day is far off", () => {
  const book = ruleBook(policy());
  assert.equal(book.desired(person("E1", "A B", { status: "terminated" }), NOW).size, 0);
  assert.equal(book.desired(person("E1", "A B", { status: "future", startDate: "2026-12-04" }), NOW).size, 1);
  assert.equal(book.desired(person("E1", "A B", { status: "future", startDate: "2026-12-05" }), NOW).size, 0);
});
