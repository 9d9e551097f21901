import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { Desired } from "../graph/expected.ts";
import { membersAreComplete, type AccountNode } from "../graph/graph.ts";
import type { TeamRef } from "../model/plan.ts";
import { attributeChanges, type AttributeChange } from "./changes.ts";
import type { Entitlements } from "./entitlements.ts";
import { identityImage, targetOf } from "./leaver.ts";
import { contextOf, hold, NOTHING, ruleReason, rosterReason, type Pair, type PairPlan } from "./pair.ts";
import { keyOf, teamName } from "./scene.ts";
import { draftStep, endsOf, type Draft, type DraftContext, type Rank } from "./steps.ts";
import { fieldWord } from "./titles.ts";
import { listText } from "./words.ts";

/** An account that stays, and the step that brings it back first, if one does. */
export interface Stay {
  readonly account: AccountNode;
  readonly rank: Rank;
  readonly after: readonly string[];
  readonly notBefore: number | null;
}

const NO_PARTS: Parts = { drafts: [], problems: [] };

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
  const wanted = pair.world.entitlements(pair.app, desired);
  const role = roleStep(pair, desired, wanted, stay);
  const teams = teamSteps(pair, desired, wanted, stay);
  const changes = attributeChanges(pair.app, pair.node, stay.account, desired);
  const clean = wanted.problems.length + role.problems.length + teams.problems.length + changes.length === 0;
  if (clean && role.drafts.length + teams.drafts.length === 0) return NOTHING;
  const others = [...role.drafts, ...teams.drafts];
  const updates = updateSteps(pair, changes, { stay, others });
  return {
    // Each of them may be held back alone; what depends on it goes with it.
    drafts: [...others, ...updates.drafts].map((draft) => ({ ...draft, group: `${groupOf(stay)} ${draft.id}` })),
    heldBack: [...wanted.problems, ...role.problems, ...teams.problems, ...updates.problems].map((problem) =>
      hold(pair, problem),
    ),
    questions: [],
  };
}

function groupOf(stay: Stay): string {
  return `${stay.rank} ${keyOf(stay.account)}`;
}

/** What steps have in common that follow from a rule; most accounts are as they should be and need none. */
function ruleContext(pair: Pair, desired: Desired, stay: Stay): DraftContext {
  const { rank, notBefore } = stay;
  return contextOf(pair, { rank, group: groupOf(stay), reason: ruleReason(desired, pair.node.person), notBefore });
}

function roleStep(pair: Pair, desired: Desired, wanted: Entitlements, stay: Stay): Parts {
  const { record } = stay.account;
  const { role, elevated } = wanted;
  // The flag decides beside the word: a role that says one thing while the account may do another is put right (FUB-A1).
  const isSo = role === null || (record.roles.includes(role) && record.privileged === elevated);
  if (isSo) return NO_PARTS;
  const owns = `owns the ${pair.app.appName} account: the role ${role} is not given`;
  if (record.owner) return { drafts: [], problems: [owns] };
  const before = record.roles.length === 0 ? "none" : listText(record.roles);
  const step = draftStep(ruleContext(pair, desired, stay), {
    target: targetOf(stay.account),
    action: { verb: "assignRole", role },
    before: { ...identityImage(stay.account), roles: [...record.roles].sort(), privileged: record.privileged },
    after: { roles: [role], privileged: elevated },
    dependsOn: stay.after,
    destructive: record.privileged && !elevated,
    elevates: elevated,
    account: stay.account,
    title: `Role: ${before} -> ${role}`,
  });
  return { drafts: [step], problems: [] };
}

