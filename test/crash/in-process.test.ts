/**
 * The process dies at every point of one plan over both apps, in one process and on a virtual clock: real store, real
 * emulators over HTTP, the deterministic engine. What counts is what the emulators hold and have journaled.
 */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { seededRandom } from "../../src/kernel/random.ts";
import type { FaultRule, JournalEntry as AppEntry } from "../../src/emulator-kit/running.ts";
import type { Plan, Step } from "../../src/model/plan.ts";
import { applyThroughCrashes, assertSound, dieAt, fresh, siteName, withBed, type Bed, type Site } from "./sites.ts";
import { stepsLeft, writesOf, type Write } from "./scenario.ts";

/** Long runs: every pair of points, every fault at every point. */
const SOAK = process.env["TENURE_TEST_SOAK"] !== undefined;
/** Pairs that a short run takes by chance. */
const FEW = 12;
const SEED = Number(process.env["TENURE_TEST_SEED"] ?? "20261120");

/** Ends of steps over all runs, for the words at the end. */
class Tally {
  readonly #ends = new Map<string, number>();
  runs = 0;

  add(journal: readonly { readonly state: string }[]): void {
    this.runs += 1;
    for (const { state } of journal) this.#ends.set(state, (this.#ends.get(state) ?? 0) + 1);
  }

