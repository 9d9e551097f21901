import { AppError } from "../kernel/errors.ts";
import type { Random } from "../kernel/random.ts";
import type { Collection, Collections, IdScheme, Shape, StoredRecord } from "./contract.ts";

/** One record before and after; null = not there. */
interface Change {
  readonly table: Table;
  readonly before: Slot | null;
  readonly after: Slot | null;
}

/** A record and its place in the order of insertion: a removal that is taken back returns to its place. */
interface Slot {
  readonly record: StoredRecord;
  readonly order: number;
}

/** What one piece of work changed; it can be taken back and done again as a whole. */
export interface Transaction {
  readonly changed: boolean;
  /** `keepIds`: ids that were given out stay given out (an answer names them). */
  undo(options?: { readonly keepIds: boolean }): void;
  redo(): void;
}

/** How many past transactions are kept for reads of the past. */
const HISTORY_LIMIT = 10_000;

class Table {
  readonly name: string;
  readonly #ids: IdScheme<string | number>;
  readonly #slots = new Map<string | number, Slot>();
  #list: readonly StoredRecord[] | null = null;
  #filtered: {
    readonly list: readonly StoredRecord[];
    readonly test: (record: StoredRecord) => boolean;
    readonly rows: readonly StoredRecord[];
  } | null = null;
  #first = 0;
  #last = 0;
  sequence = 0;

  constructor(name: string, ids: IdScheme<string | number>) {
    this.name = name;
    this.#ids = ids;
  }

  slot(id: string | number): Slot | null {
    return this.#slots.get(id) ?? null;
  }

  list(): readonly StoredRecord[] {
    this.#list ??= Array.from(this.#slots.values(), (slot) => slot.record);
    return this.#list;
  }

  filter(test: (record: StoredRecord) => boolean): readonly StoredRecord[] {
    const list = this.list();
    // A walk asks for the same rows page after page: with one and the same test they are looked for once.
    if (this.#filtered?.list === list && this.#filtered.test === test) return this.#filtered.rows;
    this.#filtered = { list, test, rows: list.filter(test) };
    return this.#filtered.rows;
  }

  nextId(): string | number {
    let id: string | number;
    do {
      this.sequence += 1;
      id = this.#ids.make(this.sequence);
    } while (this.#slots.has(id));
    return id;
  }

  nextSlot(record: StoredRecord, at: "start" | "end"): Slot {
    if (at === "end") this.#last += 1;
    else this.#first -= 1;
    return { record, order: at === "end" ? this.#last : this.#first };
  }

  /** An id given by hand pushes the count on, so that no id is given out that was there before. */
  noteId(id: string | number): void {
    this.sequence = Math.max(this.sequence, this.#ids.sequenceOf(id) ?? 0);
  }

  put(id: string | number, slot: Slot | null): void {
    this.#list = null;
    const old = this.#slots.get(id);
    if (slot === null) {
      this.#slots.delete(id);
      return;
    }
    const newest = this.#slots.size === 0 || slot.order >= this.#last;
    this.#slots.set(id, slot);
    this.#last = Math.max(this.#last, slot.order);
    if (old === undefined && !newest) this.#sort();
    else if (old !== undefined && old.order !== slot.order) this.#sort();
  }

  #sort(): void {
    const slots = Array.from(this.#slots).sort(([, left], [, right]) => left.order - right.order);
    this.#slots.clear();
    for (const [id, slot] of slots) this.#slots.set(id, slot);
  }

  /** Shows the records in another order while `work` runs. */
  shuffled<T>(random: Random, work: () => T): T {
    const straight = this.list();
    const mixed = [...straight];
    for (let index = mixed.length - 1; index > 0; index -= 1) {
      const other = Math.floor(random.next() * (index + 1));
      const [one, two] = [mixed[index], mixed[other]];
      if (one !== undefined && two !== undefined) [mixed[index], mixed[other]] = [two, one];
    }
    this.#list = mixed;
    try {
      return work();
    } finally {
      this.#list = straight;
    }
  }

  clear(): void {
    this.#slots.clear();
    this.#list = null;
    this.sequence = 0;
    this.#first = 0;
    this.#last = 0;
  }
}

/** The records of all vendor accounts of one emulator, in memory, with transactions that can be taken back. */
export class Store {
  readonly #ids: Readonly<Record<string, IdScheme<string | number>>>;
  readonly #accounts = new Map<string, ReadonlyMap<string, Table>>();
  readonly #views = new Map<string, Collections<Shape>>();
  #open: Change[] | null = null;
  #history: { readonly at: number; readonly changes: readonly Change[] }[] = [];

  /** `ids` by collection name: every account has the same collections. */
  constructor(ids: Readonly<Record<string, IdScheme<string | number>>>) {
    this.#ids = ids;
  }

  accounts(): readonly string[] {
    return [...this.#accounts.keys()];
  }

  collections(account: string): Collections<Shape> {
    const view = this.#views.get(account);
    if (view !== undefined) return view;
    const made: Record<string, Collection<StoredRecord>> = {};
    for (const [name, table] of this.#tables(account)) made[name] = this.#collection(table);
    this.#views.set(account, made);
    return made;
  }

  /** Replaces all records of one account; collections that are left out become empty. Not part of any transaction. */
  load(account: string, seed: Readonly<Record<string, readonly StoredRecord[]>>): void {
    for (const [name, table] of this.#tables(account)) {
      table.clear();
      for (const record of seed[name] ?? []) {
        table.put(record.id, table.nextSlot(record, "end"));
        table.noteId(record.id);
      }
    }
    this.#history = [];
  }

  /** Runs `work`; what it changes is one transaction. When it throws, nothing of it stays. */
  transact<T>(now: number, work: () => T): { readonly result: T; readonly transaction: Transaction } {
    if (this.#open !== null) throw new AppError("internal", "a transaction of an emulator must not start another one");
    const changes: Change[] = [];
    const sequences = this.#sequences();
    this.#open = changes;
    try {
      const result = work();
      return { result, transaction: this.#transaction(now, changes, sequences) };
    } catch (error) {
      revert(changes);
      restore(sequences);
      throw error;
    } finally {
      this.#open = null;
    }
  }

  /** Runs `work` over the records as they were at that time (as far back as is kept), then returns to the present. */
  inPast<T>(at: number, work: () => T): T {
    const later = this.#history.filter((entry) => entry.at > at);
    for (const entry of later.toReversed()) revert(entry.changes);
    try {
      return work();
    } finally {
      for (const entry of later) apply(entry.changes);
    }
  }

  /** Runs `work` with the removed records of one collection back in their places (F53). */
  withGhosts<T>(account: string, collection: string, work: () => T): T {
    const table = this.#table(account, collection);
    const ghosts = new Map<string | number, Slot>();
    for (const { changes } of this.#history) {
      for (const change of changes) {
        if (change.table === table && change.before !== null && change.after === null) {
          if (table.slot(change.before.record.id) === null) ghosts.set(change.before.record.id, change.before);
        }
      }
    }
    for (const [id, slot] of ghosts) table.put(id, slot);
    try {
      return work();
    } finally {
      for (const id of ghosts.keys()) table.put(id, null);
    }
  }

  shuffled<T>(account: string, collection: string, random: Random, work: () => T): T {
    return this.#table(account, collection).shuffled(random, work);
  }

  /** An insertion at the head of the listing order (F40). Must run inside a transaction. */
  insertFirst(account: string, collection: string, record: StoredRecord): void {
    this.#insert(this.#table(account, collection), record, "start");
  }

  #tables(account: string): ReadonlyMap<string, Table> {
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const tables = new Map(Object.entries(this.#ids).map(([name, ids]) => [name, new Table(name, ids)]));
    this.#accounts.set(account, tables);
    return tables;
  }

  #table(account: string, collection: string): Table {
    const table = this.#tables(account).get(collection);
    if (table === undefined) throw new AppError("missing", `there is no collection ${collection}`);
    return table;
  }

  #collection(table: Table): Collection<StoredRecord> {
    return {
      get: (id) => table.slot(id)?.record ?? null,
      list: () => table.list(),
      find: (test) => table.list().find(test) ?? null,
      filter: (test) => table.filter(test),
      nextId: () => table.nextId(),
      insert: (record) => this.#insert(table, record, "end"),
      replace: (record) => {
        const before = table.slot(record.id);
        if (before === null) throw new AppError("missing", `${table.name}: there is no ${record.id}`);
        this.#write({ table, before, after: { record, order: before.order } });
        return record;
      },
      remove: (id) => {
        const before = table.slot(id);
        if (before === null) return false;
        this.#write({ table, before, after: null });
        return true;
      },
    };
  }

  #insert(table: Table, record: StoredRecord, at: "start" | "end"): StoredRecord {
    if (table.slot(record.id) !== null) throw new AppError("conflict", `${table.name}: the id ${record.id} is taken`);
    this.#write({ table, before: null, after: table.nextSlot(record, at) });
    table.noteId(record.id);
    return record;
  }

  #write(change: Change): void {
    if (this.#open === null) throw new AppError("internal", "records of an emulator change inside a transaction only");
    apply([change]);
    this.#open.push(change);
  }

  #transaction(now: number, changes: readonly Change[], sequences: ReadonlyMap<Table, number>): Transaction {
    const changed = changes.some((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
    const entry = { at: now, changes };
    const remember = (): void => {
      if (!changed) return;
      this.#history.push(entry);
      if (this.#history.length > HISTORY_LIMIT) this.#history.splice(0, HISTORY_LIMIT / 2);
    };
    remember();
    return {
      changed,
      undo: (options = { keepIds: false }) => {
        revert(changes);
        if (!options.keepIds) restore(sequences);
        this.#history = this.#history.filter((one) => one !== entry);
      },
      redo: () => {
        apply(changes);
        remember();
      },
    };
  }

  #sequences(): ReadonlyMap<Table, number> {
    const all = [...this.#accounts.values()].flatMap((tables) => [...tables.values()]);
    return new Map(all.map((table) => [table, table.sequence]));
  }
}

function restore(sequences: ReadonlyMap<Table, number>): void {
  for (const [table, sequence] of sequences) table.sequence = sequence;
}

function apply(changes: readonly Change[]): void {
  for (const { table, before, after } of changes) {
    const id = after?.record.id ?? before?.record.id;
    if (id !== undefined) table.put(id, after);
  }
}

function revert(changes: readonly Change[]): void {
  for (const { table, before, after } of changes.toReversed()) {
    const id = after?.record.id ?? before?.record.id;
    if (id !== undefined) table.put(id, before);
  }
}
