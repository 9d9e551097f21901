import type { Field, RowProblem } from "../reading.ts";

/** Errors and warnings while a file is read: all are counted, the first ones are kept. */
export interface Problems {
  error(row: number, field: Field | null, message: string): void;
  /** A fault of a cell by the header of its column, whatever it holds. */
  cellError(row: number, column: string | null, message: string): void;
  warn(row: number, field: Field | null, message: string): void;
  /** Whether the row has an error so far. */
  isBad(row: number): boolean;
  readonly errorCount: number;
  readonly warningCount: number;
  /** In the order of the rows. */
  errors(): readonly RowProblem[];
  warnings(): readonly RowProblem[];
}

/** `header` gives the header of a field's column, for the place of a problem; `most` is how many texts are kept. */
export function problemList(header: ReadonlyMap<Field, string>, most: number): Problems {
  const kept: Record<"errors" | "warnings", RowProblem[]> = { errors: [], warnings: [] };
  const counts = { errors: 0, warnings: 0 };
  const bad = new Set<number>();
  const add = (list: "errors" | "warnings", problem: RowProblem): void => {
    counts[list] += 1;
    if (list === "errors") bad.add(problem.row);
    if (kept[list].length < most) kept[list].push(problem);
  };
  const headerOf = (field: Field | null): string | null => (field === null ? null : (header.get(field) ?? null));
  const inOrder = (list: readonly RowProblem[]): readonly RowProblem[] =>
    list.toSorted((left, right) => left.row - right.row);
  return {
    error: (row, field, message) => add("errors", { row, column: headerOf(field), field, message }),
    cellError: (row, column, message) => add("errors", { row, column, field: null, message }),
    warn: (row, field, message) => add("warnings", { row, column: headerOf(field), field, message }),
    isBad: (row) => bad.has(row),
    get errorCount() {
      return counts.errors;
    },
    get warningCount() {
      return counts.warnings;
    },
    errors: () => inOrder(kept.errors),
    warnings: () => inOrder(kept.warnings),
  };
}
