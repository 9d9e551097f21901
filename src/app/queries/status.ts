import { runLabel } from "../../model/run.ts";
import type { Severity } from "../../model/finding.ts";
import type { UseCaseContext } from "../context.ts";
import type { NoInput, StatusResult } from "../contract.ts";
import { listApps } from "./apps.ts";

/** What needs a human: steps that ended open, matches, findings, apps. */
export async function showStatus(context: UseCaseContext, _input: NoInput): Promise<StatusResult> {
  const waiting: StatusResult["waiting"][number][] = [];
  for (const run of await context.store.runs.recent(100)) {
    if (run.status === "done" || run.status === "canceled") continue;
    for (const entry of await context.store.journal.all(run.id)) {
      const open = ["waiting", "unknown", "parked", "stale", "failed"].includes(entry.state);
      if (open && entry.reason !== null) {
        waiting.push({ run: runLabel(run.number), step: entry.step, reason: entry.reason });
      }
    }
  }
  const findings: Record<Severity, number> = { high: 0, medium: 0, low: 0 };
  for (const finding of await context.store.findings.open()) findings[finding.severity] += 1;
  const links = await context.store.links.all();
  const { apps } = await listApps(context, {});
  return {
    schema: "tenure.status/v1",
    waiting,
    candidates: links.filter((link) => link.state === "candidate").length,
    findings,
    apps,
  };
}
