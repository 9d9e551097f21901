import { parseIso } from "../../kernel/dates.ts";
import { canonicalEmail } from "../../kernel/email.ts";
import { deriveId } from "../../kernel/ids.ts";
import type { JsonObject } from "../../kernel/json.ts";
import { refKey, type AccountRef } from "../../model/account.ts";
import type { Finding, FindingKind, Severity } from "../../model/finding.ts";
import type { Person } from "../../model/person.ts";
import type { ConnectionPolicy, Policy } from "../../model/policy.ts";
import {
  accountsAreComplete,
  membersAreComplete,
  type AccountNode,
  type ConnectionGraph,
  type Graph,
} from "../graph.ts";
import type { RuleBook } from "../expected.ts";
import { foldValue } from "../words.ts";

/** One connection with what the checks need to know of it. */
export interface Scene {
  readonly connection: ConnectionGraph;
  readonly policy: ConnectionPolicy | null;
  /** The app's name for people. */
  readonly appName: string;
  /** A listing of all accounts came with a proof: absence counts. */
  readonly complete: boolean;
  readonly membersComplete: boolean;
  /** "65 accounts read 2026-11-20 22:00 UTC": the last sentence of every evidence. */
  readonly readText: string;
  /** Folded team name → vendor id. */
  readonly teamIds: ReadonlyMap<string, string>;
  /** Vendor id of a team → its folded name. */
  readonly teamNames: ReadonlyMap<string, string>;
  /** Canonical addresses that no plan may touch. */
  readonly protectedAddresses: ReadonlySet<string>;
}

export interface CheckContext {
  readonly graph: Graph;
  readonly policy: Policy;
  readonly now: number;
  readonly book: RuleBook;
  readonly scenes: ReadonlyMap<string, Scene>;
  readonly removedByUs: ReadonlySet<string>;
  add(finding: Omit<Finding, "id">): void;
}

/** `2026-11-20 22:00 UTC` of an ISO time. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

/** "1 account", "65 accounts". */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

function readText(connection: ConnectionGraph): string {
  const { snapshot } = connection;
  if (snapshot === null) return "never read";
  const whole = accountsAreComplete(connection) ? "" : ", not proven to be all";
  return `${counted(connection.accounts.length, "account")} read ${timeText(snapshot.endedAt)}${whole}`;
}

export function sceneOf(connection: ConnectionGraph, policy: Policy): Scene {
  const own = policy.connections.find((one) => one.name === connection.name) ?? null;
  return {
    connection,
    policy: own,
    appName: own?.appName ?? connection.name,
    complete: accountsAreComplete(connection),
    membersComplete: membersAreComplete(connection),
    readText: readText(connection),
    teamIds: new Map([...connection.teams.values()].map((team) => [foldValue(team.name), team.id])),
    teamNames: new Map([...connection.teams.values()].map((team) => [team.id, foldValue(team.name)])),
    protectedAddresses: new Set(own?.protected),
  };
}

/** Who must stay: owners, protected addresses, the account whose credential is used. Null: nobody special. */
export function protection(scene: Scene, node: AccountNode): string | null {
  const email = node.record.email === null ? null : canonicalEmail(node.record.email);
  if (scene.policy?.keyOwner === node.ref.id)
    return "its owner's credential is the one in use here: it is never removed";
  if (node.record.owner) return "it owns the vendor account: it is never removed";
  if (email !== null && scene.protectedAddresses.has(email)) return "it is on the protected list: it is never removed";
  return null;
}

/** Where the source says what it says: "hr row 41: last day 2026-11-20, access ends 2026-11-21 01:00 UTC". */
export function sourceText(person: Person): string {
  const parts: string[] = [];
  if (person.status !== "active") parts.push(person.status);
  if (person.startDate !== null && person.status === "future") parts.push(`starts ${person.startDate}`);
  if (person.lastDay !== null) parts.push(`last day ${person.lastDay}`);
  if (person.accessEndsAt !== null) parts.push(`access ends ${timeText(person.accessEndsAt)} (${person.zone})`);
  if (person.department !== null) parts.push(`department ${person.department}`);
  if (person.office !== null) parts.push(`office ${person.office}`);
  return `${person.source} row ${person.row}: ${parts.length === 0 ? person.status : parts.join(", ")}`;
}

/** `user 4417`: the app's word and id of an account. */
export function accountText(scene: Scene, node: AccountNode): string {
  const one = scene.connection.traits.kinds[node.ref.kind]?.one ?? node.ref.kind;
  return `${one} ${node.ref.id}`;
}

/** Whole days since then; null when the time is unknown. */
export function daysSince(iso: string | null, now: number): number | null {
  const at = iso === null ? null : parseIso(iso);
  return at === null ? null : Math.floor((now - at) / 86_400_000);
}

/** Whether the account gives access now or will once an invitation is accepted. */
export function givesAccess(node: AccountNode): boolean {
  return node.record.state === "active" || node.record.state === "invited";
}

interface Draft {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly person: string | null;
  readonly connection: string;
  readonly account: AccountRef | null;
  readonly title: string;
  readonly evidence: readonly string[];
  readonly facts: JsonObject;
}

/** The same difference keeps its id: kind, place, person and account make it. */
export function toFinding(draft: Draft): Finding {
  const account = draft.account === null ? "" : refKey(draft.account);
  return { id: deriveId("fnd", draft.kind, draft.connection, draft.person ?? "", account), ...draft };
}
