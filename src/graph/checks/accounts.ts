import type { JsonObject } from "../../kernel/json.ts";
import type { Severity } from "../../model/finding.ts";
import type { AccountNode, Candidate } from "../graph.ts";
import {
  accountText,
  counted,
  daysSince,
  givesAccess,
  protection,
  timeText,
  type CheckContext,
  type Scene,
} from "./context.ts";
import { employmentOf } from "../expected.ts";

function addressText(node: AccountNode): string {
  return node.record.email ?? "no address";
}

function baseFacts(node: AccountNode): JsonObject {
  const { record } = node;
  return {
    state: record.state,
    email: record.email,
    name: record.displayName,
    privileged: record.privileged,
    createdAt: record.createdAt,
  };
}

/** What makes an account nobody stands behind worse: it administers the app, or it imitates somebody. */
function raised(node: AccountNode, otherwise: Severity): Severity {
  return givesAccess(node) && (node.record.privileged || node.resembles !== null) ? "high" : otherwise;
}

function whoWasAsked(context: CheckContext): readonly string[] {
  const { sources, people } = context.graph;
  const rosters = sources.filter((source) => source.kind === "roster").map((source) => source.name);
  const directories = sources.filter((source) => source.kind === "directory").map((source) => source.name);
  const said = [
    `no HR record: address, further addresses, name and phone fit none of ${people.size} people${rosters.length === 0 ? "" : ` (${rosters.join(", ")})`}`,
  ];
  if (directories.length > 0) said.push(`no user in ${directories.join(", ")}`);
  return said;
}

function lifeText(node: AccountNode): string {
  const { record } = node;
  const made = record.createdAt === null ? "" : `, made ${timeText(record.createdAt)}`;
  return `${record.state}${record.privileged ? ", administers the app" : ""}${made}`;
}

/** Nobody we know stands behind the account, and nobody might. Never a reason to remove it without a human (FUB-A10, safety B11). */
function checkOrphan(context: CheckContext, scene: Scene, node: AccountNode): void {
  const kept = protection(scene, node);
  const severity = kept !== null ? "low" : raised(node, givesAccess(node) ? "high" : "medium");
  context.add({
    kind: "orphaned",
    severity,
    person: null,
    connection: node.ref.connection,
    account: node.ref,
    title: `${node.record.displayName} (${addressText(node)}) in ${scene.appName} belongs to nobody in HR`,
    evidence: [
      ...whoWasAsked(context),
      ...node.notes,
      `${accountText(scene, node)}: ${lifeText(node)}`,
      ...(kept === null ? [] : [kept]),
      scene.readText,
    ],
    facts: { ...baseFacts(node), protected: kept !== null, resembles: node.resembles },
  });
}

function candidateFacts(candidates: readonly Candidate[]): JsonObject[] {
  return candidates.map(({ person, score, link }) => ({ person, score, link: link.id }));
}

function checkUnlinked(context: CheckContext, scene: Scene, node: AccountNode): void {
  const best = node.candidates[0];
  if (best === undefined) {
    checkOrphan(context, scene, node);
    return;
  }
  const name = context.graph.people.get(best.person)?.person.displayName ?? best.person;
  context.add({
    kind: "unlinked",
    severity: raised(node, "medium"),
    person: null,
    connection: node.ref.connection,
    account: node.ref,
    title: `${node.record.displayName} (${addressText(node)}) in ${scene.appName} may be ${name} (${best.score.toFixed(2)}): someone must say`,
    evidence: [
      ...node.candidates.flatMap((candidate) =>
        candidate.link.evidence.reasons.map((reason) => `${candidate.score.toFixed(2)}: ${reason}`),
      ),
      ...node.notes,
      `${accountText(scene, node)}: ${lifeText(node)}`,
      scene.readText,
    ],
    facts: { ...baseFacts(node), candidates: candidateFacts(node.candidates), resembles: node.resembles },
  });
}

function checkDisputed(context: CheckContext, scene: Scene, node: AccountNode): void {
  const owner = node.person === null ? null : (context.graph.people.get(node.person)?.person ?? null);
  const left = owner !== null && employmentOf(owner, context.now) === "left";
  const duplicate = node.dispute === "duplicate";
  const who = node.candidates[0]?.person ?? null;
  const evidence = [...node.notes, ...node.candidates.flatMap((candidate) => candidate.link.evidence.reasons)];
  if (left) evidence.push(`${owner.displayName} has left: until the question is settled nothing is taken away`);
  context.add({
    kind: duplicate ? "duplicate" : "disputed",
    severity: left && givesAccess(node) ? "high" : raised(node, "medium"),
    person: duplicate ? who : node.person,
    connection: node.ref.connection,
    account: node.ref,
    title: duplicate
      ? `${node.record.displayName} (${addressText(node)}) is a second account in ${scene.appName} of one person`
      : `Whose ${scene.appName} account ${addressText(node)} is cannot be told: someone must say`,
    evidence: [...evidence, `${accountText(scene, node)}: ${lifeText(node)}`, scene.readText],
    facts: { ...baseFacts(node), dispute: node.dispute, candidates: candidateFacts(node.candidates) },
  });
}

