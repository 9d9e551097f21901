import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "../kernel/errors.ts";
import { seededRandom } from "../kernel/random.ts";
import { integerIds, prefixedIds, type Collection, type StoredRecord } from "./contract.ts";
import { Store } from "./store.ts";

interface Row extends StoredRecord {
  readonly name: string;
}

/** A store with the rows a, b and c, and its one collection. */
function threeRows(): { readonly store: Store; readonly rows: Collection<StoredRecord> } {
  const store = new Store({ rows: integerIds() });
  const seed: readonly Row[] = ["a", "b", "c"].map((name, index) => ({ id: index + 1, name }));
  store.load("main", { rows: seed });
  const { rows } = store.collections("main");
  assert.ok(rows !== undefined);
  return { store, rows };
}

function names(rows: Collection<StoredRecord>): string {
  return rows
    .list()
    .map((row) => ("name" in row ? row.name : "?"))
    .join("");
}

function change(store: Store, run: () => void): ReturnType<Store["transact"]>["transaction"] {
  return store.transact(0, run).transaction;
}

test("a transaction is taken back and done again as a whole, each record in its place", () => {
  const { store, rows } = threeRows();
  const edit = (): void => {
    rows.remove(2);
    rows.replace({ id: 3, name: "C" } as Row);
    rows.insert({ id: rows.nextId(), name: "d" } as Row);
  };
  const transaction = change(store, edit);
  assert.equal(names(rows), "aCd");
  transaction.undo();
  assert.equal(names(rows), "abc");
  assert.equal(rows.nextId(), 4, "the id was given back");
  transaction.redo();
  assert.equal(names(rows), "aCd");
});

test("work that throws leaves nothing behind", () => {
  const { store, rows } = threeRows();
  assert.throws(() =>
    store.transact(0, () => {
      rows.remove(1);
      throw new Error("no");
    }),
  );
  assert.equal(names(rows), "abc");
  assert.throws(
    () => rows.remove(1),
    (error) => isAppError(error, "internal"),
    "outside a transaction nothing changes",
  );
});

test("a write that changes nothing is no change", () => {
  const { store, rows } = threeRows();
  assert.equal(change(store, () => void rows.replace({ id: 1, name: "a" } as Row)).changed, false);
  assert.equal(change(store, () => void rows.replace({ id: 1, name: "A" } as Row)).changed, true);
});

test("an id is never given out twice, whoever chose it", () => {
  const { store, rows } = threeRows();
  change(store, () => void rows.insert({ id: 41, name: "x" } as Row));
  change(store, () => void rows.remove(41));
  assert.equal(rows.nextId(), 42);
  const texts = new Store({ rows: prefixedIds("row_") });
  texts.load("main", { rows: [{ id: "row_z" }, { id: "row_zz9" }] });
  assert.equal(texts.collections("main")["rows"]?.nextId(), `row_${(Number.parseInt("zz9", 36) + 1).toString(36)}`);
  assert.throws(
    () => change(store, () => void rows.insert({ id: 1, name: "x" } as Row)),
    (error) => isAppError(error, "conflict"),
  );
});

test("the past is shown as it was, and the present is there again afterwards", () => {
  const { store, rows } = threeRows();
  const at = (now: number, run: () => void): void => void store.transact(now, run);
  at(1000, () => rows.remove(2));
  at(2000, () => rows.insert({ id: 9, name: "n" } as Row));
  at(3000, () => rows.replace({ id: 9, name: "N" } as Row));
  const seen = [0, 1000, 2000, 3000].map((time) => store.inPast(time, () => names(rows)));
  assert.deepEqual(seen, ["abc", "ac", "acn", "acN"]);
  assert.equal(names(rows), "acN");
});

test("removed records come back as ghosts, and only for the time of a look", () => {
  const { store, rows } = threeRows();
  change(store, () => void rows.remove(1));
  assert.equal(
    store.withGhosts("main", "rows", () => names(rows)),
    "abc",
  );
  assert.equal(names(rows), "bc");
});

test("rows can be shown in another order, and put at the head of it", () => {
  const { store, rows } = threeRows();
  const order = store.shuffled("main", "rows", seededRandom(3), () => names(rows));
  assert.notEqual(order, "abc");
  assert.deepEqual(order.split("").sort(), ["a", "b", "c"]);
  change(store, () => store.insertFirst("main", "rows", { id: 9, name: "z" } as Row));
  assert.equal(names(rows), "zabc");
});
