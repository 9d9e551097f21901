import { AppError } from "../kernel/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { Policy, Rule } from "../model/policy.ts";
import type { Verb } from "../model/traits.ts";
import { accountText, sceneOf, sourceText, type Scene } from "./checks/context.ts";
import { findDrift } from "./drift.ts";
import { desiredFor, employmentOf, fitsCondition, type Desired } from "./expected.ts";
import type { AccountNode, Graph, PersonNode } from "./graph.ts";

export interface ExplainInput {
  readonly graph: Graph;
  readonly policy: Policy;
  /** Id of a person; one that another source has works too. */
  readonly person: string;
  readonly connection: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly removedByUs: ReadonlySet<string>;
}

/** Why a person has, or shall have, what there is in one app: six lines, each a step from the source to the change. */
export interface TraceLine {
  readonly step: "source" | "scope" | "match" | "desired" | "actual" | "action";
  readonly text: string;
}

function scopeText(
  node: PersonNode,
  rules: readonly Rule[],
  desired: Desired | null,
  scene: Scene,
  now: number,
): string {
  const name = scene.connection.name;
  if (node.directoryOnly) return "out: only a directory knows this person, and rules are for people in HR";
  if (desired !== null) return `in: ${desired.rules.map((rule) => `rule ${rule.name} (${rule.place})`).join(", ")}`;
  const employment = employmentOf(node.person, now);
  if (employment === "left") return "out: has left";
  const giving = rules.filter((rule) => Object.hasOwn(rule.give, name));
  const fitting = giving.find((rule) => fitsCondition(node.person, rule.when));
  if (fitting !== undefined)
    return `not yet: rule ${fitting.name} (${fitting.place}) fits, and the first day is ${node.person.startDate ?? "unknown"}`;
  return giving.length === 0
    ? "out: no rule gives anything here"
    : `out: none of ${giving.map((rule) => rule.name).join(", ")} fits`;
}

function matchText(
  node: PersonNode,
  linked: AccountNode | null,
  possible: readonly AccountNode[],
  scene: Scene,
): string {
  if (linked !== null) {
    const link = linked.link;
    const how =
      link === null
        ? "linked"
        : `${link.evidence.method} (${link.evidence.score.toFixed(2)}): ${link.evidence.reasons.join("; ")}`;
    return `${accountText(scene, linked)}, ${how}`;
  }
  if (possible.length > 0) {
    const list = possible.map((account) => {
      const own = account.candidates.find((candidate) => candidate.person === node.person.id);
      return `${accountText(scene, account)} ${account.situation === "disputed" ? "disputed" : (own?.score.toFixed(2) ?? "")}`;
    });
    return `waits for a human: ${list.join(", ")}`;
  }
  return `none: link, e-mail, aliases, domains, name and phone looked for; ${scene.readText}`;
}

function desiredText(desired: Desired | null, scene: Scene): string {
  if (desired === null) return "nothing";
  const one = scene.connection.traits.create?.kind ?? null;
  const word = one === null ? "account" : (scene.connection.traits.kinds[one]?.one ?? one);
  const parts = [word];
  if (desired.gift.role !== null) parts.push(`role ${desired.gift.role}`);
  if (desired.gift.teams.length > 0)
    parts.push(`${scene.connection.traits.teams.meaning} ${desired.gift.teams.join(", ")}`);
  for (const [name, value] of Object.entries(desired.gift.attributes)) parts.push(`${name} ${JSON.stringify(value)}`);
  return [...parts, ...desired.unfilled].join(", ");
}

function actualText(linked: AccountNode | null, scene: Scene): string {
  if (linked === null) return scene.complete ? "absent" : `not seen; ${scene.readText}`;
  if (linked.situation === "deleted") return `${accountText(scene, linked)}: gone from a complete list`;
  const { record, teams } = linked;
  const parts: string[] = [record.state];
  if (record.roles.length > 0) parts.push(`role ${record.roles.join(", ")}`);
  if (record.privileged) parts.push("administers the app");
  if (teams !== null && teams.length > 0) {
    const names = teams.map((id) => scene.connection.teams.get(id)?.name ?? id);
    parts.push(`${scene.connection.traits.teams.meaning} ${names.join(", ")}`);
  }
  const seen = linked.unseenIn === null ? "" : "; the last, unproven list did not show it";
  return `${accountText(scene, linked)}: ${parts.join(", ")}${seen}`;
}

function caveats(scene: Scene, verb: Verb): string {
  const effects = scene.connection.traits.verbs[verb]?.sideEffects ?? [];
  return effects.length === 0 ? "" : `; caveat: ${effects.join("; ")}`;
}

