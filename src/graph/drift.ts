import { AppError } from "../kernel/errors.ts";
import type { Finding, Severity } from "../model/finding.ts";
import type { Policy } from "../model/policy.ts";
import { checkAccount, checkOpenInvitations, checkSeats } from "./checks/accounts.ts";
import { sceneOf, toFinding, type CheckContext, type Scene } from "./checks/context.ts";
import { checkAttributes, checkRole, checkTeams, managedTeams, type ManagedTeams } from "./checks/linked.ts";
import {
  checkDirectoryOnly,
  checkDuplicates,
  checkLeaver,
  checkMissing,
  checkSources,
  checkSuspended,
  checkVanishedAccounts,
  checkVanishedPerson,
} from "./checks/people.ts";
import { employmentOf, ruleBook, type Desired } from "./expected.ts";
import type { Graph, PersonNode } from "./graph.ts";
import { byText } from "./words.ts";

export interface DriftInput {
  readonly graph: Graph;
  readonly policy: Policy;
  /** Epoch milliseconds. */
  readonly now: number;
  /** `refKey` of accounts that runs of ours took away: their absence is no news. */
  readonly removedByUs: ReadonlySet<string>;
}

/** What could not be judged, and why: silence about it means nothing. */
export interface Withheld {
  readonly connection: string;
  readonly what: "missing" | "teams";
  readonly reason: string;
}

export interface Drift {
  /** Most severe first, then by kind, connection, title and id. */
  readonly findings: readonly Finding[];
  readonly withheld: readonly Withheld[];
  /**
   * Everything a finding's `connection` may name here: the connections, and the sources (a person-level finding carries
   * the name of the source). Replace stored findings for exactly these.
   */
  readonly scopes: readonly string[];
}

const RANK: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 };

function checkConnections(context: CheckContext): void {
  for (const scene of context.scenes.values()) {
    for (const node of scene.connection.accounts) checkAccount(context, scene, node);
    checkOpenInvitations(context, scene);
    checkSeats(context, scene);
  }
}

/** Roles, teams and attributes of the accounts a person has. */
function checkAccess(
  context: CheckContext,
  node: PersonNode,
  desired: ReadonlyMap<string, Desired>,
  managed: ManagedTeams,
): void {
  for (const account of node.accounts) {
    const scene = context.scenes.get(account.ref.connection);
    if (scene === undefined || account.situation !== "linked" || account.record.state === "removed") continue;
    const given = desired.get(account.ref.connection) ?? null;
    const linked = { scene, node: account, person: node.person, desired: given };
    checkRole(context, linked);
    checkTeams(context, linked, managed);
    checkAttributes(context, linked);
    if (given !== null) checkSuspended(context, node, account, given);
  }
}

/** Findings about one person, by where the person stands now. */
function checkPerson(context: CheckContext, node: PersonNode, managed: ManagedTeams): void {
  const employment = employmentOf(node.person, context.now);
  if (employment === "left") {
    checkLeaver(context, node);
    return;
  }
  checkDuplicates(context, node);
  checkVanishedPerson(context, node, employment);
  checkSources(context, node);
  if (node.directoryOnly) {
    checkDirectoryOnly(context, node);
    return;
  }
  // On leave, or no longer listed: what there is stays as it is until someone decides.
  if (employment === "leave" || employment === "unlisted") return;
  checkVanishedAccounts(context, node);
  const desired = context.book.desired(node.person, context.now);
  checkAccess(context, node, desired, managed);
  for (const given of desired.values()) checkMissing(context, node, given, employment);
}

function withheldOf(scene: Scene): readonly Withheld[] {
  const { connection, complete, membersComplete } = scene;
  const reason =
    connection.snapshot === null
      ? "it was never read"
      : "its last listing is not proven to be whole, so what is not in it is not missing";
  const all: Withheld[] = [];
  if (!complete) all.push({ connection: connection.name, what: "missing", reason });
  if (!membersComplete && connection.traits.teams.perAccount !== "none") {
    all.push({ connection: connection.name, what: "teams", reason });
  }
  return all;
}

function inOrder(findings: Finding[]): readonly Finding[] {
  return findings.sort(
    (left, right) =>
      RANK[left.severity] - RANK[right.severity] ||
      byText(left.kind, right.kind) ||
      byText(left.connection, right.connection) ||
      byText(left.title, right.title) ||
      byText(left.id, right.id),
  );
}

/**
 * What differs from what should be, with the evidence. Absence counts only where a whole listing proves it; nothing here
 * says "remove" because something is not there. One pass over people and accounts.
 */
export function findDrift(input: DriftInput): Drift {
  const { graph, policy, now, removedByUs } = input;
  if (!Number.isFinite(now)) throw new AppError("internal", "drift needs the time as epoch milliseconds");
  const scenes = new Map([...graph.connections].map(([name, connection]) => [name, sceneOf(connection, policy)]));
  const findings: Finding[] = [];
  const context: CheckContext = {
    graph,
    policy,
    now,
    book: ruleBook(policy),
    scenes,
    removedByUs,
    add: (draft) => findings.push(toFinding(draft)),
  };
  const managed = managedTeams(policy.rules);
  checkConnections(context);
  for (const node of graph.people.values()) checkPerson(context, node, managed);
  return {
    findings: inOrder(findings),
    withheld: [...scenes.values()].flatMap((scene) => withheldOf(scene)),
    scopes: [...graph.connections.keys(), ...graph.sources.map((source) => source.name)],
  };
}
