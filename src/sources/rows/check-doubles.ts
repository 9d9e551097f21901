import type { EmailKey } from "../../kernel/email.ts";
import type { RosterEntry } from "../../model/person.ts";
import type { ParsedRow } from "./parse-row.ts";
import type { Problems } from "./problems.ts";

/** Values that more than one item has, with the items, in the order of their first one. */
function doubles<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key | null): readonly (readonly Item[])[] {
  const first = new Map<Key, Item>();
  const more = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, item);
      continue;
    }
    const group = more.get(key);
    if (group === undefined) more.set(key, [before, item]);
    else group.push(item);
  }
  return [...more.values()];
}

function others(rows: readonly number[], row: number): string {
  const rest = rows.filter((one) => one !== row);
  const shown = rest.slice(0, 5).join(", ");
  return `row${rest.length > 1 ? "s" : ""} ${shown}${rest.length > 5 ? ` and ${rest.length - 5} more` : ""}`;
}

/** The same employee id twice: neither row is believed (safety A10). */
export function checkKeys(rows: readonly ParsedRow[], hasKeyColumn: boolean, problems: Problems): void {
  // Without a column of ids the address is the id, and doubles of addresses are checked anyway.
  if (!hasKeyColumn) return;
  for (const group of doubles(rows, (row) => row.key)) {
    const numbers = group.map((row) => row.row);
    for (const { row, key } of group) {
      problems.error(
        row,
        "key",
        `employee id ${key} also stands in ${others(numbers, row)}; every person has one row and an id of their own`,
      );
    }
  }
}

/**
 * Two people with one address: an error when more than one of them still works, because whoever has the account would be a
 * guess. The address of somebody who has left may be used again; that is said, and such accounts wait for a human (safety B5).
 */
export function checkAddresses(entries: readonly RosterEntry[], problems: Problems): void {
  for (const group of doubles<RosterEntry, EmailKey>(entries, (entry) => entry.emailKey)) {
    const present = group.filter((entry) => entry.status !== "terminated");
    const numbers = group.map((entry) => entry.row);
    for (const entry of present.length > 1 ? present : []) {
      problems.error(
        entry.row,
        "email",
        `${entry.email} is also the address in ${others(numbers, entry.row)}; every person needs an address of their own`,
      );
    }
    for (const entry of present.length > 1 ? [] : group) {
      problems.warn(
        entry.row,
        "email",
        `${entry.email} is also the address in ${others(numbers, entry.row)}, of somebody who has left: accounts with it wait for a human`,
      );
    }
  }
}

/** A further address that is somebody else's: allowed, and never used to link anything. */
export function checkAliases(entries: readonly RosterEntry[], problems: Problems): void {
  const withAliases = entries.filter((entry) => entry.aliases.length > 0);
  if (withAliases.length === 0) return;
  const owners = new Map<EmailKey, RosterEntry>(entries.map((entry) => [entry.emailKey, entry]));
  for (const entry of withAliases) {
    for (const alias of entry.aliases) {
      const owner = owners.get(alias);
      if (owner !== undefined && owner !== entry) {
        problems.warn(
          entry.row,
          "aliases",
          `${alias} is the address in row ${owner.row}: accounts with it wait for a human`,
        );
      }
    }
  }
}
