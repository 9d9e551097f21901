import type { JsonObject } from "../../kernel/json.ts";
import { refKey } from "../../model/account.ts";
import type { Severity } from "../../model/finding.ts";
import type { Person } from "../../model/person.ts";
import { mayHideInactive, type AccountNode, type InvitationNode, type PersonNode } from "../graph.ts";
import type { Desired, Employment } from "../expected.ts";
import {
  accountText,
  counted,
  daysSince,
  givesAccess,
  protection,
  sourceText,
  timeText,
  type CheckContext,
  type Scene,
} from "./context.ts";
import { ruleText } from "./linked.ts";

function leaverSeverity(scene: Scene, node: AccountNode, daysGone: number): Severity | null {
  if (givesAccess(node)) return "high";
  const final = scene.policy?.leaver;
  if (final?.final === "suspend") return null;
  return daysGone < (final?.graceDays ?? 0) ? null : "medium";
}

function leftText(person: Person): string {
  return person.lastDay === null ? "has left" : `left on ${person.lastDay}`;
}

/** An account of somebody who has left. */
function leaverAccount(context: CheckContext, person: Person, scene: Scene, node: AccountNode): void {
  const days = daysSince(person.accessEndsAt, context.now);
  const severity = leaverSeverity(scene, node, days ?? 0);
  if (severity === null) return;
  const kept = protection(scene, node);
  const still = node.record.state === "suspended" ? "is suspended but not removed in" : "still has access to";
  context.add({
    kind: "leaver-access",
    severity,
    person: person.id,
    connection: node.ref.connection,
    account: node.ref,
    title: `${person.displayName} ${leftText(person)} and ${still} ${scene.appName}`,
    evidence: [
      sourceText(person),
      `${accountText(scene, node)} is ${node.record.state}`,
      ...(kept === null ? [] : [kept]),
      scene.readText,
    ],
    facts: {
      state: node.record.state,
      accessEndsAt: person.accessEndsAt,
      daysSince: days,
      privileged: node.record.privileged,
      protected: kept !== null,
    },
  });
}

/** An invitation that a leaver could still accept (safety G4). */
function leaverInvitation(context: CheckContext, person: Person, scene: Scene, { record }: InvitationNode): void {
  const account = { connection: scene.connection.name, kind: record.kind, id: record.id };
  context.add({
    kind: "leaver-access",
    severity: "high",
    person: person.id,
    connection: account.connection,
    account,
    title: `${person.displayName} ${leftText(person)} and can still accept an invitation to ${scene.appName}`,
    evidence: [sourceText(person), `invitation ${record.id} to ${record.email} is pending`, scene.readText],
    facts: { state: "invited", accessEndsAt: person.accessEndsAt, invitation: record.id, protected: false },
  });
}

/** Access has ended by positive evidence, and an account or an invitation is still there (safety S7). */
export function checkLeaver(context: CheckContext, { person, accounts, invitations }: PersonNode): void {
  for (const node of accounts) {
    const scene = context.scenes.get(node.ref.connection);
    if (scene === undefined || node.situation !== "linked" || node.record.state === "removed") continue;
    leaverAccount(context, person, scene, node);
  }
  for (const invitation of invitations) {
    const scene = context.scenes.get(invitation.connection);
    if (scene !== undefined) leaverInvitation(context, person, scene, invitation);
  }
}

function previousAccount(node: PersonNode, connection: string): AccountNode | null {
  const own = node.accounts.filter((account) => account.ref.connection === connection);
  return (
    own.find((account) => account.record.state === "removed") ??
    own.find((account) => account.situation === "deleted") ??
    null
  );
}

function missingFacts(
  desired: Desired,
  previous: AccountNode | null,
  scene: Scene,
  employment: Employment,
): JsonObject {
  const { gift } = desired;
  return {
    rule: desired.rule.name,
    role: gift.role,
    teams: [...gift.teams],
    attributes: { ...gift.attributes },
    unfilled: [...desired.unfilled],
    employment,
    previous:
      previous === null
        ? null
        : {
            kind: previous.ref.kind,
            id: previous.ref.id,
            state: previous.situation === "deleted" ? "deleted" : previous.record.state,
          },
    mayBeHidden: mayHideInactive(scene.connection.traits),
  };
}

