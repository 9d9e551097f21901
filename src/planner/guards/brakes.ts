import type { Guard, GuardName } from "../../model/plan.ts";
import type { GuardPolicy } from "../../model/policy.ts";
import { refKey } from "../../model/account.ts";
import type { RecentRemoval } from "../request.ts";
import { groupBy, keyOf, type AppScene } from "../scene.ts";
import type { Draft } from "../steps.ts";
import { countText, people, percentText } from "../words.ts";

/** So many are allowed: a share, but never fewer than the floor, so that it works for five people too (safety A18). */
export function limitOf(brake: { readonly percent: number; readonly floor: number }, whole: number): number {
  return Math.max(brake.floor, Math.floor((brake.percent / 100) * whole));
}

interface Count {
  readonly name: GuardName;
  readonly app: string | null;
  /** "1 person of 84 (1.2 %)". */
  readonly text: string;
  readonly limitText: string;
  readonly count: number;
  readonly limit: number;
  readonly steps: readonly string[];
  readonly todo: string;
}

function judge(count: Count): Guard {
  const over = count.count > count.limit;
  return {
    name: count.name,
    state: over ? "block" : "pass",
    app: count.app,
    text: `${count.text}; limit ${count.limitText}${over ? `. ${count.todo}` : ""}`,
    steps: over ? count.steps : [],
  };
}

/** One account that loses access, however many steps that takes. */
function accountOf(draft: Draft): string {
  if (draft.account !== null) return keyOf(draft.account);
  return `${draft.app}/${draft.target.kind}/${draft.target.id ?? draft.target.email ?? ""}`;
}

/**
 * The brake on removals: people overall and accounts in each app who lose access, demotions and lost teams among them
 * (safety F13), together with those of the last 24 hours, however many plans they came from (S9, safety F12).
 */
export function checkRemovals(
  drafts: readonly Draft[],
  about: {
    readonly apps: ReadonlyMap<string, AppScene>;
    readonly policy: GuardPolicy;
    readonly recent: readonly RecentRemoval[];
    readonly listedPeople: number;
  },
): readonly Guard[] {
  const { policy, recent } = about;
  const { percent, floor } = policy.removals;
  const destructive = drafts.filter((draft) => draft.destructive);
  const steps = destructive.map((draft) => draft.id);
  const persons = new Set(destructive.map((draft) => draft.person ?? accountOf(draft)));
  for (const removal of recent) persons.add(removal.person ?? refKey(removal.account));
  const todo = "Plan fewer people at a time (--person), or raise guards.removals in tenure.yaml if this is meant";
  const earlier = recent.length === 0 ? "" : ", the last 24 hours included";
  const overall = judge({
    name: "removals",
    app: null,
    text: `${people(persons.size)} of ${about.listedPeople} (${percentText(persons.size, about.listedPeople)})${earlier}`,
    limitText: `${percent} % or ${people(floor)}`,
    count: persons.size,
    limit: limitOf(policy.removals, about.listedPeople),
    steps,
    todo,
  });
  const guards = [overall];
  for (const [name, group] of groupBy(destructive, (draft) => draft.app)) {
    const whole = about.apps.get(name)?.accountCount ?? 0;
    const accounts = new Set(group.map(accountOf));
    for (const removal of recent) if (removal.account.connection === name) accounts.add(refKey(removal.account));
    const guard = judge({
      name: "removals",
      app: name,
      text: `${countText(accounts.size, { one: "account", many: "accounts" })} of ${whole} in ${about.apps.get(name)?.appName ?? name} (${percentText(accounts.size, whole)})${earlier}`,
      limitText: `${percent} % or ${countText(floor, { one: "account", many: "accounts" })}`,
      count: accounts.size,
      limit: limitOf(policy.removals, whole),
      steps: group.map((draft) => draft.id),
      todo,
    });
    if (guard.state === "block") guards.push(guard);
  }
  return guards;
}

/** The brake on creates: a wrong file or rule gives everybody an account, and each of them may cost a seat and send a mail. */
export function checkCreates(
  drafts: readonly Draft[],
  apps: ReadonlyMap<string, AppScene>,
  policy: GuardPolicy,
): readonly Guard[] {
  const { percent, floor } = policy.creates;
  const creates = drafts.filter((draft) => draft.makes);
  return [...groupBy(creates, (draft) => draft.app)].map(([name, group]) => {
    const app = apps.get(name);
    const whole = app?.accountCount ?? 0;
    const accounts = countText(group.length, { one: "new account", many: "new accounts" });
    return judge({
      name: "creates",
      app: name,
      text: `${accounts} in ${app?.appName ?? name} beside ${whole}`,
      limitText: `${percent} % or ${countText(floor, { one: "account", many: "accounts" })}`,
      count: group.length,
      limit: limitOf(policy.creates, whole),
      steps: group.map((draft) => draft.id),
      todo: "Plan fewer people at a time, or raise guards.creates in tenure.yaml if this is meant",
    });
  });
}
