import type { Guard, Question } from "../../model/plan.ts";
import type { AppScene } from "../scene.ts";
import type { Draft } from "../steps.ts";
import { countText, listText, wordsOf } from "../words.ts";

/** What changes hands before an account goes, and what nobody has said yet (S8, safety P5). */
export function checkHandover(
  drafts: readonly Draft[],
  questions: readonly Question[],
  apps: ReadonlyMap<string, AppScene>,
): readonly Guard[] {
  const guards: Guard[] = [];
  if (questions.length > 0) {
    const text = `${countText(questions.length, { one: "question waits", many: "questions wait" })} for an answer; the accounts concerned are kept until then`;
    guards.push({ name: "handover", state: "warn", app: null, text, steps: [] });
  }
  const losses = drafts.filter((draft) => draft.loss !== null);
  if (losses.length === 0) return guards;
  const counts = new Map<string, { readonly app: AppScene; readonly holding: string; count: number }>();
  for (const { app: name, loss } of losses) {
    const app = apps.get(name);
    if (app === undefined || loss === null) continue;
    const key = `${name} ${loss.holding}`;
    const known = counts.get(key) ?? { app, holding: loss.holding, count: 0 };
    known.count += loss.count;
    counts.set(key, known);
  }
  const words = [...counts.values()].map(({ app, holding, count }) => countText(count, wordsOf(app.traits, holding)));
  const text = `${listText(words)} get a new owner before any account goes`;
  return [...guards, { name: "handover", state: "pass", app: null, text, steps: losses.map((draft) => draft.id) }];
}
