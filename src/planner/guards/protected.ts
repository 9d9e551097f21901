import { canonicalEmail } from "../../kernel/email.ts";
import type { AccountNode } from "../../graph/graph.ts";
import type { Guard, GuardName } from "../../model/plan.ts";
import { isThere, keyOf, type AppScene } from "../scene.ts";
import type { Draft } from "../steps.ts";
import { countText, wordsOf } from "../words.ts";
import type { Objection } from "./guard.ts";

/** The steps that take something from an existing account, with it. */
function* losses(
  drafts: readonly Draft[],
  apps: ReadonlyMap<string, AppScene>,
): Generator<[Draft, AppScene, AccountNode]> {
  for (const draft of drafts) {
    const app = apps.get(draft.app);
    if (draft.destructive && app !== undefined && draft.account !== null) yield [draft, app, draft.account];
  }
}

function nameOf(app: AppScene, account: AccountNode): string {
  return `${wordsOf(app.traits, account.ref.kind).one} ${account.ref.id}`;
}

function lines(name: GuardName, kept: ReadonlyMap<string, ReadonlySet<string>>, why: string): readonly Guard[] {
  return [...kept].map(([app, accounts]) => ({
    name,
    state: "warn",
    app,
    text: `${countText(accounts.size, { one: "account is", many: "accounts are" })} kept: ${why}`,
    steps: [],
  }));
}

function note(kept: Map<string, Set<string>>, app: string, account: string): void {
  const known = kept.get(app);
  if (known === undefined) kept.set(app, new Set([account]));
  else known.add(account);
}

/** Accounts on the protected list and owners of the vendor account are never removed or demoted (S10, safety G16). */
export function checkProtected(drafts: readonly Draft[], apps: ReadonlyMap<string, AppScene>): Objection {
  const reasons = new Map<string, string>();
  const kept = new Map<string, Set<string>>();
  for (const [draft, app, account] of losses(drafts, apps)) {
    const email = account.record.email === null ? null : canonicalEmail(account.record.email);
    const listed = email !== null && app.policy.protected.includes(email);
    if (!listed && !account.record.owner) continue;
    const why = listed
      ? `is on the protected list of ${app.name} in tenure.yaml`
      : `owns the ${app.appName} account: hand the ownership over in ${app.appName} first`;
    reasons.set(draft.id, `${nameOf(app, account)} ${why}`);
    note(kept, app.name, keyOf(account));
  }
  return { reasons, guards: lines("protected", kept, "on the protected list, or the owner of the app's account") };
}

/** The account whose key we use: without it every later step fails (safety G11). */
export function checkKeyOwner(drafts: readonly Draft[], apps: ReadonlyMap<string, AppScene>): Objection {
  const reasons = new Map<string, string>();
  const kept = new Map<string, Set<string>>();
  for (const [draft, app, account] of losses(drafts, apps)) {
    if (app.policy.keyOwner !== account.ref.id) continue;
    const todo = `give ${app.name} the key of another account in tenure.yaml first`;
    reasons.set(draft.id, `${nameOf(app, account)} owns the key of this connection: ${todo}`);
    note(kept, app.name, keyOf(account));
  }
  return { reasons, guards: lines("key-owner", kept, "it owns the key that Tenure uses") };
}

/** At least one administrator stays active in each app, not counting those whom this plan only makes one (S10, safety G12). */
export function checkLastAdmin(drafts: readonly Draft[], apps: ReadonlyMap<string, AppScene>): Objection {
  const losing = new Map<string, Set<string>>();
  for (const [draft, app, account] of losses(drafts, apps)) {
    if (account.record.privileged && draft.action.verb !== "leave" && draft.action.verb !== "join") {
      note(losing, app.name, keyOf(account));
    }
  }
  const reasons = new Map<string, string>();
  const kept = new Map<string, Set<string>>();
  for (const [name, accounts] of losing) {
    const app = apps.get(name);
    const admins = (app?.graph.accounts ?? []).filter(
      (account) => account.record.privileged && account.record.state === "active" && isThere(account),
    );
    if (app === undefined || admins.some((account) => !accounts.has(keyOf(account)))) continue;
    const last = admins.find((account) => account.record.owner) ?? admins[0];
    if (last === undefined) continue;
    note(kept, name, keyOf(last));
    for (const draft of drafts) {
      if (draft.destructive && draft.account === last) {
        reasons.set(
          draft.id,
          `${nameOf(app, last)} is the last administrator of ${app.appName}: make somebody else one first`,
        );
      }
    }
  }
  return { reasons, guards: lines("last-admin", kept, "somebody must be able to administer the app") };
}