function checkShared(context: CheckContext, scene: Scene, node: AccountNode): void {
  if (!givesAccess(node)) return;
  const kept = protection(scene, node);
  context.add({
    kind: "shared-mailbox",
    severity: node.record.privileged && kept === null ? "medium" : "low",
    person: node.person,
    connection: node.ref.connection,
    account: node.ref,
    title: `${addressText(node)} in ${scene.appName} is a shared address: nobody can be asked who uses it`,
    evidence: [
      ...node.notes,
      `${accountText(scene, node)}: ${lifeText(node)}`,
      ...(kept === null ? [] : [kept]),
      scene.readText,
    ],
    facts: { ...baseFacts(node), protected: kept !== null },
  });
}

/** A record that contradicts itself (role against admin flag): reported as it is, never settled by guessing (FUB-A1). */
function checkOddities(context: CheckContext, scene: Scene, node: AccountNode): void {
  if (node.record.oddities.length === 0) return;
  context.add({
    kind: "contradiction",
    severity: "medium",
    person: node.situation === "linked" ? node.person : null,
    connection: node.ref.connection,
    account: node.ref,
    title: `${node.record.displayName} in ${scene.appName}: ${node.record.oddities[0] ?? ""}`,
    evidence: [
      ...node.record.oddities,
      `${accountText(scene, node)}: roles ${node.record.roles.join(", ") || "none"}`,
      scene.readText,
    ],
    facts: { ...baseFacts(node), oddities: [...node.record.oddities], roles: [...node.record.roles] },
  });
}

function checkInvitation(context: CheckContext, scene: Scene, node: AccountNode): void {
  if (node.record.state !== "invited") return;
  const invitedAt = node.record.invitedAt ?? node.record.createdAt;
  const age = daysSince(invitedAt, context.now);
  if (age === null || invitedAt === null || age < context.policy.invitationAgeDays) return;
  const person = node.situation === "linked" ? node.person : null;
  const owner = person === null ? null : (context.graph.people.get(person)?.person ?? null);
  if (owner !== null && employmentOf(owner, context.now) === "left") return;
  context.add({
    kind: "invitation-old",
    severity: "medium",
    person,
    connection: node.ref.connection,
    account: node.ref,
    title: `${node.record.displayName} was invited to ${scene.appName} ${age} days ago and has not accepted`,
    evidence: [`invited ${timeText(invitedAt)}, not accepted`, accountText(scene, node), scene.readText],
    facts: { ...baseFacts(node), invitedAt, ageDays: age },
  });
}

/** Invitations that are records of their own. */
export function checkOpenInvitations(context: CheckContext, scene: Scene): void {
  for (const { record } of scene.connection.invitations) {
    const age = daysSince(record.invitedAt, context.now);
    if (record.state !== "pending" || record.invitedAt === null || age === null) continue;
    if (age < context.policy.invitationAgeDays) continue;
    const account = { connection: scene.connection.name, kind: record.kind, id: record.id };
    context.add({
      kind: "invitation-old",
      severity: "medium",
      person: null,
      connection: account.connection,
      account,
      title: `${record.email} was invited to ${scene.appName} ${age} days ago and has not accepted`,
      evidence: [`invited ${timeText(record.invitedAt)}, not accepted`, scene.readText],
      facts: { email: record.email, invitedAt: record.invitedAt, ageDays: age },
    });
  }
}

/** Findings of one account, whoever it belongs to. */
export function checkAccount(context: CheckContext, scene: Scene, node: AccountNode): void {
  if (node.record.state === "removed" || node.situation === "deleted") return;
  checkOddities(context, scene, node);
  checkInvitation(context, scene, node);
  if (node.shared) checkShared(context, scene, node);
  switch (node.situation) {
    case "unlinked":
      // Without any people nothing can be said about who belongs to whom.
      if (!node.shared && context.graph.people.size > 0) checkUnlinked(context, scene, node);
      return;
    case "disputed":
      checkDisputed(context, scene, node);
      return;
    case "linked":
      return;
  }
}

/** More seats taken than bought. */
export function checkSeats(context: CheckContext, scene: Scene): void {
  const seats = scene.policy?.seats ?? null;
  const used = scene.connection.seatsUsed;
  if (seats === null || used <= seats) return;
  const idle = scene.connection.accounts.filter((node) => node.record.takesSeat && !givesAccess(node)).length;
  context.add({
    kind: "seat-overuse",
    severity: "medium",
    person: null,
    connection: scene.connection.name,
    account: null,
    title: `${scene.appName} uses ${used} of ${seats} seats`,
    evidence: [
      `${counted(seats, "seat")} configured, ${counted(used, "account")} taking one, ${idle} of them without access`,
      scene.readText,
    ],
    facts: { seats, used, idle },
  });
}
