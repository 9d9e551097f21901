import { refKey } from "../../model/account.ts";
import type { UseCaseContext } from "../context.ts";
import type { MatchResult, NoInput } from "../contract.ts";

/** Ties that wait for a human, best first. */
export async function listMatches(context: UseCaseContext, _input: NoInput): Promise<MatchResult> {
  const people = new Map((await context.store.people.all()).map((person) => [person.id, person]));
  const labels = await accountLabels(context);
  const candidates = (await context.store.links.all())
    .filter((link) => link.state === "candidate")
    .sort((left, right) => right.evidence.score - left.evidence.score || (left.id < right.id ? -1 : 1));
  return {
    schema: "tenure.matches/v1",
    candidates: candidates.map((link) => {
      const person = people.get(link.person);
      const account = labels.get(refKey(link.account));
      return {
        id: link.id,
        person: { id: link.person, label: person?.displayName ?? link.person, email: person?.email ?? "" },
        account: link.account,
        accountLabel: account?.label ?? link.account.id,
        accountEmail: account?.email ?? null,
        evidence: link.evidence,
      };
    }),
  };
}

async function accountLabels(
  context: UseCaseContext,
): Promise<ReadonlyMap<string, { readonly label: string; readonly email: string | null }>> {
  const labels = new Map<string, { readonly label: string; readonly email: string | null }>();
  for (const { name } of context.deployment.connections) {
    for (const { observation } of await context.store.snapshots.current(name)) {
      if (observation.noun !== "account") continue;
      const key = refKey({ connection: name, kind: observation.kind, id: observation.id });
      labels.set(key, { label: observation.displayName, email: observation.email });
    }
  }
  return labels;
}
