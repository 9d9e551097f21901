import type { SandboxClock } from "../../emulator-kit/clock.ts";
import type { Company } from "../../emulator-kit/company.ts";
import type { RunningEmulator } from "../../emulator-kit/running.ts";
import { toIso } from "../../kernel/dates.ts";
import { AppError } from "../../kernel/errors.ts";
import { isJsonObject, toJson, type JsonObject, type JsonValue } from "../../kernel/json.ts";
import type { FaultBook } from "./fault-book.ts";
import type { Fields } from "./fields.ts";

export interface ControlContext {
  readonly emulators: ReadonlyMap<string, RunningEmulator>;
  readonly clock: SandboxClock;
  readonly faults: FaultBook;
  /** The demo company of a seed; of the sandbox's own for null. */
  readonly companyOf: (seed: number | null) => Company;
}

type Verb = (fields: Fields, context: ControlContext) => Promise<JsonValue> | JsonValue;

const NOTHING: JsonObject = {};

/** The farthest that one request moves the clock: ten years. */
const FARTHEST_SECONDS = 10 * 366 * 86_400;

function appOf(fields: Fields, { emulators }: ControlContext): RunningEmulator {
  const app = fields.text("app");
  const emulator = emulators.get(app);
  if (emulator !== undefined) return emulator;
  throw new AppError(
    "bad_input",
    `there is no app ${app} in this sandbox: use one of ${[...emulators.keys()].join(", ")}`,
  );
}

function oneOf<const V extends string>(fields: Fields, name: string, values: readonly V[]): V {
  const given = fields.text(name);
  const known = values.find((value) => value === given);
  if (known === undefined) throw new AppError("bad_input", `${name} must be one of ${values.join(", ")}`);
  return known;
}

/** Ids may be given as the vendor has them, numbers too. */
function idOf(fields: Fields, name: string): string | null {
  const value = fields.json(name);
  if (typeof value === "number") return String(value);
  return fields.textOrNull(name);
}

function neededId(fields: Fields): string {
  const id = idOf(fields, "id");
  if (id === null) throw new AppError("bad_input", "id must be a text or a number");
  return id;
}

async function reset(fields: Fields, context: ControlContext): Promise<JsonValue> {
  const seed = fields.numberOrNull("seed");
  const data = fields.objectOrNull("data");
  const given = fields.textOrNull("company") === null ? null : oneOf(fields, "company", ["demo", "empty"]);
  const stray = Object.keys(data ?? {}).find((app) => !context.emulators.has(app));
  if (stray !== undefined) throw new AppError("bad_input", `data: there is no app ${stray} in this sandbox`);
  const kind = given ?? (data === null ? "demo" : "empty");
  const company = context.companyOf(seed);
  const requests = Array.from(context.emulators, ([app, emulator]) => {
    const own = data?.[app] ?? null;
    if (own !== null && !isJsonObject(own)) {
      throw new AppError("bad_input", `data: ${app} must be an object of collections`);
    }
    const request = { kind, company, ...(seed === null ? {} : { seed }), ...(own === null ? {} : { data: own }) };
    emulator.check(request);
    return { emulator, request };
  });
  for (const { emulator, request } of requests) await emulator.reset(request);
  context.faults.forget();
  return NOTHING;
}

function journal(fields: Fields, context: ControlContext): JsonValue {
  const since = fields.numberOrNull("since") ?? 0;
  const emulators = fields.textOrNull("app") === null ? [...context.emulators.values()] : [appOf(fields, context)];
  const entries = emulators.flatMap((emulator) => emulator.journal(since));
  return { entries: toJson(entries.sort((left, right) => left.seq - right.seq)) };
}

async function faults(fields: Fields, context: ControlContext): Promise<JsonValue> {
  const rules = fields.listOrNull("rules");
  if (rules !== null) await context.faults.set(rules);
  return { rules: toJson(context.faults.report()) };
}

function mutate(fields: Fields, context: ControlContext): JsonValue {
  const emulator = appOf(fields, context);
  const kind = fields.text("kind");
  const id = idOf(fields, "id");
  const changed = emulator.mutate({
    op: oneOf(fields, "op", ["create", "update", "delete"]),
    kind,
    data: fields.objectOrNull("data") ?? {},
    ...(id === null ? {} : { id }),
  });
  return { id: emulator.nativeId(kind, changed) };
}

function now({ clock }: ControlContext): JsonValue {
  return { now: toIso(clock.now()) };
}

function advance(fields: Fields, context: ControlContext): JsonValue {
  const seconds = fields.number("seconds");
  if (Math.abs(seconds) > FARTHEST_SECONDS) throw new AppError("bad_input", "seconds must be within ten years");
  context.clock.advance(seconds * 1000);
  return now(context);
}

function events(fields: Fields): readonly string[] {
  return fields.list("events").map((event) => {
    if (typeof event === "string") return event;
    throw new AppError("bad_input", "events must be a list of texts");
  });
}

/** Every verb of the control API by its name. */
export const VERBS: Readonly<Record<string, Verb>> = {
  reset,
  state: (fields, context) => toJson(appOf(fields, context).state()),
  journal,
  faults,
  mutate,
  accept(fields, context) {
    appOf(fields, context).accept(fields.text("email"));
    return NOTHING;
  },
  outbox: (fields, context) => toJson(appOf(fields, context).outbox()),
  advance,
  resetClock(_fields, context) {
    context.clock.reset();
    return now(context);
  },
  now: (_fields, context) => now(context),
  set(fields, context) {
    appOf(fields, context).set(fields.text("option"), fields.json("value"));
    return NOTHING;
  },
  token: (fields, context) => appOf(fields, context).token(fields.objectOrNull("want") ?? {}),
  create(fields, context) {
    const emulator = appOf(fields, context);
    const kind = fields.text("kind");
    return { id: emulator.nativeId(kind, emulator.create(kind, fields.objectOrNull("data") ?? {})) };
  },
  drop(fields, context) {
    appOf(fields, context).drop(fields.text("kind"), neededId(fields));
    return NOTHING;
  },
  purge(fields, context) {
    appOf(fields, context).purge(neededId(fields));
    return NOTHING;
  },
  webhook(fields, context) {
    appOf(fields, context).webhook(fields.text("url"), events(fields));
    return NOTHING;
  },
  unwebhook(fields, context) {
    appOf(fields, context).unwebhook(fields.text("url"));
    return NOTHING;
  },
  async emit(fields, context) {
    await appOf(fields, context).emit(fields.text("event"));
    return NOTHING;
  },
};
