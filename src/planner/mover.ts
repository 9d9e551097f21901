import type { JsonObject, JsonValue } from "../kernel/json.ts";
import { canonicalEmail } from "../kernel/email.ts";
import type { Desired } from "../graph/expected.ts";
import type { AccountNode } from "../graph/graph.ts";
import type { TeamRef } from "../model/plan.ts";
import { attributeChanges, type AttributeChange } from "./changes.ts";
import { resolveEntitlements, type Entitlements } from "./entitlements.ts";
import { identityImage, targetOf } from "./leaver.ts";
import { contextOf, hold, ruleReason, rosterReason, type Pair, type PairPlan } from "./pair.ts";
import { keyOf, teamName } from "./scene.ts";
import { draftStep, type Draft, type DraftContext, type Rank } from "./steps.ts";
import { fieldWord } from "./titles.ts";
import { listText } from "./words.ts";

/** An account that stays, and the step that brings it back first, if one does. */
export interface Stay {
  readonly account: AccountNode;
  readonly rank: Rank;
  readonly after: readonly string[];
  readonly notBefore: number | null;
}

interface Parts {
  readonly drafts: readonly Draft[];
  /** What cannot be done, in words for the list of people held back. */
  readonly problems: readonly string[];
}

/**
 * Role, teams and attributes of an account towards what the rules and the source say. New teams are joined before old
 * ones are left, so that nobody is without work between; only teams that the rules speak of are left.
 */
export function planMover(pair: Pair, desired: Desired, stay: Stay): PairPlan {
  const wanted = resolveEntitlements(pair.app, desired);
  const group = `${stay.rank} ${keyOf(stay.account)}`;
  const { rank, notBefore } = stay;
  const context = contextOf(pair, { rank, group, reason: ruleReason(desired), notBefore });
  const role = roleStep(pair, wanted, context, stay);
  const teams = teamSteps(pair, wanted, context, stay);
  const others = [...role.drafts, ...teams.drafts];
  const changes = attributeChanges(pair.app, pair.node.person, stay.account, desired, pair.world.domains);
  const updates = updateSteps(pair, changes, stay, group, others);
  return {
    // Each of them may be held back alone; what depends on it goes with it.
    drafts: [...others, ...updates.drafts].map((draft) => ({ ...draft, group: `${group} ${draft.id}` })),
    heldBack: [...wanted.problems, ...role.problems, ...teams.problems, ...updates.problems].map((problem) =>
      hold(pair, problem),
    ),
    questions: [],
  };
}

function roleStep(pair: Pair, wanted: Entitlements, context: DraftContext, stay: Stay): Parts {
  const { record } = stay.account;
  const { role, elevated } = wanted;
  // The flag decides beside the word: a role that says one thing while the account may do another is put right (FUB-A1).
  if (role === null || (record.roles.includes(role) && record.privileged === elevated))
    return { drafts: [], problems: [] };
  if (record.owner)
    return { drafts: [], problems: [`owns the ${pair.app.appName} account: the role ${role} is not given`] };
  const before = record.roles.length === 0 ? "none" : listText(record.roles);
  const step = draftStep(context, {
    target: targetOf(stay.account),
    action: { verb: "assignRole", role },
    before: { ...identityImage(stay.account), roles: [...record.roles].sort(), privileged: record.privileged },
    after: { roles: [role], privileged: elevated },
    dependsOn: stay.after,
    destructive: record.privileged && !elevated,
    elevates: elevated,
    account: keyOf(stay.account),
    title: `Role: ${before} -> ${role}`,
  });
  return { drafts: [step], problems: [] };
}

function teamSteps(pair: Pair, wanted: Entitlements, context: DraftContext, stay: Stay): Parts {
  const { app } = pair;
  if (app.traits.teams.perAccount === "none" || wanted.problems.length > 0) return { drafts: [], problems: [] };
  const actual = stay.account.teams;
  if (actual === null) {
    const problems = wanted.teams.length === 0 ? [] : [`${app.appName} did not say which teams this account is in`];
    return { drafts: [], problems };
  }
  const governs = pair.world.governs.get(app.name) ?? ((): boolean => false);
  const joins = wanted.teams.filter((team) => !actual.includes(team.id));
  const kept = new Set(wanted.teams.map((team) => team.id));
  const leaves = actual.filter((id) => !kept.has(id) && app.teams.has(id) && governs(teamName(app, id))).sort();
  const [only] = joins;
  if (app.traits.teams.perAccount === "one" && only !== undefined) {
    return { drafts: [moveStep(pair, context, stay, only, actual)], problems: [] };
  }
  const left = leaves.map((id) => ({ id, name: teamName(app, id) }));
  return { drafts: joinAndLeave(pair, context, stay, { actual, joins, leaves: left }), problems: [] };
}