function missingAction(scene: Scene, finding: Finding): string {
  const previous = finding.facts["previous"];
  const { traits } = scene.connection;
  if (previous === null || previous === undefined) {
    return traits.create === null ? "create by hand: the app has no way to" : `create${caveats(scene, "create")}`;
  }
  switch (traits.reactivate) {
    case "api":
      return `reactivate${caveats(scene, "reactivate")}`;
    case "by-hand":
      return `reactivate by hand: ${traits.reactivateByHand ?? "in the admin page of the app"}`;
    case "never":
      return `create again: what was removed does not come back${caveats(scene, "create")}`;
  }
}

/** What the finding leads to, in words; null when it leads to nothing by itself. */
function actionOf(scene: Scene, finding: Finding): string | null {
  switch (finding.kind) {
    case "leaver-access":
      return finding.facts["protected"] === true
        ? "none: the account is protected"
        : `contain, hand over and remove${caveats(scene, "remove")}`;
    case "missing":
      return missingAction(scene, finding);
    case "role-mismatch":
      return `set role ${JSON.stringify(finding.facts["expected"])}${caveats(scene, "assignRole")}`;
    case "team-mismatch":
      return "change teams";
    case "attribute-drift":
      return "update what can be written";
    case "duplicate":
    case "disputed":
    case "unlinked":
      return "wait: someone must say whose account it is";
    case "vanished-person":
      return "wait: someone must say what the missing row means";
    case "vanished-account":
      return "look: the account went without Tenure";
    case "admin-outside-policy":
      return "look: no rule says that this person administers the app";
    case "orphaned":
    case "invitation-old":
    case "seat-overuse":
    case "shared-mailbox":
    case "contradiction":
      return null;
  }
}

function actionText(input: ExplainInput, scene: Scene, node: PersonNode, possible: readonly AccountNode[]): string {
  const { findings } = findDrift({ ...input, graph: only(input.graph, scene, node) });
  const actions = findings.flatMap((finding) => actionOf(scene, finding) ?? []);
  if (actions.length > 0) return [...new Set(actions)].join("; ");
  if (possible.length > 0) return "wait: someone must say whose account it is";
  const employment = employmentOf(node.person, input.now);
  if (employment === "leave") return "none: on leave, what there is stays";
  return "none";
}

/** The graph with one person and that person's accounts of one connection: what the checks need for a trace. */
function only(graph: Graph, scene: Scene, node: PersonNode): Graph {
  const { connection } = scene;
  const accounts = node.accounts.filter((account) => account.ref.connection === connection.name);
  const one: PersonNode = {
    ...node,
    accounts,
    unmatched: node.unmatched.filter((name) => name === connection.name),
  };
  return {
    ...graph,
    people: new Map([[node.person.id, one]]),
    connections: new Map([[connection.name, { ...connection, accounts, invitations: [] }]]),
  };
}

/**
 * The trace behind `people explain`: source, scope, match, desired, actual, action. Throws `missing` for an unknown person
 * or connection.
 */
export function explainAccess(input: ExplainInput): readonly TraceLine[] {
  const { graph, policy, now } = input;
  const node = graph.people.get(graph.sameAs.get(input.person) ?? input.person);
  if (node === undefined) throw new AppError("missing", `there is no person ${input.person}: see tenure people list`);
  const connection = graph.connections.get(input.connection);
  if (connection === undefined) {
    throw new AppError(
      "missing",
      `there is no app ${input.connection}: configured are ${[...graph.connections.keys()].join(", ") || "none"}`,
    );
  }
  const scene = sceneOf(connection, policy);
  const desired = node.directoryOnly ? null : (desiredFor(node.person, policy, now).get(connection.name) ?? null);
  const own = node.accounts.filter((account) => account.ref.connection === connection.name);
  const linked =
    own.find((account) => account.situation === "linked" && account.record.state !== "removed") ?? own[0] ?? null;
  const possible = node.possible.filter((account) => account.ref.connection === connection.name);
  const others = node.seenAs.map((other) => `; ${sourceText(other)}`).join("");
  const imported = node.person.listed ? "" : " (no longer listed)";
  const starts = node.person.startDate === null ? "" : `, first day ${node.person.startDate}`;
  return [
    { step: "source", text: `${sourceText(node.person)}${starts}${imported}${others}` },
    { step: "scope", text: scopeText(node, policy.rules, desired, scene, now) },
    { step: "match", text: matchText(node, linked, possible, scene) },
    { step: "desired", text: desiredText(desired, scene) },
    { step: "actual", text: actualText(linked, scene) },
    { step: "action", text: actionText(input, scene, node, possible) },
  ];
}
