import assert from "node:assert/strict";
import { isAppError } from "../../kernel/errors.ts";
import type { Bench, BenchTest } from "../suite.ts";

const CREATE = { method: "POST" } as const;
const READ = { method: "GET" } as const;

/** Faults do what their code says, on this vendor's routes and pages, and are counted. */
export function faultCases(benchTest: BenchTest): void {
  ruleCases(benchTest);
  effectCases(benchTest);
  pageCases(benchTest);
  forgedPageCases(benchTest);
}

function ruleCases(benchTest: BenchTest): void {
  benchTest("fires a rule on its turn and counts it", async (bench) => {
    await bench.fault({ fault: "F20", status: 503, nth: 2, times: 2 });
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await bench.list()).status);
    assert.deepEqual(statuses, [200, 503, 503, 200]);
    assert.deepEqual(bench.fired(), [2]);
  });

  benchTest("fires by chance in the same way for the same seed", async (bench) => {
    const draw = async (): Promise<readonly number[]> => {
      await bench.fault({ fault: "F20", probability: 0.5, seed: 11 });
      const statuses = [];
      for (let index = 0; index < 12; index += 1) statuses.push((await bench.list()).status);
      return statuses;
    };
    const first = await draw();
    assert.deepEqual(await draw(), first);
    assert.deepEqual(new Set(first), new Set([200, 500]));
  });

  benchTest(
    "refuses rules that name no fault, no parameter or no phase of it, and keeps the old ones",
    async (bench) => {
      await bench.fault({ fault: "F20" });
      const refused = (error: unknown): boolean => isAppError(error, "bad_input");
      await assert.rejects(bench.fault({ fault: "F00" }), refused);
      await assert.rejects(bench.fault({ fault: "F20", colour: "red" }), refused);
      await assert.rejects(bench.fault({ fault: "F05", phase: "before" }), refused);
      await assert.rejects(bench.fault({ fault: "F20", path: "(" }), refused);
      assert.equal((await bench.list()).status, 500);
    },
  );
}

function effectCases(benchTest: BenchTest): void {
  benchTest("keeps the effect out where the fault comes before it, and in where it comes after", async (bench) => {
    const before = bench.stored().length;
    await bench.fault({ ...CREATE, fault: "F04" });
    await assert.rejects(bench.create());
    assert.equal(bench.stored().length, before);
    await bench.fault({ ...CREATE, fault: "F05" });
    await assert.rejects(bench.create());
    assert.equal(bench.stored().length, before + 1);
    await bench.fault({ ...CREATE, fault: "F20", phase: "before" });
    assert.equal((await bench.create()).status, 500);
    await bench.fault({ ...CREATE, fault: "F20", phase: "after" });
    assert.equal((await bench.create()).status, 500);
    assert.equal(bench.stored().length, before + 2);
    const entries = bench.emulator.journal().map(({ effect, status, fault }) => [fault, effect, status]);
    assert.deepEqual(entries, [
      ["F04", "none", null],
      ["F05", "applied", null],
      ["F20", "none", 500],
      ["F20", "applied", 500],
    ]);
  });

  benchTest("loses a write that it confirms, and says so in the journal", async (bench) => {
    const before = bench.stored();
    await bench.fault({ ...CREATE, fault: "F54" });
    assert.ok((await bench.create()).status < 300);
    assert.deepEqual(bench.stored(), before);
    assert.equal(bench.emulator.journal().at(-1)?.effect, "suppressed");
  });

  benchTest("shows an accepted write only later", async (bench) => {
    const before = bench.stored().length;
    await bench.fault({ ...CREATE, fault: "F52", ms: 30_000 });
    assert.ok((await bench.create()).status < 300);
    assert.equal(bench.stored().length, before);
    bench.clock.advance(30_000);
    assert.equal(bench.ids(await bench.list()).length, before + 1);
    assert.equal(bench.emulator.journal()[0]?.effect, "applied");
  });

  benchTest("reads from a replica that is behind, or from two in turn", async (bench) => {
    const before = bench.stored().length;
    bench.clock.advance(60_000);
    await bench.create();
    await bench.fault({ ...READ, fault: "F50", ms: 30_000 });
    assert.equal(bench.ids(await bench.list()).length, before);
    await bench.fault({ ...READ, fault: "F51", ms: 30_000 });
    const seen = [];
    for (let index = 0; index < 4; index += 1) seen.push(bench.ids(await bench.list()).length);
    assert.deepEqual(seen, [before + 1, before, before + 1, before]);
    bench.clock.advance(30_000);
    await bench.fault({ ...READ, fault: "F50", ms: 30_000 });
    assert.equal(bench.ids(await bench.list()).length, before + 1);
  });

  benchTest("lets somebody else hold the address, or take the last seats, just before a create", async (bench) => {
    const { module } = bench.subject;
    if (module.faults.holdEmail !== undefined) {
      const before = bench.stored().length;
      await bench.fault({ ...CREATE, fault: "F61" });
      assert.ok((await bench.create()).status >= 400);
      assert.equal(bench.stored().length, before + 1);
    }
    if (module.faults.takeSeats !== undefined) {
      bench.emulator.set("seatLimit", bench.emulator.state().seats.used + 5);
      await bench.fault({ ...CREATE, fault: "F60", left: 1, times: 1 });
      assert.ok((await bench.create()).status < 300);
      assert.equal(bench.emulator.state().seats.used, bench.emulator.state().seats.limit);
      assert.ok((await bench.create()).status >= 400);
    }
  });

  benchTest("waits on the emulator's clock alone", async (bench) => {
    await bench.fault({ ...READ, fault: "F01", ms: 600_000 });
    const answer = bench.list();
    await untilFired(bench);
    bench.clock.advance(600_000);
    assert.equal((await answer).status, 200);
  });
}

