/** For options that may be given again: `--app a --app b`. */
export function collect(value: string, before: unknown): readonly string[] {
  const known = Array.isArray(before) ? before.filter((one): one is string => typeof one === "string") : [];
  return [...known, value];
}