/** One team an account: joining the new one leaves the old one. */
function moveStep(pair: Pair, context: DraftContext, stay: Stay, team: TeamRef, actual: readonly string[]): Draft {
  const from = actual.map((id) => teamName(pair.app, id));
  return draftStep(context, {
    target: targetOf(stay.account),
    action: { verb: "join", team },
    before: { ...identityImage(stay.account), teams: [...actual].sort() },
    after: { teams: [team.id] },
    dependsOn: stay.after,
    destructive: actual.length > 0,
    account: keyOf(stay.account),
    ...(from.length === 0 ? {} : { title: `Move from ${listText(from)} to ${team.name}` }),
  });
}

function joinAndLeave(
  pair: Pair,
  context: DraftContext,
  stay: Stay,
  teams: {
    readonly actual: readonly string[];
    readonly joins: readonly TeamRef[];
    readonly leaves: readonly TeamRef[];
  },
): readonly Draft[] {
  const byMembers = pair.app.traits.teams.toldBy === "members";
  const drafts: Draft[] = [];
  let now = [...teams.actual].sort();
  const add = (verb: "join" | "leave", team: TeamRef): void => {
    const then = verb === "join" ? [...now, team.id].sort() : now.filter((id) => id !== team.id);
    const members: JsonObject = verb === "join" ? { member: team.id } : { notMember: team.id };
    // Where the account itself tells all its teams at once, each step is seen only in the state that the one before left.
    const before = byMembers ? {} : { teams: now };
    const inTurn = byMembers && verb === "join" ? [] : drafts.map((draft) => draft.id);
    drafts.push(
      draftStep(context, {
        target: targetOf(stay.account),
        action: { verb, team },
        before: { ...identityImage(stay.account), ...before },
        after: byMembers ? members : { teams: then },
        dependsOn: [...stay.after, ...inTurn],
        account: keyOf(stay.account),
      }),
    );
    now = then;
  };
  for (const team of teams.joins) add("join", team);
  for (const team of teams.leaves) add("leave", team);
  return drafts;
}

/** Changes of attributes as one step; what the app can show but not write is a task for a person. */
function updateSteps(
  pair: Pair,
  changes: readonly AttributeChange[],
  stay: Stay,
  group: string,
  others: readonly Draft[],
): Parts {
  const { app, node } = pair;
  const taken = changes.filter((change) => change.field === "email" && isTaken(pair, stay.account, change.value));
  const problems = taken.map(
    () => `the new address ${node.person.emailKey} has another account in ${app.appName} already`,
  );
  const free = changes.filter((change) => !taken.includes(change));
  const byApi = free.filter((change) => app.traits.writable.includes(change.field));
  const byHand = free.filter((change) => !app.traits.writable.includes(change.field));
  const reason = rosterReason(node.person, free.map(changeWords).join(", "));
  const context = contextOf(pair, { rank: stay.rank, group, reason, notBefore: stay.notBefore });
  const drafts = [byApi, byHand]
    .filter((some) => some.length > 0)
    .map((some) => updateStep(context, stay, some, others, some === byHand));
  return { drafts, problems };
}

function updateStep(
  context: DraftContext,
  stay: Stay,
  changes: readonly AttributeChange[],
  others: readonly Draft[],
  byHand: boolean,
): Draft {
  // The steps before look the account up under its old address, so a new address comes last.
  const movesAddress = changes.some((change) => change.field === "email");
  const values = (pick: (change: AttributeChange) => JsonValue): JsonObject =>
    Object.fromEntries(changes.map((change) => [change.imageField, pick(change)]));
  const [only] = changes;
  const title = changes.length === 1 && only !== undefined ? changeWords(only) : null;
  return draftStep(context, {
    target: targetOf(stay.account),
    action: { verb: "update", changes: Object.fromEntries(changes.map((change) => [change.field, change.value])) },
    before: { ...identityImage(stay.account), ...values((change) => change.before) },
    after: values((change) => change.after),
    dependsOn: [...stay.after, ...(movesAddress ? others.map((draft) => draft.id) : [])],
    account: keyOf(stay.account),
    manual: byHand,
    ...(title === null ? {} : { title: title.slice(0, 1).toUpperCase() + title.slice(1) }),
  });
}

/** "phone: +1 415 555 0100 -> +1 415 555 0199". */
function changeWords(change: AttributeChange): string {
  const show = (value: JsonValue): string =>
    value === null ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return `${fieldWord(change.field)}: ${show(change.before)} -> ${show(change.after)}`;
}

function isTaken(pair: Pair, account: AccountNode, address: JsonValue): boolean {
  const email = typeof address === "string" ? canonicalEmail(address) : null;
  const holders = email === null ? [] : (pair.app.byEmail.get(email) ?? []);
  return holders.some((other) => keyOf(other) !== keyOf(account));
}
