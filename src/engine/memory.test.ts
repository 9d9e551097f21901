import { virtualClock } from "../kernel/clock.ts";
import { engineSuite } from "./engine.suite.ts";
import type { EngineHarness } from "./suites/harness.ts";
import { memoryEngine, memoryHistory } from "./memory.ts";

async function openInMemory(): Promise<EngineHarness> {
  // 2026-11-20 09:00 UTC.
  const clock = virtualClock(1_795_165_200_000);
  const history = memoryHistory();
  const opened: { kill(): void }[] = [];
  return {
    clock,
    open() {
      const engine = memoryEngine({ clock, history });
      opened.push(engine);
      return { engine, die: () => engine.kill() };
    },
    expireLeases: async () => undefined,
    close: async () => {
      for (const engine of opened) engine.kill();
    },
  };
}

engineSuite("engine in memory", openInMemory, { manySteps: true });
