import type { Severity } from "../../model/finding.ts";
import type { UseCaseContext } from "../context.ts";
import type { FindingFilter, FindingsResult } from "../contract.ts";
import { findPerson } from "../person-lookup.ts";

const ORDER: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 };

export async function listFindings(context: UseCaseContext, input: FindingFilter): Promise<FindingsResult> {
  const person = input.person === null ? null : await findPerson(context, input.person);
  const names = new Map((await context.store.people.all()).map((one) => [one.id, one.displayName]));
  const apps = new Map(context.deployment.connections.map((connection) => [connection.name, connection.appName]));
  const findings = (await context.store.findings.open())
    .filter((finding) => input.kinds.length === 0 || input.kinds.includes(finding.kind))
    .filter((finding) => input.severity === null || ORDER[finding.severity] <= ORDER[input.severity])
    .filter((finding) => input.app === null || finding.connection === input.app)
    .filter((finding) => person === null || finding.person === person.id)
    .sort((left, right) => ORDER[left.severity] - ORDER[right.severity] || (left.title < right.title ? -1 : 1));
  return {
    schema: "tenure.findings/v1",
    findings: findings.map(({ lastSeenAt: _lastSeenAt, closedAt: _closedAt, ...finding }) => ({
      ...finding,
      personLabel: finding.person === null ? null : (names.get(finding.person) ?? null),
      appName: apps.get(finding.connection) ?? finding.connection,
    })),
  };
}
