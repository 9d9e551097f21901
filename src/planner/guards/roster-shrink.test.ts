import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_GUARDS } from "../../model/policy.ts";
import { makeDraft } from "../testing/drafts.ts";
import { checkRosterShrink } from "./roster-shrink.ts";

const steps = [makeDraft("a"), makeDraft("b")];

function check(previous: Readonly<Record<string, number>> | null, counts: Readonly<Record<string, number>>) {
  const record = { id: "imp_1", source: "hr", importedAt: "2026-11-20T10:00:00.000Z", counts, previous };
  return checkRosterShrink(steps, [record], DEFAULT_GUARDS);
}

test("blocks every step when a file of 84 people lost 30 rows", () => {
  const [guard, ...others] = check({ all: 84 }, { all: 54 });
  assert.deepEqual(others, []);
  assert.equal(guard?.state, "block");
  assert.deepEqual(guard.steps, ["a", "b"]);
  assert.match(guard.text, /fell from 84 to 54 \(35\.7 % fewer\); limit 5 % or 3/u);
  assert.match(guard.text, /imp_1/u);
});

test("works for a file of five people and lets a few rows go", () => {
  assert.equal(check({ all: 5 }, { all: 2 }).length, 0);
  assert.equal(check({ all: 5 }, { all: 1 })[0]?.state, "block");
  assert.equal(check({ all: 5000 }, { all: 4750 }).length, 0);
  assert.equal(check({ all: 5000 }, { all: 4749 })[0]?.state, "block");
});

test("blocks when one class is gone altogether while the rest grew", () => {
  const [guard] = check({ all: 84, "workerType:contractor": 3 }, { all: 90 });
  assert.equal(guard?.state, "block");
  assert.match(guard.text, /workerType contractor fell from 3 to 0/u);
});

test("a department may shrink more than the whole file, up to a quarter", () => {
  const whole = { all: 84 };
  assert.deepEqual(check({ ...whole, "department:Sales": 20 }, { ...whole, "department:Sales": 15 }), []);
  const [guard] = check({ ...whole, "department:Sales": 20 }, { ...whole, "department:Sales": 14 });
  assert.equal(guard?.state, "block");
});

test("is silent for a first import, a grown file and a difference that was accepted", () => {
  assert.deepEqual(check(null, { all: 84 }), []);
  assert.deepEqual(check({ all: 84 }, { all: 85 }), []);
});
