import { AppError } from "../../kernel/errors.ts";
import { FIELDS, type ColumnUse, type Field } from "../reading.ts";

/** A header for comparing: case, spaces, dashes, underscores and brackets do not matter; dots do (they name nested members). */
export function foldHeader(header: string): string {
  return header
    .normalize("NFKC")
    .replace(/[\u200B-\u200D\u2060\uFEFF]/g, "")
    .replace(/[\s_\-–—/:()[\]*?]+/g, "")
    .toLowerCase();
}

export interface Mapping {
  readonly uses: readonly ColumnUse[];
  /** Field → index of its column. */
  readonly index: ReadonlyMap<Field, number>;
  readonly unused: readonly string[];
}

interface MapInput {
  readonly fileName: string;
  readonly source: string;
  readonly header: readonly string[];
  readonly configured: Readonly<Record<string, string>>;
  readonly known: Readonly<Record<Field, readonly string[]>>;
}

const WHAT: Readonly<Record<Field, string>> = {
  key: "the employee id",
  email: "the work e-mail address",
  aliases: "further addresses",
  givenName: "the first name",
  familyName: "the last name",
  displayName: "the full name",
  status: "the employment status",
  startDate: "the first day",
  lastDay: "the last day",
  accessEnd: "the time at which access ends",
  zone: "the time zone",
  department: "the department",
  title: "the job title",
  office: "the office",
  workerType: "the worker type",
  manager: "the manager",
  phone: "the phone number",
};

function found(header: readonly string[]): string {
  const names = header.slice(0, 40).map((name) => `"${name.trim()}"`);
  return `${names.join(", ")}${header.length > 40 ? ` and ${header.length - 40} more` : ""}`;
}

function fail(input: MapInput, message: string, column: string | null): AppError {
  return new AppError("bad_input", `${input.fileName}: ${message}. Columns found: ${found(input.header)}`, {
    details: { file: input.fileName, source: input.source, column, found: input.header.slice(0, 100) },
  });
}

/** Places of the columns with this header. */
function places(folded: readonly string[], name: string): readonly number[] {
  return folded.flatMap((one, index) => (one === name ? [index] : []));
}

function configuredPlace(input: MapInput, folded: readonly string[], field: Field, name: string): number {
  const where = places(folded, foldHeader(name));
  const first = where[0];
  if (first === undefined) {
    throw fail(
      input,
      `there is no column "${name}", which columns.${field} of source ${input.source} names; correct the configuration or the file`,
      name,
    );
  }
  if (where.length > 1) {
    throw fail(
      input,
      `there are ${where.length} columns "${name}" (${WHAT[field]}); rename or remove all but one`,
      name,
    );
  }
  return first;
}

function isField(name: string): name is Field {
  return FIELDS.some((field) => field === name);
}

function configuredUses(input: MapInput, folded: readonly string[]): Map<Field, ColumnUse> {
  const uses = new Map<Field, ColumnUse>();
  for (const [field, name] of Object.entries(input.configured)) {
    if (!isField(field)) {
      throw fail(
        input,
        `columns.${field} of source ${input.source} is not a field; fields are ${FIELDS.join(", ")}`,
        null,
      );
    }
    const at = configuredPlace(input, folded, field, name);
    uses.set(field, { field, column: (input.header[at] ?? name).trim(), position: at + 1, by: "configured" });
  }
  return uses;
}

function knownUse(
  input: MapInput,
  folded: readonly string[],
  taken: ReadonlySet<number>,
  field: Field,
): ColumnUse | null {
  for (const name of input.known[field]) {
    const where = places(folded, foldHeader(name)).filter((at) => !taken.has(at));
    const first = where[0];
    if (first === undefined) continue;
    if (where.length > 1) {
      throw fail(
        input,
        `there are ${where.length} columns "${(input.header[first] ?? name).trim()}", and it is not clear which holds ${WHAT[field]}; rename or remove all but one`,
        input.header[first] ?? name,
      );
    }
    return { field, column: (input.header[first] ?? name).trim(), position: first + 1, by: "known" };
  }
  return null;
}

function checkRequired(input: MapInput, uses: ReadonlyMap<Field, ColumnUse>): void {
  const lacks = (field: Field): boolean => !uses.has(field);
  const missing: Field[] = [];
  if (lacks("email")) missing.push("email");
  if (lacks("displayName") && lacks("givenName") && lacks("familyName")) missing.push("displayName");
  if (missing.length === 0) return;
  const list = missing.map((field) => `${field} (${WHAT[field]})`).join(" and ");
  const example = missing.map((field) => `${field}: "<header>"`).join(", ");
  throw fail(
    input,
    `no column was found for ${list}; name it in the configuration: sources.${input.source}.columns: { ${example} }`,
    null,
  );
}

/**
 * Finds the column of each field: first where the configuration says, then by the names that HR systems use. Throws
 * `bad_input`, listing the columns that were found, for a configured column that is not there, a needed one that is
 * missing (address, and some name), and two columns with one needed name.
 */
export function mapColumns(input: MapInput): Mapping {
  const folded = input.header.map((name) => foldHeader(name));
  const uses = configuredUses(input, folded);
  const taken = new Set([...uses.values()].map((use) => use.position - 1));
  for (const field of FIELDS) {
    if (uses.has(field)) continue;
    const use = knownUse(input, folded, taken, field);
    if (use === null) continue;
    uses.set(field, use);
    taken.add(use.position - 1);
  }
  checkRequired(input, uses);
  const ordered = FIELDS.flatMap((field) => uses.get(field) ?? []);
  return {
    uses: ordered,
    index: new Map(ordered.map((use) => [use.field, use.position - 1])),
    unused: input.header.filter((_name, index) => !taken.has(index)).map((name) => name.trim()),
  };
}