/** A rule gives an account and a whole listing has none. Not while an account waits for a human, nor while an invitation is open. */
export function checkMissing(context: CheckContext, node: PersonNode, desired: Desired, employment: Employment): void {
  const { person } = node;
  const scene = context.scenes.get(desired.connection);
  if (scene === undefined || !scene.complete || !node.unmatched.includes(desired.connection)) return;
  if (node.possible.some((account) => account.ref.connection === desired.connection)) return;
  if (node.invitations.some((invitation) => invitation.connection === desired.connection)) return;
  const previous = previousAccount(node, desired.connection);
  const before =
    previous === null
      ? []
      : [
          `${accountText(scene, previous)} of ${person.displayName} is ${previous.situation === "deleted" ? "no longer listed" : "deactivated"}`,
        ];
  context.add({
    kind: "missing",
    severity: "medium",
    person: person.id,
    connection: desired.connection,
    account: previous?.ref ?? null,
    title: `${person.displayName} has no account in ${scene.appName}, and ${desired.rule.name} gives one`,
    evidence: [
      `${ruleText(desired.rule)} gives ${giftText(desired)}`,
      sourceText(person),
      ...desired.unfilled,
      ...before,
      ...(mayHideInactive(scene.connection.traits)
        ? [`${scene.appName} may leave suspended accounts out of its list`]
        : []),
      scene.readText,
    ],
    facts: missingFacts(desired, previous, scene, employment),
  });
}

function giftText({ gift }: Desired): string {
  const parts = [gift.role === null ? "an account" : `role ${gift.role}`];
  if (gift.teams.length > 0) parts.push(`team ${gift.teams.join(", ")}`);
  for (const [name, value] of Object.entries(gift.attributes)) parts.push(`${name} ${JSON.stringify(value)}`);
  return parts.join(", ");
}

/** A rule gives the account, and it rests: nobody can sign in with it. */
export function checkSuspended(
  context: CheckContext,
  { person }: PersonNode,
  node: AccountNode,
  desired: Desired,
): void {
  const scene = context.scenes.get(node.ref.connection);
  if (scene === undefined || node.record.state !== "suspended") return;
  context.add({
    kind: "missing",
    severity: "low",
    person: person.id,
    connection: node.ref.connection,
    account: node.ref,
    title: `${person.displayName}'s account in ${scene.appName} is suspended, and ${desired.rule.name} gives one`,
    evidence: [
      `${ruleText(desired.rule)} gives ${giftText(desired)}`,
      sourceText(person),
      `${accountText(scene, node)} is suspended`,
      scene.readText,
    ],
    facts: {
      ...missingFacts(desired, node, scene, "active"),
    },
  });
}

/** A linked account that a whole listing no longer had, of somebody who works here, and not by our doing. */
export function checkVanishedAccounts(context: CheckContext, { person, accounts, unmatched }: PersonNode): void {
  for (const node of accounts) {
    const scene = context.scenes.get(node.ref.connection);
    if (scene === undefined || node.situation !== "deleted" || context.removedByUs.has(refKey(node.ref))) continue;
    if (!unmatched.includes(node.ref.connection)) continue;
    const hides = mayHideInactive(scene.connection.traits);
    context.add({
      kind: "vanished-account",
      severity: "medium",
      person: person.id,
      connection: node.ref.connection,
      account: node.ref,
      title: `${person.displayName}'s account in ${scene.appName} is gone, and Tenure did not remove it`,
      evidence: [
        `${accountText(scene, node)} was there before and is no longer in a complete list`,
        ...(hides ? [`${scene.appName} may leave suspended accounts out of its list: it need not be deleted`] : []),
        sourceText(person),
        scene.readText,
      ],
      facts: { goneIn: node.goneIn, mayBeHidden: hides, email: node.record.email },
    });
  }
}

/** Somebody a source no longer lists: looked at by a human, never a reason to take anything away (safety A8). */
export function checkVanishedPerson(
  context: CheckContext,
  { person, accounts }: PersonNode,
  employment: Employment,
): void {
  if (person.listed || employment === "left") return;
  const open = accounts.filter((node) => node.situation === "linked" && givesAccess(node));
  const ending = person.accessEndsAt !== null;
  const severity =
    open.length === 0 && person.status !== "future" ? "low" : ending && open.length > 0 ? "high" : "medium";
  context.add({
    kind: "vanished-person",
    severity,
    person: person.id,
    connection: person.source,
    account: null,
    title: `${person.displayName} is no longer listed in ${person.source}: someone must say what that means`,
    evidence: [
      `import ${person.importId} no longer has the person; before, ${sourceText(person)}`,
      `${counted(open.length, "account")} with access`,
      ...(ending && person.accessEndsAt !== null ? [`access was to end ${timeText(person.accessEndsAt)}`] : []),
    ],
    facts: { status: person.status, accounts: open.map((node) => refKey(node.ref)), accessEndsAt: person.accessEndsAt },
  });
}

