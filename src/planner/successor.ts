import { canonicalEmail } from "../kernel/email.ts";
import { employmentOf } from "../graph/expected.ts";
import type { AccountNode } from "../graph/graph.ts";
import { byText } from "../graph/words.ts";
import type { Question, Target } from "../model/plan.ts";
import type { Pair } from "./pair.ts";
import { keyOf, type AppScene } from "./scene.ts";
import { countText, wordsOf } from "./words.ts";

/** Who gets what a leaver owns, or why nobody does yet. */
export type Successor =
  | { readonly kind: "found"; readonly target: Target }
  | { readonly kind: "ask"; readonly question: Question; readonly reason: string }
  | { readonly kind: "park"; readonly reason: string };

/** More choices than this help nobody; any other account can still be named by its address. */
const MOST_CHOICES = 20;
const MOST_LOOKED_AT = 200;

/** The question's name in answers: the same for as long as the account owns such things. */
function questionId(app: AppScene, account: AccountNode, holding: string): string {
  return `handover:${app.name}:${holding}:${account.ref.id}`;
}

/** The policy's word for a holding, under the app's own kind or either of its words: "lead", "leads". */
function policyFor(app: AppScene, holding: string): string | null {
  const { handOver } = app.policy.leaver;
  const { one, many } = wordsOf(app.traits, holding);
  return handOver[holding] ?? handOver[many] ?? handOver[one] ?? null;
}

/**
 * Finds who gets them: the answer to the question, else what the policy says. Only an active account of the same app that
 * is not on its way out itself; where there is none, a human is asked and the leaver's account waits (safety P5).
 */
export function findSuccessor(pair: Pair, account: AccountNode, holding: string, count: number): Successor {
  const { app } = pair;
  const amount = `${countText(count, wordsOf(app.traits, holding))} of ${account.record.displayName}`;
  const answer = pair.world.answers[questionId(app, account, holding)] ?? null;
  const wanted = answer ?? policyFor(app, holding);
  if (wanted === "park") {
    return { kind: "park", reason: `the policy parks the ${amount}: they stay where they are` };
  }
  const ask = (why: string): Successor => {
    const question: Question = {
      id: questionId(app, account, holding),
      app: app.name,
      person: pair.node.person.id,
      text: `Who gets the ${amount}?`,
      choices: choicesFor(pair, account),
    };
    return { kind: "ask", question, reason: `${why}: say who gets the ${amount}` };
  };
  if (wanted === null) return ask("no rule names who takes over");
  const found = wanted === "manager" ? managerAccount(pair, account) : accountNamed(pair, account, wanted);
  return typeof found === "string" ? ask(found) : { kind: "found", target: takeOver(found) };
}

function takeOver(account: AccountNode): Target {
  const { record } = account;
  return { kind: record.kind, id: record.id, madeBy: null, email: record.email, label: record.displayName };
}

/** The manager's own account here, or why not. */
function managerAccount(pair: Pair, account: AccountNode): AccountNode | string {
  const { app, node, world } = pair;
  if (node.person.manager === null) return `${node.person.displayName} has no manager in the roster`;
  const manager = world.findPerson(node.person.manager, node.person);
  if (manager === null) return `the manager ${node.person.manager} is nobody in the roster`;
  const name = manager.person.displayName;
  const accounts = manager.accounts.filter((one) => one.ref.connection === app.name);
  const fit = accounts.find((one) => isFit(pair, account, one));
  if (fit !== undefined) return fit;
  if (accounts.length === 0) return `the manager ${name} has no account in ${app.appName}`;
  return `the account of the manager ${name} in ${app.appName} cannot take over: not active, or its person is away or leaves too`;
}

/** By address or by vendor id. */
function accountNamed(pair: Pair, account: AccountNode, wanted: string): AccountNode | string {
  const { app } = pair;
  const email = canonicalEmail(wanted);
  const named = email === null ? app.graph.accounts.filter((one) => one.ref.id === wanted) : app.withEmail(email);
  const fit = named.find((one) => isFit(pair, account, one));
  if (fit !== undefined) return fit;
  if (named.length === 0) return `${wanted} has no account in ${app.appName}`;
  return `the account of ${wanted} in ${app.appName} cannot take over: not active, or its person is away or leaves too`;
}

/** Active, of the same kind, somebody else's, and its person stays. */
function isFit(pair: Pair, account: AccountNode, other: AccountNode): boolean {
  if (keyOf(other) === keyOf(account) || other.ref.kind !== account.ref.kind) return false;
  if (other.record.state !== "active" || !other.record.human) return false;
  if (other.situation !== "linked" || other.person === null) return other.situation === "unlinked";
  const owner = pair.world.people.get(other.person);
  if (owner === undefined || owner.person.id === pair.node.person.id || pair.world.leaving(owner) !== null)
    return false;
  return employmentOf(owner.person, pair.world.now) === "active";
}

/** Those of the same team first, then those of the same department, by name. */
function choicesFor(pair: Pair, account: AccountNode): Question["choices"] {
  const { department } = pair.node.person;
  const choices = new Map<string, { readonly rank: number; readonly value: string; readonly label: string }>();
  const offer = (other: AccountNode, rank: number, why: string): void => {
    const owner = other.person === null ? undefined : pair.world.people.get(other.person);
    if (choices.has(keyOf(other)) || owner === undefined || !isFit(pair, account, other)) return;
    const value = other.record.email ?? other.ref.id;
    choices.set(keyOf(other), { rank, value, label: `${other.record.displayName} (${why})` });
  };
  for (const team of account.teams ?? []) {
    for (const other of pair.app.membersOf(team).slice(0, MOST_LOOKED_AT)) offer(other, 0, "same team");
  }
  const colleagues = department === null ? [] : pair.world.colleaguesIn(department);
  for (const colleague of colleagues.slice(0, MOST_LOOKED_AT)) {
    for (const other of colleague.accounts) {
      if (other.ref.connection === pair.app.name) offer(other, 1, "same department");
    }
  }
  return [...choices.values()]
    .sort((left, right) => left.rank - right.rank || byText(left.label, right.label) || byText(left.value, right.value))
    .slice(0, MOST_CHOICES)
    .map(({ value, label }) => ({ value, label }));
}
