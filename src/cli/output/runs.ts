import type { RunResult, RunsResult } from "../../app/contract.ts";
import { isGood, type JournalEntry, type StepState } from "../../model/run.ts";
import { alignRows, renderTable } from "./table.ts";
import type { Style } from "./style.ts";
import { counted, shortTime, spelledSeconds } from "./text.ts";

/** What people read for a stored state; proof is said apart, and never claimed without a read. */
function stateWord(entry: Pick<JournalEntry, "state" | "receipt">): string {
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

function paintState(style: Style, state: StepState, word: string): string {
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
      shortTitle(step.title),
      entry === undefined ? "" : note(entry, step.title) || (entry.receipt?.note ?? ""),
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
  if (counts.total > 0 && counts.proven === counts.total) {
    return [`${mark(style, "ok")} Applied ${result.plan.label} in ${spelledSeconds(result.seconds)}: ${steps}.`];
  }
  const kind = result.exit === 8 ? "waiting" : "failed";
  const rest = openEntries(result).map((entry) => {
    const step = result.plan.plan.content.steps.find((one) => one.id === entry.step);
    const word = paintState(style, entry.state, stateWord(entry));
    return [
      `  ${word}`,
      String(step?.number ?? ""),
      step?.appName ?? "",
      shortTitle(step?.title ?? entry.step),
      note(entry, step?.title),
    ];
  });
  return [`${mark(style, kind)} ${result.plan.label}, ${result.label}: ${steps}.`, ...alignRows(rest)];
}

function openEntries(result: RunResult): readonly JournalEntry[] {
  return result.journal.filter((entry) => !isGood(entry.state));
}

const TITLE_WIDTH = 56;

function shortTitle(title: string): string {
  return title.length <= TITLE_WIDTH ? title : `${title.slice(0, TITLE_WIDTH - 1).trimEnd()}…`;
}

/** What the title has said already is not said again. */
function note(entry: JournalEntry, title: string | undefined): string {
  if (entry.reason === null || title?.includes(entry.reason) === true) return "";
  return entry.reason.replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, (time) => shortTime(time));
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