/**
 * A directory says that access rests or has ended, and an app still gives it (safety A9). Reported for a human: a directory
 * that is no roster ends nothing by itself.
 */
export function checkSources(context: CheckContext, { person, seenAs, accounts }: PersonNode): void {
  const open = accounts.filter((node) => node.situation === "linked" && givesAccess(node));
  if (open.length === 0) return;
  for (const other of [person, ...seenAs]) {
    const isDirectory = context.graph.sources.some(
      (source) => source.name === other.source && source.kind === "directory",
    );
    if (!isDirectory || !other.listed || (other.status !== "leave" && other.status !== "terminated")) continue;
    const word = other.status === "leave" ? "suspended" : "deprovisioned";
    const here =
      other === person
        ? `${counted(open.length, "account")} still ${open.length === 1 ? "gives" : "give"} access`
        : `works here by ${person.source}`;
    context.add({
      kind: "contradiction",
      severity: "medium",
      person: person.id,
      connection: other.source,
      account: null,
      title: `${person.displayName} is ${word} in ${other.source}, and ${here}`,
      evidence: [
        `${other.source} row ${other.row}: ${word}`,
        sourceText(person),
        `${counted(open.length, "account")} with access`,
      ],
      facts: { directory: other.source, status: other.status, accounts: open.map((node) => refKey(node.ref)) },
    });
  }
}

/** Accounts come by connection and kind: two of one kind stand side by side. */
function hasTwoOfAKind(accounts: readonly AccountNode[]): boolean {
  return accounts.some((node, place) => {
    const before = accounts[place - 1];
    return before?.ref.connection === node.ref.connection && before.ref.kind === node.ref.kind;
  });
}

/** More than one account of one kind that gives access. */
export function checkDuplicates(context: CheckContext, { person, accounts }: PersonNode): void {
  if (!hasTwoOfAKind(accounts)) return;
  const kinds = new Map<string, AccountNode[]>();
  for (const node of accounts) {
    if (node.situation !== "linked" || !givesAccess(node)) continue;
    const key = `${node.ref.connection}/${node.ref.kind}`;
    kinds.set(key, [...(kinds.get(key) ?? []), node]);
  }
  for (const nodes of kinds.values()) {
    const [first, second] = nodes;
    const scene = first === undefined ? undefined : context.scenes.get(first.ref.connection);
    if (first === undefined || second === undefined || scene === undefined) continue;
    context.add({
      kind: "duplicate",
      severity: "medium",
      person: person.id,
      connection: first.ref.connection,
      account: second.ref,
      title: `${person.displayName} has ${nodes.length} accounts in ${scene.appName}`,
      evidence: [
        ...nodes.map((node) => `${accountText(scene, node)}: ${node.record.email ?? "no address"}`),
        scene.readText,
      ],
      facts: { accounts: nodes.map((node) => refKey(node.ref)) },
    });
  }
}

/** HR does not know this person; only a directory does. */
export function checkDirectoryOnly(context: CheckContext, { person, accounts }: PersonNode): void {
  for (const node of accounts) {
    const scene = context.scenes.get(node.ref.connection);
    if (scene === undefined || node.situation !== "linked" || node.record.state === "removed") continue;
    const kept = protection(scene, node);
    context.add({
      kind: "orphaned",
      severity: kept === null && givesAccess(node) ? "medium" : "low",
      person: person.id,
      connection: node.ref.connection,
      account: node.ref,
      title: `${person.displayName} in ${scene.appName} is known to ${person.source} but not to HR`,
      evidence: [
        "no HR record",
        sourceText(person),
        accountText(scene, node),
        ...(kept === null ? [] : [kept]),
        scene.readText,
      ],
      facts: {
        state: node.record.state,
        directory: person.source,
        privileged: node.record.privileged,
        protected: kept !== null,
      },
    });
  }
}
