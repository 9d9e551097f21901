import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isAppError } from "../kernel/errors.ts";
import { orderSteps } from "./order.ts";
import { makeDraft } from "./testing/drafts.ts";

const ids = (drafts: readonly { readonly id: string }[]): readonly string[] => drafts.map((draft) => draft.id);

test("puts leavers before movers before joiners and keeps each person's steps together", () => {
  const drafts = [
    makeDraft("join", { rank: "joiner", person: "per_3", personLabel: "Abe" }),
    makeDraft("move", { rank: "mover", person: "per_2", personLabel: "Bea" }),
    makeDraft("zoe-2", { person: "per_5", personLabel: "Zoe", action: { verb: "remove" } }),
    makeDraft("maya", { person: "per_4", personLabel: "Maya" }),
    makeDraft("zoe-1", { person: "per_5", personLabel: "Zoe" }),
  ];
  assert.deepEqual(ids(orderSteps(drafts)), ["maya", "zoe-1", "zoe-2", "move", "join"]);
});

test("puts a step after what it depends on, even across people", () => {
  const drafts = [
    makeDraft("early", { personLabel: "Abe", dependsOn: ["late"] }),
    makeDraft("late", { rank: "joiner", personLabel: "Zoe", person: "per_9" }),
  ];
  assert.deepEqual(ids(orderSteps(drafts)), ["late", "early"]);
});

test("refuses steps that wait for each other and steps that wait for nothing known", () => {
  const circle = [makeDraft("a", { dependsOn: ["b"] }), makeDraft("b", { dependsOn: ["a"] })];
  assert.throws(
    () => orderSteps(circle),
    (error) => isAppError(error, "internal"),
  );
  assert.throws(
    () => orderSteps([makeDraft("a", { dependsOn: ["x"] })]),
    (error) => isAppError(error, "internal"),
  );
  assert.throws(
    () => orderSteps([makeDraft("a"), makeDraft("a")]),
    (error) => isAppError(error, "internal"),
  );
});

test("gives one order for every arrangement of the same steps, with every step after those it depends on", () => {
  const arrangement = fc
    .array(fc.tuple(fc.nat(3), fc.nat(3), fc.array(fc.nat(100), { maxLength: 3 })), { maxLength: 30 })
    .chain((rows) => {
      const drafts = rows.map(([rank, person, back], place) =>
        makeDraft(`s${place}`, {
          rank: (["leaver", "mover", "joiner"] as const)[rank % 3] ?? "leaver",
          person: `per_${person}`,
          personLabel: `Person ${person}`,
          dependsOn: place === 0 ? [] : [...new Set(back.map((step) => `s${step % place}`))],
        }),
      );
      return fc.tuple(fc.constant(drafts), fc.shuffledSubarray(drafts, { minLength: drafts.length }));
    });
  fc.assert(
    fc.property(arrangement, ([drafts, shuffled]) => {
      const order = ids(orderSteps(drafts));
      assert.deepEqual(ids(orderSteps(shuffled)), order);
      for (const draft of drafts) {
        for (const first of draft.dependsOn) assert.ok(order.indexOf(first) < order.indexOf(draft.id));
      }
    }),
    { numRuns: 200 },
  );
});
