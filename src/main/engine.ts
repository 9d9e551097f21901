import { memoryEngine, memoryHistory } from "../engine/memory.ts";
import type { Engine } from "../engine/port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import type { OpenStore } from "../store/open.ts";

/** The engine that keeps its runs in the database of the store. */
export async function openEngine(options: {
  readonly store: OpenStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Promise<Engine> {
  return memoryEngine({ clock: options.clock, history: memoryHistory() });
}
