import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Person, RosterEntry } from "../model/person.ts";
import { countClasses, diffRoster, personId, type RosterDiff } from "./diff-roster.ts";
import { entry } from "./testing/company.ts";

const ROSTER = [entry("E010", "Maya Okafor"), entry("E011", "Jo Lee"), entry("E012", "Al Ott")];

function diff(previous: readonly Person[], entries: readonly RosterEntry[], whole = true): RosterDiff {
  return diffRoster({
    source: "hr",
    importId: "imp_2",
    previous: new Map(previous.map((one) => [one.key, one])),
    entries,
    whole,
  });
}

function stored(entries: readonly RosterEntry[]): readonly Person[] {
  return diffRoster({ source: "hr", importId: "imp_1", previous: new Map(), entries, whole: true }).writes;
}

test("a first import adds everyone, with ids that depend on source and key only", () => {
  const result = diff([], ROSTER);
  assert.equal(result.added.length, 3);
  assert.equal(result.added[0]?.person.id, personId("hr", "E010"));
  assert.equal(personId("hr", "E010"), "per_rzqgcfq4r8a7mrm8e2y7apvz8y");
  assert.notEqual(personId("hr", "E010"), personId("other", "E010"));
  assert.ok(
    result.added[0]?.fields.some(
      (change) => change.field === "email" && change.to === "maya.okafor@harborpine.example",
    ),
  );
});

test("the same roster again writes nothing", () => {
  const result = diff(stored(ROSTER), ROSTER);
  assert.deepEqual(result, { added: [], changed: [], vanished: [], unchanged: 3, writes: [] });
});

test("[B7] a new address is a change of the same person, not a leaver and a joiner", () => {
  const married = entry("E010", "Maya Okafor", { email: "maya.reyes@harborpine.example" });
  const result = diff(stored(ROSTER), [married, ...ROSTER.slice(1)]);
  assert.equal(result.added.length + result.vanished.length, 0);
  assert.deepEqual(result.changed[0]?.fields, [
    { field: "email", from: "maya.okafor@harborpine.example", to: "maya.reyes@harborpine.example" },
  ]);
  assert.equal(result.changed[0]?.person.id, personId("hr", "E010"));
  assert.equal(result.changed[0]?.person.importId, "imp_2");
});

test("[A8] somebody who is no longer in the file is kept, marked, and never taken to have left", () => {
  const result = diff(stored(ROSTER), ROSTER.slice(1));
  assert.equal(result.vanished.length, 1);
  const { person } = result.vanished[0] ?? { person: null };
  assert.equal(person?.listed, false);
  assert.equal(person?.status, "active");
  assert.equal(person?.accessEndsAt, null);
  const again = diff(
    stored(ROSTER).map((one) => (one.key === "E010" ? { ...one, listed: false } : one)),
    ROSTER.slice(1),
  );
  assert.deepEqual([again.vanished.length, again.writes.length], [0, 0]);
});

test("[A10] when rows were left out for their errors, nobody is taken to have vanished", () => {
  const result = diff(stored(ROSTER), ROSTER.slice(1), false);
  assert.deepEqual([result.vanished.length, result.unchanged, result.writes.length], [0, 2, 0]);
});

test("somebody who comes back is a change", () => {
  const before = stored(ROSTER).map((one) => (one.key === "E010" ? { ...one, listed: false } : one));
  const result = diff(before, ROSTER);
  assert.deepEqual(result.changed[0]?.fields, [{ field: "listed", from: false, to: true }]);
});

test("[M2] the order of the rows changes no finding of the diff; row numbers are written quietly", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(ROSTER, { minLength: 3 }), (shuffled) => {
      const rows = shuffled.map((one, index) => ({ ...one, row: index + 2 }));
      const result = diff(stored(ROSTER), rows);
      assert.deepEqual(
        [result.added.length, result.changed.length, result.vanished.length, result.unchanged],
        [0, 0, 0, 3],
      );
      assert.equal(
        result.writes.length,
        rows.filter((one) => ROSTER.find((old) => old.key === one.key)?.row !== one.row).length,
      );
    }),
  );
});

test("every field of a row that changes is named", () => {
  const other = entry("E010", "Maya Ann Okafor", {
    aliases: ["m@x.example"],
    status: "leave",
    startDate: "2023-01-01",
    lastDay: "2027-01-01",
    department: null,
    office: "Boston",
    title: "Lead",
    phone: "+1 415",
  });
  const [change] = diff(stored(ROSTER), [other, ...ROSTER.slice(1)]).changed;
  const fields = change?.fields.map((one) => one.field);
  assert.deepEqual(fields, [
    "email",
    "familyName",
    "displayName",
    "status",
    "startDate",
    "lastDay",
    "accessEndsAt",
    "department",
    "title",
    "office",
    "phone",
    "aliases",
  ]);
});

test("[A4] people are counted by class, leavers left out", () => {
  const people = [
    ...ROSTER,
    entry("E013", "Xi Wu", { department: "Support", office: null }),
    entry("E014", "Su Ng", { status: "terminated" }),
  ];
  assert.deepEqual(countClasses(people), {
    all: 4,
    "workerType:employee": 4,
    "department:Sales": 3,
    "department:Support": 1,
    "office:Oakland": 3,
  });
});