function teamSteps(pair: Pair, desired: Desired, wanted: Entitlements, stay: Stay): Parts {
  const { app } = pair;
  // Rules that name no team for this person say nothing of teams; nor do rules that cannot be followed.
  if (app.traits.teams.perAccount === "none" || wanted.teams.length === 0 || wanted.problems.length > 0)
    return NO_PARTS;
  const actual = stay.account.teams;
  if (actual === null) {
    // Where the members were not read whole, the guard on completeness says so once for all.
    const unsaid = `${app.appName} did not say which teams this account is in`;
    return membersAreComplete(app.graph) ? { drafts: [], problems: [unsaid] } : NO_PARTS;
  }
  if (actual.length === wanted.teams.length && wanted.teams.every((team) => actual.includes(team.id))) return NO_PARTS;
  const governs = pair.world.governs.get(app.name) ?? ((): boolean => false);
  const joins = wanted.teams.filter((team) => !actual.includes(team.id));
  const kept = new Set(wanted.teams.map((team) => team.id));
  const leaves = actual.filter((id) => !kept.has(id) && app.teams.has(id) && governs(teamName(app, id))).sort();
  const [only] = joins;
  if (app.traits.teams.perAccount === "one" && only !== undefined) {
    return { drafts: [moveStep(pair, ruleContext(pair, desired, stay), stay, only, actual)], problems: [] };
  }
  if (joins.length + leaves.length === 0) return NO_PARTS;
  const left = leaves.map((id) => ({ id, name: teamName(app, id) }));
  return {
    drafts: joinAndLeave(pair, ruleContext(pair, desired, stay), stay, { actual, joins, leaves: left }),
    problems: [],
  };
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
    account: stay.account,
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
    // Where the account itself tells all its teams at once, each step is seen only in the state that the one before left;
    // elsewhere new teams are joined side by side, and old ones left after all of them.
    const before = byMembers ? {} : { teams: now };
    const joins = drafts.filter((draft) => draft.after["member"] !== undefined);
    const first = byMembers ? (verb === "join" ? [] : joins) : drafts;
    drafts.push(
      draftStep(context, {
        target: targetOf(stay.account),
        action: { verb, team },
        before: { ...identityImage(stay.account), ...before },
        after: byMembers ? members : { teams: then },
        dependsOn: [...stay.after, ...endsOf(first)],
        account: stay.account,
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
  about: { readonly stay: Stay; readonly others: readonly Draft[] },
): Parts {
  const { stay, others } = about;
  if (changes.length === 0) return NO_PARTS;
  const { app, node } = pair;
  const address = changes.find((change) => change.field === "email");
  const problem = address === undefined ? null : addressProblem(pair, stay.account, address);
  const problems = problem === null ? [] : [problem];
  const free = problem === null ? changes : changes.filter((change) => change !== address);
  const byApi = free.filter((change) => app.traits.writable.includes(change.field));
  const byHand = free.filter((change) => !app.traits.writable.includes(change.field));
  const reason = rosterReason(node.person, free.map(changeWords).join(", "));
  const context = contextOf(pair, { rank: stay.rank, group: groupOf(stay), reason, notBefore: stay.notBefore });
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
    dependsOn: [...stay.after, ...(movesAddress ? endsOf(others) : [])],
    account: stay.account,
    manual: byHand,
    ...(title === null ? {} : { title: title.slice(0, 1).toUpperCase() + title.slice(1) }),
  });
}

/** "phone: +1 415 555 0100 -> +1 415 555 0199". */
function changeWords(change: AttributeChange): string {
  return `${fieldWord(change.field)}: ${textOf(change.before)} -> ${textOf(change.after)}`;
}

function textOf(value: JsonValue): string {
  return value === null ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
}

/** Why the account keeps its address for now; null: it gets the new one. */
function addressProblem(pair: Pair, account: AccountNode, change: AttributeChange): string | null {
  const { app, node } = pair;
  const { emailKey } = node.person;
  const holders = app.withEmail(emailKey);
  if (holders.some((other) => other !== account))
    return `the new address ${emailKey} has another account in ${app.appName} already`;
  // Whoever tied an account with another address knew that it differs: nobody's login is changed behind that decision.
  const method = account.link?.evidence.method ?? null;
  if (method === "email" || method === "created-by-us") return null;
  return `the account has the address ${textOf(change.before)}, the roster ${emailKey}: change it by hand if the roster is right`;
}
