import type { Guard } from "../../model/plan.ts";
import type { AppScene } from "../scene.ts";
import type { Draft } from "../steps.ts";
import type { Objection } from "./guard.ts";

/**
 * Nothing is taken away, and nothing made, on the word of a listing that is not shown to be whole (P1, X-09): what it does
 * not show may be there. Changes of accounts that it does show go on.
 */
export function checkCompleteness(drafts: readonly Draft[], apps: ReadonlyMap<string, AppScene>): Objection {
  const reasons = new Map<string, string>();
  const guards: Guard[] = [];
  for (const app of apps.values()) {
    if (app.graph.snapshot?.complete === true) continue;
    const why =
      app.graph.snapshot === null
        ? `${app.appName} has never been read`
        : `the last read of ${app.appName} is not shown to be complete`;
    const text = `${why}: nothing is made or taken away there (tenure sync ${app.name})`;
    for (const draft of drafts) {
      if (draft.app === app.name && (draft.destructive || draft.makes)) reasons.set(draft.id, text);
    }
    guards.push({ name: "completeness", state: "warn", app: app.name, text, steps: [] });
  }
  return { reasons, guards };
}