/** Resolves once the request of the only rule has come in. */
async function untilFired(bench: Bench): Promise<void> {
  while (bench.fired()[0] === 0) await new Promise((resolve) => setImmediate(resolve));
}

function pageCases(benchTest: BenchTest): void {
  benchTest("lists every row once, in pages of any size", async (bench) => {
    for (const size of [1, 2, 3, 9, 10]) {
      assert.deepEqual((await bench.walk(size)).flat(), bench.stored(), `page size ${size}`);
    }
  });

  benchTest("deletes and adds rows between two pages", async (bench) => {
    await bench.fault({ fault: "F40", op: "delete", where: "before", index: 1, times: 1 });
    const [first] = await bench.walk(3);
    assert.ok(!bench.stored().includes(first?.[1] ?? ""));
    await bench.fault({ fault: "F40", op: "delete", where: "after", index: 0, times: 1 });
    const listed = bench.stored();
    await bench.walk(3);
    assert.ok(!bench.stored().includes(listed[3] ?? ""));
    await bench.fault({ fault: "F40", op: "insert", where: "before", times: 1 });
    await bench.walk(3);
    const added = bench.stored().filter((id) => !listed.includes(id));
    assert.deepEqual(bench.stored()[0], added[0]);
    assert.deepEqual(bench.fired(), [1]);
  });

  benchTest("repeats, cycles, shortens and empties pages", async (bench) => {
    const straight = await bench.walk(3);
    const [one, two, three] = straight;
    await bench.fault({ fault: "F41", times: 1 });
    assert.deepEqual(await bench.walk(3), [one, one, three]);
    await bench.fault({ fault: "F42", times: 1 });
    assert.deepEqual((await bench.walk(3))[1], one);
    await bench.fault({ fault: "F44", rows: 2, nth: 2 });
    assert.deepEqual((await bench.walk(3))[1], two?.slice(0, 2));
    await bench.fault({ fault: "F45", size: 2 });
    assert.deepEqual((await bench.walk(3))[0], one?.slice(0, 2));
    await bench.fault({ fault: "F43", times: 1 });
    const empty = bench.page(await bench.list(3));
    assert.deepEqual(empty.rows, []);
    assert.notEqual(empty.next, null);
  });

  benchTest("answers in another order each time, with the same rows", async (bench) => {
    await bench.fault({ fault: "F49" });
    const [first, second] = [bench.ids(await bench.list()), bench.ids(await bench.list())];
    assert.notDeepEqual(second, first);
    assert.deepEqual(new Set(second), new Set(first));
  });
}

function forgedPageCases(benchTest: BenchTest): void {
  benchTest("lies about the total, points elsewhere, and lets page tokens expire", async (bench) => {
    const { total } = bench.page(await bench.list(3));
    await bench.fault({ fault: "F46", total: "low", by: 2 });
    if (total !== null) assert.equal(bench.page(await bench.list(3)).total, total - 2);
    await bench.fault({ fault: "F46", total: 4711 });
    if (total !== null) assert.equal(bench.page(await bench.list(3)).total, 4711);
    await bench.fault({ fault: "F46", total: "absent" });
    assert.equal(bench.page(await bench.list(3)).total, null);
    await bench.fault({ fault: "F47", to: "other-host" });
    assert.match(bench.page(await bench.list(3)).next ?? "", /^https:\/\/other\.example\//);
    await bench.fault({ fault: "F48", status: 410 });
    assert.equal((await bench.list(3)).status, 200);
    const path = bench.subject.listing.first(3);
    await bench.fault();
    const { body } = await bench.call("GET", path);
    const next = bench.subject.listing.next(path, body as never);
    assert.notEqual(next, null);
    await bench.fault({ fault: "F48", status: 410 });
    assert.equal((await bench.call("GET", next ?? "")).status, 410);
  });

  benchTest("lists a removed row that cannot be read by its id", async (bench) => {
    const id = bench.emulator.mutate({ op: "create", kind: bench.subject.listing.collection, data: {} });
    bench.emulator.mutate({ op: "delete", kind: bench.subject.listing.collection, id });
    await bench.fault({ fault: "F53" });
    assert.ok(bench.ids(await bench.list()).includes(id));
    assert.equal((await bench.call("GET", bench.subject.byId(id))).status, 404);
    assert.ok(!bench.stored().includes(id));
  });
}
