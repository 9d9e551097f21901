import type { RunResult, RunsResult } from "../../app/contract.ts";
import type { JournalEntry, StepState } from "../../model/run.ts";
import { renderTable } from "./table.ts";
import type { Style } from "./style.ts";
import { counted, shortTime, spelledSeconds } from "./text.ts";

/** What people read for a stored state; proof is said apart, and never claimed without a read. */
export function stateWord(entry: Pick<JournalEntry, "state" | "receipt">): string {
  switch (entry.state) {
    case "ok":
    case "adopted":
      return entry.receipt !== null && entry.receipt.readBack !== "verified" ? entry.receipt.readBack : "done";
    case "parked":
      return "needs a human";
    case "unknown":
      return "outcome unknown";
    case "waiting":
    case "running":
    case "skipped":
    case "failed":
    case "stale":
      return entry.state;
  }
}

export function paintState(style: Style, state: StepState, word: string): string {
  switch (state) {
    case "ok":
    case "adopted":
      return style.green(word);
    case "failed":
    case "stale":
    case "unknown":
      return style.red(word);
    case "parked":
      return style.yellow(word);
    case "waiting":
    case "running":
    case "skipped":
      return style.dim(word);
  }
}

/** A run with its steps: what was done and proven, what waits, what went wrong. */
export function renderRun(result: RunResult, style: Style): readonly string[] {
  const byStep = new Map(result.journal.map((entry) => [entry.step, entry]));
  const rows = result.plan.plan.content.steps.map((step) => {
    const entry = byStep.get(step.id);
    const state = entry?.state ?? "waiting";
    const word = entry === undefined ? "waiting" : stateWord(entry);
    return [
      String(step.number).padStart(2),
      paintState(style, state, word),
      step.appName,
      step.title,
      entry?.reason ?? entry?.receipt?.note ?? "",
    ];
  });
  return [
    ...renderTable(style, ["step", "state", "app", "what", "note"], rows),
    "",
    ...renderRunSummary(result, style),
  ];
}

/** `✓ Applied PL-42 in 1 min 24 s: 12 of 13 steps done and read back.` and what is left. */
export function renderRunSummary(result: RunResult, style: Style): readonly string[] {
  const { counts } = result;
  const steps = `${counts.proven} of ${counted(counts.total, "step")} done and read back`;
  const lines: string[] = [];
  if (counts.proven === counts.total) {
    lines.push(`${mark(style, "ok")} Applied ${result.plan.label} in ${spelledSeconds(result.seconds)}: ${steps}.`);
  } else {
    const kind = counts.failed > 0 ? "failed" : "waiting";
    lines.push(`${mark(style, kind)} ${result.label} of ${result.plan.label} is ${result.run.status}: ${steps}.`);
  }
  for (const entry of result.journal) {
    if (entry.state === "ok" || entry.state === "adopted" || entry.state === "skipped") continue;
    const step = result.plan.plan.content.steps.find((one) => one.id === entry.step);
    const what = step === undefined ? entry.step : `${step.number}  ${step.appName}: ${step.title}`;
    lines.push(
      `  ${paintState(style, entry.state, stateWord(entry))}  ${what}${entry.reason === null ? "" : `. ${entry.reason}`}`,
    );
  }
  return lines;
}

function mark(style: Style, kind: "ok" | "waiting" | "failed"): string {
  switch (kind) {
    case "ok":
      return style.green(style.plain ? "done:" : "✓");
    case "waiting":
      return style.yellow(style.plain ? "waiting:" : "…");
    case "failed":
      return style.red(style.plain ? "failed:" : "✗");
  }
}

export function renderRuns(result: RunsResult, style: Style): readonly string[] {
  if (result.runs.length === 0) return ["No runs yet."];
  const rows = result.runs.map((one) => [
    one.label,
    one.plan,
    one.run.status,
    `${one.done} of ${one.total}`,
    shortTime(one.run.startedAt),
    one.run.actor,
  ]);
  return renderTable(style, ["run", "plan", "status", "steps", "started", "by"], rows);
}
