import type { JsonObject } from "../kernel/json.ts";
import type { AccountNode, InvitationNode } from "../graph/graph.ts";
import { accountImage } from "../model/image.ts";
import type { Question, Target } from "../model/plan.ts";
import {
  contextOf,
  DAY_MS,
  hold,
  holdingsOf,
  joinPlans,
  NOTHING,
  type Leaving,
  type Pair,
  type PairPlan,
} from "./pair.ts";
import { can, keyOf, teamName, type AppScene } from "./scene.ts";
import { afterRemoval, draftStep, endsOf, type Draft, type DraftContext } from "./steps.ts";
import { findSuccessor } from "./successor.ts";
import { wordsOf } from "./words.ts";

/** One leaver's account and what its steps have in common. */
interface Departure {
  readonly pair: Pair;
  readonly account: AccountNode;
  readonly leaving: Leaving;
  readonly context: DraftContext;
  readonly target: Target;
  /** Fields in which it must still be the account that was seen (S6, B12), once the steps before are done. */
  readonly before: JsonObject;
}

/** How a leaver's account ends: taken away, or left suspended. */
function finalOf(app: AppScene): "remove" | "suspend" {
  if (app.policy.leaver.final === "delete") return "remove";
  // An app whose removal only deactivates may have no other way to suspend.
  return !can(app, "suspend") && app.traits.remove?.effect === "deactivate" ? "remove" : "suspend";
}

/** What must have another owner before an account goes; where the app has no removal by call, whatever accounts own. */
export function handOverKinds(app: AppScene): readonly string[] {
  const { remove, kinds } = app.traits;
  const owned = Object.entries(kinds).filter(([, traits]) => traits.noun === "holding" && traits.per === "account");
  return [...(remove?.handOverFirst ?? owned.map(([kind]) => kind))].sort();
}

/** Whether nothing is left to take from the account. */
export function isOver(app: AppScene, account: AccountNode): boolean {
  switch (account.record.state) {
    case "removed":
      return true;
    case "suspended":
      return finalOf(app) === "suspend" || app.traits.remove?.effect === "deactivate";
    case "active":
    case "invited":
      return false;
  }
}

export function targetOf(account: AccountNode): Target {
  const { record } = account;
  return { kind: record.kind, id: record.id, madeBy: null, email: record.email, label: record.displayName };
}

/** The fields that say that it is still the account that was seen (S6, safety B12). */
export function identityImage(account: AccountNode): JsonObject {
  const { email, createdAt, owner } = accountImage(account.record);
  return { email: email ?? null, createdAt: createdAt ?? null, owner: owner ?? null };
}

/**
 * What a leaver's account goes through (table of leavers, settled decisions): cut off what an API call can give back,
 * hand over what would be lost, show that nothing is left, leave the teams, then the last word. Called with positive
 * evidence only (`leavingOf`).
 */
function planDeparture(pair: Pair, account: AccountNode, leaving: Leaving): PairPlan {
  const { app } = pair;
  if (isOver(app, account)) return NOTHING;
  const { reason, fact, notBefore } = leaving;
  const group = `leaver ${keyOf(account)}`;
  const context = contextOf(pair, { rank: "leaver", group, reason, fact, notBefore });
  const start = { pair, account, leaving, context, target: targetOf(account), before: {} };
  // Who has become an administrator since is not the one that was judged: the last-admin guard counted without them.
  const seen = { ...identityImage(account), privileged: account.record.privileged };
  const contained = containStep({ ...start, before: { ...seen, state: account.record.state } });
  const state = contained === null ? account.record.state : "suspended";
  const departure: Departure = { ...start, before: { ...seen, state } };
  const first = contained === null ? [] : [contained];
  const over = handOver(departure, ids(first));
  if (over.blocked !== null) {
    const heldBack = [hold(pair, `${over.blocked}; ${targetWords(app, account)} is kept until then`)];
    return { drafts: first, heldBack, questions: over.questions };
  }
  const before = [...first, ...over.drafts];
  const teams = leaveTeams(departure, endsOf(before));
  const all = [...before, ...teams];
  const seated = account.record.takesSeat && contained?.seat !== -1;
  if (finalOf(app) === "suspend") return { drafts: all, heldBack: [], questions: [] };
  return { drafts: [...all, removal(departure, endsOf(all), seated)], heldBack: [], questions: [] };
}

function ids(drafts: readonly Draft[]): readonly string[] {
  return drafts.map((draft) => draft.id);
}

function targetWords(app: AppScene, account: AccountNode): string {
  return `${wordsOf(app.traits, account.ref.kind).one} ${account.ref.id}`;
}

/** What an API call can cut and give back comes first, so that the rest need not hurry. */
function containStep(departure: Departure): Draft | null {
  const { app } = departure.pair;
  const { record } = departure.account;
  if (record.state === "suspended") return null;
  const reversible = app.traits.contain === "suspend" && can(app, "suspend");
  if (finalOf(app) === "remove" && !reversible) return null;
  return draftStep(departure.context, {
    target: departure.target,
    action: { verb: "suspend" },
    before: departure.before,
    after: { state: "suspended" },
    seated: record.takesSeat,
    account: departure.account,
  });
}

