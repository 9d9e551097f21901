import type { FindingsResult } from "../../app/contract.ts";
import type { Severity } from "../../model/finding.ts";
import { alignRows } from "./table.ts";
import type { Style } from "./style.ts";
import { counted, listed, wrapped } from "./text.ts";

const ORDER: readonly Severity[] = ["high", "medium", "low"];

function paintSeverity(style: Style, severity: Severity): string {
  switch (severity) {
    case "high":
      return style.red(severity);
    case "medium":
      return style.yellow(severity);
    case "low":
      return severity;
  }
}

const EVIDENCE_WIDTH = 110;

function sorted(result: FindingsResult): FindingsResult["findings"] {
  return [...result.findings].sort((left, right) => ORDER.indexOf(left.severity) - ORDER.indexOf(right.severity));
}

/** The worst first, each with the evidence that shows it. */
export function renderFindings(result: FindingsResult, style: Style): readonly string[] {
  if (result.findings.length === 0) return ["No findings."];
  const lines = sorted(result).flatMap((one) => [
    `${paintSeverity(style, one.severity)}  ${style.bold(one.title)}`,
    ...wrapped(one.evidence.join("; "), EVIDENCE_WIDTH).map((line) => `      ${style.dim(line)}`),
  ]);
  return [...lines, countsLine(result)];
}

/** One line each, at most `most` of them, and the count of all. */
export function renderFindingsShort(result: FindingsResult, style: Style, most: number): readonly string[] {
  if (result.findings.length === 0) return ["No findings."];
  const lines = alignRows(sorted(result).map((one) => [paintSeverity(style, one.severity), one.title]));
  return [...lines.slice(0, most), ...(lines.length > most ? ["…"] : []), countsLine(result)];
}

function countsLine(result: FindingsResult): string {
  const parts = ORDER.flatMap((severity) => {
    const count = result.findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  return `${counted(result.findings.length, "finding")}: ${listed(parts)}.`;
}
