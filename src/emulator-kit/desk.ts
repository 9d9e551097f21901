import { AppError } from "../kernel/errors.ts";
import type { JsonObject } from "../kernel/json.ts";
import type { Collection, RecordSpec, StoredRecord } from "./contract.ts";
import type { EmulatorState } from "./running.ts";
import { MAIN_ACCOUNT, readRecordId, recordJson, type EmittedEvent, type Runtime } from "./runtime.ts";
import { isLoopbackUrl } from "./webhooks.ts";

type Op = "create" | "update" | "delete";
type Spec = RecordSpec<StoredRecord>;

/** What another admin, an invitee or the vendor's own pages can do to the records: the control verbs of one emulator. */
export class Desk {
  readonly #runtime: Runtime;
  readonly #tell: (events: readonly EmittedEvent[]) => void;

  constructor(runtime: Runtime, tell: (events: readonly EmittedEvent[]) => void) {
    this.#runtime = runtime;
    this.#tell = tell;
  }

  state(account: string): EmulatorState {
    const runtime = this.#runtime;
    this.#tell(runtime.settle());
    if (!runtime.store.accounts().includes(account)) {
      throw new AppError("missing", `${runtime.module.name} has no account ${account}`);
    }
    const { module } = runtime;
    const state = runtime.store.collections(account);
    const shown = Object.keys(module.records).filter((name) => !module.hidden.includes(name));
    return {
      collections: Object.fromEntries(shown.map((name) => [name, (state[name]?.list() ?? []).map(recordJson)])),
      seats: module.seats(runtime.context(account)),
      options: { ...runtime.options() },
    };
  }

  mutate(account: string, op: Op, kind: string, id: string | null, data: JsonObject): string {
    const { name, spec } = this.#find(kind);
    return this.#effect(() => {
      const key = this.#change(op, this.#table(account, name), spec, id, data);
      this.#runtime.module.control.changed?.(this.#runtime.context(account), spec.kind, key, op);
      return key;
    });
  }

  create(kind: string, data: JsonObject): string {
    this.#checkCreatable(kind);
    return this.mutate(MAIN_ACCOUNT, "create", kind, null, data);
  }

  nativeId(kind: string, id: string): string | number {
    return this.#find(kind).spec.ids.read(id) ?? id;
  }

  drop(kind: string, id: string): void {
    this.#checkCreatable(kind);
    this.mutate(MAIN_ACCOUNT, "delete", kind, id, {});
  }

  purge(id: string): void {
    const { control, name } = this.#runtime.module;
    if (control.purge === undefined) throw new AppError("bad_input", `${name} forgets nobody`);
    const found = this.#effect(() => control.purge?.(this.#runtime.context(MAIN_ACCOUNT), id) === true);
    if (!found) throw new AppError("missing", `${name} has no deactivated person ${id}`);
  }

  accept(email: string): void {
    const { control, name } = this.#runtime.module;
    const found = this.#effect(() => control.accept?.(this.#runtime.context(MAIN_ACCOUNT), email) === true);
    if (!found) throw new AppError("missing", `${name}: no invitation of ${email} is open`);
  }

  webhook(url: string, events: readonly string[]): void {
    const { webhooks, name } = this.#runtime.module;
    if (webhooks === null) throw new AppError("bad_input", `${name} has no webhooks`);
    if (!isLoopbackUrl(url)) throw new AppError("bad_input", "a webhook of the sandbox goes to http on loopback only");
    for (const event of events) this.checkEvent(event);
    this.#effect(() => webhooks.register(this.#runtime.context(MAIN_ACCOUNT), url, events));
  }

  unwebhook(url: string): void {
    const { webhooks, name } = this.#runtime.module;
    const found = this.#effect(() => webhooks?.unregister(this.#runtime.context(MAIN_ACCOUNT), url) === true);
    if (!found) throw new AppError("missing", `${name} has no webhook to ${url}`);
  }

  checkEvent(event: string): void {
    const { webhooks, name } = this.#runtime.module;
    if (webhooks?.events.includes(event) === true) return;
    const known = webhooks?.events.join(", ") ?? "";
    throw new AppError("bad_input", `${name} has no event ${event}: use one of ${known}`);
  }

  /** Runs a change of the control API as one transaction and tells the events it caused. */
  #effect<T>(change: () => T): T {
    this.#tell(this.#runtime.settle());
    const { result, events } = this.#runtime.work(change);
    this.#tell(events);
    return result;
  }

  #find(kind: string): { readonly name: string; readonly spec: Spec } {
    const { module } = this.#runtime;
    for (const [name, spec] of Object.entries(module.records)) {
      if (!module.hidden.includes(name) && (spec.kind === kind || name === kind)) return { name, spec };
    }
    const known = Object.values(module.records).map((spec) => spec.kind);
    throw new AppError("bad_input", `${module.name} has no ${kind}: use one of ${known.join(", ")}`);
  }

  #checkCreatable(kind: string): void {
    const { creatable } = this.#runtime.module.control;
    const { spec } = this.#find(kind);
    if (!creatable.includes(spec.kind)) {
      const known = creatable.length === 0 ? "nothing" : creatable.join(", ");
      throw new AppError("bad_input", `create and drop take ${known} here; use mutate for a ${spec.kind}`);
    }
  }

  #change(op: Op, table: Collection<StoredRecord>, spec: Spec, id: string | null, data: JsonObject): string {
    const now = this.#runtime.clock.now();
    if (op === "create") {
      const given = readRecordId(spec, id === null ? data : { id });
      return String(table.insert(spec.parse(data, { id: given ?? table.nextId(), now, previous: null })).id);
    }
    const key = id === null ? null : spec.ids.read(id);
    const previous = key === null ? null : table.get(key);
    if (previous === null) throw new AppError("missing", `there is no ${spec.kind} ${id ?? "without an id"}`);
    if (op === "delete") table.remove(previous.id);
    else {
      const merged: JsonObject = { ...recordJson(previous), ...data, id: previous.id };
      table.replace(spec.parse(merged, { id: previous.id, now, previous }));
    }
    return String(previous.id);
  }

  #table(account: string, name: string): Collection<StoredRecord> {
    const table = this.#runtime.store.collections(account)[name];
    if (table === undefined) throw new AppError("missing", `there is no collection ${name}`);
    return table;
  }
}
