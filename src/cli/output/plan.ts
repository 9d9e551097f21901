import type { PlanResult } from "../../app/contract.ts";
import { stepSign, type Guard, type GuardName, type Question, type Step } from "../../model/plan.ts";
import type { Undo } from "../../model/traits.ts";
import { paintSign, type Style } from "./style.ts";
import { alignRows, renderTable } from "./table.ts";
import { counted, listed, shortTime, spelledSeconds, wrapped } from "./text.ts";

/** A plan as people read it: who, what, why, in which order, what can be undone. */
export function renderPlan(view: PlanResult, style: Style): readonly string[] {
  const { content } = view.plan;
  const blocks = [
    renderRead(view),
    content.steps.length === 0 ? [] : renderSteps(view, style),
    renderGuards(content.guards, style),
    renderQuestions(content.questions, style),
    renderHeldBack(view, style),
    [planSummary(view, style)],
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

function renderRead(view: PlanResult): readonly string[] {
  if (view.read.length === 0) return [];
  const apps = view.read.map((one) => `${one.appName} ${one.counts}`).join(", ");
  return [`Read ${counted(view.read.length, "app")}: ${apps}`];
}

const UNDO_WORDS: Readonly<Record<Undo, string>> = { api: "undo: yes", "by-hand": "undo: by hand", never: "undo: NO" };

function undoText(step: Step, style: Style): string {
  if (step.action.verb === "verifyNone" || step.action.verb === "manual") return "";
  const text = UNDO_WORDS[step.undo];
  return step.undo === "never" ? style.red(text) : step.undo === "by-hand" ? style.yellow(text) : style.dim(text);
}

function afterText(step: Step, byId: ReadonlyMap<string, Step>, style: Style): string {
  const numbers = step.dependsOn.flatMap((id) => byId.get(id)?.number ?? []);
  return numbers.length === 0 ? "" : style.dim(`after ${numbers.join(", ")}`);
}

/** Titles are cut here; what is left of them, and what a step does besides, stands below. */
const TITLE_WIDTH = 64;
const NOTE_INDENT = " ".repeat(9);

/** The times before which a person's steps do not begin, when it is one for all of them. */
function sharedStart(steps: readonly Step[]): string | null {
  const [first] = steps;
  const time = first?.notBefore ?? null;
  return steps.every((step) => step.notBefore === time) ? time : null;
}

function noteLines(step: Step, rest: readonly string[], shared: string | null, style: Style): readonly string[] {
  const notes = step.action.verb === "manual" ? [step.action.instructions] : [...step.sideEffects];
  if (step.notBefore !== null && step.notBefore !== shared) notes.push(`not before ${shortTime(step.notBefore)}`);
  const lines = notes.length === 0 ? [] : wrapped(notes.join("; "), 2 * TITLE_WIDTH);
  return [...rest, ...lines.map((line) => style.dim(line))].map((line) => NOTE_INDENT + line);
}

function renderSteps(view: PlanResult, style: Style): readonly string[] {
  const { steps } = view.plan.content;
  const byId = new Map(steps.map((step) => [step.id, step]));
  const titles = steps.map((step) => (style.plain ? [step.title] : wrapped(step.title, TITLE_WIDTH)));
  const cells = steps.map((step, index) => [
    ` ${paintSign(style, stepSign(step.action))}`,
    String(step.number).padStart(2),
    step.appName,
    titles[index]?.[0] ?? "",
    afterText(step, byId, style),
    undoText(step, style),
  ]);
  const lines = style.plain ? cells.map(factLine) : alignRows(cells);
  const out: string[] = [];
  let heading: string | null = null;
  let shared: string | null = null;
  steps.forEach((step, index) => {
    const who = headingOf(view, step, style);
    if (who !== heading) {
      shared = sharedStart(steps.filter((one) => one.person === step.person));
      out.push(who);
      if (shared !== null) out.push(style.dim(`    not before ${shortTime(shared)}`));
    }
    heading = who;
    out.push(lines[index] ?? "", ...noteLines(step, titles[index]?.slice(1) ?? [], shared, style));
  });
  return out;
}

function factLine(cells: readonly string[]): string {
  return cells
    .map((cell) => cell.trim())
    .filter((cell) => cell !== "")
    .join(", ");
}

function headingOf(view: PlanResult, step: Step, style: Style): string {
  const person = view.people.find((one) => one.id === step.person);
  if (person !== undefined) return `${style.bold(person.label)}  ${person.email}  ${person.why}`;
  return `${style.bold(step.personLabel ?? step.target.label)}  ${step.reason.text}`;
}

const GUARD_WORDS: Readonly<Record<GuardName, string>> = {
  removals: "Removals",
  creates: "Creates",
  seats: "Seats",
  freshness: "Freshness",
  "roster-shrink": "Roster shrink",
  irreversible: "Irreversible",
  protected: "Protected",
  "last-admin": "Last admin",
  "key-owner": "Key owner",
  completeness: "Completeness",
  handover: "Handover",
};

function guardState(guard: Guard, style: Style): string {
  switch (guard.state) {
    case "pass":
      return style.green("pass");
    case "warn":
      return style.yellow("warn");
    case "block":
      return style.red("block");
  }
}

function renderGuards(guards: readonly Guard[], style: Style): readonly string[] {
  if (guards.length === 0) return [];
  const rows = guards.map((guard) => [`  ${guardState(guard, style)}`, GUARD_WORDS[guard.name], guard.text]);
  return [style.bold("Guards"), ...alignRows(rows)];
}

/** The likeliest come first; longer lists are cut in text. */
const CHOICES_SHOWN = 6;

function renderQuestions(questions: readonly Question[], style: Style): readonly string[] {
  if (questions.length === 0) return [];
  return [
    style.bold("Questions"),
    ...questions.flatMap((question) => [
      `  ${question.text}`,
      ...alignRows(
        question.choices.slice(0, CHOICES_SHOWN).map((one) => [`    --answer ${question.id}=${one.value}`, one.label]),
      ),
      ...(question.choices.length > CHOICES_SHOWN
        ? [`    … ${question.choices.length - CHOICES_SHOWN} more: -o json shows all`]
        : []),
    ]),
  ];
}

function renderHeldBack(view: PlanResult, style: Style): readonly string[] {
  const held = view.plan.content.heldBack;
  if (held.length === 0) return [];
  return [style.bold("Held back"), ...alignRows(held.map((one) => [`  ${one.label}`, one.app ?? "", one.reason]))];
}

/** `Plan PL-42 (9f3c7a1e): 4 to add, 1 to change, 2 to reassign, 4 to remove. 165 requests, about 1 min 20 s.` */
function planSummary(view: PlanResult, style: Style): string {
  const { totals } = view;
  const name = `Plan ${style.bold(view.label)} (${view.plan.hash.slice(0, 8)})`;
  if (view.plan.content.steps.length === 0) return `${name}: nothing to change.`;
  const counts = [
    `${totals.add} to add`,
    `${totals.change} to change`,
    `${totals.reassign} to reassign`,
    `${totals.remove} to remove`,
    ...(totals.manual > 0 ? [`${totals.manual} by hand`] : []),
  ];
  const cost = `${counted(totals.requests, "request")}, about ${spelledSeconds(totals.seconds)}.`;
  return `${name}: ${counts.join(", ")}. ${cost}${stateText(view)}`;
}

function stateText(view: PlanResult): string {
  switch (view.state) {
    case "ready":
    case "empty":
      return "";
    case "needs-approval":
      return ` ${approvalText(view)}`;
    case "blocked":
      return ` Blocked: ${listed(view.plan.content.guards.filter((one) => one.state === "block").map((one) => GUARD_WORDS[one.name].toLowerCase()))}.`;
    case "stale":
      return " Stale: plan again.";
    case "applied":
      return " Applied.";
    case "partly-applied":
      return " Partly applied.";
  }
}

function approvalText(view: PlanResult): string {
  const steps = view.plan.content.steps.filter((step) => step.approvals > 0);
  const need = Math.max(0, ...steps.map((step) => step.approvals));
  return `${counted(steps.length, "step")} ${steps.length === 1 ? "needs" : "need"} approval by ${counted(need, "person", "people")}.`;
}

/** The plans' own list in `show` without more: one line each run. */
export function renderPlanRuns(view: PlanResult, style: Style): readonly string[] {
  return renderTable(
    style,
    ["run", "status", "started", "by"],
    view.runs.map((run) => [`RN-${run.number}`, run.status, run.startedAt, run.actor]),
  );
}
