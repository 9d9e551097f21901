import type { AppEvent } from "../../app/contract.ts";
import type { StepState } from "../../model/run.ts";

/** One plain line a step, for pipes and logs: `14:02:11 ok 3 crm delete user 4417 (0.3s, verified)`. */
export function plainProgress(options: {
  readonly write: (line: string) => void;
  /** Time of day as `14:02:11`. */
  readonly time: () => string;
}): (event: AppEvent) => void {
  return (event) => {
    const text = progressText(event);
    if (text !== null) options.write(`${options.time()} ${text}\n`);
  };
}

const STATE_WORDS: Readonly<Record<StepState, string>> = {
  waiting: "wait",
  running: "run",
  ok: "ok",
  adopted: "ok",
  skipped: "skip",
  failed: "FAIL",
  stale: "STALE",
  unknown: "UNKNOWN",
  parked: "HUMAN",
};

/** Null for events that only a bar shows. */
function progressText(event: AppEvent): string | null {
  switch (event.type) {
    case "sync.done":
      return `read ${event.app} (${event.seconds.toFixed(1)}s, ${event.complete ? "complete" : "incomplete"})`;
    case "sync.failed":
      return `FAIL read ${event.app}: ${event.error}`;
    case "run.started":
      return `start ${event.label}, ${event.steps} steps`;
    case "step.retry":
      return `retry ${event.number} ${event.app} in ${(event.waitMs / 1000).toFixed(1)}s: ${event.reason}`;
    case "step.done": {
      const proof = event.verified ? ", verified" : "";
      // What the title has said already is not said again.
      const reason = event.reason === null || event.title.includes(event.reason) ? "" : `: ${event.reason}`;
      return `${STATE_WORDS[event.state]} ${event.number} ${event.app} ${event.title} (${event.seconds.toFixed(1)}s${proof})${reason}`;
    }
    case "sync.page":
    case "step.started":
    case "step.progress":
      return null;
  }
}
