// A process of its own for tests that need one: `child.ts <directory> <what>`; it tells what happened as a line of JSON.
import { systemClock } from "../../kernel/clock.ts";
import { toAppError } from "../../kernel/errors.ts";
import { openEmbeddedStore, type OpenStore } from "../open.ts";
import { aPerson } from "./fixtures.ts";

const BATCH = 500;
const MOST_BATCHES = 400;

function tell(facts: Readonly<Record<string, string | number>>): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}

/** Writes whole batches until the disk refuses one, then tries once more, and reads. */
async function fill(store: OpenStore): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    const people = Array.from({ length: BATCH }, (_, index) => aPerson(batch * BATCH + index));
    try {
      await store.people.upsert(people);
    } catch (error) {
      const first = toAppError(error);
      const second = toAppError(
        await store.people.upsert([aPerson(0, { title: "x" })]).catch((again: unknown) => again),
      );
      const readable = (await store.people.all()).length;
      tell({ code: first.code, message: first.message, second: second.code, committed: batch * BATCH, readable });
      return;
    }
  }
  tell({ code: "none", committed: MOST_BATCHES * BATCH });
}

/** Commits one batch after the other, telling each when it is durable, until it is killed. */
async function commitForEver(store: OpenStore): Promise<void> {
  for (let number = 1; ; number += 1) {
    await store.transaction(async (tables) => {
      await tables.people.upsert([aPerson(number)]);
      await tables.audit.append(
        { actor: "child", action: "commit", object: String(number), outcome: "ok", details: {} },
        "2026-11-20T09:00:00.000Z",
      );
    });
    tell({ committed: number });
  }
}

const [directory = "", what = ""] = process.argv.slice(2);
try {
  const store = await openEmbeddedStore({ directory, clock: systemClock() });
  if (what === "fill") await fill(store);
  if (what === "commit") await commitForEver(store);
  if (what === "hold") {
    tell({ pid: process.pid });
    // Holds the directory until the parent closes the pipe.
    await new Promise((resolve) => process.stdin.once("end", resolve).resume());
  }
  await store.close();
} catch (error) {
  const { code, message } = toAppError(error);
  tell({ code, message });
}