interface HandOver {
  readonly drafts: readonly Draft[];
  readonly questions: readonly Question[];
  /** Why the account cannot go yet; null: it can, after the drafts. */
  readonly blocked: string | null;
}

function handOver(departure: Departure, first: readonly string[]): HandOver {
  const { pair, account } = departure;
  const parts = handOverKinds(pair.app).map((holding): HandOver => {
    const held = holdingsOf(pair, account, holding);
    if (held !== null && held.complete) return handOverKind(departure, first, holding, held);
    const { many } = wordsOf(pair.app.traits, holding);
    const blocked = `the ${many} of ${account.record.displayName} have not been counted (tenure sync ${pair.app.name})`;
    return { drafts: [], questions: [], blocked };
  });
  const reasons = parts.flatMap((part) => (part.blocked === null ? [] : [part.blocked]));
  return {
    drafts: parts.flatMap((part) => part.drafts),
    questions: parts.flatMap((part) => part.questions),
    blocked: reasons.length === 0 ? null : reasons.join("; "),
  };
}

function handOverKind(
  departure: Departure,
  first: readonly string[],
  holding: string,
  held: { readonly count: number; readonly sample: readonly string[] },
): HandOver {
  const { pair, account, context, target, before } = departure;
  const moves: Draft[] = [];
  if (held.count > 0) {
    const found = findSuccessor(pair, account, holding, held.count);
    if (found.kind !== "found") {
      const questions = found.kind === "ask" ? [found.question] : [];
      return { drafts: [], questions, blocked: found.reason };
    }
    const action = { verb: "transfer", holding, to: found.target, count: held.count } as const;
    const loss = { holding, count: held.count, sample: [...held.sample].sort(), to: found.target.label };
    const spec = { target, action, before, after: { holdings: 0 }, dependsOn: first, loss, account };
    moves.push(draftStep(context, spec));
  }
  const check = draftStep(context, {
    target,
    action: { verb: "verifyNone", holding },
    expect: "none",
    after: { holdings: 0 },
    dependsOn: moves.length === 0 ? first : ids(moves),
    account,
  });
  return { drafts: [...moves, check], questions: [], blocked: null };
}

function leaveTeams(departure: Departure, dependsOn: readonly string[]): readonly Draft[] {
  const { pair, account, context, target, before } = departure;
  const { remove, teams } = pair.app.traits;
  if (remove?.leaveTeamsFirst !== true || finalOf(pair.app) !== "remove") return [];
  return [...(account.teams ?? [])].sort().map((team) =>
    draftStep(context, {
      target,
      action: { verb: "leave", team: { id: team, name: teamName(pair.app, team) } },
      before,
      after: teams.toldBy === "members" ? { notMember: team } : { teams: [] },
      dependsOn,
      account,
    }),
  );
}

function removal(departure: Departure, dependsOn: readonly string[], seated: boolean): Draft {
  const { pair, account, leaving, context, target, before } = departure;
  const { remove } = pair.app.traits;
  const start = leaving.endsAt ?? pair.world.now;
  const at = start + pair.app.policy.leaver.graceDays * DAY_MS;
  return draftStep(context, {
    target,
    action: { verb: "remove" },
    before,
    after: afterRemoval(remove),
    noHoldings: handOverKinds(pair.app),
    dependsOn,
    seated,
    account,
    notBefore: at > pair.world.now ? at : null,
  });
}

/** An invitation that is still open would let a leaver in later (safety G4): it is taken back. */
function planInvitation(pair: Pair, invitation: InvitationNode, leaving: Leaving): PairPlan {
  const { record } = invitation;
  const { reason, fact, notBefore } = leaving;
  const group = `leaver ${record.kind} ${record.id}`;
  const context = contextOf(pair, { rank: "leaver", group, reason, fact, notBefore });
  const step = draftStep(context, {
    target: { kind: record.kind, id: record.id, madeBy: null, email: record.email, label: record.email },
    action: { verb: "revokeInvitation" },
    after: { exists: false },
  });
  return { drafts: [step], heldBack: [], questions: [] };
}

/** A leaver in one app: every account and every open invitation; what is not surely theirs is for a human. */
export function planLeaver(pair: Pair, leaving: Leaving, accounts: readonly AccountNode[]): PairPlan {
  const { app, node } = pair;
  const plans = accounts.map((account) => planDeparture(pair, account, leaving));
  for (const invitation of node.invitations) {
    if (invitation.connection === app.name && invitation.record.state === "pending") {
      plans.push(planInvitation(pair, invitation, leaving));
    }
  }
  const claims = node.possible.filter((claim) => claim.ref.connection === app.name);
  const heldBack = claims.map((claim) =>
    hold(
      pair,
      `${targetWords(app, claim)} may belong to this leaver: decide in tenure match list, nothing is taken from it before`,
    ),
  );
  return joinPlans([...plans, { drafts: [], heldBack, questions: [] }]);
}
