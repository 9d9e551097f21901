import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { diffPrints, printRoster } from "./roster-prints.ts";
import { entry } from "./testing/company.ts";

const one = fc.record({ id: fc.integer({ min: 0, max: 30 }), office: fc.constantFrom("Oakland", "Boston", null) });
const roster = fc.uniqueArray(one, { selector: (spec) => spec.id, maxLength: 20 });

test("prints tell the same people added, changed and vanished as the records themselves, in any order", () => {
  fc.assert(
    fc.property(roster, roster, (before, after) => {
      const entries = (specs: typeof before): ReturnType<typeof entry>[] =>
        specs.map(({ id, office }) => entry(`E${id}`, `Person ${id}`, { office }));
      const result = diffPrints(printRoster(entries(before)), printRoster(entries(after)));
      const old = new Map(before.map((spec) => [spec.id, spec.office]));
      const now = new Map(after.map((spec) => [spec.id, spec.office]));
      const keys = (positions: Uint32Array, list: typeof before): (number | undefined)[] =>
        [...positions].map((at) => list[at]?.id);
      assert.deepEqual(
        keys(result.added, after),
        after.filter(({ id }) => !old.has(id)).map(({ id }) => id),
      );
      assert.deepEqual(
        keys(result.changed, after),
        after.filter(({ id, office }) => old.has(id) && old.get(id) !== office).map(({ id }) => id),
      );
      assert.deepEqual(
        keys(result.vanished, before),
        before.filter(({ id }) => !now.has(id)).map(({ id }) => id),
      );
    }),
  );
});

test("every field that a diff of records sees changes the print, and the row number does not", () => {
  const base = entry("E1", "Maya Okafor", { phone: "1" });
  const changed = (other: typeof base): number => diffPrints(printRoster([base]), printRoster([other])).changed.length;
  assert.equal(changed({ ...base, row: 99 }), 0);
  const others: (typeof base)[] = [
    { ...base, email: "x@x.example" },
    { ...base, aliases: [base.emailKey] },
    { ...base, givenName: "Mia" },
    { ...base, familyName: "Ott" },
    { ...base, displayName: "M O" },
    { ...base, status: "leave" },
    { ...base, startDate: null },
    { ...base, lastDay: base.startDate },
    { ...base, accessEndsAt: "2026-01-01T00:00:00.000Z" },
    { ...base, zone: "UTC" },
    { ...base, department: null },
    { ...base, title: "x" },
    { ...base, office: "" },
    { ...base, workerType: null },
    { ...base, manager: "E2" },
    { ...base, phone: "2" },
  ];
  for (const [index, other] of others.entries()) assert.equal(changed(other), 1, `field ${index}`);
});

test("text that moves from one field to the next changes the print", () => {
  const base = entry("E1", "Maya Okafor", { department: "ab", title: "c" });
  const moved = { ...base, department: "a", title: "bc" };
  assert.equal(diffPrints(printRoster([base]), printRoster([moved])).changed.length, 1);
});
