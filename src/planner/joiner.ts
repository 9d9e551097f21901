import { canonicalEmail } from "../kernel/email.ts";
import type { JsonObject } from "../kernel/json.ts";
import { employmentOf, type Desired } from "../graph/expected.ts";
import { mayHideInactive, type AccountNode } from "../graph/graph.ts";
import type { AccountDraft } from "../model/account.ts";
import type { Person } from "../model/person.ts";
import type { Target, TeamRef } from "../model/plan.ts";
import { fullName } from "./changes.ts";
import type { Entitlements } from "./entitlements.ts";
import { identityImage, targetOf } from "./leaver.ts";
import { planMover } from "./mover.ts";
import {
  contextOf,
  hold,
  joinPlans,
  NOTHING,
  PLAN_LIFE_MS,
  ruleReason,
  startsAt,
  startText,
  type Pair,
  type PairPlan,
} from "./pair.ts";
import { keyOf, type AppScene } from "./scene.ts";
import { draftStep, endsOf, type Draft, type DraftContext } from "./steps.ts";
import { listText, wordsOf } from "./words.ts";

function held(pair: Pair, ...reasons: readonly string[]): PairPlan {
  return { drafts: [], heldBack: reasons.map((reason) => hold(pair, reason)), questions: [] };
}

/** On leave, or no longer in the file: keeps what there is, gets nothing new. */
function isAway(pair: Pair): boolean {
  const employment = employmentOf(pair.node.person, pair.world.now);
  return employment === "leave" || employment === "unlisted";
}

/** What the steps of a joiner rest on: a hire that is called off, or a day that moves, makes them stale. */
function factOf(person: Person): JsonObject {
  return { startDate: person.startDate, accessEndsAt: person.accessEndsAt };
}

/**
 * A person who shall have an account and has none: created, with team and role inside where the app can, otherwise joined
 * afterwards. Never before the first day, and never while another account may be theirs.
 */
export function planJoiner(pair: Pair, desired: Desired): PairPlan {
  const { app, node, world } = pair;
  const start = startsAt(node.person, world.now);
  if (isAway(pair)) return NOTHING;
  if (start !== null && start > world.now + PLAN_LIFE_MS) {
    return held(pair, `${startText(node.person)}: the account is made that day, not before`);
  }
  const obstacles = obstaclesTo(pair);
  if (obstacles.length > 0) return held(pair, ...obstacles);
  if (node.invitations.some((one) => one.connection === app.name && one.record.state === "pending")) return NOTHING;
  const wanted = world.entitlements(app, desired);
  const missing = missingFields(app, node.person);
  const problems = [...wanted.problems, ...(missing === null ? [] : [missing])];
  if (problems.length > 0) return held(pair, ...problems);
  const group = `joiner ${node.person.id}`;
  const fact = factOf(node.person);
  const context = contextOf(pair, {
    rank: "joiner",
    group,
    reason: ruleReason(desired, node.person),
    fact,
    notBefore: start,
  });
  return { drafts: createSteps(pair, desired, wanted, context), heldBack: [], questions: [] };
}

/** Accounts that may be the person's: making another one beside them would be the duplicate nobody can undo. */
function obstaclesTo(pair: Pair): readonly string[] {
  const { app, node } = pair;
  const claims = node.possible.filter((claim) => claim.ref.connection === app.name);
  const addresses = [node.person.emailKey, ...node.person.aliases];
  const holders = addresses.flatMap((address) => app.withEmail(address));
  const seen = new Map([...claims, ...holders].map((account) => [keyOf(account), account]));
  const obstacles = [...seen.values()].map((account) => {
    const { one } = wordsOf(app.traits, account.ref.kind);
    return `${one} ${account.ref.id} may be theirs already: decide in tenure match list, no second one is made before`;
  });
  const lost = node.accounts.find((one) => one.ref.connection === app.name && one.situation === "deleted");
  if (lost === undefined || !mayHideInactive(app.traits) || app.traits.create?.refusesDuplicates === true)
    return obstacles;
  // A listing that hides deactivated accounts proves no deletion (FUB-26), and nothing would refuse the second one.
  return [...obstacles, `account ${lost.ref.id} is no longer listed but may only be deactivated: look at it by hand`];
}

const FIELDS: Readonly<Record<string, (person: Person) => string | null>> = {
  email: (person) => person.emailKey,
  displayName: (person) => fullName(person),
  givenName: (person) => person.givenName,
  familyName: (person) => person.familyName,
  phone: (person) => person.phone,
};

const FIELD_NAMES: Readonly<Record<string, string>> = {
  email: "an e-mail address",
  displayName: "a name",
  givenName: "a given name",
  familyName: "a family name",
  phone: "a phone number",
};

/** What the app wants and the source does not say, such as the family name of somebody who has one name. */
function missingFields(app: AppScene, person: Person): string | null {
  const missing = (app.traits.create?.requires ?? []).filter((field) => {
    const read = FIELDS[field];
    return read !== undefined && (read(person) ?? "").trim() === "";
  });
  if (missing.length === 0) return null;
  const words = listText(missing.map((field) => FIELD_NAMES[field] ?? field));
  return `${app.appName} wants ${words}, and ${person.source} row ${person.row} has none: add it there`;
}

