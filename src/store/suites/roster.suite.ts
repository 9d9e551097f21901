import assert from "node:assert/strict";
import type { EmailKey } from "../../kernel/email.ts";
import type { ImportRecord, StagedPage } from "../port.ts";
import { aPerson, anAccount } from "./fixtures.ts";
import { storeTests, withCode, type OpenHarness } from "./harness.ts";

/** People, imports and staged pages. */
export function rosterSuite(name: string, open: OpenHarness): void {
  people(name, open);
  largeRoster(name, open);
  imports(name, open);
  walks(name, open);
}

function people(name: string, open: OpenHarness): void {
  const storeTest = storeTests(name, open);
  storeTest("people come back as they were stored", async ({ store }) => {
    const lena = aPerson(1, {
      displayName: 'Léna "LK" O\'Neil 李 \u0007',
      aliases: ["lk@harborpine.example" as EmailKey],
    });
    assert.equal(await store.people.upsert([lena, aPerson(2)]), 2);
    assert.deepEqual(await store.people.get(lena.id), lena);
    assert.deepEqual(await store.people.all(), [lena, aPerson(2)]);
    assert.equal(await store.people.get("per_unknown"), null);
  });

  storeTest("people are found by source and key, and by address", async ({ store }) => {
    await store.people.upsert([aPerson(1), aPerson(2), aPerson(3, { source: "okta" })]);
    assert.deepEqual([...(await store.people.bySource("hr")).keys()], ["E1", "E2"]);
    assert.deepEqual((await store.people.bySource("okta")).get("E3"), aPerson(3, { source: "okta" }));
    assert.deepEqual(await store.people.byEmail(aPerson(2).emailKey), [aPerson(2)]);
  });

  storeTest("[B1] addresses are compared as they are stored, never folded by the database", async ({ store }) => {
    const spelled = ["k@harborpine.example", "K@harborpine.example", "\u212a@harborpine.example"] as EmailKey[];
    await store.people.upsert(spelled.map((emailKey, index) => aPerson(index, { emailKey })));
    for (const [index, emailKey] of spelled.entries()) {
      assert.deepEqual(
        (await store.people.byEmail(emailKey)).map((person) => person.key),
        [`E${index}`],
      );
    }
  });

  storeTest("an unchanged person is not written, a changed one is", async ({ store }) => {
    await store.people.upsert([aPerson(1), aPerson(2)]);
    assert.equal(await store.people.upsert([aPerson(1), aPerson(2)]), 0);
    assert.equal(await store.people.upsert([aPerson(1), aPerson(2, { title: "Lead" })]), 1);
    assert.equal((await store.people.get(aPerson(2).id))?.title, "Lead");
  });

  storeTest("the order of a person's fields is no change", async ({ store }) => {
    const person = aPerson(1);
    await store.people.upsert([person]);
    const { id, ...rest } = person;
    assert.equal(await store.people.upsert([{ ...rest, id }]), 0);
    assert.equal(await store.people.upsert([{ ...rest, id, displayName: "Per Son 9" }]), 1);
  });

  storeTest("a source's key belongs to one person, and a refused import leaves nothing behind", async ({ store }) => {
    await store.people.upsert([aPerson(1)]);
    await assert.rejects(
      async () => store.people.upsert([aPerson(2), aPerson(3, { key: "E1" })]),
      withCode("conflict"),
    );
    assert.deepEqual(await store.people.all(), [aPerson(1)]);
  });

  storeTest("a key with a NUL is refused on every database", async ({ store }) => {
    await assert.rejects(async () => store.people.upsert([aPerson(1, { key: "E\u00001" })]), withCode("bad_input"));
  });
}

function largeRoster(name: string, open: OpenHarness): void {
  storeTests(name, open)("a roster of thousands is written once, and read whole", async ({ store }) => {
    const roster = Array.from({ length: 5_001 }, (_, index) => aPerson(index));
    assert.equal(await store.people.upsert(roster), 5_001);
    assert.equal(await store.people.upsert(roster), 0);
    const changed = roster.map((person, index) => (index % 1_000 === 0 ? { ...person, office: "South" } : person));
    assert.equal(await store.people.upsert(changed), 6);
    assert.deepEqual(
      [...(await store.people.bySource("hr")).values()].sort((a, b) => a.row - b.row),
      changed,
    );
  });
}

function imports(name: string, open: OpenHarness): void {
  storeTests(name, open)("the latest import of a source is the one that was added last", async ({ store }) => {
    const record = (id: string, source: string): ImportRecord => ({
      id,
      source,
      file: "roster.csv",
      sha256: "0".repeat(64),
      importedAt: "2026-11-20T09:00:00.000Z",
      actor: "cli",
      rows: 84,
      counts: { all: 84, "workerType:contractor": 6 },
      previous: null,
      added: 84,
      changed: 0,
      vanished: 0,
    });
    assert.equal(await store.imports.latest("hr"), null);
    for (const [id, source] of [
      ["imp_z", "hr"],
      ["imp_a", "hr"],
      ["imp_b", "okta"],
    ] as const) {
      await store.imports.add(record(id, source));
    }
    assert.deepEqual(await store.imports.latest("hr"), record("imp_a", "hr"));
    assert.deepEqual(
      (await store.imports.all()).map((one) => one.id),
      ["imp_z", "imp_a", "imp_b"],
    );
    await assert.rejects(async () => store.imports.add(record("imp_a", "hr")), withCode("conflict"));
  });
}

function walks(name: string, open: OpenHarness): void {
  storeTests(name, open)("pages of a walk are kept in order until it is cleared, each once", async ({ store }) => {
    const page = (number: number, parent: string | null): StagedPage => ({
      walk: "walk-1",
      kind: "user",
      parent,
      page: number,
      items: [anAccount(String(number))],
      next: null,
      total: 12,
      warnings: [],
      readAt: "2026-11-20T09:00:00.000Z",
    });
    for (const number of [2, 11, 1]) await store.walks.put(page(number, null));
    await store.walks.put(page(1, "team-1"));
    await store.walks.put({ ...page(2, null), total: 13 });
    assert.deepEqual(await store.walks.pages("walk-1", "user", null), [
      page(1, null),
      { ...page(2, null), total: 13 },
      page(11, null),
    ]);
    assert.deepEqual(await store.walks.pages("walk-1", "user", "team-1"), [page(1, "team-1")]);
    await store.walks.clear("walk-1");
    assert.deepEqual(await store.walks.pages("walk-1", "user", null), []);
  });
}
