import type { AppEvent } from "../../app/contract.ts";
import { isGood } from "../../model/run.ts";

const BAR = 20;
const LINE_UP_AND_CLEAR = "\u001b[1A\u001b[2K";

interface AppLine {
  readonly marks: string[];
  /** Step id → what runs. */
  readonly running: Map<string, { readonly text: string; readonly bar: string }>;
  note: string;
}

/**
 * One line an app, rewritten as events come in: what is done, what runs, how far. It draws only on events, so that it
 * needs no timer and shows nothing that did not happen.
 */
export function liveProgress(options: {
  readonly write: (text: string) => void;
  /** Columns of the terminal. */
  readonly width: () => number;
}): { readonly event: (event: AppEvent) => void; readonly close: () => Promise<void> } {
  const lines = new Map<string, AppLine>();
  let drawn = 0;
  const lineOf = (app: string): AppLine => {
    const known = lines.get(app) ?? { marks: [], running: new Map<string, never>(), note: "" };
    lines.set(app, known);
    return known;
  };
  const draw = (): void => {
    const widest = Math.max(...[...lines.keys()].map((app) => app.length));
    const most = Math.max(20, options.width() - 1);
    const text = [...lines].map(([app, line]) => lineText(app.padEnd(widest), line).slice(0, most));
    options.write(LINE_UP_AND_CLEAR.repeat(drawn) + text.map((one) => `${one}\n`).join(""));
    drawn = text.length;
  };
  return {
    event(event) {
      if (!note(event, lineOf)) return;
      draw();
    },
    async close() {
      for (const line of lines.values()) {
        line.running.clear();
        line.note = "";
      }
      if (lines.size > 0) draw();
    },
  };
}

/** Takes an event in; false when it changes no line. */
function note(event: AppEvent, lineOf: (app: string) => AppLine): boolean {
  switch (event.type) {
    case "step.started":
      lineOf(event.app).running.set(event.step, { text: `${event.number} ${event.title}`, bar: "" });
      return true;
    case "step.progress": {
      const share = event.total === 0 ? 0 : Math.min(1, event.done / event.total);
      const full = Math.round(share * BAR);
      const bar = `${"█".repeat(full)}${"░".repeat(BAR - full)} ${event.done}/${event.total}`;
      lineOf(event.app).running.set(event.step, { text: `${event.number} ${event.title}`, bar });
      return true;
    }
    case "step.retry":
      lineOf(event.app).note = `waiting ${Math.ceil(event.waitMs / 1000)} s: ${event.reason}`;
      return true;
    case "step.done": {
      const line = lineOf(event.app);
      line.running.delete(event.step);
      line.note = "";
      line.marks.push(`${isGood(event.state) ? "✓" : "✗"} ${event.number}`);
      return true;
    }
    case "run.started":
    case "sync.page":
    case "sync.done":
    case "sync.failed":
      return false;
  }
}

function lineText(app: string, line: AppLine): string {
  const running = [...line.running.values()].map((one) => [one.bar, one.text].filter((part) => part !== "").join("  "));
  return [app, line.marks.slice(-12).join(" "), ...running, line.note].filter((part) => part !== "").join("  ");
}
