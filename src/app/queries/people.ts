import { AppError } from "../../kernel/errors.ts";
import type { Person } from "../../model/person.ts";
import type { AccountNode, ConnectionGraph, Graph } from "../../graph/graph.ts";
import { explainAccess } from "../../graph/explain.ts";
import { connectionNamed, type UseCaseContext } from "../context.ts";
import type { AccountRow, ExplainResult, PeopleFilter, PeopleResult, PersonResult } from "../contract.ts";
import { findPerson } from "../person-lookup.ts";
import { drawPicture, type Picture } from "../picture.ts";

/** The matrix of people and apps. */
export async function listPeople(context: UseCaseContext, input: PeopleFilter): Promise<PeopleResult> {
  if (input.app !== null) connectionNamed(context, input.app);
  const { graph, findings } = await drawPicture(context);
  const search = input.search?.toLowerCase() ?? null;
  const found = [...graph.people.values()]
    .filter(({ person }) => search === null || matches(person, search))
    .filter((node) => input.app === null || node.accounts.some((account) => account.ref.connection === input.app))
    .sort((left, right) => (left.person.displayName < right.person.displayName ? -1 : 1));
  return {
    schema: "tenure.people/v1",
    apps: context.deployment.connections.map((connection) => connection.name),
    people: found.slice(0, input.limit).map(({ person, accounts }) => ({
      person,
      accounts: Object.fromEntries(accounts.map((account) => [account.ref.connection, accountWord(account)])),
      findings: findings.filter((finding) => finding.person === person.id).length,
    })),
    total: found.length,
    unlinked: [...graph.connections.values()].reduce((sum, connection) => sum + countUnlinked(connection), 0),
  };
}

function matches(person: Person, search: string): boolean {
  return [person.displayName, person.email, person.key, person.department ?? "", person.office ?? ""].some((text) =>
    text.toLowerCase().includes(search),
  );
}

function accountWord(account: AccountNode): string {
  if (account.situation === "deleted") return "gone";
  return account.record.privileged ? `${account.record.state}, admin` : account.record.state;
}

function countUnlinked(connection: ConnectionGraph): number {
  return connection.accounts.filter((account) => account.person === null && account.situation !== "deleted").length;
}

/** One person: accounts with the evidence of each tie, and findings. */
export async function showPerson(context: UseCaseContext, input: { readonly person: string }): Promise<PersonResult> {
  const person = await findPerson(context, input.person);
  const picture = await drawPicture(context);
  const node = picture.graph.people.get(picture.graph.sameAs.get(person.id) ?? person.id);
  return {
    schema: "tenure.person/v1",
    person,
    accounts: (node?.accounts ?? []).map((account) => accountRow(context, picture.graph, account)),
    findings: picture.findings.filter((finding) => finding.person === person.id),
  };
}

function accountRow(context: UseCaseContext, graph: Graph, account: AccountNode): AccountRow {
  const connection = connectionNamed(context, account.ref.connection);
  const teams = graph.connections.get(connection.name)?.teams;
  return {
    account: account.ref,
    appName: connection.appName,
    state: account.situation === "deleted" ? "gone" : account.record.state,
    email: account.record.email,
    label: account.record.displayName,
    roles: account.record.roles,
    teams: (account.teams ?? []).map((id) => teams?.get(id)?.name ?? id),
    privileged: account.record.privileged,
    evidence: account.link?.evidence ?? null,
    readAt: graph.connections.get(connection.name)?.snapshot?.endedAt ?? "",
  };
}

/** Why a person has, or has not, an account in an app: source, scope, match, desired, actual, action. */
export async function explainPerson(
  context: UseCaseContext,
  input: { readonly person: string; readonly app: string },
): Promise<ExplainResult> {
  const person = await findPerson(context, input.person);
  const connection = connectionNamed(context, input.app);
  const picture: Picture = await drawPicture(context);
  if (picture.graph.connections.get(connection.name)?.snapshot === null) {
    throw new AppError("missing", `${connection.name} was never read. Read it: tenure sync ${connection.name}`);
  }
  return {
    schema: "tenure.explain/v1",
    person: person.displayName,
    app: connection.name,
    trace: explainAccess({
      graph: picture.graph,
      policy: context.deployment.policy,
      person: person.id,
      connection: connection.name,
      now: context.clock.now(),
      removedByUs: picture.removedByUs,
    }),
  };
}
