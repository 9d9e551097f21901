import type { FindingsResult } from "../../app/contract.ts";
import type { Severity } from "../../model/finding.ts";
import { renderTable } from "./table.ts";
import type { Style } from "./style.ts";
import { counted, listed } from "./text.ts";

const ORDER: readonly Severity[] = ["high", "medium", "low"];

export function paintSeverity(style: Style, severity: Severity): string {
  switch (severity) {
    case "high":
      return style.red(severity);
    case "medium":
      return style.yellow(severity);
    case "low":
      return severity;
  }
}

/** The worst first, each with the evidence that shows it. */
export function renderFindings(result: FindingsResult, style: Style): readonly string[] {
  if (result.findings.length === 0) return ["No findings."];
  const sorted = [...result.findings].sort(
    (left, right) => ORDER.indexOf(left.severity) - ORDER.indexOf(right.severity),
  );
  const rows = sorted.map((one) => [
    paintSeverity(style, one.severity),
    one.kind.replaceAll("-", " "),
    one.personLabel ?? "",
    one.appName,
    [one.title, ...one.evidence.slice(0, 2)].join("; "),
  ]);
  return [...renderTable(style, ["severity", "finding", "person", "app", "evidence"], rows), countsLine(result)];
}

function countsLine(result: FindingsResult): string {
  const parts = ORDER.flatMap((severity) => {
    const count = result.findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  return `${counted(result.findings.length, "finding")}: ${listed(parts)}.`;
}
