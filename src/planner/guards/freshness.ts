import { parseIso } from "../../kernel/dates.ts";
import type { Guard } from "../../model/plan.ts";
import type { AppScene } from "../scene.ts";
import type { Draft } from "../steps.ts";
import { countText, listText } from "../words.ts";

const MINUTE_MS = 60_000;

function minutes(ms: number): string {
  return countText(Math.max(1, Math.ceil(ms / MINUTE_MS)), { one: "minute", many: "minutes" });
}

/** How old the read is, counted from its first page; null: there is none. */
function ageOf(app: AppScene, now: number): number | null {
  const { snapshot } = app.graph;
  const at = snapshot === null ? null : parseIso(snapshot.startedAt);
  return at === null ? null : now - at;
}

/** A plan is made from what was read lately: for each app that it changes, not longer ago than the policy allows. */
export function checkFreshness(
  drafts: readonly Draft[],
  apps: ReadonlyMap<string, AppScene>,
  about: { readonly snapshotAgeMs: number; readonly now: number },
): readonly Guard[] {
  const touched = new Map<string, string[]>();
  for (const draft of drafts) {
    const list = touched.get(draft.app);
    if (list === undefined) touched.set(draft.app, [draft.id]);
    else list.push(draft.id);
  }
  const guards: Guard[] = [];
  const fresh: number[] = [];
  const old: string[] = [];
  for (const app of apps.values()) {
    const age = ageOf(app, about.now);
    if (age !== null && age <= about.snapshotAgeMs) {
      fresh.push(age);
      continue;
    }
    const what = age === null ? `${app.appName} has never been read` : `${app.appName} was read ${minutes(age)} ago`;
    const steps = touched.get(app.name);
    if (steps === undefined) old.push(what);
    else {
      const text = `${what}; limit ${minutes(about.snapshotAgeMs)}. Run tenure sync ${app.name}, then plan again`;
      guards.push({ name: "freshness", state: "block", app: app.name, text, steps });
    }
  }
  if (old.length > 0) {
    guards.push({
      name: "freshness",
      state: "warn",
      app: null,
      text: `${listText(old)}; nothing is changed there`,
      steps: [],
    });
  }
  if (guards.length > 0 || fresh.length === 0) return guards;
  const text = `${fresh.length === 1 ? "the app was" : "all apps were"} read less than ${minutes(Math.max(...fresh) + 1)} ago`;
  return [{ name: "freshness", state: "pass", app: null, text, steps: [] }];
}