  words(): string {
    return [...this.#ends].map(([state, count]) => `${count} ${state}`).join(", ");
  }
}

function some<T>(items: readonly T[], count: number, seed: number): readonly T[] {
  const random = seededRandom(seed);
  return Array.from(
    { length: Math.min(count, items.length) },
    () => items[Math.floor(random.next() * items.length)],
  ).filter((item) => item !== undefined);
}

async function through(bed: Bed, plan: Plan, way: "engine" | "resume", what: string, tally: Tally): Promise<void> {
  const ended = await applyThroughCrashes(bed.world, plan, way);
  assertSound(bed, ended, what);
  tally.add(ended.journal);
}

function report(context: TestContext, text: string): void {
  context.diagnostic(text);
}

test("the clean run does the whole plan, and planning again finds nothing", async () => {
  await withBed(async (bed) => {
    assert.ok(bed.sites.length > 60, `${bed.sites.length} sites`);
    const left = await stepsLeft(bed.world);
    assert.deepEqual(
      left.map((step) => step.title),
      [],
    );
  });
});

test("[X1] [S1] a crash at every point: nothing is done twice, nothing is lost", async (context) => {
  await withBed(async (bed) => {
    const tally = new Tally();
    for (const [index, site] of bed.sites.entries()) {
      for (const way of SOAK ? (["engine", "resume"] as const) : ([index % 2 === 0 ? "engine" : "resume"] as const)) {
        const plan = await fresh(bed);
        const deaths = dieAt(bed.world, [site]);
        await through(bed, plan, way, `${siteName(site)}, by ${way}`, tally);
        assert.equal(deaths.left(), 0, `${siteName(site)} was not reached`);
      }
    }
    report(context, `closure: ${bed.sites.length} crash points, ${tally.runs} runs: ${tally.words()}`);
  });
});

test("[X1] two crashes in one run", async (context) => {
  await withBed(async (bed) => {
    const tally = new Tally();
    const all = bed.sites.flatMap((first) => bed.sites.map((second) => [first, second] as const));
    const pairs = SOAK ? all : some(all, FEW, SEED);
    let twice = 0;
    for (const [first, second] of pairs) {
      const plan = await fresh(bed);
      const deaths = dieAt(bed.world, [first, second]);
      await through(bed, plan, "engine", `${siteName(first)}, then ${siteName(second)}`, tally);
      if (deaths.left() === 0) twice += 1;
    }
    const word = SOAK ? "closure" : `sampling, seed ${SEED}`;
    report(context, `${word}: ${pairs.length} pairs, in ${twice} of them both points were reached: ${tally.words()}`);
  });
});

test("[S2] no effect without its intent: each is in the journal, durable, before anything of it is sent", async () => {
  await withBed(async (bed) => {
    const { world } = bed;
    const plan = await fresh(bed);
    const marks = new Map<string, number>();
    world.onPoint = async (point, step) => {
      if (point !== "after-intent") return;
      // The row as another process would find it, and the last request that the app had seen by then.
      const [run] = await world.store.runs.byPlan(plan.id);
      const entry = await world.store.journal.get(run?.id ?? "", step.id);
      assert.equal(entry?.attempts.at(-1)?.outcome, "pending", step.title);
      if (!marks.has(step.id)) marks.set(step.id, world.emulator(appOf(step)).journal().at(-1)?.seq ?? 0);
    };
    await world.apply(plan);
    for (const app of ["followupboss", "front"] as const) {
      for (const effect of world.effects(app)) {
        const step = plan.content.steps.find((one) => one.app === app && isEffectOf(one, effect));
        assert.ok(step !== undefined, `${effect.method} ${effect.path} is no effect of the plan`);
        assert.ok((marks.get(step.id) ?? Infinity) < effect.seq, step.title);
      }
    }
    assert.equal(marks.size, plan.content.steps.filter((step) => step.action.verb !== "verifyNone").length);
  });
});

function appOf(step: Step): "followupboss" | "front" {
  return step.app === "front" ? "front" : "followupboss";
}

/** Whether the request is the one call of the step, or one of those of a hand-over. */
function isEffectOf({ action, target }: Step, { method, path, body }: AppEntry): boolean {
  const said = JSON.stringify(body);
  switch (action.verb) {
    case "create":
      return method === "POST" && said.includes(target.email ?? "");
    case "transfer":
      return path.startsWith("/v1/people/");
    case "join":
    case "leave":
      if (path.startsWith("/v1/")) return path.endsWith(`/${target.id}`) && said.includes("teamId");
      return path.includes(action.team.id) && (target.id === null || said.includes(`"${target.id}"`));
    case "update":
      return path.endsWith(`/${target.id}`) && (method === "PUT" || method === "PATCH") && !said.includes("teamId");
    default:
      return path.endsWith(`/${target.id}`) && (method === "DELETE") === (action.verb === "remove");
  }
}

/** What can become of a request and its answer. */
const LOST: Readonly<Record<string, FaultRule>> = {
  "reset before the effect": { fault: "F04" },
  "reset after the effect": { fault: "F05" },
  "500 after the effect": { fault: "F20", phase: "after", status: 500 },
  "no answer after the effect": { fault: "F09" },
};

function once(write: Write, rule: FaultRule): FaultRule {
  return { ...rule, method: write.method, path: write.path, body: write.body, nth: 1, times: 1 };
}

test("[D1] [D10] every write of the plan loses its answer, before and after its effect", async (context) => {
  await withBed(async (bed) => {
    const tally = new Tally();
    const writes = writesOf(bed.cleanWrites);
    const faults = Object.entries(LOST).filter((_, index) => SOAK || index < 2);
    for (const write of writes) {
      for (const [name, rule] of faults) {
        const plan = await fresh(bed);
        await bed.world.fault(write.app, once(write, rule));
        await through(bed, plan, "engine", `${write.method} ${write.path}: ${name}`, tally);
        bed.world.assertFired(write.app);
        await bed.world.fault(write.app);
      }
    }
    report(context, `closure: ${writes.length} writes, ${faults.length} lost answers each: ${tally.words()}`);
  });
});

test("[D10] a lost answer and a crash in one run", async (context) => {
  await withBed(async (bed) => {
    const tally = new Tally();
    const all = writesOf(bed.cleanWrites).flatMap((write) =>
      Object.entries(LOST).flatMap(([name, rule]) => bed.sites.map((site) => ({ write, name, rule, site }))),
    );
    const cases = SOAK ? all : some(all, FEW, SEED + 1);
    for (const { write, name, rule, site } of cases) {
      const plan = await fresh(bed);
      await bed.world.fault(write.app, once(write, rule));
      dieAt(bed.world, [site]);
      await through(bed, plan, "engine", `${write.method} ${write.path}: ${name}; ${siteName(site)}`, tally);
      await bed.world.fault(write.app);
    }
    report(context, `${SOAK ? "closure" : `sampling, seed ${SEED + 1}`}: ${cases.length} runs: ${tally.words()}`);
  });
});

test("[X2] taking up a finished run again, and again, changes nothing", async (context) => {
  await withBed(async (bed) => {
    const { world } = bed;
    const sites = SOAK ? bed.sites : some(bed.sites, FEW / 2, SEED + 2);
    for (const site of sites) {
      const plan = await fresh(bed);
      dieAt(world, [site]);
      await applyThroughCrashes(world, plan, "engine");
      const effects = (): number => world.effects("followupboss").length + world.effects("front").length;
      const before = effects();
      const [run] = await world.store.runs.byPlan(plan.id);
      for (let again = 0; again < 2; again += 1) {
        await world.restart();
        await world.resume(run?.id ?? "");
      }
      assert.equal(effects(), before, siteName(site));
    }
    report(context, `${sites.length} crash points, each taken up three times`);
  });
});

test("[S14] [F82] a worker that stalls and wakes up after somebody took over does nothing more", async (context) => {
  await withBed(async (bed) => {
    const tally = new Tally();
    const sites = SOAK ? bed.sites : some(bed.sites, FEW, SEED + 3);
    for (const site of sites) {
      const plan = await fresh(bed);
      await stallAt(bed, plan, site, tally);
    }
    report(context, `${SOAK ? "closure" : `sampling, seed ${SEED + 3}`}: ${sites.length} stalls: ${tally.words()}`);
  });
});

/** The first process stalls at the site; the second takes over once the leases are over; then the first goes on. */
async function stallAt(bed: Bed, plan: Plan, site: Site, tally: Tally): Promise<void> {
  const { world } = bed;
  const stalled = world.process;
  dieAt(world, [site], () => stalled.life.stop());
  world.begin("apply", { plan: plan.id, approveAs: ["ann", "bob"] });
  await world.until(() => stalled.life.stopped);
  world.onPoint = () => undefined;
  world.takeOver();
  await world.clock.advance(35_000);
  const ended = await applyThroughCrashes(world, plan, "resume");
  stalled.life.goOn();
  await world.until(() => false);
  const after = await world.drive(world.store.journal.all(ended.run));
  assertSound(bed, { ...ended, journal: after }, `${siteName(site)}, stalled`);
  tally.add(after);
}
