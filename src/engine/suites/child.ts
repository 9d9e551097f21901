// A process of its own that may kill itself: `child.ts <embedded|server> <directory or URL> <file> <crash point> <ms>`.
// Each effect is a line in the file; at the crash point the process dies by SIGKILL, before or after the effect. Its
// lease clock is that many milliseconds ahead, so that a test need not wait half a minute for the one before.
import { appendFileSync } from "node:fs";
import { systemClock, type Clock } from "../../kernel/clock.ts";
import { Secret } from "../../kernel/secret.ts";
import { openEmbeddedStore, openServerStore } from "../../store/open.ts";
import { openworkflowEngine } from "../openworkflow.ts";
import type { Workflow } from "../port.ts";

const [kind = "", place = "", file = "", crashPoint = "", aheadMs = "0"] = process.argv.slice(2);
const STEPS = ["one", "two", "three"];

function dieAt(point: string): void {
  if (point === crashPoint) process.kill(process.pid, "SIGKILL");
}

const workflow: Workflow = {
  name: "effects",
  async run(context) {
    for (const step of STEPS) {
      await context.step(step, async () => {
        dieAt(`before ${step}`);
        appendFileSync(file, `${step}\n`);
        dieAt(`after ${step}`);
        return step;
      });
      await context.sleep(`pause after ${step}`, 20);
    }
    return STEPS.length;
  },
};

const clock = systemClock();
const leaseClock: Clock = {
  now: () => clock.now() + Number(aheadMs),
  sleep: (ms, signal) => clock.sleep(ms, signal),
};
const store =
  kind === "server"
    ? await openServerStore({ url: new Secret(place), clock })
    : await openEmbeddedStore({ directory: place, clock });
const engine = openworkflowEngine({ database: store.database, clock, leaseClock });
engine.register(workflow);
await engine.start({ workflow: "effects", id: "run-1", input: null, at: null });
await engine.work({ concurrency: 2 });
let run = await engine.get("run-1");
while (run?.status === "waiting" || run?.status === "running") {
  await clock.sleep(5);
  run = await engine.get("run-1");
}
process.stdout.write(`${run?.status} ${JSON.stringify(run?.output)}\n`);
await engine.close();
await store.close();