function orNull(text: string | null): string | null {
  const trimmed = (text ?? "").trim();
  return trimmed === "" ? null : trimmed;
}

function draftOf(pair: Pair, desired: Desired, wanted: Entitlements, teams: readonly TeamRef[]): AccountDraft {
  const { person } = pair.node;
  const { create, roles } = pair.app.traits;
  return {
    email: person.emailKey,
    displayName: fullName(person),
    givenName: orNull(person.givenName),
    familyName: orNull(person.familyName),
    phone: orNull(person.phone),
    role: create?.role === true ? (wanted.role ?? roles.standard) : null,
    teams: teams.map((team) => team.id),
    attributes: desired.gift.attributes,
  };
}

/** Fields that the new account must show. Its state is left open where an invitation may be accepted any moment. */
function afterCreate(app: AppScene, draft: AccountDraft): JsonObject {
  const names: JsonObject = app.traits.singleName
    ? { displayName: draft.displayName }
    : {
        ...(draft.givenName === null ? {} : { givenName: draft.givenName }),
        ...(draft.familyName === null ? {} : { familyName: draft.familyName }),
      };
  return {
    exists: true,
    email: canonicalEmail(draft.email) ?? draft.email,
    ...names,
    ...(app.traits.create?.outcome === "active" ? { state: "active" } : {}),
    ...(draft.role === null ? {} : { roles: [draft.role] }),
    ...(app.traits.teams.toldBy === "account" && draft.teams.length > 0 ? { teams: [...draft.teams].sort() } : {}),
  };
}

/** The kind of a new account; for an app without a create, the first kind of account it has. */
function kindOf(app: AppScene): string {
  const known = Object.entries(app.traits.kinds).find(([, traits]) => traits.noun === "account");
  return app.traits.create?.kind ?? known?.[0] ?? "account";
}

function createSteps(pair: Pair, desired: Desired, wanted: Entitlements, context: DraftContext): readonly Draft[] {
  const { app } = pair;
  const inside = wanted.teams.slice(0, app.traits.create?.teams ?? 0);
  const draft = draftOf(pair, desired, wanted, inside);
  const target: Target = { kind: kindOf(app), id: null, madeBy: null, email: draft.email, label: draft.displayName };
  const made = draftStep(context, {
    target,
    action: { verb: "create", draft },
    expect: "absent",
    after: afterCreate(app, draft),
    elevates: wanted.elevated && draft.role !== null,
  });
  const drafts = [made];
  const account: Target = { ...target, madeBy: made.id };
  if (draft.role === null && wanted.role !== null && wanted.role !== app.traits.roles.standard)
    drafts.push(roleAfter(context, account, wanted, made.id));
  const byMembers = app.traits.teams.toldBy === "members";
  const sofar = inside.map((team) => team.id);
  for (const team of wanted.teams.slice(inside.length)) {
    sofar.push(team.id);
    drafts.push(
      draftStep(context, {
        target: account,
        action: { verb: "join", team },
        after: byMembers ? { member: team.id } : { teams: [...sofar].sort() },
        dependsOn: byMembers ? [made.id] : endsOf(drafts),
      }),
    );
  }
  return drafts;
}

function roleAfter(context: DraftContext, target: Target, wanted: Entitlements, madeBy: string): Draft {
  const role = wanted.role ?? "";
  return draftStep(context, {
    target,
    action: { verb: "assignRole", role },
    after: { roles: [role], privileged: wanted.elevated },
    dependsOn: [madeBy],
    elevates: wanted.elevated,
  });
}

/**
 * A person who is back, or never should have been cut off: the account that is there comes back, by call or by a person's
 * hand, and then gets its teams and attributes (FRONT-A14). Never a second account beside it (safety B6).
 */
export function planReturn(pair: Pair, desired: Desired, account: AccountNode): PairPlan {
  const { app, node, world } = pair;
  const start = startsAt(node.person, world.now);
  if (isAway(pair)) return NOTHING;
  const { one } = wordsOf(app.traits, account.ref.kind);
  if (start !== null && start > world.now + PLAN_LIFE_MS) {
    return held(pair, `${startText(node.person)}: ${one} ${account.ref.id} is let in again that day, not before`);
  }
  if (app.traits.reactivate === "never") {
    return held(pair, `${one} ${account.ref.id} was deactivated and cannot come back: decide by hand`);
  }
  const group = `joiner ${node.person.id}`;
  const fact = factOf(node.person);
  const context = contextOf(pair, {
    rank: "joiner",
    group,
    reason: ruleReason(desired, node.person),
    fact,
    notBefore: start,
  });
  const back = draftStep(context, {
    target: targetOf(account),
    action: { verb: "reactivate" },
    before: { ...identityImage(account), state: account.record.state },
    after: { state: "active" },
    seated: account.record.takesSeat,
    account,
    manual: app.traits.reactivate === "by-hand",
    instructions: app.traits.reactivateByHand,
  });
  const stay = { account, rank: "joiner", after: [back.id], notBefore: start } as const;
  return joinPlans([{ drafts: [back], heldBack: [], questions: [] }, planMover(pair, desired, stay)]);
}
